"""Examples derived from the contract: for each of its rules, requests that just keep it and others that just break it.

The values come from the contract: its words, its bounds and what lies one beside them, every field once missing and
once of another type. Whether an example is right, the contract itself decides, by its schema. So the makers below only
have to get near the borders; which side a value is on, they need not know.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance import ladders
from conformance.judge import SCHEMAS, Judge, resolve
from conformance.samples import PNG, content_range, md5
from conformance.shapes import is_object
from conformance.wire import Field, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.shapes import Json

JUNK: tuple[Json, ...] = (None, True, 0, 5, 1.5, "", "x", "true", "5", [], ["x"], {}, {"x": "y"})
WIDE = "\N{GRINNING FACE}"
"""One character, two UTF-16 units, four bytes: whoever counts anything but characters counts wrongly."""

THUMBNAIL = "/videos/{video_id}/thumbnail"

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
"""What is tried where a pattern or a number stands in a text."""


@dataclass(frozen=True)
class Example:
    """A request, and whether the contract takes it."""

    operation: str
    about: str
    """The place in the request, and what is there."""
    request: Request
    rules: frozenset[str]
    """The rules of the contract that it breaks."""

    @property
    def is_valid(self) -> bool:
        return not self.rules


class Deriver:
    """Makes the examples of one contract."""

    def __init__(self, contract: Json) -> None:
        self._contract = contract

    def all(self) -> Iterator[Example]:
        yield from self._bodies("createVideo", "POST", "/videos/create", "CreateVideoRequest", {"title": "a title"})
        yield from self._bodies("listVideos", "POST", "/videos", "ListVideosRequest", {})
        yield from self._bodies("updateVideo", "PATCH", "/videos/{video_id}", "UpdateVideoRequest", {})
        yield from self._ladders()
        yield from self._costs()
        yield from self._parts()
        yield from self._thumbnails()

    def _bodies(self, operation: str, method: str, path: str, name: str, base: Json) -> Iterator[Example]:
        judge = Judge(self._contract, f"{SCHEMAS}/{name}")
        seen: set[str] = set()
        for about, body in [("the least", base), *self._variants({"$ref": f"#{SCHEMAS}/{name}"}, base, "")]:
            text = json.dumps(body)
            if text not in seen:
                seen.add(text)
                yield Example(operation, about, Request(method, path, json=body), judge.broken(body))
        for about, content in {"no body": b"", "no JSON": b"{", "not UTF-8": b'{"title": "\xff"}'}.items():
            request = Request(method, path, content=content, headers={"Content-Type": "application/json"})
            yield Example(operation, about, request, frozenset({about}))

    def _variants(self, unresolved: Json, base: Json, here: str) -> Iterator[tuple[str, Json]]:
        """Values for a place: what its schema says and what is near to it, each with everything around it right."""
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
            for about, value in self._variants(inner, self._sample(inner), f"{here}/{name}"):
                yield about, {**base, name: value}

    def _near(self, schema: Json) -> Iterator[Json]:
        """Values at the borders that a schema draws."""
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
            yield from (value, *([value.upper(), f"{value}x", f" {value}"] if isinstance(value, str) else ()))

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

    def _ladders(self) -> Iterator[Example]:
        """Valid ladders, ladders with one thing wrong, and every bound of a bitrate from both sides."""
        pick = random.Random(20261124)  # noqa: S311 - repeatable is the point
        judge = Judge(self._contract, f"{SCHEMAS}/CreateVideoRequest")
        made: list[tuple[str, Json]] = [("a valid ladder", [ladders.valid(pick)]) for _ in range(120)]
        for code, broken in ladders.each_broken_alone(pick, 12).items():
            made += [(code, ladder) for ladder in broken]
        for name, bound in zip(ladders.NAMES[1:], ladders.BOUNDS, strict=True):
            for bitrate in (bound, bound + 1):
                config = {"codec": "h264", "bitrate": bitrate}
                quality = {"type": "hls", "container_type": "mp4", "resolution": name, "video_config": config}
                made.append((f"{name} at {bitrate}", [quality]))
        # By itself a picture lacks its height, and that alone would be reason enough to refuse it.
        config = {"$ref": f"#{SCHEMAS}/VideoConfig"}
        for about, value in self._variants(config, self._sample(config), "video_config"):
            made.append(
                (about, [{"type": "hls", "container_type": "mp4", "resolution": "720p", "video_config": value}])
            )
        # The names of heights are a list that only conditions refer to.
        for name in self._near(resolve(self._contract, {"$ref": f"#{SCHEMAS}/Resolution"})):
            made.append((f"resolution is {name}", [{"type": "hls", "container_type": "mp4", "resolution": name}]))
        for about, ladder in made:
            body = {"title": "a ladder", "qualities": ladder}
            yield Example("createVideo", about, Request("POST", "/videos/create", json=body), judge.broken(body))

    def _costs(self) -> Iterator[Example]:
        right = {"qualities": "360p,1080p", "duration": "60"}
        for place, parameter in enumerate(self._contract["paths"]["/videos/cost"]["get"]["parameters"]):
            name, schema = parameter["name"], parameter["schema"]
            judge = Judge(self._contract, f"/paths/~1videos~1cost/get/parameters/{place}/schema")
            for text in TEXTS[name]:
                broken = judge.broken(number(text) if schema["type"] == "number" else text)
                yield cost(f"{name} is {text!r}", {**right, name: text}.items(), named(name, broken))
            others = [pair for pair in right.items() if pair[0] != name]
            yield cost(f"{name} is missing", others, frozenset({f"{name} is required"}))
            twice = [*right.items(), (name, right[name])]
            yield cost(f"{name} is given twice", twice, frozenset({f"{name} is one parameter"}))

    def _parts(self) -> Iterator[Example]:
        judge = Judge(self._contract, f"{SCHEMAS}/UploadVideoPartRequest")
        data = b"hello world"
        right = {"index": "1", "hash": md5(data)}
        for name, usual in right.items():
            for text in (usual, usual.upper(), *TEXTS[name]):
                fields = {**right, name: text}
                yield part(f"{name} is {text!r}", fields, data, judge.broken({**fields, "file": ""}))
            rest = {key: value for key, value in right.items() if key != name}
            yield part(f"{name} is missing", rest, data, judge.broken({**rest, "file": ""}))
        more = {**right, "more": "x"}
        yield part("another field", more, data, judge.broken({**more, "file": ""}))
        yield part("no file", right, None, judge.broken(right))
        header = Judge(self._contract, "/paths/~1videos~1{video_id}~1part/post/parameters/0/schema")
        for text in TEXTS["Content-Range"]:
            broken = named("Content-Range", header.broken(text))
            yield part(f"Content-Range is {text!r}", right, data, broken, text)
        yield part("no Content-Range", right, data, frozenset({"Content-Range is required"}), "")

    def _thumbnails(self) -> Iterator[Example]:
        judge = Judge(self._contract, f"{SCHEMAS}/UploadVideoThumbnailRequest")
        picture = Field("file", PNG, "cover.png")
        for about, form in {
            "a picture": [picture],
            "another field": [picture, Field("more", b"x")],
            "another field alone": [Field("more", b"x")],
        }.items():
            request = Request("POST", THUMBNAIL, form=form)
            broken = judge.broken({one.name: "" for one in form})
            yield Example("uploadVideoThumbnail", about, request, broken)
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        request = Request("POST", THUMBNAIL, content=b"--b--\r\n", headers=headers)
        yield Example("uploadVideoThumbnail", "no field", request, judge.broken({}))


def cost(about: str, query: Iterable[tuple[str, str]], broken: frozenset[str]) -> Example:
    return Example("getTranscodeCost", about, Request("GET", "/videos/cost", query=tuple(query)), broken)


def part(
    about: str, fields: Mapping[str, str], data: bytes | None, broken: frozenset[str], said: str | None = None
) -> Example:
    form = [Field(name, text.encode()) for name, text in fields.items()]
    form += [] if data is None else [Field("file", data, "part.bin")]
    text = content_range(0, len(data or b"x"), len(data or b"x")) if said is None else said
    headers = {"Content-Range": text} if text else {}
    request = Request("POST", "/videos/{video_id}/part", form=form, headers=headers)
    return Example("uploadVideoPart", about, request, broken)


def named(parameter: str, pointers: frozenset[str]) -> frozenset[str]:
    """The rules of a parameter, by its name: its schema has none."""
    return frozenset(f"{parameter}: {pointer.rpartition('/')[2]}" for pointer in pointers)


def number(text: str) -> Json:
    """What a text in a query is to a schema that wants a number: a JSON number, or a text as before."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < float("inf") else text


def shortened(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:40]}… ({len(value)} long)"
