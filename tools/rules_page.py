"""Writes docs/encoding.md from the contract and the rules beyond it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve, frozen
from contract_document import ROOT, Json, is_list, is_object, load
from ladder_examples import EXAMPLES, Example

from aioz_stream.arguments import alternatives
from aioz_stream.encoding.contract_rules import SENTENCES
from aioz_stream.encoding.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "encoding.md"

INTRODUCTION = """\
# Encoding ladders

<!-- Made by `make generate` from openapi.yaml and overlay/aioz_stream/encoding/rules.py. -->

A ladder is the list of qualities that a video is transcoded into. The service finds a wrong one out late: after the
upload, or when the video does not play. So `create` and `upload` check it before anything is sent. Errors raise
`EncodingError`, with all findings in it; warnings are issued as `LadderWarning`, or are errors too with `strict=True`.

```python
from aioz_stream import encoding

qualities = [
    {"type": "hls", "container_type": "fmp4", "resolution": "720p", "video_config": {"codec": "h264"}},
]
for finding in encoding.check(qualities, source=encoding.Source(height=1080)):
    print(finding)
# /qualities/0/container_type: container_type is 'fmp4'. HLS comes in mpegts or mp4. ... [container-mismatch]
# /qualities/0: It has no sound, and no hls quality is sound alone, so it plays silent. ... [silent-video]
```

`source` may also be the path of the file, which PyAV then looks into. It needs the extra `probe`, see
[Install](../README.md#install).

Ladders that are built break no rule:

```python
from aioz_stream.encoding import audio, dash, hls, ladder

ladder(source_height=1080, type="hls")  # every resolution from 240p to 1080p
[hls("1080p"), hls("720p", codec="h265"), hls("360p", bitrate=900_000, language="en")]
[dash("1080p", audio_bitrate=None), dash("720p", audio_bitrate=None), audio("dash", bitrate=192_000, language="en")]
```

What a ladder costs, and which of its qualities the price list does not know (`source="talk.mp4"` gives the duration,
with the extra `probe`):

```python
from aioz_stream import AiozStream
from aioz_stream.encoding import ladder

with AiozStream() as stream:
    priced = stream.videos.ladder_cost(ladder(source_height=4320), duration=60)
    print(priced.cost.price, priced.names, priced.unpriced)
```

## The rules

"Contract" says whether the rule is a condition of `openapi.yaml`. The client checks ladders against the contract
itself, with jsonschema-rs. Where this library has no wheels (PyPy, 32-bit ARM), only the other rules are checked, and a
warning says so. Where several conditions refuse one value, the finding is about the most basic.

A condition of the contract that has no rule of its own is reported as `unknown-value`, `out-of-range`, `wrong-length`,
`malformed` or `not-allowed`.

| code | severity | contract | rule |
|---|---|---|---|
"""


@frozen
class Rule:
    code: str
    severity: str
    in_contract: bool
    says: str


def page(contract: Json | None = None) -> str:
    rules = all_rules(contract or load())
    rows = [
        f"| [`{rule.code}`](#{rule.code}) | {rule.severity} | {'yes' if rule.in_contract else ''} | {rule.says} |\n"
        for rule in rules
    ]
    examples = (section(rule, EXAMPLES[rule.code]) for rule in rules if rule.code in EXAMPLES)
    return INTRODUCTION + "".join(rows) + "\n## Each with an example\n" + "".join(examples)


def all_rules(contract: Json) -> list[Rule]:
    """Each code once, with all sentences that its conditions have."""
    found = {code: Rule(code, "error", True, says) for code, says in SENTENCES.items()}
    for code, says in conditions(contract["components"]["schemas"]):
        known = found.setdefault(code, Rule(code, "error", True, says))
        if says not in known.says:
            found[code] = evolve(known, says=f"{known.says} {says}")
    return [*found.values(), *(Rule(rule.code, rule.severity, False, rule.says) for rule in RULES)]


def conditions(value: Any) -> Iterator[tuple[str, str]]:
    """The code and the sentence of each rule that is beside a condition of the contract."""
    if is_list(value):
        for one in value:
            yield from conditions(one)
    elif is_object(value):
        if "x-rule" in value:
            yield value["x-rule"]["code"], filled(value)
        for inner in value.values():
            yield from conditions(inner)


def filled(schema: Json) -> str:
    """The sentence with the numbers and words of its condition, which stand in the schema or in a branch of it."""
    said: str = schema["x-rule"]["message"]
    for keyword, value in keywords(schema):
        if keyword == "enum":
            said = said.replace("{allowed}", alternatives([f"`{one}`" for one in value]))
        elif keyword in LIMITS:
            said = said.replace("{limit}", f"{value:,}")
    return said


def keywords(schema: Json) -> Iterator[tuple[str, Any]]:
    for keyword, value in schema.items():
        if keyword in {"then", "else"} or (isinstance(value, dict) and keyword not in {"if", "x-rule"}):
            yield from keywords(value)
        else:
            yield keyword, value


LIMITS = {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
}


def section(rule: Rule, example: Example) -> str:
    known = ""
    if example.source:
        facts = {"height": example.source.height, "video_tracks": example.source.video_tracks}
        facts["audio_tracks"] = example.source.audio_tracks
        said = ", ".join(f"`{name}={value}`" for name, value in facts.items() if value is not None)
        known = f" For a source with {said}."
    return (
        f"\n### {rule.code}\n\n{rule.says}{known}\n\n"
        f"Breaks it:\n\n```json\n{shown(example.breaks)}\n```\n\nMended:\n\n```json\n{shown(example.mended)}\n```\n"
    )


def shown(ladder: Any) -> str:
    """A quality a line."""
    if not isinstance(ladder, list) or not ladder:
        return json.dumps(ladder)
    lines = (f"  {json.dumps(quality)}" for quality in cast("list[object]", ladder))
    return "[\n" + ",\n".join(lines) + "\n]"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
