"""Each rule by itself: what it accepts, what it rejects, and where the border is."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from conformance.mock_tests.boundary_values import MAXIMA, NAMES, RATES
from ladder_examples import EXAMPLES, Example

from aioz_stream import ArgumentTypeError, EncodingError
from aioz_stream.encoding import Finding, Source, check
from aioz_stream.encoding.rules import RULES

Quality = dict[str, Any]
LADDER = list[Quality]

VIDEO: Quality = {"resolution": "720p", "type": "hls", "container_type": "mp4", "video_config": {"codec": "h264"}}
SOUND: Quality = {"resolution": "audio", "type": "hls", "container_type": "mp4", "audio_config": {"codec": "aac"}}
BOTH: Quality = {**VIDEO, "audio_config": {"codec": "aac"}}


def put(quality: Quality, **changes: Any) -> LADDER:
    """The quality with fields changed; `video_bitrate` reaches into a config, `...` takes a field away."""
    changed = deepcopy(quality)
    for name, value in changes.items():
        place, _, inner = name.partition("__")
        holder, key = (changed[place], inner) if inner else (changed, name)
        holder[key] = value
        if value is ...:
            del holder[key]
    return [changed]


def both(name: str, *values: Any) -> list[LADDER]:
    return [put(BOTH, **{name: value}) for value in values]


def sound(name: str, *values: Any) -> list[LADDER]:
    return [put(SOUND, **{f"audio_config__{name}": value}) for value in values]


def picture(name: str, *values: Any) -> list[LADDER]:
    return [put(BOTH, **{f"video_config__{name}": value}) for value in values]


AT_MOST = [(name, put(BOTH, resolution=name)[0], most) for name, most in MAXIMA.items()]
KNOWN = Source(height=480, video_tracks=1, audio_tracks=2)

# Per rule: ladders that it accepts, ladders that it rejects. Borders stand on both sides: the last value that is
# accepted, and the first that is rejected.
CASES: dict[str, tuple[list[Any], list[Any]]] = {
    "not-a-list": ([[BOTH], (BOTH,)], [BOTH, "720p", 5, True]),
    "empty-list": ([[BOTH]], [[], ()]),
    "not-an-object": ([[BOTH]], [["720p"], [None], [BOTH, 5], *both("video_config", None, [], "h264", 5)]),
    "missing-field": (
        [[BOTH], put(SOUND, resolution=...)],
        [*both("type", ...), *both("container_type", ...), *picture("codec", ...), *sound("codec", ...)],
    ),
    "unknown-field": (
        [[BOTH]],
        [*both("Type", "hls"), *both("bitrate", 1), *picture("channels", "2"), *sound("crf", 1), *both("", 1)],
    ),
    "wrong-type": (
        [*picture("bitrate", 1, 3_000_000.0), *sound("index", 0, 0.0), *sound("sample_rate", 44_100.0)],
        [
            *both("type", None, 5, ["hls"]),
            *both("container_type", True),
            *both("resolution", 720, None),
            *picture("bitrate", True, False, "3000000", 0.5, 1.5, None, [1]),
            *picture("index", True, "0", 0.5, None),
            *picture("codec", None),
            *sound("bitrate", None, "1"),
            *sound("index", None),
            *sound("channels", None),
            *sound("sample_rate", None),
            *sound("language", None),
            put(SOUND, resolution=None),
            *sound("channels", 2),
            *sound("codec", None),
            *sound("language", 5),
            *sound("sample_rate", "44100"),
        ],
    ),
    "unsendable-text": ([put(SOUND, resolution="ü😀")], [put(SOUND, resolution="\ud800")]),
    "unknown-type": (
        [[BOTH], put(BOTH, type="dash", container_type="fmp4")],
        [*both("type", "HLS", "", "cmaf", "hls ")],
    ),
    "unknown-container": (
        [*both("container_type", "mpegts", "mp4")],
        [*both("container_type", "MP4", "", "ts", "webm")],
    ),
    "container-mismatch": (
        [*both("container_type", "mpegts", "mp4"), put(BOTH, type="dash", container_type="fmp4")],
        [
            *both("container_type", "fmp4"),
            *(put(BOTH, type="dash", container_type=one) for one in ("mpegts", "mp4")),
        ],
    ),
    "missing-resolution": (
        [[BOTH], put(SOUND, resolution=...)],
        [put(BOTH, resolution=...), put(VIDEO, resolution=...)],
    ),
    "unknown-resolution": (
        [*both("resolution", *NAMES), put(SOUND, resolution="any label"), put(SOUND, resolution="721p")],
        [
            *both("resolution", "721p", "720", "720P", "720p ", "audio", ""),
            put(VIDEO, resolution="audio"),
            put(VIDEO, resolution="audio", video_config=...),
        ],
    ),
    "empty-label": ([put(SOUND, resolution=" "), put(SOUND, resolution=...)], [put(SOUND, resolution="")]),
    "unknown-codec": (
        [*picture("codec", "h264", "h265"), *sound("codec", "aac")],
        [*picture("codec", "H264", "hevc", "", "aac"), *sound("codec", "AAC", "mp3", "", "h264")],
    ),
    "bitrate-not-positive": (
        [*picture("bitrate", 1), *sound("bitrate", 128_000)],
        [*picture("bitrate", 0, -1, -0.0), *sound("bitrate", 0, -(10**9))],
    ),
    "bitrate-too-high": (
        [
            *(put(quality, video_config__bitrate=most) for _, quality, most in AT_MOST),
            *(put(quality, video_config__bitrate=float(most)) for _, quality, most in AT_MOST),
            put(BOTH, resolution="144p", video_config__bitrate=10**12),
            put(SOUND, resolution="240p", audio_config__bitrate=700_001),
        ],
        [
            *(put(quality, video_config__bitrate=most + 1) for _, quality, most in AT_MOST),
            *picture("bitrate", 10**30),
        ],
    ),
    "negative-index": (
        [*picture("index", 0, 1, 10**6), *sound("index", 0, 7)],
        [*picture("index", -1), *sound("index", -1, -100)],
    ),
    "unknown-sample-rate": (
        sound("sample_rate", *RATES),
        sound("sample_rate", *(rate + step for rate in RATES for step in (-1, 1)), 0, -44_100, 24_000),
    ),
    "unknown-channels": (sound("channels", "1", "2"), sound("channels", "0", "3", "", "5.1", "1 ", "stereo", "mono")),
    "malformed-language": (
        sound("language", "en", "fil", "EN", "pt-BR", "zh-Hant-TW", "abcdefgh", "en-" + "1" * 8),
        sound(
            "language", "e", "", "pt_BR", "en-", "-en", "en\n", "en ", "e1", "é", "en-٣", "abcdefghi", "en-" + "1" * 9
        ),
    ),
    "nothing-left": (
        [put(BOTH, resolution="480p"), [SOUND], [BOTH, SOUND], put(BOTH, resolution="240p")],
        [[BOTH], [BOTH, put(BOTH, resolution="1080p")[0]], put(BOTH, video_config=..., audio_config=...)],
    ),
    "no-such-track": (
        [*(put(BOTH, resolution="480p", audio_config__index=index) for index in (0, 1)), put(VIDEO, resolution="240p")],
        [
            put(BOTH, resolution="480p", video_config__index=1),
            put(SOUND, audio_config__index=2),
            put(SOUND, audio_config__index=3.0),
        ],
    ),
    "above-source": (
        [put(BOTH, resolution="480p"), [SOUND]],
        [[put(BOTH, resolution="480p")[0], BOTH], [SOUND, BOTH]],
    ),
    "service-chooses": (
        [put(BOTH, video_config=..., audio_config=...), put(SOUND, resolution=...)],
        [put(BOTH, resolution=..., video_config=..., audio_config=...)],
    ),
    "no-documented-maximum": ([*both("resolution", "240p"), put(SOUND, resolution="144p")], both("resolution", "144p")),
    "unlisted-resolution": (
        [*both("resolution", "2160p"), put(SOUND, resolution="4320p")],
        both("resolution", "4320p"),
    ),
    "h265-in-mpegts": (
        [put(BOTH, video_config__codec="h265"), put(BOTH, container_type="mpegts")],
        [put(BOTH, video_config__codec="h265", container_type="mpegts")],
    ),
    "unusual-audio-bitrate": (
        [*sound("bitrate", 128_000, 192_000, 256_000), put(SOUND, audio_config__bitrate=1, audio_config__channels="1")],
        [
            *sound("bitrate", 127_999, 256_001, 1),
            put(SOUND, audio_config__bitrate=64_000, audio_config__channels="2"),
        ],
    ),
    "unknown-language": (
        sound("language", "en", "EN", "ja", "deu", "pt-BR", "fil"),
        sound("language", "jp", "xx", "JP", "cn-Hans", "english"),
    ),
    "duplicate-output": (
        [
            [BOTH, *put(BOTH, resolution="480p")],
            [BOTH, *put(BOTH, container_type="mpegts")],
            [BOTH, *put(BOTH, video_config__codec="h265")],
            [BOTH, *put(BOTH, video_config__index=1)],
            [BOTH, *put(BOTH, audio_config__index=1)],
            [BOTH, *put(BOTH, audio_config__language="en")],
            [BOTH, SOUND],
        ],
        [
            [BOTH, BOTH],
            [BOTH, *put(BOTH, video_config__bitrate=1, audio_config__channels="1")],
            [BOTH, *put(BOTH, video_config__index=0, audio_config__index=0.0)],
            [SOUND, BOTH, SOUND],
        ],
    ),
    "silent-video": (
        [[BOTH], [VIDEO, SOUND], [SOUND, VIDEO, VIDEO | {"resolution": "240p"}]],
        [[VIDEO], [VIDEO, BOTH | {"resolution": "240p"}], [VIDEO, SOUND | {"type": "dash", "container_type": "fmp4"}]],
    ),
}

OF_SOURCE = {"nothing-left", "no-such-track", "above-source"}
SEVERITIES = {rule.code: rule.severity for rule in RULES}


def codes(qualities: Any, code: str, **options: Any) -> set[str]:
    source = KNOWN if code in OF_SOURCE else None
    return {finding.code for finding in check(qualities, source=source, **options)}


def test_every_rule_is_tested() -> None:
    assert set(CASES) == set(EXAMPLES)
    assert set(SEVERITIES) < set(EXAMPLES)
    assert all(accepted and rejected for accepted, rejected in CASES.values())


@pytest.mark.parametrize("code", CASES)
def test_accepted(code: str) -> None:
    for qualities in CASES[code][0]:
        assert code not in codes(qualities, code), qualities


@pytest.mark.parametrize("code", CASES)
def test_rejected(code: str) -> None:
    for qualities in CASES[code][1]:
        found = [one for one in check(qualities, source=KNOWN if code in OF_SOURCE else None) if one.code == code]
        assert found, qualities
        assert {one.severity for one in found} == {SEVERITIES.get(code, "error")}
        assert all(one.pointer.startswith("/qualities") and one.message for one in found)


@pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_examples_break_their_rule_alone(code: str, example: Example) -> None:
    assert {finding.code for finding in check(example.breaks, source=example.source)} == {code}
    assert check(example.mended, source=example.source) == []


@pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_strict_makes_errors_of_warnings(code: str, example: Example) -> None:
    found = check(example.breaks, source=example.source, strict=True)
    assert {(finding.code, finding.severity) for finding in found} == {(code, "error")}


@pytest.mark.parametrize(
    ("qualities", "pointer", "suggestion"),
    [
        (put(BOTH, container_type="fmp4"), "/qualities/0/container_type", "mpegts"),
        (put(BOTH, container_type="fmp4", video_config__codec="h265"), "/qualities/0/container_type", "mp4"),
        (put(BOTH, type="dash"), "/qualities/0/container_type", "fmp4"),
        (put(BOTH, type="dash", container_type="webm"), "/qualities/0/container_type", "fmp4"),
        ([BOTH, *put(SOUND, audio_config__sample_rate=44_000)], "/qualities/1/audio_config/sample_rate", 44_100),
        (put(SOUND, audio_config__sample_rate=10**9), "/qualities/0/audio_config/sample_rate", 96_000),
        (put(BOTH, video_config__bitrate=5_000_000), "/qualities/0/video_config/bitrate", 4_000_000),
        (put(BOTH, video_config__bitrate="3000000"), "/qualities/0/video_config/bitrate", 3_000_000),
        (put(BOTH, resolution="1080"), "/qualities/0/resolution", "1080p"),
        (put(BOTH, resolution="1080 P"), "/qualities/0/resolution", "1080p"),
        (put(BOTH, video_config__codec="HEVC"), "/qualities/0/video_config/codec", "h265"),
        (put(BOTH, video_config__codec="H.264"), "/qualities/0/video_config/codec", "h264"),
        (put(SOUND, audio_config__codec="mp3"), "/qualities/0/audio_config/codec", "aac"),
        (put(SOUND, audio_config__channels=2), "/qualities/0/audio_config/channels", "2"),
        (put(SOUND, audio_config__channels="mono"), "/qualities/0/audio_config/channels", "1"),
        (put(SOUND, audio_config__language="jp"), "/qualities/0/audio_config/language", "ja"),
        (put(SOUND, audio_config__language="cn-Hans"), "/qualities/0/audio_config/language", "zh-Hans"),
        (put(SOUND, audio_config__language="pt_BR"), "/qualities/0/audio_config/language", "pt-BR"),
        (put(BOTH, video_config__index=-1), "/qualities/0/video_config/index", 0),
        (put(BOTH, container="mp4"), "/qualities/0", "container_type"),
        (put(BOTH, type="HLS"), "/qualities/0/type", "hls"),
        (put(BOTH, resolution=720), "/qualities/0/resolution", "720p"),
        (put(BOTH, resolution="576p"), "/qualities/0/resolution", "480p"),
        (put(BOTH, resolution="200p"), "/qualities/0/resolution", "240p"),
        (put(BOTH, resolution="4K"), "/qualities/0/resolution", "2160p"),
        (put(BOTH, resolution="Full HD"), "/qualities/0/resolution", "1080p"),
    ],
)
def test_suggestions(qualities: LADDER, pointer: str, suggestion: object) -> None:
    [found] = check(qualities)
    assert (found.pointer, found.suggestion) == (pointer, suggestion)
    assert f"Write {suggestion!r} instead." in str(found)


def test_no_suggestion_is_better_than_a_wrong_one() -> None:
    for qualities in (
        put(SOUND, audio_config__channels=6),
        put(BOTH, video_config__bitrate="0"),
        put(BOTH, resolution="best"),
    ):
        [found] = check(qualities)
        assert found.suggestion is None
    found_in_both = check(put(BOTH, type="HLS", container_type="fMP4"))
    assert [one.suggestion for one in found_in_both] == ["hls", "mp4"]


RECURSIVE: list[Any] = []
RECURSIVE.append(RECURSIVE)
TWICE_RECURSIVE: list[Any] = []
TWICE_RECURSIVE += [TWICE_RECURSIVE, TWICE_RECURSIVE]


def test_anything_may_be_checked() -> None:
    for junk in (
        10**5000,
        float("nan"),
        float("inf"),
        object(),
        {1: 2},
        {(1, 2): {}},
        b"",
        "\ud800",
        [[]],
        {"a": set()},
    ):
        in_fields = [put(BOTH, type=junk), put(BOTH, video_config=junk), put(BOTH, video_config__bitrate=junk)]
        for qualities in (junk, [junk], *in_fields):
            assert check(qualities), qualities
    for endless in (RECURSIVE, TWICE_RECURSIVE):
        with pytest.raises(EncodingError, match="contain themselves"):
            check(endless)
    with pytest.raises(ArgumentTypeError, match="source must be"):
        check([BOTH], source=5)  # type: ignore[arg-type]  # on purpose


def errors(qualities: Any) -> list[Finding]:
    return [finding for finding in check(qualities) if finding.severity == "error"]


def test_a_suggestion_that_is_followed_mends() -> None:
    for qualities in (*CASES["bitrate-too-high"][1], *CASES["unknown-sample-rate"][1], *CASES["container-mismatch"][1]):
        [found] = errors(qualities)
        mended: Any = {"qualities": deepcopy(qualities)}
        *path, last = found.pointer.removeprefix("/").split("/")
        place = mended
        for step in path:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[last] = found.suggestion
        assert errors(mended["qualities"]) == []


def test_all_findings_at_once() -> None:
    found = check(
        [
            {"type": "hls", "container_type": "fmp4", "video_config": {"codec": "vp9", "bitrate": -1}},
            "720p",
            {"type": "dash", "container_type": "fmp4", "audio_config": {"codec": "aac", "language": "jp", "x": 1}},
        ]
    )
    assert {(one.code, one.pointer) for one in found} == {
        ("not-an-object", "/qualities/1"),
        ("container-mismatch", "/qualities/0/container_type"),
        ("missing-resolution", "/qualities/0"),
        ("unknown-codec", "/qualities/0/video_config/codec"),
        ("bitrate-not-positive", "/qualities/0/video_config/bitrate"),
        ("unknown-field", "/qualities/2/audio_config"),
        ("unknown-language", "/qualities/2/audio_config/language"),
        ("silent-video", "/qualities/0"),
    }


def test_what_is_unknown_of_the_source_is_not_checked() -> None:
    qualities = put(BOTH, resolution="2160p", video_config__index=9)
    assert check(qualities) == check(qualities, source=Source()) == []


def test_a_value_that_is_refused_needs_no_warning_too() -> None:
    found = check([put(BOTH, resolution="721p")[0], put(BOTH, resolution="480p")[0]], source=KNOWN)
    assert [(one.code, one.pointer) for one in found] == [("unknown-resolution", "/qualities/0/resolution")]
