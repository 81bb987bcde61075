"""Every rule about a ladder: what it says, an example that breaks it, and the code that finds out.

The rules about one quality object are also in the contract, as JSON Schema; a test holds the two readings equal,
pointers included. The rules across objects, about the source, and all warnings stand only here (reference, "Advanced
Custom Encoding Configuration").

A rule gets one quality, as plain JSON, and reports what it finds. It stays silent about what another rule has to say: a
container that no list knows is not also called the wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, cast

from attrs import frozen

from aioz_stream.arguments import shown
from aioz_stream.encoding import languages
from aioz_stream.encoding.tables import (
    ALL_CONTAINERS,
    AUDIO_CODECS,
    CHANNELS,
    CONTAINERS,
    HEIGHTS,
    HIGHEST_BITRATES,
    RECOMMENDED_AUDIO_BITRATES,
    SAMPLE_RATES,
    VIDEO_CODECS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aioz_stream.encoding.source import Source

Json = Mapping[str, Any]

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

# Which fields each object has, which of them it must have, and which of them are integers (the others are strings).
_QUALITY = ("resolution", "type", "container_type", "video_config", "audio_config")
_VIDEO = ("codec", "bitrate", "index")
_AUDIO = ("codec", "bitrate", "channels", "sample_rate", "language", "index")
_CONFIGS = frozenset({"video_config", "audio_config"})
_ALSO_CALLED = {
    "hd": "720p",
    "fullhd": "1080p",
    "fhd": "1080p",
    "2k": "1440p",
    "qhd": "1440p",
    "4k": "2160p",
    "uhd": "2160p",
    "8k": "4320p",
    "uhd2": "4320p",
}
_INTEGERS = frozenset({"bitrate", "index", "sample_rate"})
_REQUIRED = {"": ("type", "container_type"), "/video_config": ("codec",), "/audio_config": ("codec",)}
_FIELDS = {"": _QUALITY, "/video_config": _VIDEO, "/audio_config": _AUDIO}


class Report(Protocol):
    def __call__(self, pointer: str, message: str, suggestion: str | int | None = None) -> None: ...


class Quality:
    """One object of the list, as it was given. `pointer` in reports is relative to it."""

    __slots__ = ("audio", "fields", "objects", "video")

    def __init__(self, fields: Json) -> None:
        self.fields = fields
        self.video = _object(fields.get("video_config"))
        self.audio = _object(fields.get("audio_config"))
        self.objects = [("", fields)]
        if self.video is not None:
            self.objects.append(("/video_config", self.video))
        if self.audio is not None:
            self.objects.append(("/audio_config", self.audio))

    @property
    def has_video(self) -> bool:
        return "video_config" in self.fields

    @property
    def has_audio(self) -> bool:
        return "audio_config" in self.fields

    @property
    def is_sound_alone(self) -> bool:
        return self.has_audio and not self.has_video

    @property
    def height(self) -> int | None:
        """Of the picture, in pixels; None without a picture, or where it has no known name."""
        name = self.fields.get("resolution")
        return HEIGHTS.get(name) if isinstance(name, str) and not self.is_sound_alone else None

    def track(self, config: Json) -> object:
        index = config.get("index", 0)
        return int(index) if isinstance(index, float) and index.is_integer() else index


def _object(value: object) -> Json | None:
    return cast("Json", value) if isinstance(value, dict) else None


@frozen
class Ladder:
    """All qualities that are objects, by their place in the list, and what is known of the file."""

    qualities: Sequence[tuple[int, Quality]]
    source: Source | None


def is_integer(value: object) -> TypeGuard[int | float]:
    """As JSON Schema has it: 3.0 is one, true is not."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def nearest(value: str, allowed: Iterable[str]) -> str | None:
    matches = get_close_matches(value.lower().replace(" ", ""), list(allowed), n=1, cutoff=0.5)
    return matches[0] if matches else None


def listed(allowed: Iterable[object]) -> str:
    return ", ".join(str(one) for one in allowed)


# --- the list -----------------------------------------------------------------------------------------------------


def not_a_list(qualities: object, report: Report) -> None:
    if not isinstance(qualities, list):
        kind = "one quality" if isinstance(qualities, dict) else type(qualities).__name__
        report("", f"qualities is {kind}; it must be a list of qualities.")


def empty_list(qualities: object, report: Report) -> None:
    if qualities == []:
        report("", "The list is empty, which the service refuses. Leave qualities out to let the service choose.")


def not_objects(qualities: object, report: Report) -> None:
    for place, item in enumerate(cast("list[object]", qualities) if isinstance(qualities, list) else ()):
        if not isinstance(item, dict):
            report(
                f"/{place}",
                f"It is {shown(item)}; it must be an object. A name alone says too little: see hls() and dash().",
            )


# --- the shape of an object ---------------------------------------------------------------------------------------


def not_an_object(quality: Quality, report: Report) -> None:
    for name in ("video_config", "audio_config"):
        value = quality.fields.get(name, {})
        if not isinstance(value, dict):
            kind = "null" if value is None else type(value).__name__
            report(f"/{name}", f"{name} is {kind}; it must be an object. Leave it out to have none.")


def missing_field(quality: Quality, report: Report) -> None:
    for pointer, fields in quality.objects:
        for name in _REQUIRED[pointer]:
            if name not in fields:
                report(pointer, f"{name} is missing.")


def unknown_field(quality: Quality, report: Report) -> None:
    for pointer, fields in quality.objects:
        known = _FIELDS[pointer]
        for name in fields:
            if name not in known:
                report(
                    pointer,
                    f"There is no field {shown(name)}; there are {listed(known)}.",
                    nearest(str(name), known),
                )


def wrong_type(quality: Quality, report: Report) -> None:
    for pointer, fields in quality.objects:
        for name, value in fields.items():
            if name in _INTEGERS:
                if type(value) is not int and not is_integer(value):
                    report(f"{pointer}/{name}", f"{name} is {shown(value)}; it must be an integer.", _as_integer(value))
            elif not isinstance(value, str) and name in _FIELDS[pointer] and name not in _CONFIGS:
                report(f"{pointer}/{name}", f"{name} is {shown(value)}; it must be a string.", _as_text(name, value))


def _as_integer(value: object) -> int | None:
    """A number that was put into quotes; never one that another rule would refuse."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:  # 64 bits
        return int(value) or None
    return None


def _as_text(name: str, value: object) -> str | None:
    """A name or a count that was written as a number."""
    for text in (f"{value}p", str(value)) if type(value) is int and abs(value) < 10_000 else ():
        if text in (HEIGHTS if name == "resolution" else CHANNELS if name == "channels" else ()):
            return text
    return None


def unsendable_text(quality: Quality, report: Report) -> None:
    label = quality.fields.get("resolution")
    if isinstance(label, str) and not label.isascii():
        try:
            label.encode()
        except UnicodeEncodeError:
            report("/resolution", "The label has a lone surrogate, which no JSON text can carry.")


# --- format, container, resolution --------------------------------------------------------------------------------


def unknown_type(quality: Quality, report: Report) -> None:
    value = quality.fields.get("type")
    if isinstance(value, str) and value not in CONTAINERS:
        report("/type", f"type is {shown(value)}; it must be one of {listed(CONTAINERS)}.", nearest(value, CONTAINERS))


def unknown_container(quality: Quality, report: Report) -> None:
    value = quality.fields.get("container_type")
    if isinstance(value, str) and value not in ALL_CONTAINERS:
        kind = quality.fields.get("type")
        meant = kind if not isinstance(kind, str) or kind in CONTAINERS else nearest(kind, CONTAINERS)
        allowed = CONTAINERS.get(meant, ALL_CONTAINERS) if isinstance(meant, str) else ALL_CONTAINERS
        suggestion = allowed[0] if len(allowed) == 1 else nearest(value, allowed)
        report("/container_type", f"container_type is {shown(value)}; it must be one of {listed(allowed)}.", suggestion)


def container_mismatch(quality: Quality, report: Report) -> None:
    kind, value = quality.fields.get("type"), quality.fields.get("container_type")
    if not isinstance(kind, str) or kind not in CONTAINERS or value not in ALL_CONTAINERS:
        return
    if value not in CONTAINERS[kind]:
        codec = quality.video.get("codec") if quality.video else None
        suggestion = "mp4" if kind == "hls" and codec == "h265" else CONTAINERS[kind][0]
        report(
            "/container_type",
            f"{kind} comes in {listed(CONTAINERS[kind])}, not in {value}.",
            suggestion,
        )


def missing_resolution(quality: Quality, report: Report) -> None:
    if quality.has_video and "resolution" not in quality.fields:
        report("", "A quality with video_config needs a resolution.")


def unknown_resolution(quality: Quality, report: Report) -> None:
    value = quality.fields.get("resolution")
    if isinstance(value, str) and value not in HEIGHTS and not quality.is_sound_alone:
        report(
            "/resolution",
            f"resolution is {shown(value)}; it must be one of {listed(HEIGHTS)}. "
            "Only a quality with audio_config alone may carry another label.",
            _resolution_meant(value),
        )


def _resolution_meant(value: str) -> str | None:
    """By the names of the guide's table (4K, Full HD), or by the nearest number of lines."""
    plain = re.sub(r"[^a-z0-9]", "", value.lower())
    if plain in _ALSO_CALLED:
        return _ALSO_CALLED[plain]
    lines = re.search(r"[0-9]{3,4}", plain)
    return min(HEIGHTS, key=lambda name: abs(HEIGHTS[name] - int(lines[0]))) if lines else None


def empty_label(quality: Quality, report: Report) -> None:
    if quality.fields.get("resolution") == "" and quality.is_sound_alone:
        report("/resolution", "The label is empty. Say something, or leave it out.", "audio")


# --- picture and sound --------------------------------------------------------------------------------------------


def unknown_codec(quality: Quality, report: Report) -> None:
    for pointer, fields in quality.objects[1:]:
        value, allowed = fields.get("codec"), VIDEO_CODECS if pointer == "/video_config" else AUDIO_CODECS
        if isinstance(value, str) and value not in allowed:
            suggestion = allowed[0] if len(allowed) == 1 else _codec_meant(value)
            report(f"{pointer}/codec", f"codec is {shown(value)}; it must be one of {listed(allowed)}.", suggestion)


def _codec_meant(value: str) -> str | None:
    plain = re.sub(r"[^a-z0-9]", "", value.lower())
    also_called = {"avc": "h264", "x264": "h264", "libx264": "h264", "hevc": "h265", "x265": "h265", "libx265": "h265"}
    return also_called.get(plain) or nearest(plain, VIDEO_CODECS)


def bitrate_not_positive(quality: Quality, report: Report) -> None:
    for pointer, fields in quality.objects[1:]:
        value = fields.get("bitrate")
        if is_number(value) and value < 1:
            report(f"{pointer}/bitrate", f"bitrate is {shown(value)}; it must be at least 1 bit per second.")


def bitrate_too_high(quality: Quality, report: Report) -> None:
    name = quality.fields.get("resolution")
    highest = HIGHEST_BITRATES.get(name) if isinstance(name, str) else None
    if quality.video is None or highest is None:
        return
    value = quality.video.get("bitrate")
    if is_number(value) and value > highest:
        report(
            "/video_config/bitrate",
            f"{name} takes up to {highest:,} bits per second, not {shown(value)}.",
            highest,
        )


def negative_index(quality: Quality, report: Report) -> None:
    for pointer, fields in quality.objects[1:]:
        value = fields.get("index")
        if is_number(value) and value < 0:
            report(f"{pointer}/index", f"index is {shown(value)}; tracks are counted from 0.", 0)


def unknown_sample_rate(quality: Quality, report: Report) -> None:
    value = quality.audio.get("sample_rate") if quality.audio else None
    if value is not None and is_integer(value) and value not in SAMPLE_RATES:
        report(
            "/audio_config/sample_rate",
            f"sample_rate is {shown(value)}; it must be one of {listed(SAMPLE_RATES)}.",
            min(SAMPLE_RATES, key=lambda rate: abs(rate - value)),
        )


def unknown_channels(quality: Quality, report: Report) -> None:
    value = quality.audio.get("channels") if quality.audio else None
    if isinstance(value, str) and value not in CHANNELS:
        meant = {"mono": "1", "stereo": "2"}.get(value.strip().lower(), "2")
        report("/audio_config/channels", f'channels is {shown(value)}; it must be "1" (mono) or "2" (stereo).', meant)


def malformed_language(quality: Quality, report: Report) -> None:
    value = quality.audio.get("language") if quality.audio else None
    if isinstance(value, str) and not _LANGUAGE.fullmatch(value):
        tag = value.strip().replace("_", "-")
        report(
            "/audio_config/language",
            f"language is {shown(value)}; it must be a code such as en, or with subtags such as pt-BR.",
            tag if _LANGUAGE.fullmatch(tag) else None,
        )


# --- warnings about one object ------------------------------------------------------------------------------------


def service_chooses(quality: Quality, report: Report) -> None:
    if not (quality.has_video or quality.has_audio or "resolution" in quality.fields):
        report("", "Neither a resolution nor a config: the service chooses everything about this quality.")


def no_documented_maximum(quality: Quality, report: Report) -> None:
    if quality.fields.get("resolution") == "144p" and not quality.is_sound_alone:
        report("/resolution", "The encoding guide has no row for 144p, so no bitrate is known to be allowed.")


def h265_in_mpegts(quality: Quality, report: Report) -> None:
    in_mpegts = quality.fields.get("type") == "hls" and quality.fields.get("container_type") == "mpegts"
    if in_mpegts and quality.video is not None and quality.video.get("codec") == "h265":
        report("/container_type", "Apple's players take h265 only from mp4; in mpegts it does not play there.", "mp4")


def unusual_audio_bitrate(quality: Quality, report: Report) -> None:
    if quality.audio is None or quality.audio.get("channels", "2") != "2":
        return
    value = quality.audio.get("bitrate")
    low, high = RECOMMENDED_AUDIO_BITRATES
    if is_integer(value) and value >= 1 and not low <= value <= high:
        report(
            "/audio_config/bitrate",
            f"{shown(value)} bits per second is outside the {low:,} to {high:,} that are recommended for stereo.",
            low if value < low else high,
        )


def unknown_language(quality: Quality, report: Report) -> None:
    value = quality.audio.get("language") if quality.audio else None
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        return
    code, dash, subtags = value.partition("-")
    if not languages.is_known(code.lower()):
        meant = languages.likely(code.lower())
        report(
            "/audio_config/language",
            f"ISO 639 has no language {code!r}.",
            f"{meant}{dash}{subtags}" if meant else None,
        )


# --- across objects, and against the source -----------------------------------------------------------------------


def duplicate_output(ladder: Ladder, report: Report) -> None:
    seen: dict[str, int] = {}
    for place, quality in ladder.qualities:
        # Compared as they are written, since what is wrong elsewhere need not be comparable.
        key = repr(
            (
                *(quality.fields.get(name) for name in ("type", "container_type", "resolution")),
                quality.video and (quality.video.get("codec"), quality.track(quality.video)),
                quality.audio
                and (quality.audio.get("codec"), quality.track(quality.audio), quality.audio.get("language")),
            )
        )
        first = seen.setdefault(key, place)
        if first != place:
            report(f"/{place}", f"This writes the same output as /qualities/{first}.")


def silent_video(ladder: Ladder, report: Report) -> None:
    kinds_with_sound = {
        quality.fields.get("type")
        for _, quality in ladder.qualities
        if quality.is_sound_alone and isinstance(quality.fields.get("type"), str)
    }
    for place, quality in ladder.qualities:
        kind = quality.fields.get("type")
        if quality.has_video and not quality.has_audio and isinstance(kind, str) and kind not in kinds_with_sound:
            report(
                f"/{place}",
                f"It has no sound, and no {kind} quality is sound alone, so it plays silent. "
                "Add audio_config here, or one quality with only that.",
            )


def is_above(quality: Quality, source: Source | None) -> bool:
    """Whether the service leaves this quality out for this source."""
    known = source.height if source else None
    return known is not None and quality.height is not None and quality.height > known


def above_source(ladder: Ladder, report: Report) -> None:
    above = [is_above(quality, ladder.source) for _, quality in ladder.qualities]
    for (place, _), left_out in zip(ladder.qualities, above, strict=True):
        if left_out and not all(above):
            report(
                f"/{place}/resolution",
                f"The source's shorter side is {ladder.source and ladder.source.height} pixels; "
                "the service leaves this quality out.",
            )


def nothing_left(ladder: Ladder, report: Report) -> None:
    if ladder.qualities and all(is_above(quality, ladder.source) for _, quality in ladder.qualities):
        report("", "Every quality is higher than the source, so the service would leave all of them out.")


def no_such_track(ladder: Ladder, report: Report) -> None:
    if ladder.source is None:
        return
    for place, quality in ladder.qualities:
        for name, config, tracks in (
            ("video", quality.video, ladder.source.video_tracks),
            ("audio", quality.audio, ladder.source.audio_tracks),
        ):
            if config is None or tracks is None:
                continue
            index = quality.track(config)
            if is_integer(index) and index >= tracks:
                pointer = f"/{place}/{name}_config" + ("/index" if "index" in config else "")
                report(
                    pointer,
                    f"The source has {tracks or 'no'} {name} track{'' if tracks == 1 else 's'}; "
                    f"index {shown(index)} is none.",
                    0 if tracks else None,
                )
