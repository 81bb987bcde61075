"""Builds qualities that break no rule."""

from __future__ import annotations

from typing import Any

from aioz_stream import arguments
from aioz_stream.encoding.checker import judge, without_errors
from aioz_stream.encoding.resolutions import by_height, highest_bitrates
from aioz_stream.encoding.rules import RECOMMENDED_AUDIO_BITRATES
from aioz_stream.errors import EncodingError
from aioz_stream_api.models import Quality

_STANDARD_AUDIO_BITRATE = RECOMMENDED_AUDIO_BITRATES[0]


def hls(
    resolution: str,
    *,
    codec: str = "h264",
    container: str | None = None,
    bitrate: int | None = None,
    audio_bitrate: int | None = _STANDARD_AUDIO_BITRATE,
    channels: str = "2",
    sample_rate: int | None = None,
    language: str | None = None,
    video_track: int = 0,
    audio_track: int = 0,
) -> Quality:
    """An HLS quality: a picture of this resolution with stereo sound.

    Bitrates are in bits per second. The picture's is three quarters of the resolution's maximum unless given (144p has
    none, so the service chooses). `audio_bitrate=None` makes a picture without sound. h265 goes into mp4, since Apple's
    players take it from nothing else; h264 into mpegts. Raises EncodingError.
    """
    video = _video(resolution, codec, bitrate, video_track)
    sound = _audio(audio_bitrate, channels, sample_rate, language, audio_track)
    usual = "mp4" if codec == "h265" else _usual_container("hls")
    return _quality("hls", container or usual, resolution, video, sound)


def dash(
    resolution: str,
    *,
    codec: str = "h264",
    bitrate: int | None = None,
    audio_bitrate: int | None = _STANDARD_AUDIO_BITRATE,
    channels: str = "2",
    sample_rate: int | None = None,
    language: str | None = None,
    video_track: int = 0,
    audio_track: int = 0,
) -> Quality:
    """A DASH quality. For everything else see `hls`."""
    video = _video(resolution, codec, bitrate, video_track)
    sound = _audio(audio_bitrate, channels, sample_rate, language, audio_track)
    return _quality("dash", _usual_container("dash"), resolution, video, sound)


def audio(
    type: str,  # noqa: A002 - what the API calls it
    *,
    bitrate: int = _STANDARD_AUDIO_BITRATE,
    label: str = "audio",
    channels: str = "2",
    sample_rate: int | None = None,
    language: str | None = None,
    container: str | None = None,
    track: int = 0,
) -> Quality:
    """A quality that is sound alone; pictures of the same type that have none play with it. Raises EncodingError."""
    sound = _audio(bitrate, channels, sample_rate, language, track)
    return _quality(type, container or _usual_container(type), label, None, sound)


def ladder(
    *,
    source_height: int,
    type: str = "hls",  # noqa: A002 - what the API calls it
    codec: str = "h264",
    language: str | None = None,
) -> list[Quality]:
    """A whole ladder for a source whose shorter side has so many pixels: every resolution from 240p up to it.

    HLS qualities carry their sound; DASH ones are pictures alone, with one quality of sound beside them. A source lower
    than 240 gets 144p. Raises EncodingError for one that is lower still: the service would have nothing to make.

    The reference has 144p and 4320p in one list of resolutions and not in another. They are used, with a LadderWarning;
    `strict` refuses them, so for a source of 4320 lines leave the last quality out where you are strict.
    """
    arguments.integer("source_height", source_height, smallest=1)
    heights = by_height()
    fitting = [name for name in heights if heights[name] <= source_height]
    if not fitting:
        lowest = min(heights.values())
        raise EncodingError(
            f"source_height is {source_height}; the lowest resolution has {lowest} pixels.", argument="source_height"
        )
    highest = highest_bitrates() or heights
    names = [name for name in fitting if name in highest] or fitting[:1]
    if type == "hls":
        return [hls(name, codec=codec, language=language) for name in names]
    container = _usual_container(type)
    pictures = [_quality(type, container, name, _video(name, codec, None, 0), None) for name in names]
    return [*pictures, audio(type, language=language)]


def _usual_container(kind: str) -> str:
    """Unless another is asked for. Of an unknown type, any: one finding about the type is enough."""
    return "mpegts" if arguments.text("type", kind) == "hls" else "fmp4"


def _video(resolution: str, codec: str, bitrate: int | None, track: int) -> dict[str, Any]:
    highest = highest_bitrates().get(arguments.text("resolution", resolution))
    if bitrate is None and highest is not None:
        bitrate = highest * 3 // 4
    return _given(codec=codec, bitrate=bitrate, index=track)


def _audio(
    bitrate: int | None, channels: str, sample_rate: int | None, language: str | None, track: int
) -> dict[str, Any] | None:
    if bitrate is None:
        return None
    fields = {"codec": "aac", "bitrate": bitrate, "channels": channels, "index": track}
    return _given(**fields, sample_rate=sample_rate, language=language)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _quality(
    kind: str, container: str, resolution: str, video: dict[str, Any] | None, sound: dict[str, Any] | None
) -> Quality:
    fields = _given(type=kind, container_type=container, resolution=resolution, video_config=video, audio_config=sound)
    given, _, findings = judge([fields], None)
    # What a single quality would be warned about is said when the whole ladder is used.
    without_errors(findings)
    return arguments.fill(Quality.from_dict, given[0])
