"""The qualities of create (rulings Q of docs/contract.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from aioz_stream import EncodingError, LadderWarning
from aioz_stream.encoding import Source, check
from tests.end_to_end.rulings.examples import (
    AAC,
    AUDIO_ONLY,
    H264,
    MAXIMUM_BITRATES,
    QUALITY,
    RESOLUTIONS,
    codes,
    without,
)
from tests.end_to_end.rulings.service import video
from tests.end_to_end.rulings.world import refused

if TYPE_CHECKING:
    from tests.end_to_end.rulings.examples import Json, Table
    from tests.end_to_end.rulings.world import World


def test_q1_qualities_may_be_left_out_but_not_empty(world: World) -> None:
    assert world.contract.schemas["CreateVideoRequest"]["required"] == ["title"]
    shown = world.rich.get(world.rich.create())
    assert shown["qualities"] == [{"name": name, "status": "new", "type": "hls"} for name in ("360p", "720p", "1080p")]
    assert not world.accepts()
    audio = {"bitrate": 0, "channels": "string", "codec": "string", "index": 0, "language": "string", "sample_rate": 0}
    template = {
        "resolution": "string",
        "type": "string",
        "container_type": "string",
        "video_config": {"codec": "string", "bitrate": 0, "index": 0},
        "audio_config": audio,
    }
    assert not world.accepts(template)
    commented = b'{"title": "t" // the title\n}'
    headers = {"Content-Type": "application/json"}
    refused(world.rich.http.post("/videos/create", content=commented, headers=headers), 400)
    service = world.service(video())
    with service.client() as client:
        with pytest.raises(EncodingError, match="list is empty"):
            client.videos.create("t", qualities=[])
        assert service.requests == []
        client.videos.create("t")
        assert "qualities" not in service.body


def test_q2_qualities_are_objects(world: World) -> None:
    hls_sound = {**AUDIO_ONLY, "type": "hls", "container_type": "mp4"}
    assert world.accepts(QUALITY)
    assert not world.accepts("720p")
    assert not world.accepts(QUALITY, "720p")
    for name, status in (("qualities", 201), ("qualitites", 400)):
        body = {"title": "t", name: [QUALITY]}
        assert world.contract.takes("CreateVideoRequest", body) is (status == 201)
        assert world.rich.post("/videos/create", body).status_code == status
    with pytest.raises(EncodingError, match="must be an object"):
        world.client.videos.create("t", qualities=["720p"])  # type: ignore[list-item] # on purpose
    service = world.service(video())
    with service.client() as client:
        client.videos.create("t", qualities=[QUALITY, hls_sound])
    assert service.body["qualities"] == [QUALITY, hls_sound]


def test_q3_type_fits_its_containers(world: World) -> None:
    allowed = {("hls", "mpegts"), ("hls", "mp4"), ("dash", "fmp4")}
    for kind in ("hls", "dash", "smooth"):
        for container in ("mpegts", "mp4", "fmp4", "webm"):
            quality = {**QUALITY, "type": kind, "container_type": container}
            assert world.accepts(quality) is ((kind, container) in allowed), (kind, container)
    for name in ("type", "container_type"):
        assert not world.accepts(without(QUALITY, name))
        assert not world.accepts({**QUALITY, name: None})
    with pytest.raises(EncodingError, match="not in fmp4"):
        world.client.videos.create("t", qualities=[{**QUALITY, "container_type": "fmp4"}])


def test_q4_resolution_is_known_where_pictures_are_made(world: World) -> None:
    assert world.contract.schemas["Resolution"]["enum"] == RESOLUTIONS
    neither = without(QUALITY, "video_config")
    both = {**QUALITY, "audio_config": AAC}
    for name in RESOLUTIONS:
        assert world.accepts(*({**quality, "resolution": name} for quality in (QUALITY, neither, both, AUDIO_ONLY)))
    for label in ("721p", "audio", "1080P", "1080"):
        assert world.accepts({**AUDIO_ONLY, "resolution": label})
        for quality in (QUALITY, neither, both):
            assert not world.accepts({**quality, "resolution": label}), label
    for quality, taken in ((AUDIO_ONLY, True), (neither, True), (QUALITY, False), (both, False)):
        assert world.accepts(without(quality, "resolution")) is taken
        errors = [one for one in check([without(quality, "resolution")]) if one.severity == "error"]
        assert (not errors) is taken
        assert not world.accepts({**quality, "resolution": ""})
        assert not world.accepts({**quality, "resolution": None})
    assert codes(without(neither, "resolution")) == ["service-chooses"]


def test_q5_144p_has_no_maximum_bitrate(world: World) -> None:
    assert "144p" in world.contract.schemas["Resolution"]["enum"]
    assert "144p 256 × 144" in " ".join(world.contract.schemas["Resolution"]["description"].split())
    assert world.accepts({**QUALITY, "resolution": "144p"})
    assert world.accepts({**QUALITY, "resolution": "144p", "video_config": {**H264, "bitrate": 1_000_000_000}})
    assert world.rich.http.get("/videos/cost?qualities=144p&duration=60").status_code == 200
    assert codes({**QUALITY, "resolution": "144p", "audio_config": AAC}) == ["no-documented-maximum"]


def test_q6_video_config_has_bounds(world: World) -> None:
    for name, most in MAXIMUM_BITRATES.items():
        for bitrate, taken in ((1, True), (most, True), (float(most), True), (most + 1, False)):
            quality = {**QUALITY, "resolution": name, "video_config": {**H264, "bitrate": bitrate}}
            assert world.accepts(quality) is taken, (name, bitrate)
    for config, taken in (
        ({"codec": "h264"}, True),
        ({"codec": "h265", "index": 0}, True),
        ({"codec": "h264", "index": 3}, True),
        ({}, False),
        ({"codec": "vp9"}, False),
        ({"codec": "H264"}, False),
        ({"codec": "h264", "bitrate": 0}, False),
        ({"codec": "h264", "bitrate": -1}, False),
        ({"codec": "h264", "bitrate": 1.5}, False),
        ({"codec": "h264", "bitrate": "1"}, False),
        ({"codec": "h264", "index": -1}, False),
        ({"codec": "h264", "index": 0.5}, False),
    ):
        assert world.accepts({**QUALITY, "video_config": config}) is taken, config
    assert world.contract.schemas["VideoConfig"]["properties"]["index"]["default"] == 0


def test_q7_h265_in_mpegts_is_warned_of(world: World) -> None:
    track: Json = {"codec": "aac", "bitrate": 192000, "channels": "2", "sample_rate": 48000, "language": "en"}
    example: list[Json] = [
        {
            "resolution": "1080p",
            "type": "hls",
            "container_type": "mpegts",
            "video_config": {"codec": "h265", "bitrate": 5000000, "index": 0},
            "audio_config": {**track, "index": 0},
        },
        {
            "resolution": "720p",
            "type": "dash",
            "container_type": "fmp4",
            "video_config": {"codec": "h264", "bitrate": 3000000, "index": 0},
        },
        {"resolution": "audio", "type": "dash", "container_type": "fmp4", "audio_config": {**track, "index": 0}},
    ]
    assert world.accepts(*example)
    with pytest.warns(LadderWarning, match="h265-in-mpegts") as warned:
        made = world.client.videos.create("t", qualities=example)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert isinstance(made.qualities, list)
    assert [one.name for one in made.qualities] == ["1080p", "720p", "audio"]


def test_q8_audio_config_has_bounds(world: World) -> None:
    rates = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000]
    configs: Table = [
        *(({"sample_rate": rate}, True) for rate in rates),
        *(({"sample_rate": rate}, False) for rate in (0, 12000, 24000, 44101, 192000, "44100")),
        *(({"channels": channels}, True) for channels in ("1", "2")),
        *(({"channels": channels}, False) for channels in (1, 2, "0", "6", "stereo", "")),
        *(({"bitrate": bitrate}, True) for bitrate in (1, 64000, 128000, 256000, 256001, 192000.0)),
        *(({"bitrate": bitrate}, False) for bitrate in (0, -1, 0.5, "128000", True)),
        *(({"index": index}, True) for index in (0, 1, 7)),
        *(({"index": index}, False) for index in (-1, 0.5, "0")),
        *(({"codec": codec}, False) for codec in ("mp3", "AAC", None)),
    ]
    for config, taken in configs:
        assert world.accepts({**AUDIO_ONLY, "audio_config": {**AAC, **config}}) is taken, config
    assert not world.accepts({**AUDIO_ONLY, "audio_config": {"bitrate": 128000}})
    assert world.contract.schemas["AudioConfig"]["properties"]["index"]["default"] == 0


def test_q9_language_has_a_pattern_and_no_default(world: World) -> None:
    schema = world.contract.schemas["AudioConfig"]["properties"]["language"]
    assert "default" not in schema
    for code, taken in (
        *((code, True) for code in ("en", "jp", "ja", "fil", "EN", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske-1994")),
        *((code, False) for code in ("", "e", "english language", "pt_BR", "en-", "-en", "e1", "en\n", "x" * 9)),
    ):
        assert world.contract.takes(schema, code) is taken, code
        assert world.accepts({**AUDIO_ONLY, "audio_config": {**AAC, "language": code}}) is taken, code
    service = world.service(video())
    with service.client() as client:
        client.videos.create("t", qualities=[AUDIO_ONLY])
    assert "language" not in service.body["qualities"][0]["audio_config"]
    [found] = check([{**AUDIO_ONLY, "audio_config": {**AAC, "language": "jp"}}])
    assert (found.code, found.severity, found.suggestion) == ("unknown-language", "warning", "ja")


def test_q10_configs_choose_the_outputs(world: World) -> None:
    hls_sound = {**AUDIO_ONLY, "type": "hls", "container_type": "mp4"}
    neither = without(QUALITY, "video_config")
    for quality in (neither, QUALITY, AUDIO_ONLY, {**QUALITY, "audio_config": AAC}):
        assert world.accepts(quality)
    for name in ("video_config", "audio_config"):
        assert not world.accepts({**QUALITY, "audio_config": AAC, name: None})
        with pytest.raises(EncodingError, match="is null"):
            world.client.videos.create("t", qualities=[{**neither, name: None}])
    service = world.service(video())
    with service.client() as client:
        client.videos.create("t", qualities=[neither, QUALITY, hls_sound])
    assert service.body["qualities"] == [neither, QUALITY, hls_sound]


def test_q11_resolution_above_the_source_is_left_out(world: World) -> None:
    too_high = [{**QUALITY, "resolution": name} for name in ("2160p", "4320p")]
    no_such_track = {**QUALITY, "video_config": {**H264, "index": 9}, "audio_config": {**AAC, "index": 9}}
    assert world.accepts(*too_high, no_such_track)
    identifier = world.rich.create(qualities=[*too_high, no_such_track])
    shown = world.rich.get(identifier)
    source = Source(height=1080, video_tracks=1, audio_tracks=1)
    both = {**QUALITY, "audio_config": AAC}
    assert [one.code for one in check([both, {**both, "resolution": "2160p"}], source=source)] == ["above-source"]
    assert [one.severity for one in check([{**both, "resolution": "2160p"}], source=source)] == ["error"]
    tracks = check([no_such_track], source=source)
    assert {(one.code, one.severity) for one in tracks} == {("no-such-track", "error")}
    assert [one["name"] for one in shown["qualities"]] == ["2160p", "4320p", "720p"]
    assert "left out" in world.contract.schemas["CreateVideoRequest"]["properties"]["qualities"]["description"]


def test_q12_picture_keeps_its_shape(world: World) -> None:
    text = " ".join(world.contract.schemas["Resolution"]["description"].split())
    sizes = {name: (int(w), int(h)) for name, w, h in re.findall(r"(\d+p) (\d+) × (\d+)", text)}
    assert list(sizes) == RESOLUTIONS
    for name, (width, height) in sizes.items():
        assert f"{min(width, height)}p" == name
        assert width % 2 == height % 2 == 0
        assert abs(width - height * 16 / 9) < 2
    assert "shorter side" in text
    for name in ("width", "height", "dimensions"):
        assert not world.accepts({**QUALITY, name: 640})
        assert not world.accepts({**QUALITY, "video_config": {**H264, name: 640}})


def test_q13_qualities_are_checked_against_each_other(world: World) -> None:
    silent = {**QUALITY, "type": "dash", "container_type": "fmp4"}
    twice = [QUALITY, QUALITY]
    for ladder in (
        twice,
        [silent],
        [silent, {**silent, "resolution": "360p", "audio_config": AAC}],
        [silent, AUDIO_ONLY],
    ):
        assert world.accepts(*ladder)
    shown = world.rich.get(world.rich.create(qualities=twice))
    assert shown["qualities"] == [{"name": "720p", "status": "new", "type": "hls"}] * 2
    both = {**QUALITY, "audio_config": AAC}
    assert codes(both, both) == ["duplicate-output"]
    assert codes(silent, {**both, "resolution": "360p"}) == ["silent-video"]
    assert codes(QUALITY, AUDIO_ONLY) == ["silent-video"]
    assert codes(silent, AUDIO_ONLY) == []


def test_q14_strict_mode_is_the_clients(world: World) -> None:
    warned: list[Json] = [
        {**QUALITY, "resolution": "144p"},
        {**QUALITY, "container_type": "mpegts", "video_config": {"codec": "h265"}},
        {**AUDIO_ONLY, "audio_config": {**AAC, "bitrate": 8000}},
        {**AUDIO_ONLY, "audio_config": {**AAC, "language": "jp"}},
        {"type": "hls", "container_type": "mp4"},
        {**QUALITY, "resolution": "4320p"},
    ]
    for quality in warned:
        assert world.accepts(quality), quality
        with pytest.raises(EncodingError):
            world.client.videos.create("t", qualities=[quality], strict=True)
        with pytest.warns(LadderWarning):
            assert world.client.videos.create("t", qualities=[quality]).status == "new"
        assert not world.accepts({**quality, "strict": True})
    assert not world.contract.takes("CreateVideoRequest", {"title": "t", "strict": True})
    assert world.rich.creates(strict=True) == 400
