"""Proves an output by what plays: HLS, DASH and MP4, muxed and split, against the source itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

from tests.mock.matrix import judge, manifest_schema

if TYPE_CHECKING:
    from tests.mock.conftest import Studio
    from tests.mock.matrix.judge import Played
    from tests.mock.matrix.sources import Source

Json = dict[str, Any]

STEP = 0.060
"""Seconds by which a flash and its beep may lie apart, and each from its place."""
BEGINNING, LENGTH = 0.100, 0.2
WHITE, SDR_WHITE, GREY = 225, 200, (50, 85)
"""Mean luma; HDR keeps room above the white of paper."""
BT709, UNSAID = 1, 2
LOUDEST = (0.1, 0.9)

H264, AAC = {"codec": "h264"}, {"codec": "aac"}


def quality(kind: str, container: str, **configs: Json) -> Json:
    return {"resolution": "240p", "type": kind, "container_type": container, **configs}


def qualities_for(source: Source) -> list[Json]:
    """HLS with both in one output; HLS with each in its own; DASH."""
    picture: Json = {"video_config": H264} if source.has_picture else {}
    sound: Json = {"audio_config": AAC} if source.has_sound else {}
    both = {**picture, **sound}
    if not (picture and sound):
        return [quality("hls", "mpegts", **both), quality("hls", "mp4", **both), quality("dash", "fmp4", **both)]
    return [
        quality("hls", "mpegts", **both),
        quality("hls", "mp4", **picture),
        quality("hls", "mp4", **sound),
        quality("dash", "fmp4", **both),
    ]


def played(studio: Studio, video: Json) -> dict[str, Played]:
    """All that a player can take of a video."""
    found: dict[str, Played] = {}
    numbers = range(len(video["qualities"]))
    alone: list[Played] = []
    for number in numbers:
        if video["qualities"][number]["type"] == "hls":
            url = urljoin(video["assets"]["hls_url"], f"media/{number}/index.m3u8")
            one = judge.watch(studio.joined(studio.segments(url)))
            if one.pictures and one.sounds:
                found[f"hls {number}"] = one
            else:
                alone.append(one)
    if alone:
        found["hls split"] = judge.together(*alone)
    tracks = studio.representations(video["assets"]["dash_url"]).values()
    found["dash"] = judge.together(*(judge.watch(studio.joined(track.addresses)) for track in tracks))
    found["mp4"] = judge.watch(studio.anyone.get(video["assets"]["mp4_url"]).raise_for_status().content)
    found["hls as FFmpeg reads it"] = judge.watch_address(urljoin(video["assets"]["hls_url"], "media/0/index.m3u8"))
    return found


def check(name: str, source: Source, original: Played, one: Played) -> None:
    """Whether an output plays what the source does."""
    assert bool(one.pictures) is source.has_picture, name
    assert bool(one.sounds) is source.has_sound, name
    if source.has_picture:
        check_picture(name, source, one)
    if source.has_sound:
        check_sound(name, one)
    if not source.is_damaged:
        check_moments(name, source, original, one)
    else:
        assert one.length == pytest.approx(original.length, abs=LENGTH), name


def check_moments(name: str, source: Source, original: Played, one: Played) -> None:
    """Whether flashes and beeps come when the source has them, and each flash with its beep."""
    step = max(STEP, 0.6 / source.rate)
    assert one.length == pytest.approx(source.seconds, abs=max(LENGTH, 1 / source.rate)), name
    assert one.beeps == pytest.approx(original.beeps, abs=STEP), name
    assert one.flashes == pytest.approx(original.flashes, abs=step), name
    assert len(original.beeps) == source.beeps * source.has_sound, name
    assert original.flashes == pytest.approx(source.flashes, abs=2 * STEP), name
    if len(one.flashes) == len(one.beeps):
        apart = [flash - beep for flash, beep in zip(one.flashes, one.beeps, strict=True)]
        assert apart == pytest.approx([source.picture_before_sound] * len(apart), abs=step), name
    if source.has_picture:
        assert len(one.pictures) == pytest.approx(source.seconds * source.rate, abs=2), name


def check_sound(name: str, one: Played) -> None:
    assert one.first_sound <= BEGINNING, (name, one.first_sound)
    assert one.heard <= one.length + LENGTH, (name, one.heard)
    loudest = max(level for _, level in one.sounds)
    assert LOUDEST[0] < loudest < LOUDEST[1], (name, loudest)


def check_picture(name: str, source: Source, one: Played) -> None:
    assert one.size == source.size, name
    assert one.first_picture <= BEGINNING, (name, one.first_picture)
    assert one.frame_seconds == pytest.approx(1 / source.rate, rel=0.02), name
    assert one.pixels == "yuv420p", name
    if source.flashes:
        grey, white = one.brightness(0.5), max(level for _, level in one.pictures)
        assert GREY[0] < grey < GREY[1], (name, grey)
        if source.last_width < 1:
            assert one.pictures[-1][1] == pytest.approx(grey * source.last_width, abs=3), name
        assert white >= (SDR_WHITE if source.is_hdr else WHITE), (name, white)
    assert one.transfer == (BT709 if source.is_hdr else UNSAID) or source.has_tags, (name, one.transfer)


def prove(studio: Studio, source: Source) -> None:
    """Upload a source, and look at all that a player can get of it."""
    data = source.make(studio.clips, f"source-{source.name}")
    video = studio.settled(studio.upload(data, qualities=qualities_for(source)), seconds=300)
    assert {one["status"] for one in video["qualities"]} == {"done"}, source.name
    original, found = judge.watch(data, source.track), played(studio, video)
    for name, one in found.items():
        check(name, source, original, one)
    longest = max(one.length for one in found.values())
    assert video["duration"] == pytest.approx(longest, abs=LENGTH)
    assert bool(video["assets"]["thumbnail_url"]) is source.has_picture
    manifest_schema.check(studio.anyone.get(video["assets"]["dash_url"]).text)
    master = studio.playlist(video["assets"]["hls_url"])
    assert all(one.stream_info.bandwidth and one.stream_info.codecs for one in master.playlists)
