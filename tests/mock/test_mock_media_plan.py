"""What is read of a source, and what is decided from it: no ffmpeg needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import langcodes
import pytest

from aioz_stream_mock.contract import load_contract
from aioz_stream_mock.media.languages import tag, three_letters, with_language
from aioz_stream_mock.media.plan import default_bitrate, height_of, plan_ladder, rendition_arguments
from aioz_stream_mock.media.probe import AudioTrack, SourceFacts, VideoTrack, parse
from aioz_stream_mock.media.signing import Signer, load_or_create_key, signature_query

if TYPE_CHECKING:
    from pathlib import Path

SAID = """\
Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'concatf:source.txt':
  Metadata:
    title           : Stream #0:7: Video: h264, yuv420p, 1x1
                    : Duration: 09:09:09.00
  Duration: 01:02:03.45, start: 0.000000, bitrate: 1025 kb/s
  Chapters:
    Chapter #0:0: start 0.000000, end 1.000000
  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709), 1920x1080 [SAR 1:1 DAR 16:9]
    Side data:
      Display Matrix: rotation of -90.00 degrees
  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, 5.1, fltp, 70 kb/s (default)
  Stream #0:2(deu): Audio: ac3, 44100 Hz, stereo, fltp, 192 kb/s
    Side data:
      Display Matrix: rotation of 90.00 degrees
  Stream #0:3: Subtitle: mov_text (tx3g / 0x67337874), 1x1
  Stream #0:4: Video: mjpeg (Baseline), yuvj420p(pc), 600x600 [SAR 1:1 DAR 1:1], 90k tbr, 90k tbn (attached pic)
  Stream #0:5: Video: mpeg2video (Main), yuv420p(tv, top first), 720x576 [SAR 64:45 DAR 16:9], 25 fps, 25 tbr
At least one output file must be specified
Output #0, null, to 'pipe:':
  Stream #0:0: Video: h264, yuv420p, 2x2
"""


def test_the_output_of_ffmpeg_is_parsed() -> None:
    facts = parse(SAID)
    assert facts.duration == 3723.45
    assert facts.video == (VideoTrack(1080, 1920), VideoTrack(720 * 64 / 45, 576))
    assert facts.audio == (AudioTrack(48000, "en"), AudioTrack(44100, "de"))


@pytest.mark.parametrize(
    "said",
    ["", "Invalid data found when processing input", "  Duration: N/A, bitrate: N/A", "  Stream #0:0: Video: none"],
)
def test_output_without_streams_has_no_tracks(said: str) -> None:
    assert parse(said) == SourceFacts()


def source(width: float, height: float, sounds: int = 1) -> SourceFacts:
    return SourceFacts(1.0, (VideoTrack(width, height),), (AudioTrack(48000, "en"),) * sounds)


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
        ((100_000, 240), "240p", (100_000, 240)),
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
        *("-map 0:V:0", "-c:v libx265", "-tag:v hvc1", "-b:v 900000", "-maxrate 900000", "-bufsize 1800000"),
        *("scale=640:360", "-map 0:a:1", "-b:a 192000", "-ac 1", "-ar 32000", "language=por"),
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
    assert tag("und") == ""


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
