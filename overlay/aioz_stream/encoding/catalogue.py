"""All rules, each with its code, an example that breaks it alone, and the example mended.

`docs/encoding.md` is made from this, and the tests hold every example to its rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from aioz_stream.encoding import rules
from aioz_stream.encoding.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioz_stream.encoding.findings import Severity


@frozen
class Rule:
    """One rule, and where to look for breaches of it: in the list as it was given, in each quality, in all of them."""

    code: str
    severity: Severity
    says: str
    breaks: Any
    """Qualities that break this rule and no other."""
    mended: Any
    in_list: Callable[[object, rules.Report], None] | None = field(default=None, repr=False)
    in_quality: Callable[[rules.Quality, rules.Report], None] | None = field(default=None, repr=False)
    in_ladder: Callable[[rules.Ladder, rules.Report], None] | None = field(default=None, repr=False)
    source: Source | None = None
    """What must be known of the file for the example to break the rule."""
    in_contract: bool = False
    """Whether the contract says it too."""


def _hls(**changes: Any) -> dict[str, Any]:
    quality: dict[str, Any] = {
        "resolution": "720p",
        "type": "hls",
        "container_type": "mpegts",
        "video_config": {"codec": "h264", "bitrate": 3_000_000},
        "audio_config": {"codec": "aac", "bitrate": 128_000},
    }
    quality |= changes
    return {name: value for name, value in quality.items() if value is not ...}


def _picture(**changes: Any) -> list[dict[str, Any]]:
    return [_hls(video_config={"codec": "h264", **changes})]


def _sound(**changes: Any) -> list[dict[str, Any]]:
    return [_hls(resolution="audio", video_config=..., audio_config={"codec": "aac", **changes})]


def _error(code: str, says: str, breaks: Any, mended: Any, **where: Any) -> Rule:
    return Rule(code, "error", says, breaks, mended, in_contract=True, **where)


def _warning(code: str, says: str, breaks: Any, mended: Any, **where: Any) -> Rule:
    return Rule(code, "warning", says, breaks, mended, **where)


RULES = (
    _error("not-a-list", "Qualities are a list.", {"720p": _hls()}, [_hls()], in_list=rules.not_a_list),
    _error("empty-list", "The list has at least one quality.", [], [_hls()], in_list=rules.empty_list),
    _error(
        "not-an-object",
        "Each quality is an object, and so are its two configs. `null` is none: leave the config out.",
        [_hls(audio_config=None)],
        [_hls()],
        in_list=rules.not_objects,
        in_quality=rules.not_an_object,
    ),
    _error(
        "missing-field",
        "A quality has `type` and `container_type`; each config has `codec`.",
        [_hls(container_type=...)],
        [_hls()],
        in_quality=rules.missing_field,
    ),
    _error(
        "unknown-field",
        "There are no other fields than the described ones.",
        [_hls() | {"bitrate": 3_000_000}],
        [_hls()],
        in_quality=rules.unknown_field,
    ),
    _error(
        "wrong-type",
        "`bitrate`, `index` and `sample_rate` are integers, everything else in an object is a string.",
        _sound(channels=2),
        _sound(channels="2"),
        in_quality=rules.wrong_type,
    ),
    Rule(
        "unsendable-text",
        "error",
        "A label is text that JSON can carry.",
        [_hls(resolution="\ud800", video_config=...)],
        _sound(),
        in_quality=rules.unsendable_text,
    ),
    _error(
        "unknown-type",
        "`type` is `hls` or `dash`.",
        [_hls(type="cmaf")],
        [_hls()],
        in_quality=rules.unknown_type,
    ),
    _error(
        "unknown-container",
        "`container_type` is `mpegts`, `mp4` or `fmp4`.",
        [_hls(container_type="ts")],
        [_hls()],
        in_quality=rules.unknown_container,
    ),
    _error(
        "container-mismatch",
        "HLS comes in `mpegts` or `mp4`, DASH in `fmp4`.",
        [_hls(type="dash")],
        [_hls(type="dash", container_type="fmp4")],
        in_quality=rules.container_mismatch,
    ),
    _error(
        "missing-resolution",
        "With `video_config` there is a `resolution`.",
        [_hls(resolution=...)],
        [_hls()],
        in_quality=rules.missing_resolution,
    ),
    _error(
        "unknown-resolution",
        "`resolution` is `144p`, `240p`, `360p`, `480p`, `720p`, `1080p`, `1440p`, `2160p` or `4320p`. Only a quality "
        "with `audio_config` alone may carry any other label.",
        [_hls(resolution="HD")],
        [_hls()],
        in_quality=rules.unknown_resolution,
    ),
    _error(
        "empty-label",
        "A label is not empty.",
        [_hls(resolution="", video_config=...)],
        _sound(),
        in_quality=rules.empty_label,
    ),
    _error(
        "unknown-codec",
        "Pictures are encoded with `h264` or `h265`, sound with `aac`.",
        _picture(codec="hevc"),
        [_hls(container_type="mp4", video_config={"codec": "h265"})],
        in_quality=rules.unknown_codec,
    ),
    _error(
        "bitrate-not-positive",
        "A bitrate is at least 1 bit per second.",
        _picture(bitrate=0),
        _picture(bitrate=3_000_000),
        in_quality=rules.bitrate_not_positive,
    ),
    _error(
        "bitrate-too-high",
        "A picture's bitrate is at most, in bits per second: 240p 700,000, 360p 1,200,000, 480p 2,000,000, "
        "720p 4,000,000, 1080p 6,000,000, 1440p 12,000,000, 2160p 30,000,000, 4320p 60,000,000.",
        _picture(bitrate=4_000_001),
        _picture(bitrate=4_000_000),
        in_quality=rules.bitrate_too_high,
    ),
    _error(
        "negative-index",
        "Tracks are counted from 0.",
        _picture(index=-1),
        _picture(index=0),
        in_quality=rules.negative_index,
    ),
    _error(
        "unknown-sample-rate",
        "`sample_rate` is 8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200 or 96000.",
        _sound(sample_rate=44_000),
        _sound(sample_rate=44_100),
        in_quality=rules.unknown_sample_rate,
    ),
    _error(
        "unknown-channels",
        '`channels` is `"1"` (mono) or `"2"` (stereo).',
        _sound(channels="stereo"),
        _sound(channels="2"),
        in_quality=rules.unknown_channels,
    ),
    _error(
        "malformed-language",
        "`language` is a code of two to eight letters, with subtags behind hyphens if need be.",
        _sound(language="pt_BR"),
        _sound(language="pt-BR"),
        in_quality=rules.malformed_language,
    ),
    Rule(
        "nothing-left",
        "error",
        "At least one quality is not higher than the source: the service leaves higher ones out.",
        [_hls()],
        [_hls(resolution="480p", video_config={"codec": "h264", "bitrate": 1_500_000})],
        in_ladder=rules.nothing_left,
        source=Source(height=480),
    ),
    Rule(
        "no-such-track",
        "error",
        "`index` names a track that the source has.",
        _picture(index=1),
        _picture(index=0),
        in_ladder=rules.no_such_track,
        source=Source(video_tracks=1, audio_tracks=1),
    ),
    _warning(
        "above-source",
        "A quality that is higher than the source is left out by the service. Heights compare by the shorter side.",
        [_hls(resolution="240p", video_config={"codec": "h264"}), _hls()],
        [_hls(resolution="240p", video_config={"codec": "h264"})],
        in_ladder=rules.above_source,
        source=Source(height=480),
    ),
    _warning(
        "service-chooses",
        "With neither a resolution nor a config, the service chooses everything.",
        [_hls(resolution=..., video_config=..., audio_config=...)],
        [_hls(video_config=..., audio_config=...)],
        in_quality=rules.service_chooses,
    ),
    _warning(
        "no-documented-maximum",
        "`144p` has no row in the encoding guide, so no maximum bitrate is known.",
        [_hls(resolution="144p", video_config={"codec": "h264"})],
        [_hls(resolution="240p", video_config={"codec": "h264"})],
        in_quality=rules.no_documented_maximum,
    ),
    _warning(
        "h265-in-mpegts",
        "Apple's players take `h265` only from `mp4`.",
        _picture(codec="h265"),
        [_hls(container_type="mp4", video_config={"codec": "h265"})],
        in_quality=rules.h265_in_mpegts,
    ),
    _warning(
        "unusual-audio-bitrate",
        "For stereo, 128,000 to 192,000 bits per second are standard and up to 256,000 high quality.",
        _sound(bitrate=64_000),
        _sound(bitrate=128_000),
        in_quality=rules.unusual_audio_bitrate,
    ),
    _warning(
        "unknown-language",
        "`language` begins with a code of ISO 639. Needs the extra `[languages]`; without it, this is not checked.",
        _sound(language="jp"),
        _sound(language="ja"),
        in_quality=rules.unknown_language,
    ),
    _warning(
        "duplicate-output",
        "No two qualities agree in type, container, resolution, codecs, tracks and language.",
        [_hls(), _hls(video_config={"codec": "h264", "bitrate": 2_000_000})],
        [_hls(), _hls(resolution="480p", video_config={"codec": "h264", "bitrate": 2_000_000})],
        in_ladder=rules.duplicate_output,
    ),
    _warning(
        "silent-video",
        "Pictures without sound play with the quality of their type that is sound alone. Without one they are silent.",
        [_hls(audio_config=...)],
        [_hls(audio_config=...), *_sound()],
        in_ladder=rules.silent_video,
    ),
)
