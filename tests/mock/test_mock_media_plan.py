"""What is read of a source, and what is decided from it: no ffmpeg needed."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import langcodes
import pytest

from aioz_stream_mock.contract import load_contract
from aioz_stream_mock.media.languages import tag, three_letters, with_language
from aioz_stream_mock.media.plan import default_bitrate, plan_ladder, rendition_arguments
from aioz_stream_mock.media.probe import AudioTrack, SourceFacts, VideoTrack, choose_rate, read_report
from aioz_stream_mock.media.signing import Signer, load_or_create_key, signature_query
from aioz_stream_mock.state.tariff import height_of, video_rate

if TYPE_CHECKING:
    from pathlib import Path

REPORT: dict[str, Any] = {
    "discontinuous": True,
    "duration": 3723.45,
    "video": [
        {"index": 3, "pictures": 600, "step": "1/30", "seconds": 20.0, "begin": 0.5, "start": "1/2",
         "width": 720, "height": 576, "aspect": "64/45", "rate": "30",
         "is_turned": False, "transfer": 16, "is_rgb": False},
        {"index": 1, "pictures": 1, "step": "", "seconds": 0.0, "begin": 0, "start": "", "width": 10, "height": 20,
         "aspect": "", "rate": "", "is_turned": True, "transfer": 2, "is_rgb": True},
        {"index": 5, "pictures": 9, "step": "1/25", "seconds": 0.36, "begin": 0, "start": ""},
    ],
    "audio": [{"index": 0, "sample_rate": 48000, "language": "eng", "begin": 0.25}],
}  # fmt: skip


def test_a_report_becomes_facts() -> None:
    facts = read_report(json.dumps(REPORT))
    first, still, unknown = facts.video
    assert (float(first.width), float(first.height)) == (1024, 576)
    assert (first.stream, float(first.rate), float(first.start), first.begin) == (3, 30, 0.5, 0.5)
    assert (first.transfer, first.is_still, first.is_rgb) == ("smpte2084", False, False)
    assert (first.seconds, still.seconds, float(still.width), float(still.height)) == (20, 0.1, 20, 10)
    assert (still.is_still, float(still.rate), still.is_rgb, still.transfer) == (True, 10, True, "")
    assert (unknown.has_decoder, float(unknown.shorter_side)) == (False, 0)
    assert facts.audio == (AudioTrack(48000, "en", 0, 0.25),)
    assert facts.duration == 3723.45
    steady = read_report(json.dumps({**REPORT, "discontinuous": False}))
    assert [*(one.begin for one in steady.video), *(one.begin for one in steady.audio)] == [0] * 4


def test_a_source_that_could_not_be_read_has_no_tracks() -> None:
    facts = read_report('{"problem": "Invalid data found"}')
    assert facts == SourceFacts(problem="the source can't be read as media: Invalid data found")


@pytest.mark.parametrize(
    ("declared", "step", "chosen"),
    [
        ("30", "1/30", "30"),
        ("30000/1001", "1001/30000", "30000/1001"),
        # A browser's recording: the clock's ticks for a rate, times to the millisecond.
        ("1000", "0.03337", "30000/1001"),
        ("1000", "0.0417", "24000/1001"),
        ("0", "0.0333", "30"),
        # Two fields to a picture.
        ("25", "1/50", "25"),
        ("240", "1/240", "120"),
        ("1/3600", "3600", "1/10"),
        ("7", "1/7", "7"),
        ("1000", "0.137", "999/137"),
        ("0", "0", "25"),
        ("12", "0", "12"),
    ],
)
def test_frame_rates(declared: str, step: str, chosen: str) -> None:
    rate = choose_rate(Fraction(declared), Fraction(step))
    assert rate == pytest.approx(Fraction(chosen), rel=0.002)


def test_anamorphic_sizes_are_exact() -> None:
    """480 lines of pixels that make 853⅓ of a picture's width: no rounding decides whether a quality fits."""
    report = {**REPORT, "audio": [], "video": [{**REPORT["video"][0], "width": 480, "height": 270, "aspect": "9/16"}]}
    facts = read_report(json.dumps(report))
    assert facts.video[0].shorter_side == 270
    upright = {**REPORT["video"][0], "width": 1440, "height": 2000, "aspect": "3/4"}
    facts = read_report(json.dumps({**report, "video": [upright]}))
    assert facts.video[0].shorter_side == 1080
    made = plan_ladder(facts, [quality("1080p", video_config={"codec": "h264"})], is_default=False)
    assert len(made) == 1


def test_pictures_keep_their_distance_to_the_sound() -> None:
    def start(late: str, rate: int) -> float:
        track = VideoTrack(Fraction(640), Fraction(360), rate=Fraction(rate), start=Fraction(late))
        (made,) = plan_ladder(SourceFacts(1.0, (track,)), [quality("360p", video_config={})], is_default=False)
        assert made.video is not None
        return made.video.start

    assert start("0.021", 25) == 0.021
    assert start("2.021", 25) == pytest.approx(0.021)
    assert start("-0.5", 25) == 0
    assert start("0.5", 1) == 0


def test_what_fills_comes_after_all_that_a_change_makes_anew() -> None:
    facts = SourceFacts(9.0, (VideoTrack(Fraction(640), Fraction(360)),), (AudioTrack(48000, "en", 1),))
    (made,) = plan_ladder(facts, [quality("360p", video_config={}, audio_config={})], is_default=False)
    said = rendition_arguments(made, "list")
    graphs = [said[place + 1] for place, word in enumerate(said) if word == "-filter_complex"]
    fills = ["start_time=0" in graph or "first_pts=0" in graph for graph in graphs]
    assert fills == [False, True, False, True]
    assert [graph.startswith("[0:") for graph in graphs] == [True, False, True, False]


@pytest.mark.parametrize(
    ("shown", "is_still", "length", "more"),
    [(0.1, True, 0.0, 0.9), (0.1, True, 5.0, 4.9), (0.4, False, 5.0, 0.6), (1.0, False, 5.0, 0.0), (9, False, 9, 0)],
)
def test_what_is_too_short_is_shown_longer(shown: float, is_still: bool, length: float, more: float) -> None:
    track = VideoTrack(Fraction(640), Fraction(360), is_still=is_still, seconds=shown)
    facts = SourceFacts(length, (track,), (AudioTrack(48000, "en", 1),) if length else ())
    (made,) = plan_ladder(facts, [quality("360p", video_config={})], is_default=False)
    assert made.video is not None
    assert made.video.more_seconds == pytest.approx(more)


def source(width: float, height: float, sounds: int = 1) -> SourceFacts:
    sound_tracks = tuple(AudioTrack(48000, "en", number + 1) for number in range(sounds))
    return SourceFacts(1.0, (VideoTrack(Fraction(width), Fraction(height)),), sound_tracks)


def quality(resolution: str, **configs: Any) -> dict[str, Any]:
    return {"resolution": resolution, "type": "hls", "container_type": "mpegts", **configs}


@pytest.mark.parametrize(
    ("size", "name", "expected"),
    [
        ((1920, 1080), "1080p", (1920, 1080)),
        ((1920, 1080), "480p", (854, 480)),
        ((1920, 1080), "240p", (426, 240)),
        ((1080, 1920), "720p", (720, 1280)),
        ((7680, 4320), "4320p", (7680, 4320)),
        ((1921, 1081), "1080p", (1920, 1080)),
        ((4096, 1716), "1440p", (3438, 1440)),
        ((1440, 1440), "144p", (144, 144)),
        ((16_000, 240), "240p", (16_000, 240)),
    ],
)
def test_videos_keep_their_shape_at_every_height(size: tuple[int, int], name: str, expected: tuple[int, int]) -> None:
    (made,) = plan_ladder(source(*size), [quality(name, video_config={"codec": "h264"})], is_default=False)
    assert made.video is not None
    assert (made.video.width, made.video.height) == expected


def test_a_source_one_line_short_leaves_a_quality_out() -> None:
    for height, fits in ((480, True), (479, False), (479.9, False)):
        made = plan_ladder(source(854, height), [quality("480p", video_config={"codec": "h264"})], is_default=False)
        assert bool(made) is fits


def test_settings_reach_ffmpeg() -> None:
    sound = {"codec": "aac", "bitrate": 192000, "channels": "1", "sample_rate": 32000, "language": "pt-BR", "index": 1}
    wanted = quality("360p", video_config={"codec": "h265", "bitrate": 900000, "index": 0}, audio_config=sound)
    (made,) = plan_ladder(source(640, 360, sounds=2), [wanted], is_default=False)
    said = " ".join(rendition_arguments(made, "list"))
    for words in (
        *("[0:0]setpts", "-c:v libx265", "-tag:v hvc1", "-b:v 900000", "-maxrate 900000", "-bufsize 1800000"),
        *("fps=25,", "[0:2]asetpts", "-b:a 192000", "aformat=fltp:32000:mono", "language=por"),
        *("-protocol_whitelist concatf,file", "-hls_segment_type mpegts"),
    ):
        assert words in said, words


def test_bitrates_stay_within_what_encoders_take() -> None:
    for bitrate, rate, channels, expected in (
        (1, 48000, "2", 8000),
        (2**62, 48000, "2", 576000),
        (256000, 8000, "1", 48000),
    ):
        config = {"codec": "aac", "bitrate": bitrate, "sample_rate": rate, "channels": channels}
        (made,) = plan_ladder(source(640, 360), [quality("x", audio_config=config)], is_default=False)
        assert made.audio is not None
        assert made.audio.bitrate == expected
    (made,) = plan_ladder(
        source(640, 360), [quality("360p", video_config={"codec": "h264", "bitrate": 1})], is_default=False
    )
    assert made.video is not None
    assert made.video.bitrate == 16000


def test_default_bitrates_are_below_the_guides_maxima() -> None:
    maxima = contract_bitrates()
    assert len(maxima) >= 8
    for height, most in maxima.items():
        assert most / 10 < default_bitrate(height) <= most


def contract_bitrates() -> dict[int, int]:
    """The maximum bitrate of each height, as the contract's conditions have it."""
    conditions = load_contract().document["components"]["schemas"]["Quality"]["allOf"]
    return {
        height_of(condition["if"]["properties"]["resolution"]["const"]): bitrate["maximum"]
        for condition in conditions
        if (bitrate := _bitrate(condition["then"]))
    }


def _bitrate(consequence: Any) -> dict[str, int]:
    video: Any = consequence.get("properties", {}).get("video_config", {})
    found: dict[str, int] = video.get("properties", {}).get("bitrate", {})
    return found


def test_a_name_without_a_height_fails() -> None:
    (made,) = plan_ladder(source(640, 360), [quality("huge", video_config={"codec": "h264"})], is_default=False)
    assert "height" in made.problem


def test_languages_as_containers_and_players_have_them() -> None:
    for two in ("en", "de", "ja", "zh", "fr", "pt", "vi", "ko", "ar", "sr"):
        assert three_letters(two) == langcodes.Language.get(two).to_alpha3()
        assert tag(three_letters(two)) == two
    assert three_letters("PT-br") == "por"
    assert three_letters("yue") == tag("yue") == "yue"
    assert three_letters("jp") == "und"
    assert tag("und") == tag("") == tag("e(n)") == ""
    for old, new in (("ger", "de"), ("fre", "fr"), ("chi", "zh"), ("gre-GR", "el-GR"), ("cze", "cs")):
        assert tag(old) == new
        assert three_letters(old[:3]) == three_letters(new)


def test_a_language_is_written_into_either_version_of_the_header() -> None:
    eng = b"\x15\xc7"
    for version, width in ((b"\x00", 16), (b"\x01", 28)):
        head = b"....mdhd" + version + bytes(3) + bytes(width)
        assert with_language(head + b"\x55\xc4" + bytes(2), "eng") == head + eng + bytes(2)
    for init, code in ((b"nothing of the kind", "eng"), (b"mdhd", "eng"), (head + b"\x55\xc4", "e1g")):
        assert with_language(init, code) == init


def test_a_signature_holds_for_one_video_until_it_expires(tmp_path: Path) -> None:
    key = load_or_create_key(tmp_path)
    assert key == load_or_create_key(tmp_path)
    assert len(key) == 32
    assert (tmp_path / "signing.key").stat().st_mode & 0o077 == 0
    (tmp_path / "signing.key").write_bytes(b"cut off")
    assert len(load_or_create_key(tmp_path)) == 32
    now = 1_000_000_000_000_000
    query = dict(pair.split("=") for pair in Signer(key, "/api").sign("v", now)[1:].split("&"))
    assert Signer(key, "/api").is_valid("v", query, now)
    assert signature_query(query) == Signer(key, "/api").sign("v", now)
    for signer, video, when in (
        (Signer(key, "/api"), "w", now),
        (Signer(key, "/other"), "v", now),
        (Signer(bytes(32), "/api"), "v", now),
        (Signer(key, "/api"), "v", now + 3600 * 1_000_000),
    ):
        assert not signer.is_valid(video, query, when)
    assert signature_query({**query, "signature": '"><script>'}) == signature_query({}) == ""


@pytest.mark.parametrize(
    ("kind", "container", "configs", "problem"),
    [
        ("dash", "webm", {}, "dash in webm"),
        ("hls", "fmp4", {}, "hls in fmp4"),
        ("cmaf", "fmp4", {}, "cmaf in fmp4"),
        ("hls", "mp4", {"video_config": {"codec": "av1"}}, "encode av1"),
        ("hls", "mp4", {"audio_config": {"codec": "opus"}}, "encode opus"),
    ],
)
def test_what_a_newer_contract_allows_fails_by_name(kind: str, container: str, configs: Any, problem: str) -> None:
    facts = source(640, 360)
    asked = quality("240p", **configs) | {"type": kind, "container_type": container}
    (made,) = plan_ladder(facts, [asked], is_default=False)
    assert problem in made.problem


def test_a_height_that_a_newer_contract_names_is_made() -> None:
    (made,) = plan_ladder(source(1920, 1080), [quality("900p", video_config={"codec": "h264"})], is_default=False)
    assert made.video is not None
    assert (made.video.width, made.video.height, made.problem) == (1600, 900, "")


@pytest.mark.parametrize(
    ("name", "price"), [("100p", "0.001"), ("900p", "0.010"), ("1079p", "0.010"), ("8640p", "0.256"), ("huge", "0.064")]
)
def test_a_picture_outside_of_the_tariff_is_priced_by_its_pixels(name: str, price: str) -> None:
    assert video_rate(name) == Decimal(price)
