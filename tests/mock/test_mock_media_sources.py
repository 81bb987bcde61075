"""Sources that real cameras, browsers and accidents make: a few of the matrix's, and what each kind is about."""

from __future__ import annotations

import io
import logging
import re
import struct
from typing import TYPE_CHECKING, Any

import av
import pytest

from aioz_stream_mock import Control
from aioz_stream_mock.media import plan
from aioz_stream_mock.media.probe import MAX_PIXELS
from aioz_stream_mock.media.segments import find_problem
from aioz_stream_mock.media.transcoder import MP4
from tests.mock.matrix.proof import prove
from tests.mock.matrix.sources import SOURCES, X264, picture, plain, sound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mock.conftest import Studio
    from tests.mock.matrix.sources import Source

Json = dict[str, Any]

H264, AAC = {"codec": "h264"}, {"codec": "aac"}
OFTEN = (
    *("timecode-mp4", "browser-webm", "late-picture-changes", "late-sound-changes", "late-sound-ts", "one-a-second"),
    *("turned-anamorphic", "hdr-pq", "still-image", "two-flat-pictures", "shorter-than-a-second"),
)
KINDS = [
    # Every second is enough for every day; `make matrix` has all.
    pytest.param(source, id=source.name, marks=() if number % 2 == 0 else pytest.mark.slow)
    for number, source in enumerate(source for source in SOURCES if source.name in OFTEN)
]


def quality(resolution: str = "240p", kind: str = "hls", container: str = "mpegts", **configs: Json) -> Json:
    return {"resolution": resolution, "type": kind, "container_type": container, **configs}


def outcome(studio: Studio, video: Json) -> Json:
    return Control(studio.server.state).outcome(video["id"])


@pytest.mark.parametrize("source", KINDS)
def test_what_plays(studio: Studio, source: Source) -> None:
    prove(studio, source)


def test_a_raw_stream_has_the_length_of_what_was_made(studio: Studio) -> None:
    data = studio.clip("raw.h264", *picture(), "-t", "4", *X264)
    video = studio.make(data, qualities=[quality(video_config=H264)])
    assert (video["status"], video["duration"]) == ("done", pytest.approx(4, abs=0.1))


def test_a_track_that_no_decoder_knows_fails_its_quality_alone(studio: Studio) -> None:
    (source,) = (source for source in SOURCES if source.name == "unknown-track")
    wanted = [quality(video_config=H264), quality(video_config={**H264, "index": 1}, audio_config=AAC)]
    video = studio.make(source.make(studio.clips, "unknown"), qualities=wanted)
    assert [one["status"] for one in video["qualities"]] == ["done", "fail"]
    found = outcome(studio, video)
    assert found["reason"] == ""
    assert [one["reason"] for one in found["qualities"]] == ["", "video track 1 is in a format that can't be decoded"]


@pytest.mark.parametrize(
    ("code", "tag"), [("ger", "de"), ("fre", "fr"), ("chi", "zh"), ("deu", "de"), ("pt-BR", "pt-BR"), ("e(n)", None)]
)
def test_languages_of_matroska(studio: Studio, code: str, tag: str | None) -> None:
    language = ("-metadata:s:a:0", f"language={code}")
    data = studio.clip(
        f"language-{tag}-{code[0]}.mkv", *picture(), *sound(), "-t", "1", *X264, "-c:a", "aac", *language
    )
    wanted = [
        quality(video_config=H264),
        quality("sound", audio_config=AAC),
        quality("sound", "dash", "fmp4", audio_config=AAC),
    ]
    video = studio.make(data, qualities=wanted)
    assert video["status"] == "done"
    assert [one.language for one in studio.playlist(video["assets"]["hls_url"]).media] == [tag]
    assert [one.set.lang for one in studio.representations(video["assets"]["dash_url"]).values()] == [tag]


def test_sound_alone_beside_pictures_with_sound_is_reachable(studio: Studio) -> None:
    both: Json = {"video_config": H264, "audio_config": AAC}
    for container in ("mpegts", "mp4"):
        wanted = [quality("sound", container=container, audio_config=AAC), quality(container=container, **both)]
        video = studio.make(plain()(studio.clips, "beside"), qualities=wanted)
        master = studio.playlist(video["assets"]["hls_url"])
        assert [one.uri for one in master.playlists] == ["media/1/index.m3u8", "media/0/index.m3u8"]
        assert [one.stream_info.resolution for one in master.playlists] == [(320, 240), None]
        assert master.playlists[1].stream_info.codecs == "mp4a.40.2"
        (heard,) = studio.tracks(studio.joined(studio.segments(studio.playlists(video["assets"]["hls_url"])[1])))
        assert heard.kind == "audio"


def test_every_segment_is_known_for_a_transport_stream(studio: Studio) -> None:
    """However little is in it: two pictures of one colour take a few packets."""
    data = studio.clip("two-more.mp4", *picture(), "-frames:v", "102", *X264)
    video = studio.make(data, qualities=[quality(video_config=H264)])
    addresses = studio.segments(studio.playlists(video["assets"]["hls_url"])[0])
    assert [studio.tracks(studio.joined([one]))[0].frames for one in addresses] == [100, 2]


def test_an_mp4_that_can_not_be_made_fails_the_video(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "mp4_arguments", lambda *_: ["-loglevel", "error", "-i", "none", MP4])
    video = studio.make(plain()(studio.clips, "no-mp4"), qualities=[quality(video_config=H264)])
    assert (video["status"], video["is_mp4"], video["assets"]["mp4_url"]) == ("fail", False, None)
    assert outcome(studio, video)["reason"].startswith("the MP4: ")


def test_an_output_whose_playlist_has_no_rate_does_not_play(tmp_path: Path) -> None:
    (tmp_path / "index.m3u8").write_text("#EXTM3U\n#EXTINF:0.400000,\nsegment-00000.ts\n")
    (tmp_path / "master.m3u8").write_text("#EXTM3U\n")
    assert find_problem(tmp_path, "hls") == "it is so short that its playlist has no rate"
    (tmp_path / "master.m3u8").write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n")
    assert find_problem(tmp_path, "hls") == ""


def bomb(width: int, height: int, frames: int) -> bytes:
    """A GIF of one pixel in each picture, on a canvas that has to be kept whole."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + bytes((255, 255, 255))
    control = b"\x21\xf9\x04\x08\x04\x00\x00\x00"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + screen + (control + frame) * frames + b"\x3b"


def test_a_canvas_that_is_too_large_fails_at_once(studio: Studio, caplog: pytest.LogCaptureFixture) -> None:
    data = bomb(16_000, 16_000, 500)
    assert len(data) < 16_000
    with caplog.at_level(logging.WARNING):
        video = studio.make(data)
    assert (video["status"], video["assets"]["thumbnail_url"]) == ("fail", None)
    reason = f"video track 0 has no picture of at most {MAX_PIXELS:,} pixels"
    assert reason in outcome(studio, video)["reason"]
    assert reason in caplog.text
    assert reason in studio.anyone.get(studio.server.url.removesuffix("/api")).text
    shown = studio.anyone.get(f"{studio.server.url.removesuffix('/api')}/vod/hls/{video['id']}").text
    assert reason in shown


def test_a_canvas_of_pixels_that_are_not_square_is_bounded_too(studio: Studio) -> None:
    look = ",setsar=100/1"
    data = plain("mkv", size="640x480", look=look)(studio.clips, "wide")
    video = studio.make(data, qualities=[quality("480p", video_config=H264)])
    assert video["status"] == "fail"
    assert "64,000 × 480 pixels is too large" in outcome(studio, video)["reason"]


def test_a_source_that_is_no_video_says_so(studio: Studio) -> None:
    video = studio.make(b"a text, and no video\n" * 100)
    assert outcome(studio, video)["reason"].startswith("the source can't be read as media")
    assert [one["reason"] for one in outcome(studio, video)["qualities"]] == [""] * len(video["qualities"])
    small = studio.make(plain()(studio.clips, "small"), qualities=[quality("720p", video_config=H264)])
    assert outcome(studio, small)["reason"] == "every quality that was asked for is higher than the source"


def one_readable(studio: Studio) -> bytes:
    """A stream of which the first picture is whole, and nothing after it."""
    data = studio.clip("whole.ts", *picture(), "-t", "4", *X264)
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    kept = [packet if number < 12 else packet[:4] + b"\x55" * 184 for number, packet in enumerate(packets)]
    return b"".join(kept)


def cut_in_the_first_picture(studio: Studio) -> bytes:
    noise = ",noise=alls=80:allf=t"
    data = studio.clip("noisy.ts", *picture("640x480", look=noise), "-t", "1", *X264)
    return data[: 188 * 60]


def header_lies(studio: Studio) -> bytes:
    (source,) = (source for source in SOURCES if source.name == "header-too-long")
    return source.make(studio.clips, "lies")


@pytest.mark.parametrize("source", [one_readable, cut_in_the_first_picture, header_lies])
def test_wherever_there_is_a_picture_there_is_a_thumbnail(studio: Studio, source: Any) -> None:
    video = studio.make(source(studio))
    assert video["assets"]["thumbnail_url"], outcome(studio, video)
    answer = studio.anyone.get(video["assets"]["thumbnail_url"])
    with av.open(io.BytesIO(answer.content)) as file:
        assert file.streams.video[0].width > 0


def test_the_outcome_is_told_under_the_control_only(studio: Studio) -> None:
    from aioz_stream_mock import MockServer, Settings

    with MockServer(Settings(control=True)) as server:
        assert server.state is not None
        (video,) = Control(server.state).seed([{"title": "x", "status": "done", "size": 10}])
        root = server.url.removesuffix("/api")
        found = studio.anyone.get(f"{root}/_mock/videos/{video}").json()
        assert (found["id"], found["status"], found["reason"]) == (video, "done", "")
        assert {re.sub(r"\W", "", one["reason"]) for one in found["qualities"]} == {""}
        assert studio.anyone.get(f"{root}/_mock/videos/none").status_code == 404
        answer = studio.anyone.get(f"{server.url}/videos/{video}", headers={"Authorization": "Bearer token-a"})
        assert "reason" not in answer.text
