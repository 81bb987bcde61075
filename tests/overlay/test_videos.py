"""The nine operations against the mock server, in both faces."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream import (
    AiozStream,
    APIError,
    AsyncAiozStream,
    AudioConfig,
    MetadataPair,
    NotFoundError,
    PartLimits,
    Quality,
    VideoAssets,
    VideoConfig,
    WaitTimeoutError,
    plan,
)
from aioz_stream.operations.paging import Pages
from aioz_stream.operations.waiting import Polling
from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream import Page, Video

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
LADDER = Quality(
    type_="hls",
    container_type="mpegts",
    resolution="360p",
    video_config=VideoConfig(codec="h264", bitrate=800_000),
    audio_config=AudioConfig(codec="aac"),
)


def check_created(video: Video) -> None:
    assert (video.title, video.description, video.is_public, video.status) == ("All", "of it", False, "new")
    assert video.tags == ["a", "b"]
    assert isinstance(video.metadata, list)
    assert [(pair.key, pair.value) for pair in video.metadata] == [("genre", "rock")]
    assert isinstance(video.qualities, list)
    assert [(one.name, one.type_) for one in video.qualities] == [("360p", "hls")]
    assert isinstance(video.created_at, datetime)


def check_updated(video: Video) -> None:
    assert (video.title, video.description, video.is_public) == ("Other", "", False)
    assert video.tags == []
    assert video.player_theme_id == "p1"
    assert isinstance(video.metadata, list)
    assert [(pair.key, pair.value) for pair in video.metadata] == [("k", "v")]


ALL: dict[str, Any] = {
    "title": "All",
    "description": "of it",
    "is_public": False,
    "metadata": {"genre": "rock"},
    "tags": ["a", "b"],
    "qualities": [LADDER],
}
CHANGES: dict[str, Any] = {
    "title": "Other",
    "description": "",
    "tags": [],
    "player_id": "p1",
    "metadata": [MetadataPair("k", "v")],
}


def test_all_nine_operations(
    stream: AiozStream,
    make_file: Callable[..., Path],
    server: MockServer,
    stored: Callable[[str, str], bytes],
    any_size: PartLimits,
) -> None:
    videos, file, cover = stream.videos, make_file(b"0123456789"), make_file(PNG, "cover.PNG")
    video = videos.create(**ALL)
    check_created(video)
    videos.update(video.id, **CHANGES)
    check_updated(videos.get(video.id))
    for part in plan(10, 4, any_size):
        videos.upload_part(video.id, file, part, part_limits=any_size)
    videos.complete(video.id)
    videos.upload_thumbnail(video.id, cover)
    done = videos.wait(video.id, timeout=10)
    assert (done.status, done.size) == ("done", 10)
    assert isinstance(done.assets, VideoAssets)
    assert isinstance(done.assets.thumbnail_url, str)
    assert httpx.get(done.assets.thumbnail_url, headers={"Authorization": "Bearer token-a"}).content == PNG
    assert stored(server.url, video.id) == b"0123456789"
    assert [one.id for one in videos.list(search="OTHER") if one.id == video.id] == [video.id]
    cost = videos.cost(["360p", "1080p"], 60)
    assert isinstance(cost.price, Decimal)
    assert cost.is_enough
    videos.delete(video.id)
    with pytest.raises(NotFoundError):
        videos.get(video.id)


@pytest.mark.anyio
async def test_all_nine_operations_async(
    server: MockServer,
    quick: Any,
    make_file: Callable[..., Path],
    stored: Callable[[str, str], bytes],
    any_size: PartLimits,
) -> None:
    file, cover = make_file(b"0123456789"), make_file(PNG, "cover.png")
    async with AsyncAiozStream(token="token-a", base_url=server.url, max_retries=quick) as stream:
        videos = stream.videos
        video = await videos.create(**ALL)
        check_created(video)
        await videos.update(video.id, **CHANGES)
        check_updated(await videos.get(video.id))
        for part in plan(10, 4, any_size):
            await videos.upload_part(video.id, file, part, part_limits=any_size)
        await videos.complete(video.id)
        await videos.upload_thumbnail(video.id, cover)
        done = await videos.wait(video.id, timeout=10)
        assert (done.status, done.size) == ("done", 10)
        assert stored(server.url, video.id) == b"0123456789"
        found = [one.id async for one in videos.list(search="OTHER")]
        assert video.id in found
        assert (await videos.page(search="OTHER")).total == len(found)
        assert isinstance((await videos.cost(["360p"], 60)).price, Decimal)
        await videos.delete(video.id)
        with pytest.raises(NotFoundError):
            await videos.get(video.id)


def test_update_without_arguments_changes_nothing(stream: AiozStream) -> None:
    video = stream.videos.create(title="Private", is_public=False, tags=["t"])
    stream.videos.update(video.id)
    again = stream.videos.get(video.id)
    assert (again.title, again.is_public, again.tags) == ("Private", False, ["t"])


@pytest.mark.parametrize("identifier", ["a/b", "a b", "ü", "%2e", "a?b#c", "..x"])
def test_ids_are_encoded(identifier: str, stream: AiozStream) -> None:
    with pytest.raises(NotFoundError) as caught:
        stream.videos.get(identifier)
    assert caught.value.response is not None
    raw = caught.value.response.request.url.raw_path.decode()
    assert raw.startswith("/api/videos/")
    assert raw.count("/") == 3
    assert "?" not in raw


class TestList:
    @pytest.fixture
    def five(self, stream: AiozStream) -> tuple[AiozStream, list[str]]:
        mark = f"five-{datetime.now(UTC).timestamp()}"
        ids = [
            stream.videos.create(title=f"{name} {mark}", tags=[mark, name], metadata={"n": name}).id for name in "edcba"
        ]
        stream.mark = mark  # type: ignore[attr-defined]  # for the tests below
        return stream, ids

    @pytest.mark.parametrize("page_size", [1, 2, 5, 100])
    def test_every_page(self, five: tuple[Any, list[str]], page_size: int) -> None:
        stream, ids = five
        found = stream.videos.list(search=stream.mark, sort_by="title", order_by="asc", page_size=page_size)
        assert [video.id for video in found] == ids[::-1]

    def test_lazily(self, five: tuple[Any, list[str]]) -> None:
        from aioz_stream import capture_responses

        stream, _ = five
        with capture_responses() as responses:
            videos = stream.videos.list(search=stream.mark, page_size=2)
            assert len(responses) == 0
            next(videos)
            next(videos)
            assert len(responses) == 1
            next(videos)
            assert len(responses) == 2

    def test_filters(self, five: tuple[Any, list[str]]) -> None:
        stream, ids = five
        mark = stream.mark
        assert [one.id for one in stream.videos.list(tags=[mark, "a"])] == ids[-1:]
        assert [one.id for one in stream.videos.list(tags=[mark], metadata={"n": "b"})] == [ids[3]]
        pair = [MetadataPair("n", "b")]
        assert [one.id for one in stream.videos.list(tags=[mark], metadata=pair)] == [ids[3]]
        assert list(stream.videos.list(tags=[mark], status="done")) == []
        stream.videos.delete(ids[0])
        assert [one.id for one in stream.videos.list(tags=[mark], status="deleted")] == ids[:1]
        assert len(list(stream.videos.list(tags=[mark]))) == 4

    def test_by_date(self, five: tuple[Any, list[str]]) -> None:
        stream, ids = five
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert len(list(stream.videos.list(tags=[stream.mark], created_after="2 hours ago"))) == len(ids)
        assert list(stream.videos.list(tags=[stream.mark], created_after=tomorrow)) == []
        assert list(stream.videos.list(tags=[stream.mark], created_before="2020-01")) == []

    def test_page(self, five: tuple[Any, list[str]]) -> None:
        stream, ids = five
        page: Page = stream.videos.page(offset=1, limit=2, search=stream.mark, sort_by="title", order_by="asc")
        assert [video.id for video in page.videos] == [ids[3], ids[2]]
        assert page.total == 5


def page_of(ids: str, total: int) -> Any:
    from aioz_stream import Page, Video

    return Page([Video(id=one, title=one, status="new") for one in ids], total)


def test_pages_give_each_video_once() -> None:
    pages = Pages()
    assert [video.id for video in pages.take(page_of("abc", 5))] == list("abc")
    assert pages.next is not None
    # A newer video pushed the others down by one, so the third comes again.
    assert [video.id for video in pages.take(page_of("cd", 6))] == ["d"]
    assert pages.next is not None
    assert [video.id for video in pages.take(page_of("e", 6))] == ["e"]
    assert pages.next is None


def test_pages_end_when_the_service_has_no_more() -> None:
    pages = Pages()
    list(pages.take(page_of("", 5)))
    assert pages.next is None


def test_pages_end_when_they_only_repeat() -> None:
    """A few may repeat what came before while videos are made; with a total that lies, there would be no end."""
    pages = Pages(page_size=1)
    assert len(list(pages.take(page_of("a", 10**9)))) == 1
    repeated = 0
    while pages.next is not None:
        assert list(pages.take(page_of("a", 10**9))) == []
        repeated += 1
    assert repeated == 10


def test_pages_go_on_after_pages_that_repeat() -> None:
    pages = Pages(page_size=1)
    for new in "bcd":
        for _ in range(9):
            list(pages.take(page_of("a", 100)))
        assert pages.next is not None
        assert [video.id for video in pages.take(page_of(new, 100))] == [new]


def test_a_total_below_what_was_shown_hides_nothing() -> None:
    pages = Pages(page_size=2)
    list(pages.take(page_of("ab", 1)))
    assert pages.next is not None
    list(pages.take(page_of("c", 1)))
    assert pages.next is None


class TestWait:
    def test_gives_up(self, stream: AiozStream) -> None:
        video = stream.videos.create(title="Never completed")
        with pytest.raises(WaitTimeoutError, match="still 'new'") as caught:
            stream.videos.wait(video.id, timeout=0.05)
        assert caught.value.video is not None
        assert caught.value.video.id == video.id
        assert isinstance(caught.value, TimeoutError)

    @pytest.mark.parametrize("status", ["done", "fail", "deleted"])
    def test_ends(self, status: str, answering: Callable[..., AiozStream]) -> None:
        body = f'{{"status": "success", "data": {{"id": "x", "title": "t", "status": "{status}"}}}}'
        assert answering(body).videos.wait("x").status == status

    @pytest.mark.parametrize(
        "fault", [{"kind": "delay", "seconds": 5}, {"kind": "rate_limit", "retry_after": 5}], ids=str
    )
    def test_a_look_that_fails_is_no_longer_than_all(self, fault: dict[str, Any]) -> None:
        with MockServer() as fresh, AiozStream(token="token-a", base_url=fresh.url) as client:
            video = client.videos.create(title="x").id
            fresh.control.fault(operation="getVideo", times=None, **fault)
            begin = time.monotonic()
            with pytest.raises(WaitTimeoutError, match="was not seen after 1 seconds") as caught:
                client.videos.wait(video, timeout=1)
            assert isinstance(caught.value.__context__, APIError)
            assert time.monotonic() - begin < 3

            async def main() -> None:
                async with AsyncAiozStream(token="token-a", base_url=fresh.url) as other:
                    await other.videos.wait(video, timeout=1)

            with pytest.raises(WaitTimeoutError, match="was not seen after 1 seconds"):
                asyncio.run(main())
            assert time.monotonic() - begin < 6

    def test_the_status_is_read_less_and_less_often(self) -> None:
        video = page_of("x", 1).videos[0]
        now = [0.0]
        polling = Polling("v", 20, lambda: now[0])
        pauses: list[float] = []
        for _ in range(100):
            try:
                pauses.append(polling.delay_after(video))
            except WaitTimeoutError:
                break
            now[0] += pauses[-1]
        assert len(pauses) < 100
        assert pauses[:3] == [0.5, 0.75, 1.125]
        assert sum(pauses) == pytest.approx(20)
        assert max(pauses) <= 10


def test_threads_share_a_client(stream: AiozStream) -> None:
    async def main() -> list[Any]:
        work = [asyncio.to_thread(stream.videos.create, title=f"{index}") for index in range(16)]
        return await asyncio.gather(*work)

    assert len({video.id for video in asyncio.run(main())}) == 16
