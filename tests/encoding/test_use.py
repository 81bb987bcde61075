"""The check where people meet it: before a call, in the builders, with a real file, and in a price."""

from __future__ import annotations

import json
import sys
import warnings
from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import clips
import httpx
import pytest
from conformance.mock_tests.boundary_values import NAMES
from hypothesis import given
from hypothesis import strategies as st

from aioz_stream import (
    AiozStream,
    ArgumentError,
    AsyncAiozStream,
    AudioConfig,
    EncodingError,
    LadderWarning,
    Quality,
    SourceError,
    VideoConfig,
    encoding,
)
from aioz_stream.encoding import Source, audio, check, dash, hls, ladder, languages
from aioz_stream.operations import calls
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

WARNED: dict[str, Any] = {
    "type": "hls",
    "container_type": "mp4",
    "resolution": "720p",
    "video_config": {"codec": "h264"},
}
WRONG = WARNED | {"container_type": "fmp4"}


@pytest.fixture(scope="module")
def server() -> Generator[MockServer]:
    with MockServer(Settings(transcode_seconds=0)) as running:
        yield running


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of real H.264 and AAC, 426 × 240."""
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    clips.make(path, seconds=1, bitrate="200k", size="426x240")
    return path


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def silent() -> AiozStream:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"sent {request.method} {request.url}")

    return AiozStream(token="t", transport=httpx.MockTransport(refuse))


class TestBeforeACall:
    def test_errors_stop_create(self, silent: AiozStream) -> None:
        with pytest.raises(
            EncodingError, match=r"'fmp4'\. HLS comes in mpegts or mp4\. Write 'mpegts' instead"
        ) as caught:
            silent.videos.create("t", qualities=[WRONG, {}])
        assert isinstance(caught.value, ArgumentError)
        assert {finding.code for finding in caught.value.findings} == {
            *("container-mismatch", "missing-field", "silent-video", "service-chooses")
        }

    def test_errors_stop_an_upload(self, silent: AiozStream, clip: Path) -> None:
        with pytest.raises(EncodingError):
            silent.upload(clip, qualities=[WRONG])

    def test_strict(self, silent: AiozStream, clip: Path) -> None:
        with pytest.raises(EncodingError, match="silent-video"):
            silent.videos.create("t", qualities=[WARNED], strict=True)
        with pytest.raises(EncodingError, match="silent-video"):
            silent.upload(clip, qualities=[WARNED], strict=True)

    def test_an_upload_knows_its_source(self, silent: AiozStream, clip: Path) -> None:
        with pytest.raises(EncodingError, match="nothing-left"):
            silent.upload(clip, qualities=[hls("1080p")])
        with pytest.raises(EncodingError, match="no-such-track"):
            silent.upload(clip, qualities=[hls("240p", audio_track=1)])

    def test_warnings_name_the_callers_line(self, server: MockServer, clip: Path) -> None:
        with AiozStream(token="token-a", base_url=server.url) as stream:
            with pytest.warns(LadderWarning, match="silent-video") as warned:
                stream.videos.create("t", qualities=[WARNED])
            assert warned[0].filename == __file__
            with pytest.warns(LadderWarning, match="above-source"):
                stream.upload(clip, qualities=[hls("240p"), hls("1080p")])

    @pytest.mark.anyio
    async def test_async(self, server: MockServer, clip: Path) -> None:
        async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
            with pytest.raises(EncodingError):
                await stream.videos.create("t", qualities=[WRONG])
            with pytest.raises(EncodingError):
                await stream.upload(clip, qualities=[WARNED], strict=True)
            with pytest.warns(LadderWarning, match="silent-video"):
                await stream.videos.create("t", qualities=[WARNED])

    def test_what_is_sent_is_what_was_checked(self) -> None:
        bodies: list[Any] = []

        def answer(request: httpx.Request) -> httpx.Response:
            bodies.append(json.loads(request.content))
            return httpx.Response(201, json={"status": "success", "data": {"id": "x", "title": "t", "status": "new"}})

        stream = AiozStream(token="t", transport=httpx.MockTransport(answer))
        typed = Quality("hls", "mp4", "720p", VideoConfig("h264", 3_000_000, 0), AudioConfig("aac", index=0))
        plain = {
            **WARNED,
            "video_config": {"codec": "h264", "bitrate": 3_000_000.0, "index": 0},
            "audio_config": AudioConfig("aac", index=0),
        }
        forms: list[Any] = [[typed], (typed,), [plain], iter([typed])]
        for qualities in forms:
            stream.videos.create("t", qualities=qualities)
        wanted = {
            **WARNED,
            "video_config": {"codec": "h264", "bitrate": 3_000_000, "index": 0},
            "audio_config": {"codec": "aac", "index": 0},
        }
        assert [body["qualities"] for body in bodies] == [[wanted]] * 4

    def test_typed_objects_with_nonsense_inside(self) -> None:
        broken = Quality("hls", "mp4", "720p", video_config={"codec": 5})  # type: ignore[arg-type]  # on purpose
        assert {one.pointer for one in check([broken])} == {"/qualities/0/video_config/codec", "/qualities/0"}

    def test_no_ladder_has_no_findings(self) -> None:
        assert check(None) == []


class TestReference:
    """The examples of the service's own guide."""

    SOUND: ClassVar = {
        "codec": "aac",
        "bitrate": 192000,
        "channels": "2",
        "sample_rate": 48000,
        "language": "en",
        "index": 0,
    }
    ADVANCED: ClassVar = [
        {
            "resolution": "1080p",
            "type": "hls",
            "container_type": "mpegts",
            "video_config": {"codec": "h265", "bitrate": 5000000, "index": 0},
            "audio_config": SOUND,
        },
        {
            "resolution": "720p",
            "type": "dash",
            "container_type": "fmp4",
            "video_config": {"codec": "h264", "bitrate": 3000000, "index": 0},
        },
        {"resolution": "audio", "type": "dash", "container_type": "fmp4", "audio_config": SOUND},
    ]

    def test_advanced_example(self) -> None:
        [found] = check(self.ADVANCED)
        assert (found.code, found.severity) == ("h265-in-mpegts", "warning")
        assert (found.pointer, found.suggestion) == ("/qualities/0/container_type", "mp4")

    def test_simplified_body(self, server: MockServer) -> None:
        with warnings.catch_warnings(), AiozStream(token="token-a", base_url=server.url) as stream:
            warnings.simplefilter("error")
            assert stream.videos.create(title="video's title", strict=True).status == "new"


class TestSource:
    def test_a_real_file(self, clip: Path) -> None:
        source = Source.probe(clip)
        assert (source.height, source.video_tracks, source.audio_tracks) == (240, 1, 1)
        assert source.duration == pytest.approx(1, abs=0.1)
        assert [one.code for one in check([hls("240p"), hls("360p")], source=clip)] == ["above-source"]
        assert [one.code for one in check([hls("240p"), hls("360p")], source=str(clip))] == ["above-source"]

    def test_no_media(self, tmp_path: Path) -> None:
        (tmp_path / "text.mp4").write_text("no media")
        with pytest.raises(SourceError, match="can't be read as media"):
            Source.probe(tmp_path / "text.mp4")
        with pytest.raises(FileNotFoundError, match="There is no file"):
            check([hls("240p")], source=tmp_path / "none.mp4")
        assert Source.if_readable(tmp_path / "text.mp4") is None

    def test_without_the_extra(self, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "av", None)
        with pytest.raises(ValueError, match=r"pip install 'aioz-stream\[probe\]'"):
            check([hls("240p")], source=clip)
        assert Source.if_readable(clip) is None

    def test_languages_without_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(languages, "is_available", False)
        languages.meant.cache_clear()
        assert check([audio("hls", language="jp")]) == []
        languages.meant.cache_clear()


def errors(qualities: Any) -> list[encoding.Finding]:
    return [finding for finding in check(qualities) if finding.severity == "error"]


class TestBuilders:
    def test_defaults_break_nothing(self) -> None:
        for name in NAMES[1:-1]:
            assert check([hls(name)]) == check([dash(name, codec="h265")]) == check([hls(name, codec="h265")]) == []
        assert check([audio("dash", bitrate=192_000, language="en")]) == []
        assert {one.code for one in check([hls("144p")])} == {"no-documented-maximum"}
        assert {one.code for one in check([hls("4320p")])} == {"unlisted-resolution"}

    def test_what_they_make(self) -> None:
        assert hls("720p").to_dict() == {
            "type": "hls",
            "container_type": "mpegts",
            "resolution": "720p",
            "video_config": {"codec": "h264", "bitrate": 3_000_000, "index": 0},
            "audio_config": {"codec": "aac", "bitrate": 128_000, "channels": "2", "index": 0},
        }
        assert hls("720p", codec="h265").container_type == "mp4"
        assert hls("720p", container="mp4").container_type == "mp4"
        assert "audio_config" not in dash("720p", audio_bitrate=None).to_dict()
        assert audio("dash", language="en", label="english").to_dict()["resolution"] == "english"

    @given(
        resolution=st.sampled_from([*NAMES, "HD", ""]),
        codec=st.sampled_from(["h264", "h265", "vp9"]),
        container=st.sampled_from([None, "mpegts", "mp4", "fmp4"]),
        bitrate=st.sampled_from([None, 0, 1, 700_000, 700_001, 10**8]),
        audio_bitrate=st.sampled_from([None, 0, 1, 128_000]),
        channels=st.sampled_from(["1", "2", "3"]),
        sample_rate=st.sampled_from([None, 44_100, 44_000]),
        language=st.sampled_from([None, "en", "e", "jp"]),
        track=st.sampled_from([0, 1, -1]),
    )
    def test_they_make_no_wrong_quality(
        self, resolution: str, codec: str, container: str | None, bitrate: int | None, track: int, **sound: Any
    ) -> None:
        made: list[Quality] = []
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            builders: list[Callable[[], Quality]] = [
                partial(hls, resolution, codec=codec, container=container, bitrate=bitrate, video_track=track, **sound),
                partial(dash, resolution, codec=codec, bitrate=bitrate, audio_track=track, **sound),
                partial(audio, "dash", bitrate=sound["audio_bitrate"] or 0, language=sound["language"], track=track),
            ]
            for build in builders:
                with suppress(EncodingError):
                    made.append(build())
        assert not made or errors(made) == []

    @pytest.mark.parametrize("kind", ["hls", "dash"])
    @pytest.mark.parametrize("codec", ["h264", "h265"])
    @pytest.mark.parametrize("height", [240, 241, 360, 720, 1080, 2160, 4320, 10_000])
    def test_whole_ladders(self, kind: str, codec: str, height: int) -> None:
        made = ladder(source_height=height, type=kind, codec=codec, language="en")
        found = check(made, source=Source(height=height, video_tracks=1, audio_tracks=1))
        assert {one.code for one in found} == ({"unlisted-resolution"} if height >= 4320 else set())
        names = [one.resolution for one in made if one.resolution != "audio"]
        assert names == [name for name in NAMES if 240 <= int(name[:-1]) <= height]

    def test_small_sources(self) -> None:
        assert [one.resolution for one in ladder(source_height=239)] == ["144p"]
        with pytest.raises(EncodingError, match="source_height is 143"):
            ladder(source_height=143)

    def test_wrong_types(self) -> None:
        with pytest.raises(EncodingError, match="unknown-type"):
            ladder(source_height=1080, type="cmaf")
        with pytest.raises(EncodingError, match="unknown-type"):
            audio("cmaf")


class TestPrice:
    def test_a_ladder(self, server: MockServer, clip: Path) -> None:
        with AiozStream(token="token-a", base_url=server.url) as stream:
            qualities = [hls("360p"), dash("360p"), hls("720p"), hls("4320p"), audio("dash")]
            priced = stream.videos.ladder_cost(qualities, duration=60)
            assert priced.cost == stream.videos.cost(["360p", "720p"], 60)
            assert isinstance(priced.cost.price, Decimal)
            assert priced.names == ["360p", "720p"]
            assert [(one.code, one.pointer) for one in priced.unpriced] == [
                ("no-price", "/qualities/3"),
                ("no-price", "/qualities/4"),
            ]
            of_source = stream.videos.ladder_cost([hls("240p"), hls("720p")], source=clip)
            assert of_source.cost.price == stream.videos.cost(["240p"], Source.probe(clip).duration or 0).price
            assert "higher than the source" in of_source.unpriced[0].message

    @pytest.mark.anyio
    async def test_async(self, server: MockServer) -> None:
        async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
            priced = await stream.videos.ladder_cost([hls("360p")], source=Source(height=360, duration=10))
            assert priced.cost == await stream.videos.cost(["360p"], 10)

    def test_what_can_not_be_priced(self, silent: AiozStream) -> None:
        with pytest.raises(ArgumentError, match="Say the duration"):
            silent.videos.ladder_cost([hls("360p")])
        with pytest.raises(EncodingError, match="None of these"):
            silent.videos.ladder_cost([audio("hls"), hls("4320p")], duration=1)
        with pytest.raises(EncodingError, match="fmp4"):
            silent.videos.ladder_cost([WRONG], duration=1)
        with pytest.raises(EncodingError, match="None of these"):
            silent.videos.ladder_cost([{"type": "hls", "container_type": "mp4"}], duration=1)


@pytest.mark.parametrize("zeros", [301, 5000])
def test_a_number_that_is_too_large_is_refused_and_never_made_smaller(zeros: int) -> None:
    quality = {"type": "hls", "container_type": "mp4", "resolution": "144p"}
    ladder = [{**quality, "video_config": {"codec": "h264", "bitrate": 10**zeros}}]
    with pytest.warns(LadderWarning), pytest.raises(EncodingError, match="too large to be sent"):
        calls.new_video("t", None, True, None, None, ladder)
