"""Writes docs/encoding.md from the rules, or checks that it is what they say."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, cast

from aioz_stream.encoding.catalogue import RULES, Rule

PAGE = Path(__file__).resolve().parent.parent / "docs" / "encoding.md"

INTRODUCTION = """\
# Encoding ladders

<!-- Made by `make docs` from overlay/aioz_stream/encoding/catalogue.py. -->

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
# /qualities/0/container_type: hls comes in mpegts, mp4, not in fmp4. Write 'mpegts' instead. [container-mismatch]
# /qualities/0: It has no sound, and no hls quality is sound alone, so it plays silent. ... [silent-video]
```

`source` may also be the path of the file, which PyAV then looks into (`pip install 'aioz-stream[probe]'`).

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

"Contract" says whether `openapi.yaml` has the rule too. Where it has, the service refuses what breaks it; the two
readings are compared on more than 20,000 ladders.

| code | severity | contract | rule |
|---|---|---|---|
"""


def page() -> str:
    rows = [
        f"| [`{rule.code}`](#{rule.code}) | {rule.severity} | {'yes' if rule.in_contract else ''} | {rule.says} |\n"
        for rule in RULES
    ]
    return INTRODUCTION + "".join(rows) + "\n## Each with an example\n" + "".join(map(section, RULES))


def section(rule: Rule) -> str:
    known = ""
    if rule.source:
        facts = {"height": rule.source.height, "video_tracks": rule.source.video_tracks}
        facts["audio_tracks"] = rule.source.audio_tracks
        said = ", ".join(f"`{name}={value}`" for name, value in facts.items() if value is not None)
        known = f" For a source with {said}."
    return (
        f"\n### {rule.code}\n\n{rule.says}{known}\n\n"
        f"Breaks it:\n\n```json\n{shown(rule.breaks)}\n```\n\nMended:\n\n```json\n{shown(rule.mended)}\n```\n"
    )


def shown(ladder: Any) -> str:
    """A quality a line."""
    if not isinstance(ladder, list) or not ladder:
        return json.dumps(ladder)
    lines = (f"  {json.dumps(quality)}" for quality in cast("list[object]", ladder))
    return "[\n" + ",\n".join(lines) + "\n]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit status 1 if the page is out of date")
    if parser.parse_args().check:
        if PAGE.read_text(encoding="utf-8") == page():
            return 0
        print("docs/encoding.md is not what the rules say. Run `make docs` and commit the result.")
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
