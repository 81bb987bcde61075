"""Qualities to try a reader of the contract with: valid ones, ones with a single thing wrong, and anything at all.

They are made from the contract's own values, their neighbours and things that are none; no fuzzer is involved, because
what one produced broke three of the contract's eleven conditions. The tests that compare overlay and contract use them,
and those that send them to a server.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    from conformance.shapes import Json

NONE = object()

JUNK: tuple[Json, ...] = (None, True, False, 0, 1, -1, 0.5, 3.0, 1e300, "", "x", "x\n", [], {}, "ü", "٣", "1 ")
NAMES: tuple[str, ...] = ("144p", "240p", "360p", "480p", "720p", "1080p", "1440p", "2160p", "4320p")
BOUNDS: tuple[int, ...] = (700_000, 1_200_000, 2_000_000, 4_000_000, 6_000_000, 12_000_000, 30_000_000, 60_000_000)
RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000)
BITRATES = (NONE, 0, 1, -1, *(bound + step for bound in BOUNDS for step in (-1, 0, 1)), *map(float, BOUNDS), 0.5, 2**70)
INDEXES = (NONE, 0, 1, -1, 0.0, 2**63)
VALUES: dict[str, tuple[Json, ...]] = {
    "type": (NONE, "hls", "dash", "HLS", "cmaf"),
    "container_type": (NONE, "mpegts", "mp4", "fmp4", "webm"),
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
    kind, container = pick.choice((("hls", "mpegts"), ("hls", "mp4"), ("dash", "fmp4")))
    quality: Json = {"type": kind, "container_type": container}
    has_video, has_audio = pick.choice(((True, True), (True, False), (False, True), (False, False)))
    name = pick.choice(NAMES)
    highest = dict(zip(NAMES[1:], BOUNDS, strict=True)).get(name, 10**9)
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


def inside(quality: Json, config: str, codec: str) -> Json:
    return quality.setdefault(config, {"codec": codec})


def breakers(pick: random.Random) -> dict[str, Callable[[], Json]]:  # noqa: C901 - one small maker per rule
    """Per rule, a maker of ladders that should break it and no other: a valid quality with one thing wrong."""

    def one_of(*makers: Callable[[], Json]) -> Callable[[], Json]:
        def make() -> Json:
            return pick.choice(makers)()

        return make

    def with_video(name: str | None = None) -> Json:
        quality = valid(pick)
        inside(quality, "video_config", "h264")
        quality["resolution"] = name or pick.choice(NAMES)
        quality["video_config"].pop("bitrate", None)
        return quality

    def with_audio() -> Json:
        quality = valid(pick)
        inside(quality, "audio_config", "aac")
        if "video_config" in quality:
            quality["resolution"] = quality.get("resolution") or "720p"
        return quality

    def changed(quality: Json, path: str, *values: Json) -> Json:
        place, _, last = path.rpartition("/")
        holder = quality[place] if place else quality
        value = pick.choice(values)
        holder.pop(last, None) if value is NONE else holder.__setitem__(last, value)
        return [quality]

    def sound_alone() -> Json:
        quality = with_audio()
        quality.pop("video_config", None)
        return quality

    missing = one_of(
        lambda: changed(valid(pick), "type", NONE),
        lambda: changed(valid(pick), "container_type", NONE),
        lambda: changed(with_video(), "video_config/codec", NONE),
        lambda: changed(with_audio(), "audio_config/codec", NONE),
    )

    def unknown_field() -> Json:
        name = pick.choice(("Type", "crf", "qualities", "", "bitrate ", "width"))
        path = pick.choice(("", "video_config/", "audio_config/"))
        quality = with_video() if "video" in path else with_audio() if "audio" in path else valid(pick)
        return changed(quality, path + name, *JUNK)

    wrong_type = one_of(
        lambda: changed(valid(pick), "type", None, 5, True, [], {}),
        lambda: changed(with_video(), "video_config/bitrate", None, True, "1", 1.5, [], {}),
        lambda: changed(with_audio(), "audio_config/index", None, False, "0", 0.5, []),
        lambda: changed(with_audio(), "audio_config/channels", None, 1, 2, True, []),
        lambda: changed(with_audio(), "audio_config/sample_rate", None, "44100", True, 44_100.5),
        lambda: changed(with_audio(), "audio_config/language", None, 5, []),
        lambda: changed(sound_alone(), "resolution", None, 5, [], True),
    )

    def too_high() -> Json:
        name, bound = pick.choice(list(zip(NAMES[1:], BOUNDS, strict=True)))
        return changed(
            with_video(name), "video_config/bitrate", bound + 1, bound + 1.0, bound * 2, bound + 10**6, 10**18
        )

    def unknown_resolution() -> Json:
        quality = valid(pick)
        if "video_config" not in quality:
            quality.pop("audio_config", None)
        return changed(quality, "resolution", *("audio", "720", "1080P", "720p\n", "721p", "x", "4k", "", "144", "HD"))

    def mismatch() -> Json:
        quality = valid(pick)
        return changed(quality, "container_type", *(("fmp4",) if quality["type"] == "hls" else ("mpegts", "mp4")))

    not_objects = one_of(
        lambda: [valid(pick), pick.choice((None, "720p", 5, [], True))],
        lambda: changed(with_video(), "video_config", None, "h264", 5, [], True),
        lambda: changed(with_audio(), "audio_config", None, "aac", 5, [], True),
    )

    return {
        "not-a-list": lambda: pick.choice(
            (valid(pick), "x" * pick.randrange(99), pick.random(), pick.randrange(10**6))
        ),
        "empty-list": list,
        "not-an-object": not_objects,
        "missing-field": missing,
        "unknown-field": unknown_field,
        "wrong-type": wrong_type,
        "unknown-type": lambda: changed(valid(pick), "type", "HLS", "", "cmaf", "hls\n", "hls ", "mpeg-dash"),
        "unknown-container": lambda: changed(valid(pick), "container_type", "MP4", "", "ts", "mp4\n", "webm"),
        "container-mismatch": mismatch,
        "missing-resolution": lambda: changed(with_video(), "resolution", NONE),
        "unknown-resolution": unknown_resolution,
        "empty-label": lambda: changed(sound_alone(), "resolution", ""),
        "unknown-codec": one_of(
            lambda: changed(with_video(), "video_config/codec", "H264", "hevc", "", "aac", "h264\n"),
            lambda: changed(with_audio(), "audio_config/codec", "AAC", "mp3", "", "h264", "aac\n"),
        ),
        "bitrate-not-positive": one_of(
            lambda: changed(with_video(), "video_config/bitrate", 0, -1, 0.0, -(10**9)),
            lambda: changed(with_audio(), "audio_config/bitrate", 0, -1, 0.0, -1e300),
        ),
        "bitrate-too-high": too_high,
        "negative-index": one_of(
            lambda: changed(with_video(), "video_config/index", -1, -1.0, -(2**40)),
            lambda: changed(with_audio(), "audio_config/index", -1, -2.0, -7),
        ),
        "unknown-sample-rate": lambda: changed(
            with_audio(), "audio_config/sample_rate", *(rate + step for rate in RATES for step in (-1, 1)), 0, 24_000
        ),
        "unknown-channels": lambda: changed(with_audio(), "audio_config/channels", "0", "3", "", "stereo", "1\n", "１"),
        "malformed-language": lambda: changed(
            with_audio(), "audio_config/language", *VALUES["language"][9:], "english (us)"
        ),
    }


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
    """Per rule, so many different ladders that should break it and no other (fewer where there are no more)."""
    collected: dict[str, list[Json]] = {}
    for code, make in breakers(pick).items():
        ladders: dict[str, Json] = {}
        for _ in range(4000):
            ladder = make()
            ladders.setdefault(json.dumps(ladder), ladder)
            if len(ladders) == count:
                break
        collected[code] = list(ladders.values())
    return collected
