"""Transcoding: what becomes of sources, looked at with another library than the one that made it."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import av
import pytest

if TYPE_CHECKING:
    from tests.mock.conftest import Studio

Json = dict[str, Any]

VIDEO = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000")
PAIRS = (("hls", "mpegts"), ("hls", "mp4"), ("dash", "fmp4"))
H264, H265, AAC = {"codec": "h264"}, {"codec": "h265"}, {"codec": "aac"}


def picture(size: str = "426x240", rate: int = 10) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}")


def plain(studio: Studio, size: str = "426x240") -> bytes:
    """One second of picture and tone."""
    return studio.clip(f"{size}.mp4", *picture(size), *TONE, "-t", "1", *VIDEO, "-c:a", "aac")


def silent(studio: Studio, size: str = "426x240") -> bytes:
    return studio.clip(f"silent-{size}.mp4", *picture(size), "-t", "1", *VIDEO)


def bilingual(studio: Studio) -> bytes:
    """640 × 360 with two sounds."""
    languages = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu")
    return studio.clip(
        "bilingual.mkv",
        *(*picture("640x360"), *TONE, "-f", "lavfi", "-i", "sine=frequency=880:sample_rate=44100"),
        *("-map", "0", "-map", "1", "-map", "2", "-t", "1", *VIDEO, "-c:a", "aac", *languages),
    )


def quality(resolution: str, kind: str = "hls", container: str = "mpegts", **configs: Json) -> Json:
    return {"resolution": resolution, "type": kind, "container_type": container, **configs}


def test_the_references_advanced_example(studio: Studio) -> None:
    sound = {"codec": "aac", "bitrate": 192000, "channels": "2", "sample_rate": 48000, "language": "en", "index": 0}
    qualities = [
        quality("1080p", video_config={"codec": "h265", "bitrate": 5000000, "index": 0}, audio_config=sound),
        quality("720p", "dash", "fmp4", video_config={"codec": "h264", "bitrate": 3000000, "index": 0}),
        quality("audio", "dash", "fmp4", audio_config=sound),
    ]
    video = studio.make(plain(studio, "1920x1080"), qualities=qualities)
    assert video["status"] == "done"
    assert [(one["name"], one["type"], one["status"]) for one in video["qualities"]] == [
        ("1080p", "hls", "done"),
        ("720p", "dash", "done"),
        ("audio", "dash", "done"),
    ]
    shown, heard = studio.output(video, 0)
    assert (shown.codec, shown.width, shown.height, shown.frames) == ("hevc", 1920, 1080, 10)
    assert (heard.codec, heard.channels, heard.sample_rate, heard.language) == ("aac", 2, 48000, "eng")
    (shown,) = studio.output(video, 1)
    assert (shown.codec, shown.width, shown.height, shown.frames) == ("h264", 1280, 720, 10)
    (heard,) = studio.output(video, 2)
    assert (heard.codec, heard.channels, heard.sample_rate, heard.language) == ("aac", 2, 48000, "eng")
    found = studio.representations(video["assets"]["dash_url"]).values()
    assert {one.set.content_type: one.set.lang for one in found} == {"video": None, "audio": "en"}


@pytest.mark.parametrize(("kind", "container"), PAIRS)
def test_every_kind_of_output(studio: Studio, kind: str, container: str) -> None:
    """All codecs, with sound of their own, without, and sound alone, at two heights."""
    second = {"codec": "aac", "index": 1, "channels": "1", "sample_rate": 22050, "bitrate": 48000, "language": "de"}
    wanted = [
        quality(name, kind, container, **configs)
        for name in ("240p", "360p")
        for configs in (
            {"video_config": H264},
            {"video_config": H265},
            {"video_config": H264, "audio_config": second},
            {"video_config": H265, "audio_config": AAC},
            {"audio_config": second},
        )
    ]
    video = studio.make(bilingual(studio), qualities=wanted)
    assert {one["status"] for one in video["qualities"]} == {"done"}
    assert len(video["qualities"]) == len(wanted)
    for number, asked in enumerate(wanted):
        found = {track.kind: track for track in studio.output(video, number)}
        assert set(found) == {name.removesuffix("_config") for name in asked if name.endswith("_config")}
        if "video_config" in asked:
            size = {"240p": (426, 240), "360p": (640, 360)}[asked["resolution"]]
            is_h264 = asked["video_config"] == H264
            assert (found["video"].width, found["video"].height) == size
            assert found["video"].codec == ("h264" if is_h264 else "hevc")
            assert found["video"].frames == 10
            if container != "mpegts":
                assert found["video"].tag == ("avc1" if is_h264 else "hvc1")
        if "audio_config" in asked:
            heard = found["audio"]
            expected = (1, 22050, "deu") if asked["audio_config"] == second else (2, 48000, "eng")
            assert (heard.codec, heard.channels, heard.sample_rate, heard.language) == ("aac", *expected)
            assert heard.frames > 10


@pytest.mark.parametrize("container", ["mpegts", "mp4"])
def test_all_nine_sample_rates(studio: Studio, container: str) -> None:
    rates = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000)
    wanted = [
        quality(str(rate), container=container, audio_config={**AAC, "sample_rate": rate, "bitrate": 256000})
        for rate in rates
    ]
    video = studio.make(plain(studio), qualities=wanted)
    assert tuple(studio.output(video, number)[0].sample_rate for number in range(len(rates))) == rates


def test_bitrates_are_aimed_at(studio: Studio) -> None:
    noise = ("-f", "lavfi", "-i", "testsrc2=size=426x240:rate=25,noise=alls=60:allf=t")
    source = studio.clip("noise.mp4", *noise, *TONE, "-t", "3", *VIDEO, "-c:a", "aac")
    for codec in ("h264", "h265"):
        wanted = [quality("240p", video_config={"codec": codec, "bitrate": rate}) for rate in (200_000, 600_000)]
        video = studio.make(source, qualities=wanted)
        master = studio.anyone.get(video["assets"]["hls_url"]).text
        low, high = (int(rate) for rate in re.findall(r"AVERAGE-BANDWIDTH=(\d+)", master))
        # With the framing of MPEG-TS, and an encoder that has three seconds to find its way.
        assert 100_000 < low < 400_000
        assert 450_000 < high < 900_000


def test_a_video_without_qualities_gets_those_that_it_fills(studio: Studio) -> None:
    def names(source: bytes) -> list[str]:
        video = studio.make(source)
        assert video["status"] == "done"
        assert {(one["type"], one["status"]) for one in video["qualities"]} == {("hls", "done")}
        return [one["name"] for one in video["qualities"]]

    assert names(plain(studio, "1280x720")) == ["360p", "720p"]
    assert names(plain(studio, "640x360")) == ["360p"]
    assert names(plain(studio, "426x240")) == ["240p"]
    assert names(silent(studio, "128x96")) == ["240p"]


def test_the_service_chooses_what_is_left_open(studio: Studio) -> None:
    video = studio.make(plain(studio, "640x360"), qualities=[{"type": "dash", "container_type": "fmp4"}])
    assert [(one["name"], one["status"]) for one in video["qualities"]] == [("360p", "done")]
    shown, heard = studio.output(video, 0)
    assert (shown.codec, shown.height, heard.codec) == ("h264", 360, "aac")


def test_qualities_above_the_source_are_left_out(studio: Studio) -> None:
    wanted = [quality("240p", video_config=H264), quality("360p", video_config=H264), quality("720p")]
    video = studio.make(plain(studio), qualities=wanted)
    assert video["qualities"] == [{"name": "240p", "status": "done", "type": "hls"}]
    video = studio.make(plain(studio), qualities=wanted[1:])
    assert video["status"] == "fail"
    assert {one["status"] for one in video["qualities"]} == {"fail"}
    # Asked for by name, the usual three are no defaults.
    usual = [quality(name) for name in ("360p", "720p", "1080p")]
    assert studio.make(plain(studio), qualities=usual)["status"] == "fail"


def test_a_missing_track_fails_its_quality_alone(studio: Studio) -> None:
    wanted = [
        quality("240p", video_config=H264),
        quality("240p", video_config={**H264, "index": 1}),
        quality("240p", video_config=H264, audio_config={**AAC, "index": 1}),
        quality("sound", audio_config={**AAC, "index": 10**18}),
    ]
    video = studio.make(plain(studio), qualities=wanted)
    assert [one["status"] for one in video["qualities"]] == ["done", "fail", "fail", "fail"]
    assert video["status"] == "done"
    video = studio.make(plain(studio), qualities=wanted[1:])
    assert video["status"] == "fail"
    assert not any(video["assets"][name] for name in ("hls_url", "hls_iframe", "dash_url", "mp4_url"))


def test_a_source_without_sound(studio: Studio) -> None:
    wanted = [quality("240p"), quality("240p", video_config=H264, audio_config=AAC), quality("sound", audio_config=AAC)]
    video = studio.make(silent(studio), qualities=wanted)
    assert [one["status"] for one in video["qualities"]] == ["done", "fail", "fail"]
    assert [track.kind for track in studio.output(video, 0)] == ["video"]


def test_a_source_that_is_sound_alone(studio: Studio) -> None:
    source = studio.clip("tone.m4a", *TONE, "-t", "1", "-c:a", "aac")
    video = studio.make(source, qualities=[quality("sound", audio_config=AAC), quality("240p", video_config=H264)])
    assert [one["status"] for one in video["qualities"]] == ["done", "fail"]
    assert video["status"] == "done"
    assert video["assets"]["thumbnail_url"] is None
    master = studio.anyone.get(video["assets"]["hls_url"]).text
    assert re.search(r'STREAM-INF:.*CODECS="mp4a.40.2"\nmedia/0/index.m3u8', master)
    alone = studio.anyone.get(video["assets"]["mp4_url"])
    assert alone.headers["content-type"] == "audio/mp4"
    assert 'mp4" type="audio/mp4">' in studio.anyone.get(video["assets"]["hls_player_url"]).text
    assert [track.kind for track in studio.tracks(alone.content)] == ["audio"]
    assert studio.make(source)["status"] == "fail"


def test_surround_sound_is_mixed_down(studio: Studio) -> None:
    surround = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000,aformat=channel_layouts=5.1")
    source = studio.clip("surround.mp4", *picture(), *surround, "-t", "1", *VIDEO, "-c:a", "aac", "-ac", "6")
    assert studio.tracks(source)[1].channels == 6
    wanted = [quality("a", audio_config=AAC), quality("b", audio_config={**AAC, "channels": "1"}), quality("240p")]
    video = studio.make(source, qualities=wanted)
    assert [studio.output(video, number)[-1].channels for number in range(3)] == [2, 1, 2]


def turned(studio: Studio) -> bytes:
    plain(studio, "640x360")
    upright = str(studio.clips / "640x360.mp4")
    return studio.clip("turned.mp4", "-display_rotation", "90", "-i", upright, "-c", "copy")


def odd(studio: Studio) -> bytes:
    pixels = ("-vf", "scale=427:241", "-pix_fmt", "yuv444p")
    return studio.clip("odd.mp4", *picture(), "-t", "1", *VIDEO[:4], *pixels)


def wide_pixels(studio: Studio) -> bytes:
    return studio.clip("wide.mp4", *picture("320x240"), "-t", "1", "-vf", "setsar=4/3", *VIDEO)


@pytest.mark.parametrize(
    ("source", "size"),
    [
        (turned, (240, 426)),
        (odd, (426, 240)),
        (wide_pixels, (426, 240)),
        (lambda studio: silent(studio, "360x640"), (240, 426)),
        (lambda studio: silent(studio, "480x480"), (240, 240)),
        (lambda studio: silent(studio, "960x240"), (960, 240)),
    ],
)
def test_the_picture_keeps_its_shape(studio: Studio, source: Any, size: tuple[int, int]) -> None:
    video = studio.make(source(studio), qualities=[quality("240p", video_config=H264)])
    assert video["status"] == "done"
    (shown,) = studio.output(video, 0)
    assert (shown.width, shown.height) == size


def test_a_turned_source_is_as_high_as_its_shorter_side(studio: Studio) -> None:
    wanted = [quality("360p", video_config=H264), quality("480p", video_config=H264)]
    assert [one["name"] for one in studio.make(turned(studio), qualities=wanted)["qualities"]] == ["360p"]


def test_a_source_that_cannot_be_read_fails(studio: Studio) -> None:
    whole = plain(studio)
    neighbour = studio.clips / "426x240.mp4"
    for source in (
        b"A text, which ffmpeg could draw as a picture.\n" * 50,
        b"\x00",
        whole[: len(whole) // 2],
        whole[:100] + bytes(len(whole)),
        # Files that have other files read: those of the server's machine are nobody's source.
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{neighbour}\n#EXT-X-ENDLIST\n".encode(),
        f"ffconcat version 1.0\nfile 'file:{neighbour}'\n".encode(),
    ):
        video = studio.make(source)
        assert (video["status"], video["is_mp4"], video["duration"]) == ("fail", False, 0)
        assert {one["status"] for one in video["qualities"]} == {"fail"}
        assert studio.anyone.get(f"{studio.server.url}/videos/{video['id']}/m3u8").status_code == 404
    assert studio.make(whole)["status"] == "done"


def test_a_source_in_parts_is_read_as_one(studio: Studio) -> None:
    source = plain(studio, "640x360")
    video, third = studio.create(), len(source) // 3
    for start in (2 * third, 0, third):
        data = source[start : start + third] if start < 2 * third else source[start:]
        assert studio.part(video, data, start=start, size=len(source), index=str(start + 1)).status_code == 200
    studio.complete(video)
    shown = studio.settled(video)
    assert (shown["status"], shown["size"], shown["duration"]) == ("done", len(source), pytest.approx(1, abs=0.1))


def test_length_of_what_is_no_mp4(studio: Studio) -> None:
    assert studio.make(bilingual(studio))["duration"] == pytest.approx(1, abs=0.1)


def test_a_frame_becomes_the_thumbnail_unless_one_was_chosen(studio: Studio) -> None:
    url = studio.make(turned(studio))["assets"]["thumbnail_url"]
    assert url.endswith("/thumbnail?resolution=original")
    answer = studio.anyone.get(url)
    assert answer.headers["content-type"] == "image/jpeg"
    with av.open(io.BytesIO(answer.content)) as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (360, 640)
    chosen = answer.content
    video = studio.create()
    assert studio.thumbnail(video, chosen, "t.jpg").status_code == 200
    studio.part(video, plain(studio))
    studio.complete(video)
    assert studio.anyone.get(studio.settled(video)["assets"]["thumbnail_url"]).content == chosen


def test_thumbnails_in_other_sizes(studio: Studio) -> None:
    def size(url: str) -> tuple[int, int]:
        answer = studio.anyone.get(url).raise_for_status()
        assert answer.headers["content-type"] == "image/jpeg"
        with av.open(io.BytesIO(answer.content)) as file:
            return file.streams.video[0].width, file.streams.video[0].height

    video = studio.make(turned(studio))
    url = video["assets"]["thumbnail_url"].replace("original", "")
    assert (size(url + "240p"), size(url + "144p"), size(url + "1080p")) == ((240, 426), (144, 256), (360, 640))
    png = studio.clip("wide.png", *picture("640x360"), "-frames:v", "1")
    assert studio.thumbnail(video["id"], png).status_code == 200
    assert (size(url + "240p"), size(url + "360p")) == ((426, 240), (640, 360))
    for odd_name in ("small", "0p", "99999p", "", "240p%0A"):
        assert studio.anyone.get(url + odd_name).status_code == 404
    studio.thumbnail(video["id"], png[:60])
    assert studio.anyone.get(url + "240p").status_code == 404


def test_the_mp4_plays_while_it_loads(studio: Studio) -> None:
    apart = [
        quality("240p", "dash", "fmp4", video_config=H264),
        quality("sound", "dash", "fmp4", audio_config=AAC),
        quality("240p", video_config=H265, audio_config=AAC),
    ]
    both = [quality("240p", "dash", "fmp4", video_config=H264, audio_config=AAC)]
    for wanted, codec in ((apart, "h264"), (both, "h264"), (apart[2:], "hevc"), ([quality("240p")], "h264")):
        video = studio.make(plain(studio), qualities=wanted)
        assert video["is_mp4"] is True
        answer = studio.anyone.get(video["assets"]["mp4_url"])
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.content.index(b"moov") < answer.content.index(b"mdat")
        shown, heard = studio.tracks(answer.content)
        assert (shown.codec, shown.height, shown.frames, heard.codec) == (codec, 240, 10, "aac")
