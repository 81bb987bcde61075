"""What is asked before bytes are sent: what transcoding may cost. And the thumbnail that goes with an upload."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import clips as media
import httpx
import pytest

from aioz_stream import (
    AiozStream,
    ArgumentError,
    ArgumentTypeError,
    AsyncAiozStream,
    BadRequestError,
    BalanceError,
    EncodingError,
    LadderWarning,
    PartLimits,
    PriceError,
    ServerError,
    UploadItem,
)
from aioz_stream.encoding import audio, dash, hls, ladder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aioz_stream import Video
    from aioz_stream_mock import MockServer

ANY = PartLimits(1, 10**9)
PRICE = Decimal("0.009")
"""What the mock server asks for a minute of 360p and 720p."""
QUALITIES = [hls("360p"), hls("720p")]
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89"

pytestmark = pytest.mark.usefixtures("journals")


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    path = tmp_path / "cover.png"
    path.write_bytes(PICTURE)
    return path


@pytest.fixture
def poor(bad_server: MockServer) -> Iterator[AiozStream]:
    """A client of an account whose balance covers nothing."""
    with AiozStream(token="token-b", base_url=bad_server.url) as client:
        yield client


def sent(misbehaving: Any) -> list[str]:
    """The operations that were asked for, in their order."""
    return [request.rsplit("/", 1)[-1] for request in misbehaving.requests]


def picture_of(video: Video) -> bytes:
    assert video.assets
    assert video.assets.thumbnail_url
    return httpx.get(video.assets.thumbnail_url).raise_for_status().content


class TestPrice:
    @pytest.mark.parametrize("most", ["0.008999", Decimal("0.0089999999999999999999"), 0])
    def test_what_costs_more_is_not_begun(
        self, most: Any, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        with pytest.raises(PriceError, match=r"into 360p, 720p costs 0\.009, more than the limit of ") as caught:
            bad_stream.upload(make_file(b"bytes"), qualities=QUALITIES, max_price=most, duration=60)
        assert not isinstance(caught.value, BalanceError)
        assert caught.value.price == PRICE
        assert caught.value.video_id is None
        assert sent(misbehaving) == ["cost"]

    @pytest.mark.parametrize("most", ["0.009", PRICE, 1])
    def test_what_costs_as_much_is_uploaded(
        self, most: Any, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        bad_stream.upload(make_file(b"bytes"), qualities=QUALITIES, max_price=most, duration=60)
        assert sent(misbehaving)[:2] == ["cost", "create"]

    def test_what_the_balance_does_not_cover_is_not_begun(
        self, poor: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        with pytest.raises(BalanceError, match="which the account's balance does not cover") as caught:
            poor.upload(make_file(b"bytes"), qualities=QUALITIES, max_price=1000, duration=60)
        assert caught.value.price == PRICE
        assert sent(misbehaving) == ["cost"]

    @pytest.mark.parametrize("most", [-1, "-0.01", "", "two", "NaN", "Infinity", Decimal("sNaN"), 2.5, True, b"1", [1]])
    def test_no_amount(
        self, most: Any, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        with pytest.raises(ArgumentError, match="max_price") as caught:
            bad_stream.upload(make_file(b"bytes"), qualities=QUALITIES, max_price=most, duration=60)
        assert isinstance(caught.value, ArgumentTypeError) == (
            not isinstance(most, int | str | Decimal) or most is True
        )
        assert caught.value.argument == "max_price"
        assert sent(misbehaving) == []

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"duration": 60}, "needs qualities="),
            ({"qualities": QUALITIES}, r"Give duration=, in seconds; .* 'aioz-stream\[probe\]'"),
            ({"qualities": QUALITIES, "duration": 0}, "duration is 0"),
        ],
    )
    def test_a_limit_is_never_left_unchecked(
        self, given: Any, says: str, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        for source in (make_file(b"no media"), io.BytesIO(b"bytes")):
            with pytest.raises(ArgumentError, match=says):
                bad_stream.upload(source, title="t", max_price=1, **given)
        assert sent(misbehaving) == []

    @pytest.mark.filterwarnings("ignore::aioz_stream.LadderWarning")
    def test_a_picture_without_a_price_is_refused(
        self, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        for unknown in (hls("4320p"), {"type": "hls", "container_type": "mp4"}):
            with pytest.raises(EncodingError, match=r"(?s)The limit can't be held.*/qualities/1: ") as caught:
                bad_stream.upload(
                    make_file(b"bytes"), qualities=[hls("360p"), unknown, audio("hls")], max_price=9, duration=1
                )
            assert [one.pointer for one in caught.value.findings] == ["/qualities/1", "/qualities/2"]
        with pytest.raises(EncodingError, match="None of these"):
            bad_stream.upload(make_file(b"bytes"), qualities=[audio("hls")], max_price=9, duration=1)
        assert sent(misbehaving) == []

    @pytest.mark.parametrize(
        ("qualities", "says"),
        [
            (ladder(source_height=360, type="dash"), "Sound alone is not in the price list"),
            ([hls("360p"), dash("360p")], "takes each resolution once"),
        ],
        ids=["sound alone", "twice"],
    )
    def test_what_the_price_list_does_not_count_is_said(
        self, qualities: Any, says: str, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        with pytest.raises(EncodingError, match=says):
            bad_stream.upload(make_file(b"bytes"), qualities=qualities, max_price=1, duration=1, strict=True)
        assert sent(misbehaving) == []
        with pytest.warns(LadderWarning, match=says):
            bad_stream.upload(make_file(b"bytes"), qualities=qualities, max_price=1, duration=1)

    def test_a_file_tells_its_length_and_what_is_left_out(self, bad_stream: AiozStream, tmp_path: Path) -> None:
        clip = tmp_path / "clip.mp4"
        media.make(clip, seconds=3, bitrate="200k", size="426x240")
        # 1080p is above the source, and costs nothing.
        qualities = [hls("240p"), hls("1080p")]
        expected = bad_stream.videos.ladder_cost(qualities, source=clip).cost.price
        with (
            pytest.warns(LadderWarning, match="leaves this quality out") as warned,
            pytest.raises(PriceError) as caught,
        ):
            bad_stream.upload(clip, qualities=qualities, max_price=expected - Decimal("0.000001"))
        assert caught.value.price == expected
        assert len(warned) == 1
        with pytest.warns(LadderWarning):
            bad_stream.upload(clip, qualities=qualities, max_price=expected)
        # What is given stands above what the file says.
        with pytest.warns(LadderWarning), pytest.raises(PriceError):
            bad_stream.upload(clip, qualities=qualities, max_price=expected, duration=600)

    def test_an_upload_goes_on_only_within_the_limit(
        self, bad_stream: AiozStream, misbehaving: Any, fault: Any, make_file: Callable[[bytes], Path]
    ) -> None:
        call: dict[str, Any] = {"qualities": QUALITIES, "duration": 60}
        misbehaving.faults = [fault("/part", status=400)]
        with pytest.raises(BadRequestError) as first:
            bad_stream.upload(make_file(b"bytes"), **call)
        misbehaving.requests.clear()
        with pytest.raises(PriceError) as caught:
            bad_stream.upload(make_file(b"bytes"), max_price=0, **call)
        assert caught.value.video_id == first.value.video_id
        assert "part" not in sent(misbehaving)
        assert bad_stream.upload(make_file(b"bytes"), max_price=1, **call).id == first.value.video_id

    @pytest.mark.anyio
    async def test_async(self, bad_server: MockServer, misbehaving: Any, make_file: Callable[[bytes], Path]) -> None:
        async with AsyncAiozStream(token="token-a", base_url=bad_server.url) as stream:
            with pytest.raises(PriceError):
                await stream.upload(make_file(b"bytes"), qualities=QUALITIES, max_price="0.008", duration=60)
            assert sent(misbehaving) == ["cost"]
            await stream.upload(make_file(b"bytes"), qualities=QUALITIES, max_price="0.009", duration=60)

    def test_each_of_many_has_a_limit(self, bad_stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
        items = [
            UploadItem(source=path, qualities=QUALITIES, max_price=most, duration=60)
            for path, most in zip(clips(2), ("0.008", "0.009"), strict=True)
        ]
        refused, taken = sorted(bad_stream.upload_many(items), key=lambda result: result.index)
        assert isinstance(refused.error, PriceError)
        assert taken.video


class TestThumbnail:
    def test_it_is_set_before_the_bytes_are_sent(
        self, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[[bytes], Path], cover: Path
    ) -> None:
        video = bad_stream.upload(make_file(b"bytes"), thumbnail=cover)
        assert sent(misbehaving)[:4] == ["create", "thumbnail", "part", "complete"]
        assert picture_of(video) == PICTURE

    def test_it_is_checked_before_anything_is_sent(
        self, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[..., Path], cover: Path
    ) -> None:
        for thumbnail in (
            make_file(b"GIF89a", "cover.gif"),
            make_file(b"text", "text.png"),
            cover.with_name("none.png"),
        ):
            with pytest.raises((ArgumentError, FileNotFoundError)):
                bad_stream.upload(make_file(b"bytes"), thumbnail=thumbnail)
        assert sent(misbehaving) == []

    def test_one_that_fails_is_set_after_the_bytes(
        self, bad_stream: AiozStream, misbehaving: Any, fault: Any, make_file: Callable[[bytes], Path], cover: Path
    ) -> None:
        misbehaving.faults = [fault("/thumbnail", status=400)]
        video = bad_stream.upload(make_file(b"bytes"), thumbnail=cover)
        assert [name for name in sent(misbehaving) if name in {"thumbnail", "complete"}] == [
            *("thumbnail", "complete", "thumbnail")
        ]
        assert picture_of(bad_stream.videos.get(video.id)) == PICTURE

    def test_one_that_fails_to_the_end_costs_no_bytes(
        self, bad_stream: AiozStream, misbehaving: Any, fault: Any, make_file: Callable[[bytes], Path], cover: Path
    ) -> None:
        misbehaving.faults = [fault("/thumbnail", status=500, times=100)]
        with pytest.raises(ServerError, match="thumbnail") as caught:
            bad_stream.upload(make_file(b"bytes"), thumbnail=cover)
        assert "The upload is complete, and only the thumbnail is missing." in caught.value.__notes__
        assert caught.value.video_id
        assert bad_stream.videos.wait(caught.value.video_id).status == "done"
        # The same call sets it, makes no second video, and sends nothing twice.
        misbehaving.faults, misbehaving.requests = [], []
        video = bad_stream.upload(make_file(b"bytes"), thumbnail=cover)
        assert video.id == caught.value.video_id
        assert sent(misbehaving) == [video.id, "thumbnail"]
        assert picture_of(bad_stream.videos.get(video.id)) == PICTURE
        assert bad_stream.uploads.unfinished() == []

    @pytest.mark.anyio
    async def test_async(self, async_stream: AsyncAiozStream, make_file: Callable[[bytes], Path], cover: Path) -> None:
        video = await async_stream.upload(make_file(b"bytes"), thumbnail=cover)
        assert picture_of(video) == PICTURE

    def test_what_is_passed_over_is_asked_nothing(
        self, bad_stream: AiozStream, misbehaving: Any, fault: Any, clips: Callable[..., list[Path]], cover: Path
    ) -> None:
        items = [
            UploadItem(source=path, thumbnail=cover, qualities=QUALITIES, max_price=1, duration=60) for path in clips(2)
        ]
        misbehaving.faults = [fault("/part", status=400)]
        failed, complete = bad_stream.upload_many(items, files=1)
        assert failed.error
        misbehaving.requests.clear()
        again = [result.unwrap() for result in bad_stream.upload_many(items, files=1)]
        assert again[1].id == complete.unwrap().id
        assert (sent(misbehaving).count("cost"), sent(misbehaving).count("thumbnail")) == (1, 1)
        assert [picture_of(video) for video in again] == [PICTURE, PICTURE]
