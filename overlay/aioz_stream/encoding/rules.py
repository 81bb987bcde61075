"""The rules about ladders that no schema can say: across qualities, about the source, and what is allowed but doubtful.

What the service refuses is in the contract, and `contract_rules` reports it (reference, "Advanced Custom Encoding
Configuration"). A rule here gets plain JSON, which may be wrong in any way, and stays silent about what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from attrs import frozen

from aioz_stream.arguments import shown
from aioz_stream.arguments.json_values import Originals
from aioz_stream.encoding import languages, resolutions
from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.errors import Severity

RECOMMENDED_AUDIO_BITRATES = (128_000, 256_000)
"""Bits per second of stereo sound, from standard to high quality."""

UNLISTED = "4320p"
"""The resolution that the guide's tables have, and the reference's list of names for create has not."""


Json = Mapping[str, Any]
Said = tuple[str, str, str | int | None]
"""Where, as a JSON Pointer into the body of create; what is wrong; and what to write instead."""


class Quality:
    """One object of the list, as it was given."""

    def __init__(self, place: int, fields: Json) -> None:
        self.pointer: str = f"/qualities/{place}"
        self.fields = fields
        self.type: Any = fields.get("type")
        self.resolution: Any = fields.get("resolution")
        self.video: Json | None = _object(fields.get("video_config"))
        self.audio: Json | None = _object(fields.get("audio_config"))
        self.is_sound_alone: bool = "audio_config" in fields and "video_config" not in fields

    @property
    def height(self) -> int | None:
        """Of the picture, in pixels; None without a picture, or where its name says none."""
        return None if self.is_sound_alone else resolutions.height(self.resolution)

    def is_above(self, source: MediaInfo | None) -> bool:
        """Whether the service leaves this quality out for this source."""
        known = source.height if source else None
        return known is not None and (self.height or 0) > known


def _object(value: object) -> Json | None:
    return cast("Json", value) if isinstance(value, dict) else None


def _track(config: Json) -> Any:
    """Which one is meant; 3.0 is 3."""
    index = config.get("index", 0)
    return int(index) if isinstance(index, float) and index.is_integer() else index


@frozen
class Ladder:
    """All qualities that are objects, what JSON can't carry of them, and what is known of the file."""

    qualities: Sequence[Quality]
    originals: Originals
    source: MediaInfo | None


# --- errors -------------------------------------------------------------------------------------------------------


def unsendable_text(ladder: Ladder) -> Iterator[Said]:
    for path, value in ladder.originals.items():
        if isinstance(value, str) and path[1:] == ("resolution",):
            pointer = f"/qualities/{path[0]}/resolution"
            yield pointer, "The label has a lone surrogate, which no JSON text can carry.", None


def nothing_left(ladder: Ladder) -> Iterator[Said]:
    if ladder.qualities and all(quality.is_above(ladder.source) for quality in ladder.qualities):
        yield "/qualities", "Every quality is higher than the source, so the service would leave all of them out.", None


def no_such_track(ladder: Ladder) -> Iterator[Said]:
    if ladder.source is None:
        return
    counts = {"video": ladder.source.video_tracks, "audio": ladder.source.audio_tracks}
    for quality in ladder.qualities:
        for name, config in (("video", quality.video), ("audio", quality.audio)):
            tracks = counts[name]
            if config is None or tracks is None:
                continue
            index = _track(config)
            if type(index) is int and index >= tracks:
                pointer = f"{quality.pointer}/{name}_config" + ("/index" if "index" in config else "")
                has = f"The source has {tracks or 'no'} {name} track{'' if tracks == 1 else 's'}"
                yield pointer, f"{has}; index {shown(index)} is none.", 0 if tracks else None


# --- warnings -----------------------------------------------------------------------------------------------------


def above_source(ladder: Ladder) -> Iterator[Said]:
    above = [quality.pointer for quality in ladder.qualities if quality.is_above(ladder.source)]
    for pointer in above if len(above) < len(ladder.qualities) else ():
        known = ladder.source and ladder.source.height
        said = f"The source's shorter side is {known} pixels; the service leaves this quality out."
        yield f"{pointer}/resolution", said, None


def service_chooses(ladder: Ladder) -> Iterator[Said]:
    for quality in ladder.qualities:
        if not quality.fields.keys() & {"resolution", "video_config", "audio_config"}:
            said = "Neither a resolution nor a config: the service chooses everything about this quality."
            yield quality.pointer, said, None


def no_documented_maximum(ladder: Ladder) -> Iterator[Said]:
    highest = resolutions.highest_bitrates()
    for quality in ladder.qualities if highest else ():
        name = None if quality.is_sound_alone else quality.resolution
        if isinstance(name, str) and name not in highest and name in resolutions.by_height():
            said = f"The encoding guide has no row for {name}, so no bitrate is known to be allowed."
            yield f"{quality.pointer}/resolution", said, None


def unlisted_resolution(ladder: Ladder) -> Iterator[Said]:
    for quality in ladder.qualities:
        if quality.resolution == UNLISTED and not quality.is_sound_alone:
            said = f"{UNLISTED} is in the encoding guide but not in the API reference, so the service may refuse it."
            yield f"{quality.pointer}/resolution", said, None


def h265_in_mpegts(ladder: Ladder) -> Iterator[Said]:
    for quality in ladder.qualities:
        is_h265 = quality.video is not None and quality.video.get("codec") == "h265"
        if is_h265 and quality.type == "hls" and quality.fields.get("container_type") == "mpegts":
            said = "Apple's players take h265 only from mp4; in mpegts it does not play there."
            yield f"{quality.pointer}/container_type", said, "mp4"


def unusual_audio_bitrate(ladder: Ladder) -> Iterator[Said]:
    low, high = RECOMMENDED_AUDIO_BITRATES
    for quality in ladder.qualities:
        audio = quality.audio or {}
        value = audio.get("bitrate")
        # What is no number, the contract refuses, and then this warning is not said.
        if isinstance(value, int | float) and not low <= value <= high and audio.get("channels", "2") == "2":
            said = f"{shown(value)} bits per second is outside the {low:,} to {high:,} that are recommended for stereo."
            yield f"{quality.pointer}/audio_config/bitrate", said, low if value < low else high


def unknown_language(ladder: Ladder) -> Iterator[Said]:
    for quality in ladder.qualities:
        value = quality.audio.get("language") if quality.audio else None
        code, *subtags = value.split("-") if isinstance(value, str) else [""]
        if code and (meant := languages.meant(code.lower())) != code.lower():
            suggestion = "-".join((meant, *subtags)) if meant else None
            yield f"{quality.pointer}/audio_config/language", f"ISO 639 has no language {code!r}.", suggestion


def duplicate_output(ladder: Ladder) -> Iterator[Said]:
    seen: dict[str, str] = {}
    for quality in ladder.qualities:
        video, audio = quality.video, quality.audio
        pictures = video and (video.get("codec"), _track(video))
        sound = audio and (audio.get("codec"), _track(audio), audio.get("language"))
        # Compared as they are written, since what is wrong elsewhere need not be comparable.
        key = repr((quality.type, quality.fields.get("container_type"), quality.resolution, pictures, sound))
        first = seen.setdefault(key, quality.pointer)
        if first != quality.pointer:
            yield quality.pointer, f"This writes the same output as {first}.", None


def silent_video(ladder: Ladder) -> Iterator[Said]:
    kinds_with_sound = [quality.type for quality in ladder.qualities if quality.is_sound_alone]
    for quality in ladder.qualities:
        is_silent = "video_config" in quality.fields and "audio_config" not in quality.fields
        if is_silent and isinstance(quality.type, str) and quality.type not in kinds_with_sound:
            said = (
                f"It has no sound, and no {quality.type} quality is sound alone, so it plays silent. "
                "Add audio_config here, or one quality with only that."
            )
            yield quality.pointer, said, None


@frozen
class LadderRule:
    look: Callable[[Ladder], Iterator[Said]]
    says: str
    severity: Severity = "warning"

    @property
    def code(self) -> str:
        return self.look.__name__.replace("_", "-")


RULES = (
    LadderRule(unsendable_text, "A label is text that JSON can carry.", "error"),
    LadderRule(
        nothing_left, "At least one quality is not higher than the source: the service leaves higher ones out.", "error"
    ),
    LadderRule(no_such_track, "`index` names a track that the source has.", "error"),
    LadderRule(
        above_source,
        "A quality that is higher than the source is left out by the service. Heights compare by the shorter side.",
    ),
    LadderRule(service_chooses, "With neither a resolution nor a config, the service chooses everything."),
    LadderRule(
        no_documented_maximum,
        "The resolution has a row in the encoding guide. `144p` has none, so no maximum bitrate is known.",
    ),
    LadderRule(
        unlisted_resolution,
        f"`{UNLISTED}` is in the encoding guide but not in the API reference, so the service may refuse it.",
    ),
    LadderRule(h265_in_mpegts, "Apple's players take `h265` only from `mp4`."),
    LadderRule(
        unusual_audio_bitrate,
        "For stereo, 128,000 to 192,000 bits per second are standard and up to 256,000 high quality.",
    ),
    LadderRule(
        unknown_language,
        "`language` begins with a code of ISO 639. Needs the extra `[languages]`; without it, this is not checked.",
    ),
    LadderRule(duplicate_output, "No two qualities agree in type, container, resolution, codecs, tracks and language."),
    LadderRule(
        silent_video,
        "Pictures without sound play with the quality of their type that is sound alone. Without one they are silent.",
    ),
)
