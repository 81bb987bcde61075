"""The rules about ladders that no schema can say: across qualities, about the source, and what is allowed but doubtful.

What the service refuses is in the contract, and `contract_rules` reports it (reference, "Advanced Custom Encoding
Configuration"). A rule here gets plain JSON, which may be wrong in any way, and stays silent about what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, cast

from attrs import field, frozen

from aioz_stream.arguments import shown
from aioz_stream.encoding import languages, resolutions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aioz_stream.encoding.findings import Severity
    from aioz_stream.encoding.media_info import MediaInfo

Json = Mapping[str, Any]

RECOMMENDED_AUDIO_BITRATES = (128_000, 256_000)
"""Bits per second of stereo sound, from standard to high quality."""

UNLISTED = "4320p"
"""The resolution that the guide's tables have, and the reference's list of names for create has not."""


class Report(Protocol):
    def __call__(self, pointer: str, message: str, suggestion: str | int | None = None) -> None: ...


class Quality:
    """One object of the list, as it was given. `pointer` in reports is relative to it."""

    __slots__ = ("audio", "fields", "video")

    def __init__(self, fields: Json) -> None:
        self.fields = fields
        self.video = _object(fields.get("video_config"))
        self.audio = _object(fields.get("audio_config"))

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
        """Of the picture, in pixels; None without a picture, or where its name says none."""
        return None if self.is_sound_alone else resolutions.height(self.fields.get("resolution"))

    def track(self, config: Json) -> object:
        index = config.get("index", 0)
        return int(index) if isinstance(index, float) and index.is_integer() else index


def _object(value: object) -> Json | None:
    return cast("Json", value) if isinstance(value, dict) else None


@frozen
class Ladder:
    """All qualities that are objects, by their place in the list, and what is known of the file."""

    qualities: Sequence[tuple[int, Quality]]
    source: MediaInfo | None


def is_integer(value: object) -> TypeGuard[int | float]:
    """As JSON Schema has it: 3.0 is one, true is not."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


# --- text ---------------------------------------------------------------------------------------------------------


def unsendable_text(quality: Quality, report: Report) -> None:
    label = quality.fields.get("resolution")
    if isinstance(label, str) and not label.isascii():
        try:
            label.encode()
        except UnicodeEncodeError:
            report("/resolution", "The label has a lone surrogate, which no JSON text can carry.")


# --- warnings about one object ------------------------------------------------------------------------------------


def service_chooses(quality: Quality, report: Report) -> None:
    if not (quality.has_video or quality.has_audio or "resolution" in quality.fields):
        report("", "Neither a resolution nor a config: the service chooses everything about this quality.")


def no_documented_maximum(quality: Quality, report: Report) -> None:
    if quality.is_sound_alone:
        return
    name, highest = quality.fields.get("resolution"), resolutions.highest_bitrates()
    if isinstance(name, str) and highest and name not in highest and name in resolutions.names():
        report("/resolution", f"The encoding guide has no row for {name}, so no bitrate is known to be allowed.")


def unlisted_resolution(quality: Quality, report: Report) -> None:
    if quality.fields.get("resolution") == UNLISTED and not quality.is_sound_alone:
        report(
            "/resolution",
            f"The reference's list of resolutions for create lacks {UNLISTED}; its encoding guide has it.",
        )


def h265_in_mpegts(quality: Quality, report: Report) -> None:
    in_mpegts = quality.fields.get("type") == "hls" and quality.fields.get("container_type") == "mpegts"
    if in_mpegts and quality.video is not None and quality.video.get("codec") == "h265":
        report("/container_type", "Apple's players take h265 only from mp4; in mpegts it does not play there.", "mp4")


def unusual_audio_bitrate(quality: Quality, report: Report) -> None:
    if quality.audio is None or quality.audio.get("channels", "2") != "2":
        return
    value = quality.audio.get("bitrate")
    low, high = RECOMMENDED_AUDIO_BITRATES
    if is_integer(value) and not low <= value <= high:
        report(
            "/audio_config/bitrate",
            f"{shown(value)} bits per second is outside the {low:,} to {high:,} that are recommended for stereo.",
            low if value < low else high,
        )


def unknown_language(quality: Quality, report: Report) -> None:
    value = quality.audio.get("language") if quality.audio else None
    if not isinstance(value, str):
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


def is_above(quality: Quality, source: MediaInfo | None) -> bool:
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


# --- all of them --------------------------------------------------------------------------------------------------


@frozen
class LadderRule:
    """A rule, and what it looks at: each quality by itself, or all of them."""

    code: str
    severity: Severity
    says: str
    in_quality: Callable[[Quality, Report], None] | None = field(default=None, repr=False)
    in_ladder: Callable[[Ladder, Report], None] | None = field(default=None, repr=False)


RULES = (
    LadderRule("unsendable-text", "error", "A label is text that JSON can carry.", unsendable_text),
    LadderRule(
        "nothing-left",
        "error",
        "At least one quality is not higher than the source: the service leaves higher ones out.",
        in_ladder=nothing_left,
    ),
    LadderRule("no-such-track", "error", "`index` names a track that the source has.", in_ladder=no_such_track),
    LadderRule(
        "above-source",
        "warning",
        "A quality that is higher than the source is left out by the service. Heights compare by the shorter side.",
        in_ladder=above_source,
    ),
    LadderRule(
        "service-chooses",
        "warning",
        "With neither a resolution nor a config, the service chooses everything.",
        service_chooses,
    ),
    LadderRule(
        "no-documented-maximum",
        "warning",
        "The resolution has a row in the encoding guide. `144p` has none, so no maximum bitrate is known.",
        no_documented_maximum,
    ),
    LadderRule(
        "unlisted-resolution",
        "warning",
        f"The resolution is in the reference's list for create. `{UNLISTED}` is only in its encoding guide.",
        unlisted_resolution,
    ),
    LadderRule("h265-in-mpegts", "warning", "Apple's players take `h265` only from `mp4`.", h265_in_mpegts),
    LadderRule(
        "unusual-audio-bitrate",
        "warning",
        "For stereo, 128,000 to 192,000 bits per second are standard and up to 256,000 high quality.",
        unusual_audio_bitrate,
    ),
    LadderRule(
        "unknown-language",
        "warning",
        "`language` begins with a code of ISO 639. Needs the extra `[languages]`; without it, this is not checked.",
        unknown_language,
    ),
    LadderRule(
        "duplicate-output",
        "warning",
        "No two qualities agree in type, container, resolution, codecs, tracks and language.",
        in_ladder=duplicate_output,
    ),
    LadderRule(
        "silent-video",
        "warning",
        "Pictures without sound play with the quality of their type that is sound alone. Without one they are silent.",
        in_ladder=silent_video,
    ),
)
