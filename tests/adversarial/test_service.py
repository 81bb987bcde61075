"""The service itself: where it was not told to lie, it tells the truth, so that a failing case is the client's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from aioz_stream import AiozStream, AsyncAiozStream, AuthenticationError, BadRequestError, NotFoundError
from tests.adversarial import lies
from tests.adversarial.case import SMALL, World
from tests.adversarial.ledger import TOKEN
from tests.adversarial.service import Lie, Service
from tests.adversarial.wire import failure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "tls"])
def test_all_operations(
    is_secure: bool, certificates: Path, tmp_path: Path, journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "authority.pem"))
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with Service(certificates / "server.pem" if is_secure else None) as service:
        world = World(service, tmp_path, journals)
        video = world.upload(metadata={"genre": "rock"})
        stored = service.ledger.videos[video.id]
        assert (stored.content, stored.status) == (world.content, "transcoding")
        with world.client() as stream:
            found = [one.title for one in stream.videos.list(metadata={"genre": "rock"})]
            assert sorted(found) == ["party", "talk"]
            assert [one.id for one in stream.videos.list(metadata=[{"key": "genre", "value": "rock"}], order_by="asc")]
            assert float(stream.videos.cost(["360p"], 2.5).price) == 2.5
            stream.videos.update(video.id, title="renamed")
            stream.videos.upload_thumbnail(video.id, picture)
            assert stream.videos.get(video.id).title == "renamed"
            stream.videos.delete(video.id)
            with pytest.raises(NotFoundError):
                stream.videos.get(video.id)
        assert stored.writes[-3:] == ["update", "thumbnail", "delete"]
        assert not service.errors


def test_wrong_credentials_and_missing_bytes(world: World) -> None:
    with AiozStream(token="another", base_url=world.service.url) as stream, pytest.raises(AuthenticationError):
        stream.videos.get("video-00001")
    with world.client() as stream:
        video = stream.videos.create("empty")
        with pytest.raises(BadRequestError):
            stream.videos.complete(video.id)


def test_asynchronously(world: World) -> None:
    async def upload() -> str:
        async with AsyncAiozStream(token=TOKEN, base_url=world.service.url) as stream:
            return (await stream.upload(world.path, **SMALL)).id

    assert world.service.ledger.videos[asyncio.run(upload())].content == world.content


def test_lies_are_told_when_and_as_often_as_they_should_be(world: World) -> None:
    world.service.lie([Lie("get", lies.says(failure(404)), times=1, after=1)])
    seen: list[bool] = []
    with world.client() as stream:
        for _ in range(3):
            try:
                seen.append(bool(stream.videos.get("video-00001").id))
            except NotFoundError:
                seen.append(False)
    assert seen == [True, False, True]
    assert world.service.told[0] == 1


def test_touching_what_is_not_its_own_is_noticed(world: World) -> None:
    """The judge of all cases can say no."""
    [stranger, *_] = world.service.ledger.strangers
    with world.client() as stream:
        stream.videos.update(stranger.id, title="mine now")
    with pytest.raises(AssertionError, match="not its own"):
        world.check_strangers()
