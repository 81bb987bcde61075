"""Qualities for requests: valid ones, ones that break a single rule, and ones with anything wrong.

They are made from the contract's values, from their neighbours and from values of other types. Whether the contract's
values are right is not asked here: `mock_tests.boundary_values` has them by hand. A fuzzer would not do: its cases
broke only three of the contract's eleven conditions.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from contract_document import Json, load

Maker: TypeAlias = Callable[[random.Random], Json]

NONE = object()
"""The field is missing."""

JUNK: tuple[Json, ...] = (None, True, False, 0, 1, -1, 0.5, 3.0, 1e300, "", "x", "x\n", [], {}, "ü", "٣", "1 ")
SCHEMAS: Json = load()["components"]["schemas"]
NAMES: tuple[str, ...] = tuple(SCHEMAS["Resolution"]["enum"])
RATES: tuple[int, ...] = tuple(SCHEMAS["AudioConfig"]["properties"]["sample_rate"]["enum"])
CONTAINERS: tuple[str, ...] = tuple(SCHEMAS["Quality"]["properties"]["container_type"]["enum"])


def conditions(field: str) -> Iterator[tuple[str, Json]]:
    """The words of a field that the contract has a condition for, each with the schemas that then hold."""
    for condition in SCHEMAS["Quality"]["allOf"]:
        word = condition["if"].get("properties", {}).get(field, {}).get("const")
        if word:
            yield word, condition["then"]["properties"]


MAXIMA: dict[str, int] = {
    name: then["video_config"]["properties"]["bitrate"]["maximum"] for name, then in conditions("resolution")
}
CONTAINERS_OF: dict[str, list[str]] = {kind: then["container_type"]["enum"] for kind, then in conditions("type")}
BITRATES = (
    NONE,
    0,
    1,
    -1,
    *(bound + step for bound in MAXIMA.values() for step in (-1, 0, 1)),
    *map(float, MAXIMA.values()),
    0.5,
    2**70,
)
INDEXES = (NONE, 0, 1, -1, 0.0, 2**63)
VALUES: dict[str, tuple[Json, ...]] = {
    "type": (NONE, "hls", "dash", "HLS", "cmaf"),
    "container_type": (NONE, *CONTAINERS, "cmaf"),
    "resolution": (NONE, *NAMES, "audio", "720", "720P", "", "720p\n"),
    "codec": (NONE, "h264", "h265", "aac", "H264", ""),
    "bitrate": BITRATES,
    "index": INDEXES,
    "channels": (NONE, "1", "2", "0", "3", "1\n", "１"),
    "sample_rate": (NONE, *RATES, *(rate + step for rate in RATES for step in (-1, 1)), *map(float, RATES)),
    "language": (
        *(NONE, "en", "EN", "fil", "pt-BR", "zh-Hant-TW", "abcdefgh", "en-12345678", "jp"),
        *("", "e", "en\n", "en-", "-en", "pt_BR", "e1", "en-٣", "é", "abcdefghi", "en-123456789", "en--US"),
    ),
}
VIDEO = ("codec", "bitrate", "index")
AUDIO = ("codec", "bitrate", "index", "channels", "sample_rate", "language")


def made(**fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not NONE}


def configs(names: tuple[str, ...], pick: random.Random) -> Json:
    return made(**{name: pick.choice(VALUES[name]) for name in names})


def valid(pick: random.Random) -> Json:
    """A quality that the guide allows, any of them."""
    kind, container = pick.choice([(kind, one) for kind, known in CONTAINERS_OF.items() for one in known])
    quality: Json = {"type": kind, "container_type": container}
    has_video, has_audio = pick.choice(((True, True), (True, False), (False, True), (False, False)))
    name = pick.choice(NAMES)
    highest = MAXIMA.get(name, 10**9)
    if has_video:
        bitrate = pick.choice((NONE, 1, highest // 2, highest, float(highest)))
        quality["video_config"] = made(
            codec=pick.choice(("h264", "h265")), bitrate=bitrate, index=pick.choice((NONE, 0, 3))
        )
    if has_audio:
        quality["audio_config"] = made(
            codec="aac",
            bitrate=pick.choice((NONE, 1, 128_000, 10**9)),
            index=pick.choice((NONE, 0, 2.0)),
            channels=pick.choice((NONE, "1", "2")),
            sample_rate=pick.choice((NONE, *RATES)),
            language=pick.choice((NONE, "en", "pt-BR", "jp")),
        )
    quality["resolution"] = name if has_video or not has_audio else pick.choice((name, "audio", "x"))
    if not has_video and pick.random() < 0.3:
        del quality["resolution"]
    return dict(sorted(quality.items(), key=lambda _: pick.random()))


def with_video(pick: random.Random, name: str = "") -> Json:
    quality = valid(pick)
    quality.setdefault("video_config", {"codec": "h264"}).pop("bitrate", None)
    quality["resolution"] = name or pick.choice(NAMES)
    return quality


def with_audio(pick: random.Random) -> Json:
    quality = valid(pick)
    quality.setdefault("audio_config", {"codec": "aac"})
    if "video_config" in quality:
        quality["resolution"] = quality.get("resolution") or "720p"
    return quality


def audio_only(pick: random.Random) -> Json:
    return {name: value for name, value in with_audio(pick).items() if name != "video_config"}


def not_audio_only(pick: random.Random) -> Json:
    return pick.choice((with_video, without_configs))(pick)


def without_configs(pick: random.Random) -> Json:
    return {name: value for name, value in valid(pick).items() if not name.endswith("_config")}


def of_type(kind: str, pick: random.Random) -> Json:
    return next(quality for quality in iter(partial(valid, pick), None) if quality["type"] == kind)


def change(make: Maker, path: str, *values: Json) -> Maker:
    """A maker of lists with one quality, in which one field has one of these values."""

    def changed(pick: random.Random) -> Json:
        quality = make(pick)
        place, _, last = path.rpartition("/")
        holder = quality[place] if place else quality
        value = pick.choice(values)
        holder.pop(last, None) if value is NONE else holder.__setitem__(last, value)
        return [quality]

    return changed


BREAKERS: dict[str, list[Maker]] = {
    "not-a-list": [
        valid,
        lambda pick: "x" * pick.randrange(99),
        lambda pick: pick.random(),
        lambda pick: pick.randrange(10**6),
    ],
    "empty-list": [lambda _: []],
    "not-an-object": [
        lambda pick: [valid(pick), pick.choice((None, "720p", 5, [], True))],
        change(with_video, "video_config", None, "h264", 5, [], True),
        change(with_audio, "audio_config", None, "aac", 5, [], True),
    ],
    "missing-field": [
        change(valid, "type", NONE),
        change(valid, "container_type", NONE),
        change(with_video, "video_config/codec", NONE),
        change(with_audio, "audio_config/codec", NONE),
    ],
    "unknown-field": [
        change(make, place + name, *JUNK)
        for make, place in ((valid, ""), (with_video, "video_config/"), (with_audio, "audio_config/"))
        for name in ("Type", "crf", "qualities", "", "bitrate ", "width")
    ],
    "wrong-type": [
        change(valid, "type", None, 5, True, [], {}),
        change(with_video, "video_config/bitrate", None, True, "1", 1.5, [], {}),
        change(with_audio, "audio_config/index", None, False, "0", 0.5, []),
        change(with_audio, "audio_config/channels", None, 1, 2, True, []),
        change(with_audio, "audio_config/sample_rate", None, "44100", True, 44_100.5),
        change(with_audio, "audio_config/language", None, 5, []),
        change(audio_only, "resolution", None, 5, [], True),
    ],
    "unknown-type": [change(valid, "type", "HLS", "", "cmaf", "hls\n", "hls ", "mpeg-dash")],
    "unknown-container": [change(valid, "container_type", "MP4", "", "ts", "mp4\n", "cmaf")],
    "container-mismatch": [
        change(partial(of_type, kind), "container_type", container)
        for kind, known in CONTAINERS_OF.items()
        for container in CONTAINERS
        if container not in known
    ],
    "missing-resolution": [change(with_video, "resolution", NONE)],
    "unknown-resolution": [
        change(not_audio_only, "resolution", *("audio", "720", "1080P", "720p\n", "721p", "x", "4k", "", "144", "HD"))
    ],
    "empty-label": [change(audio_only, "resolution", "")],
    "unknown-codec": [
        change(with_video, "video_config/codec", "H264", "hevc", "", "aac", "h264\n"),
        change(with_audio, "audio_config/codec", "AAC", "mp3", "", "h264", "aac\n"),
    ],
    "bitrate-not-positive": [
        change(with_video, "video_config/bitrate", 0, -1, 0.0, -(10**9)),
        change(with_audio, "audio_config/bitrate", 0, -1, 0.0, -1e300),
    ],
    "bitrate-too-high": [
        change(partial(with_video, name=name), "video_config/bitrate", bound + 1, bound + 1.0, bound * 2, 10**18)
        for name, bound in MAXIMA.items()
    ],
    "negative-index": [
        change(with_video, "video_config/index", -1, -1.0, -(2**40)),
        change(with_audio, "audio_config/index", -1, -2.0, -7),
    ],
    "unknown-sample-rate": [
        change(with_audio, "audio_config/sample_rate", *(rate + step for rate in RATES for step in (-1, 1)), 0, 23_999)
    ],
    "unknown-channels": [change(with_audio, "audio_config/channels", "0", "3", "", "stereo", "1\n", "１")],
    "malformed-language": [change(with_audio, "audio_config/language", *VALUES["language"][9:], "english (us)")],
}
"""Per rule the makers of `qualities` that should break it and no other."""


def products() -> Iterator[Json]:
    """Every combination of format, container, resolution and configs; then each field's values, valid and not."""
    videos: tuple[Json, ...] = (NONE, {"codec": "h264"}, {"codec": "h265", "bitrate": 700_001}, {}, None)
    audios: tuple[Json, ...] = (NONE, {"codec": "aac"}, {"codec": "mp3", "channels": "9"}, None)
    names = ("type", "container_type", "resolution", "video_config", "audio_config")
    values = (VALUES["type"], VALUES["container_type"], VALUES["resolution"], videos, audios)
    for combination in itertools.product(*values):
        yield [made(**dict(zip(names, combination, strict=True)))]
    for name, bitrate in itertools.product(NAMES, BITRATES):
        config = made(codec="h264", bitrate=bitrate)
        yield [made(type="hls", container_type="mp4", resolution=name, video_config=config)]
        yield [made(type="hls", container_type="mp4", resolution=name, audio_config=config | {"codec": "aac"})]
    for config_name, fields in (("video_config", VIDEO), ("audio_config", AUDIO)):
        for field in fields:
            for value in (*VALUES[field], *JUNK):
                config = made(codec="h264" if config_name == "video_config" else "aac") | made(**{field: value})
                yield [{"type": "dash", "container_type": "fmp4", "resolution": "240p", config_name: config}]
    for field in ("type", "container_type", "resolution", "video_config", "audio_config"):
        for value in JUNK:
            yield [{"type": "dash", "container_type": "fmp4", "resolution": "240p", field: value}]
    for value in JUNK:
        yield value
        yield [value]


def random_ladders(pick: random.Random, count: int) -> Iterator[Json]:
    """Lists of up to four qualities with anything wrong at once."""
    for _ in range(count):
        ladder: list[Json] = []
        for _ in range(pick.randint(1, 4)):
            names = ("type", "container_type", "resolution")
            quality = (
                valid(pick) if pick.random() < 0.5 else made(**{name: pick.choice(VALUES[name]) for name in names})
            )
            if pick.random() < 0.4:
                quality["video_config"] = configs(VIDEO, pick)
            if pick.random() < 0.4:
                quality["audio_config"] = configs(AUDIO, pick)
            if pick.random() < 0.1:
                quality[pick.choice(("more", *quality))] = pick.choice(JUNK)
            ladder.append(quality)
        yield ladder


def each_broken_alone(pick: random.Random, count: int) -> dict[str, list[Json]]:
    """Per rule this many different lists of qualities that should break it and no other, if so many exist."""
    collected: dict[str, list[Json]] = {}
    for code, makers in BREAKERS.items():
        ladders: dict[str, Json] = {}
        # In turn, so that a short list has something of every maker.
        for make in itertools.islice(itertools.cycle(makers), 4000):
            ladder = make(pick)
            ladders.setdefault(json.dumps(ladder), ladder)
            if len(ladders) == count:
                break
        collected[code] = list(ladders.values())
    return collected
