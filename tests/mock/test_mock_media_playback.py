"""Playback: that everything which playlists, manifests and pages name is there, and for whom."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import httpx
import imageio_ffmpeg
import pytest

from aioz_stream_mock.media.dash import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mock.conftest import Studio

pytestmark = pytest.mark.xdist_group("playback")  # they share transcoded videos

Json = dict[str, Any]

AAC = {"codec": "aac", "bitrate": 96000}
LADDER = [
    {"resolution": "240p", "type": "hls", "container_type": "mpegts", "video_config": {"codec": "h264"}},
    {
        "resolution": "360p",
        "type": "hls",
        "container_type": "mp4",
        "video_config": {"codec": "h265"},
        "audio_config": AAC,
    },
    {"resolution": 'say "hi"', "type": "hls", "container_type": "mp4", "audio_config": {**AAC, "language": "en"}},
    {"type": "hls", "container_type": "mpegts", "audio_config": {**AAC, "language": "pt-BR"}},
    {"resolution": "240p", "type": "dash", "container_type": "fmp4", "video_config": {"codec": "h264"}},
    {"resolution": "360p", "type": "dash", "container_type": "fmp4", "video_config": {"codec": "h264"}},
    {
        "resolution": "360p",
        "type": "dash",
        "container_type": "fmp4",
        "video_config": {"codec": "h265"},
        "audio_config": AAC,
    },
    {"resolution": "en", "type": "dash", "container_type": "fmp4", "audio_config": {**AAC, "language": "en"}},
    {"resolution": "more", "type": "dash", "container_type": "fmp4", "audio_config": {**AAC, "language": "en"}},
]


def clip(studio: Studio) -> bytes:
    """Long enough for two segments."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=10", "-f", "lavfi", "-i", "sine=sample_rate=48000")
    return studio.clip("five.mp4", *picture, "-t", "5", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")


@pytest.fixture(scope="module")
def video(studio: Studio) -> Json:
    made = studio.make(clip(studio), title="<b>Bold</b>", qualities=LADDER)
    assert {one["status"] for one in made["qualities"]} == {"done"}
    return made


@pytest.fixture
def private(studio: Studio, video: Json) -> Iterator[Json]:
    """The same video, while nobody but its owner may watch it."""
    studio.http.patch(f"/videos/{video['id']}", json={"is_public": False})
    yield studio.get(video["id"])
    studio.http.patch(f"/videos/{video['id']}", json={"is_public": True})


def test_the_master_playlist(studio: Studio, video: Json) -> None:
    answer = studio.anyone.get(video["assets"]["hls_url"])
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    master = studio.playlist(video["assets"]["hls_url"])
    assert [(one.group_id, one.name, one.language, one.default, one.uri) for one in master.media] == [
        ("sound", "say 'hi'", "en", "YES", "media/2/index.m3u8"),
        ("sound", "audio", "pt-BR", "NO", "media/3/index.m3u8"),
    ]
    assert [one.uri for one in master.playlists] == ["media/0/index.m3u8", "media/1/index.m3u8"]
    silent, own = (one.stream_info for one in master.playlists)
    assert (silent.resolution, silent.audio) == ((426, 240), "sound")
    assert re.fullmatch(r"avc1\.[0-9a-f]{6},mp4a\.40\.2", silent.codecs or "")
    # A sound of its own needs no other.
    assert (own.resolution, own.audio) == ((640, 360), None)
    assert re.fullmatch(r"hvc1\.[0-9A-Z.]+,mp4a\.40\.2", own.codecs or "")
    for one in (silent, own):
        assert (one.bandwidth or 0) >= (one.average_bandwidth or 0) > 50_000


def test_every_address_of_the_playlists_answers(studio: Studio, video: Json) -> None:
    listed = studio.playlists(video["assets"]["hls_url"])
    assert len(listed) == 4
    types: set[str] = set()
    for one in listed:
        answer = studio.anyone.get(one)
        assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
        lengths = [segment.duration for segment in studio.playlist(one).segments]
        assert lengths == [pytest.approx(4, abs=0.1), pytest.approx(1, abs=0.1)]
        types |= {
            studio.anyone.get(segment).raise_for_status().headers["content-type"] for segment in studio.segments(one)
        }
    assert types == {"video/mp2t", "video/mp4", "audio/mp4", "video/iso.segment"}


def test_the_manifest(studio: Studio, video: Json) -> None:
    url = video["assets"]["dash_url"]
    assert studio.anyone.get(url).headers["content-type"] == "application/dash+xml"
    found = studio.representations(url)
    assert set(found) == {"4-0", "5-0", "6-0", "6-1", "7-0", "8-0"}
    sets: dict[str, list[str]] = {}
    for name, one in found.items():
        sets.setdefault(one.set.id, []).append(name)
        assert len(one.addresses) >= 3
        for address in one.addresses:
            assert studio.anyone.get(address).status_code == 200
        assert studio.anyone.get(one.addresses[0]).headers["content-type"] == one.own.mime_type
    # What a player may switch between stands together: one codec, or one language.
    assert sorted(sets.values()) == [["4-0", "5-0"], ["6-0"], ["6-1"], ["7-0", "8-0"]]
    assert [found[name].set.lang for name in ("6-1", "7-0")] == [None, "en"]
    assert (found["4-0"].own.width, found["4-0"].own.height) == (426, 240)
    assert found["5-0"].own.codecs.startswith("avc1.")
    assert found["6-0"].own.codecs.startswith("hvc1.")


def test_the_manifest_says_which_outputs_are_cut_alike(studio: Studio) -> None:
    dash: Json = {"type": "dash", "container_type": "fmp4", "audio_config": {**AAC, "language": "en"}}
    shown = {**dash, "resolution": "240p", "video_config": {"codec": "h264"}}
    # A segment of sound ends with 1024 samples, which last longer at another rate.
    slower = {**dash, "audio_config": {**dash["audio_config"], "sample_rate": 44100}}
    made = studio.make(clip(studio), qualities=[slower, shown, {**shown, "resolution": "360p"}])
    found = studio.representations(made["assets"]["dash_url"])
    assert found["1-0"].set.id == found["2-0"].set.id
    assert found["1-0"].set.segment_alignment is True
    assert found["0-0"].set.id == found["1-1"].set.id
    assert found["0-0"].set.segment_alignment is None


def test_the_manifest_of_more_than_a_minute(studio: Studio) -> None:
    inputs = ("-f", "lavfi", "-t", "61", "-i", "testsrc2=size=256x144:rate=1", "-f", "lavfi", "-t", "63", "-i", "sine")
    source = studio.clip("minute.mp4", *inputs, "-c:v", "libx264", "-c:a", "aac")
    wanted = [
        {"resolution": "sound", "type": "dash", "container_type": "fmp4", "audio_config": AAC},
        {"resolution": "144p", "type": "dash", "container_type": "fmp4", "video_config": {"codec": "h264"}},
    ]
    made = studio.make(source, qualities=wanted)
    text = studio.anyone.get(made["assets"]["dash_url"]).raise_for_status().text
    # The longest output is how long it all is, whatever its place.
    assert re.search(r'mediaPresentationDuration="PT1M3\.[0-9]S"', text)
    assert len(studio.representations(made["assets"]["dash_url"])["0-0"].addresses) == 17
    assert seconds_of("PT1H2M3.5S") == 3723.5
    assert seconds_of("PT0.9S") == 0.9


@pytest.mark.parametrize("signed", [False, True])
def test_a_player_plays_it(studio: Studio, video: Json, *, signed: bool) -> None:
    """All pictures and sounds, opened by address as a player does, without a word of complaint."""
    query = studio.server.state.signer.sign(video["id"], studio.server.state.now()) if signed else ""
    for name, pictures in (("hls_url", 2), ("dash_url", 3)):
        read = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", video["assets"][name] + query]
        shown = ["-map", "0", "-f", "framecrc", "-"]
        done = subprocess.run([*read, *shown], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        kinds = re.findall(r"^#media_type (\d+): (\w+)", done.stdout, re.MULTILINE)
        assert sorted(kind for _, kind in kinds) == ["audio"] * 3 + ["video"] * pictures
        for index, kind in kinds:
            frames = len(re.findall(rf"^{index},", done.stdout, re.MULTILINE))
            assert frames == 50 if kind == "video" else frames > 200


def test_ranges_of_segments(studio: Studio, video: Json) -> None:
    url = studio.segments(urljoin(video["assets"]["hls_url"], "media/0/index.m3u8"))[1]
    whole = studio.anyone.get(url)
    assert whole.headers["accept-ranges"] == "bytes"
    middle = studio.anyone.get(url, headers={"Range": "bytes=100-199"})
    assert (middle.status_code, middle.content) == (206, whole.content[100:200])
    assert middle.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert studio.anyone.get(url, headers={"Range": "bytes=-5"}).content == whole.content[-5:]
    assert studio.anyone.get(url, headers={"Range": f"bytes={len(whole.content)}-"}).status_code == 416
    for name in ("hls_url", "dash_url", "mp4_url"):
        shown, told = studio.anyone.get(video["assets"][name]), studio.anyone.head(video["assets"][name])
        assert (told.status_code, told.content) == (200, b"")
        for header in ("content-length", "content-type"):
            assert told.headers[header] == shown.headers[header]


def test_pages_of_other_sites_may_fetch(studio: Studio, video: Json) -> None:
    assets = video["assets"]
    playlist = urljoin(assets["hls_url"], "media/1/index.m3u8")
    named = [assets[f"{name}_url"] for name in ("source", "thumbnail", "hls", "dash", "mp4")]
    for url in (*named, playlist, studio.segments(playlist)[0]):
        asked = studio.anyone.options(url, headers={"Origin": "https://a.test", "Access-Control-Request-Method": "GET"})
        assert asked.status_code == 204
        assert "GET" in asked.headers["access-control-allow-methods"]
        assert "range" in asked.headers["access-control-allow-headers"].lower()
        answer = studio.anyone.get(url, headers={"Origin": "https://a.test"})
        for one in (asked, answer):
            assert one.headers["access-control-allow-origin"] == "*"
        assert "content-range" in answer.headers["access-control-expose-headers"].lower()
    for url in (assets["source_url"], playlist):
        assert studio.anyone.post(url).status_code == 405
    refused = studio.anyone.get(urljoin(assets["hls_url"], "media/99/index.m3u8"))
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (404, "*")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "media/0/master.m3u8",
            "media/0/said.txt",
            "media/0/source.txt",
            "media/4/manifest.mpd",
            "media/0/segment-99.ts",
        ),
        *(
            "media/99/index.m3u8",
            "media/x/index.m3u8",
            "media/4/index.m3u8",
            "media/0/..%2f..%2fsource.txt",
            "media/00000/a",
        ),
    ],
)
def test_other_files_of_the_media_folder_are_not_served(studio: Studio, video: Json, name: str) -> None:
    assert studio.anyone.get(f"{studio.server.url}/videos/{video['id']}/{name}").status_code == 404


def test_a_private_video_is_its_owners(studio: Studio, video: Json, private: Json) -> None:
    assets = private["assets"]
    master = studio.http.get(assets["hls_url"])
    assert master.status_code == 200
    assert "signature" not in master.text
    media = studio.playlists(assets["hls_url"], studio.http)
    media += studio.segments(media[0], studio.http)
    media += [assets["mp4_url"], assets["dash_url"], assets["thumbnail_url"]]
    stranger = {"Authorization": "Bearer token-b"}
    for url in (assets["hls_url"], *media):
        assert studio.anyone.get(url).status_code == 401
        assert studio.anyone.get(url, headers=stranger).status_code == 404
        assert studio.http.get(url).status_code == 200
    for name, status, said in ((video["id"], 401, "This video is private"), ("nothing", 404, "Video not found")):
        page = studio.anyone.get(f"{site(studio)}/vod/hls/{name}")
        assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert said in page.text


def site(studio: Studio) -> str:
    return studio.server.url.removesuffix("/api")


def test_a_signed_link_opens_one_private_video_for_a_while(studio: Studio, private: Json) -> None:
    assets = private["assets"]
    for name in ("hls_player_url", "dash_player_url"):
        assert urlsplit(assets[name]).query
        assert assets[name].replace("&", "&amp;") in assets[name.replace("player_url", "iframe")]
        assert not any(secret in assets[name] for secret in ("token-a", "secret-a", "public-a"))
        page = studio.anyone.get(assets[name])
        assert page.status_code == 200
        sources = [
            urljoin(assets[name], link.replace("&amp;", "&"))
            for link in re.findall(r'(?:source src|poster)="([^"]+)"', page.text)
        ]
        assert len(sources) == 3
        for source in sources:
            assert studio.anyone.get(source).status_code == 200
    query = "?" + urlsplit(assets["hls_player_url"]).query
    master = assets["hls_url"] + query
    listed = studio.playlists(master)
    segments = [segment for one in listed for segment in studio.segments(one)]
    segments += [
        address for one in studio.representations(assets["dash_url"] + query).values() for address in one.addresses
    ]
    assert len(segments) > 20
    for url in (*listed, *segments):
        assert url.endswith(query)
        assert studio.anyone.get(url).status_code == 200

    other = studio.create(is_public=False)
    for wrong in (
        f"{studio.server.url}/videos/{other}/m3u8{query}",
        master[:-1] + ("0" if master[-1] != "0" else "1"),
        re.sub(r"expires=(\d+)", lambda match: f"expires={int(match[1]) + 1}", master),
        re.sub(r"&signature=.*", "", master),
        re.sub(r"expires=\d+", "expires=9999999999", master),
        master.replace("signature=", "signature=%ff"),
    ):
        assert studio.anyone.get(wrong).status_code == 401
    # It is for watching: the operations of the API want credentials.
    assert studio.anyone.get(f"{studio.server.url}/videos/{private['id']}{query}").status_code == 401
    studio.clock.advance(3601)
    assert studio.anyone.get(master).status_code == 401
    assert studio.anyone.get(assets["hls_player_url"]).status_code == 401


def test_the_player_pages_need_nothing_from_elsewhere(studio: Studio, video: Json) -> None:
    for kind, media_type in (("hls", "application/vnd.apple.mpegurl"), ("dash", "application/dash+xml")):
        url = video["assets"][f"{kind}_player_url"]
        assert url == f"{site(studio)}/vod/{kind}/{video['id']}"
        assert url in video["assets"][f"{kind}_iframe"]
        page = studio.anyone.get(url)
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<b>Bold" not in page.text
        assert "&lt;b&gt;Bold" in page.text
        assert "://" not in page.text
        sources = re.findall(r'<source src="([^"]+)" type="([^"]+)"', page.text)
        assert [type_ for _, type_ in sources] == [media_type, "video/mp4"]
        for link, type_ in sources:
            assert studio.anyone.get(urljoin(url, link)).headers["content-type"] == type_


def test_the_index_shows_what_is_public(studio: Studio, video: Json) -> None:
    hidden = studio.create(title="a secret", is_public=False)
    gone = studio.create(title="a deleted one")
    studio.http.delete(f"/videos/{gone}")
    studio.clock.advance(1)
    new = studio.create(title="a new one")
    url = f"{site(studio)}/"
    page = studio.anyone.get(url).text
    # The server has the videos of other tests too.
    shown = page.partition(f'<li id="video-{video["id"]}">')[2].partition('<li id="video-')[0]
    assert "&lt;b&gt;Bold" in shown
    assert "<b>Bold" not in page
    assert f"/vod/hls/{video['id']}" in shown
    assert '<p class="facts" data-status="done">done · 5.0 s</p>' in shown
    assert re.findall(r'<li data-status="done">(\S+ HLS) <span>done</span></li>', shown) == [
        "240p HLS",
        "360p HLS",
        "audio HLS",
    ]
    assert page.index("a new one") < page.index("Bold")
    chosen = studio.anyone.get(f"{url}?play={video['id']}").text
    assert chosen.index("Bold") < chosen.index("a new one")
    assert not any(word in page for word in (hidden, "a secret", "a deleted one", f"/vod/hls/{new}"))
    for link in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert studio.anyone.get(urljoin(url, link)).status_code == 200


def test_the_files_of_the_pages(studio: Studio) -> None:
    page = studio.anyone.get(f"{site(studio)}/docs").text
    for name in re.findall(r'(?:src|href)="./(static/[^"]+)"', page):
        assert studio.anyone.get(f"{site(studio)}/{name}").status_code == 200
    for name in ("static/", "static/../app.py", "static/%2e%2e/app.py", "static/missing.js"):
        assert studio.anyone.get(f"{site(studio)}/{name}").status_code == 404


def test_the_libraries_are_those_that_are_pinned() -> None:
    root = Path(__file__).resolve().parents[2]
    pins = json.loads((root / "tools/web/package.json").read_text(encoding="utf-8"))["dependencies"]
    static = root / "mock/aioz_stream_mock/static"
    for package, file in (
        ("shaka-player", "shaka-player/shaka-player.js"),
        ("swagger-ui-dist", "swagger-ui/swagger-ui-bundle.js"),
    ):
        path = static / file
        assert pins[package] in path.read_text(encoding="utf-8")
        assert "Apache License" in path.with_name("LICENSE").read_text(encoding="utf-8")


def test_the_contract_is_documented_as_it_is_served(studio: Studio) -> None:
    document = studio.anyone.get(f"{site(studio)}/docs/openapi.json").json()
    assert document["servers"] == [{"url": "/api", "description": "This mock server"}]
    assert document["paths"] == studio.server.state.contract.document["paths"]


def test_there_is_nothing_to_play_where_nothing_is_transcoded(rich: Any) -> None:
    video = rich.upload(b"hello")
    rich.clock.advance(5)
    shown = rich.get(video)
    assert (shown["status"], shown["is_mp4"], shown["assets"]["hls_url"]) == ("done", False, None)
    for name in ("m3u8", "manifest", "mp4", "media/0/index.m3u8"):
        rich.refused(rich.http.get(f"/videos/{video}/{name}"), 404)
    url = str(rich.http.base_url).removesuffix("/api/")
    assert "nothing to play" in httpx.get(f"{url}/vod/hls/{video}").text
    assert video not in httpx.get(f"{url}/").text or "play HLS" not in httpx.get(f"{url}/").text
