"""Examples derived from the contract: for each of its rules, requests that just keep it and others that just break it.

The values come from the contract: its words, its bounds and the values next to them, every field once missing and once
of another type. The schemas of the contract decide whether an example is valid. The code here only has to find values
near the bounds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contract_document import SCHEMAS, Json, Operation, find, is_object, operations, pointer, resolve

from conformance.shared.requests import NOTHING, Field, Request, request_to, valid_request, with_form
from conformance.shared.schema_rules import SchemaRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

JUNK: tuple[Json, ...] = (None, True, 0, 5, 1.5, "", "x", "true", "5", [], ["x"], {}, {"x": "y"})
WIDE = "\N{GRINNING FACE}"
"""One character, two UTF-16 units, four bytes: a server that counts anything but characters counts wrongly."""

OUTSIDE = {"minLength": -1, "maxLength": 1, "minItems": -1, "maxItems": 1}
"""Keywords that bound a length, and the step that leads out of it."""

TEXTS = {
    "index": ("1", "2", "10", "999999", "0", "01", "-1", "+1", "1.0", "1 ", "a", "", "1a", "٣"),
    "hash": ("", "0", "z" * 32, "0" * 31, "0" * 33, " " + "0" * 31, "0" * 31 + "g"),
    "qualities": (
        *("144p", "240p", "360p", "480p", "720p", "1080p", "1440p", "2160p", "360p,1080p", "720p,720p"),
        *("144p,240p,360p,480p,720p,1080p,1440p,2160p", "4320p", "144p,4320p", "", ",", "360p,", ",360p", "360p,,720p"),
        *("360P", "360", "p", "360p 720p", "360p;720p", "360p\n", "audio", "\uff13\uff16\uff10p", "1360p", "360pp"),
    ),
    "language": (
        *(
            "EN",
            "fil",
            "pt-BR",
            "zh-Hant-TW",
            "abcdefgh",
            "en-12345678",
            "jp",
            "e",
            "en\n",
            "en-",
            "-en",
            "pt_BR",
            "e1",
        ),
        *("en-٣", "é", "abcdefghi", "en-123456789", "en--US"),
    ),
    "channels": ("１", "1\n"),
    "resolution": ("720", "720p\n", "HD"),
    "duration": (
        *("1", "60", "0.5", "1e3", "0.000001", "86400", "0", "-1", "-0.5", "0.0", "-0", "", "x", "1x", "1,5", "true"),
        *("NaN", "Infinity", "1e999", "0x10", "1_000", "٣", "1 000", "--1", "1e", "."),
    ),
    "Content-Range": (
        *("bytes 0-10/*", "bytes */11", "bytes=0-10/11", "0-10/11", "bytes 0-10", "bytes 0/11", "bytes -1-10/11", "b"),
        *("bytes 0-10/11x", "items 0-10/11", "bytes 0x0-0xa/0xb", "bytes 0-10/11, bytes 0-10/11", "bytes 0.0-10/11"),
        *("bytes 0-1" + "0" * 19 + "/1" + "0" * 19, "bytes  0-10/11", "bytes 0 - 10/11"),
    ),
}
"""Texts for the fields and parameters that have a pattern or a number."""


QUALITY: dict[str, Json] = {
    "type": "hls",
    "container_type": "mp4",
    "resolution": "720p",
    "video_config": {"codec": "h265", "bitrate": 1, "index": 3},
    "audio_config": {
        "codec": "aac",
        "bitrate": 10**9,
        "index": 2.0,
        "channels": "1",
        "language": "en",
    },
}
"""One in which everything is said, and valid."""


@dataclass(frozen=True)
class Example:
    """A request, and whether the contract takes it."""

    operation: str
    about: str
    """The place in the request, and the value there."""
    request: Request
    rules: frozenset[str]
    """The rules of the contract that it breaks."""

    @property
    def is_valid(self) -> bool:
        return not self.rules


class ExampleMaker:
    """Makes the examples of one contract."""

    def __init__(self, contract: Json) -> None:
        self._contract = contract

    def all(self) -> Iterator[Example]:
        for operation in operations(self._contract):
            valid = valid_request(operation.id)
            content = operation.definition.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                yield from self._bodies(operation.id, valid, content["application/json"]["schema"])
            if "multipart/form-data" in content:
                yield from self._forms(operation.id, valid, content["multipart/form-data"]["schema"])
            for place, parameter in enumerate(operation.definition.get("parameters", ())):
                yield from self._parameters(operation, valid, place, parameter)
        yield from self._qualities()

    def _rules(self, schema: Json) -> SchemaRules:
        return SchemaRules(self._contract, schema["$ref"].removeprefix("#"))

    def _bodies(self, operation: str, valid: Request, schema: Json) -> Iterator[Example]:
        rules, seen = self._rules(schema), set[str]()
        for about, body in [("the least", valid.json), *self._variants(schema, valid.json, "")]:
            text = json.dumps(body)
            if text not in seen:
                seen.add(text)
                yield Example(operation, about, replace(valid, json=body), rules.broken_by(body))
        for about, content in {"no body": b"", "no JSON": b"{", "not UTF-8": b'{"title": "\xff"}'}.items():
            request = replace(valid, json=NOTHING, content=content, headers={"Content-Type": "application/json"})
            yield Example(operation, about, request, frozenset({about}))

    def _forms(self, operation: str, valid: Request, schema: Json) -> Iterator[Example]:
        rules = self._rules(schema)
        more = Field("more", b"x")
        forms: list[tuple[str, Sequence[Field]]] = [
            ("the whole form", valid.form),
            ("another field", [*valid.form, more]),
            ("another field alone", [more]),
            ("no field", []),
        ]
        for field in valid.form:
            others = [one for one in valid.form if one is not field]
            forms.append((f"{field.name} is missing", others))
            texts = () if field.filename else (field.content.decode().upper(), *TEXTS[field.name])
            fields = [(text, replace(field, content=text.encode())) for text in texts]
            forms += [(f"{field.name} is {text!r}", [*others, changed]) for text, changed in fields]
        for about, form in forms:
            values = {field.name: "" if field.filename else field.content.decode() for field in form}
            yield Example(operation, about, with_form(valid, form), rules.broken_by(values))

    def _parameters(self, operation: Operation, valid: Request, place: int, parameter: Json) -> Iterator[Example]:
        name, schema = parameter["name"], parameter["schema"]
        rules = SchemaRules(self._contract, operation.pointer + pointer("parameters", place, "schema"))
        if parameter["in"] == "header":
            others = {key: value for key, value in valid.headers.items() if key != name}
            values = {text: replace(valid, headers={**others, name: text}) for text in TEXTS[name]}
            missing = replace(valid, headers=others)
        else:
            rest = [pair for pair in valid.query if pair[0] != name]
            values = {text: replace(valid, query=[*rest, (name, text)]) for text in TEXTS[name]}
            missing = replace(valid, query=rest)
            twice = replace(valid, query=[*valid.query, *(pair for pair in valid.query if pair[0] == name)])
            yield Example(operation.id, f"{name} is given twice", twice, frozenset({f"{name} is one parameter"}))
        for text, request in values.items():
            broken = rules.broken_by(number(text) if schema["type"] == "number" else text)
            # By the name of the parameter: its schema has none.
            broken = frozenset(f"{name}: {rule.rpartition('/')[2]}" for rule in broken)
            yield Example(operation.id, f"{name} is {text!r}", request, broken)
        yield Example(operation.id, f"{name} is missing", missing, frozenset({f"{name} is required"}))

    def _variants(self, unresolved: Json, base: Json, here: str) -> Iterator[tuple[str, Json]]:
        """Values for a place, near to what its schema takes, each with valid values around it."""
        schema = resolve(self._contract, unresolved)
        for value in (*JUNK, *self._near(schema)):
            yield f"{here} is {shortened(value)}", value
        for branch in schema.get("anyOf", ()):
            yield from self._variants(branch, self._sample(branch), here)
        if is_object(base):
            yield from self._members(schema, base, here)
        if schema.get("type") == "array":
            for about, value in self._variants(schema["items"], self._sample(schema["items"]), f"{here}/0"):
                yield about, [value]

    def _members(self, schema: Json, base: dict[str, Json], here: str) -> Iterator[tuple[str, Json]]:
        properties = schema.get("properties", {})
        whole = {**{name: self._sample(inner) for name, inner in properties.items()}, **base}
        yield f"{here} is whole", whole
        yield f"{here} has another field", {**base, "more": "x"}
        for name in whole:
            yield f"{here}/{name} is missing", {key: value for key, value in whole.items() if key != name}
        for name, inner in properties.items():
            for value in TEXTS.get(name, ()):
                yield f"{here}/{name} is {value!r}", {**base, name: value}
            for about, value in self._variants(inner, base.get(name, self._sample(inner)), f"{here}/{name}"):
                yield about, {**base, name: value}

    def _near(self, schema: Json) -> Iterator[Json]:
        """Values at the bounds of a schema."""
        for keyword, step in OUTSIDE.items():
            for length in (schema[keyword], max(0, schema[keyword] + step)) if keyword in schema else ():
                yield from ("x" * length, WIDE * length)
                if "items" in schema:
                    yield [self._sample(schema["items"])] * length
        for keyword, step in (("minimum", -1), ("maximum", 1)):
            if keyword in schema:
                bound = schema[keyword]
                yield from (bound, bound + step, bound - step, float(bound), bound + step / 2, str(bound))
        for value in schema.get("enum", ()):
            is_text = isinstance(value, str)
            yield from (
                value,
                *([value.upper(), f"{value}x", f" {value}"] if is_text else [value - 1, value + 1, float(value)]),
            )

    def _sample(self, unresolved: Json) -> Json:
        """A value that a schema takes."""
        schema = resolve(self._contract, unresolved)
        if "anyOf" in schema:
            return self._sample(schema["anyOf"][0])
        if "enum" in schema:
            return schema["enum"][0]
        if schema["type"] == "object":
            return {name: self._sample(schema["properties"][name]) for name in schema.get("required", ())}
        if schema["type"] == "array":
            return [self._sample(schema["items"])]
        return {"string": "x", "boolean": False}.get(schema["type"], schema.get("minimum", 0))

    def ladders(self) -> Iterator[tuple[str, Json]]:
        """Lists of qualities: valid ones, each with one thing changed, and every bound of a bitrate from both sides."""
        # One with everything in it, the same without some of it, and each in every format.
        for left_out in ((), ("audio_config",), ("video_config",), ("video_config", "audio_config")):
            quality = {name: value for name, value in QUALITY.items() if name not in left_out}
            for about, changed in self._variants({"$ref": f"#{SCHEMAS}/Quality"}, quality, "/0"):
                yield about, [changed]
            for kind, container in (("hls", "mp4"), ("hls", "mpegts"), ("dash", "fmp4"), ("dash", "mp4")):
                yield (
                    f"/0/container_type is {container!r} for {kind}",
                    [{**quality, "type": kind, "container_type": container}],
                )
        yield from ((f"the list is {shortened(value)}", value) for value in (*JUNK, QUALITY))
        # Only conditions refer to the names of resolutions, and bound their bitrates.
        conditions = json.dumps(find(self._contract, f"{SCHEMAS}/Quality/allOf"))
        bitrates = [
            number for bound in map(int, re.findall(r'"maximum": (\d+)', conditions)) for number in (bound, bound + 1)
        ]
        for name in self._near(find(self._contract, f"{SCHEMAS}/Resolution")):
            yield f"/0/resolution is {name!r}", [{"type": "hls", "container_type": "mp4", "resolution": name}]
            for bitrate in bitrates:
                config = {"codec": "h264", "bitrate": bitrate}
                yield (
                    f"/0/video_config/bitrate is {bitrate} at {name}",
                    [{**QUALITY, "resolution": name, "video_config": config}],
                )

    def _qualities(self) -> Iterator[Example]:
        rules = SchemaRules(self._contract, f"{SCHEMAS}/CreateVideoRequest")
        for about, ladder in {json.dumps(ladder): (about, ladder) for about, ladder in self.ladders()}.values():
            body = {"title": "a ladder", "qualities": ladder}
            yield Example("createVideo", about, request_to("createVideo", json=body), rules.broken_by(body))


def number(text: str) -> Json:
    """A text of a query as a schema of a number sees it: a JSON number, or the text itself."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < float("inf") else text


def shortened(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:40]}… ({len(value)} long)"
