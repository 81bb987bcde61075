"""One video for each upload, whatever becomes of the request that makes it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from aioz_stream import AiozStream, Cancellation, RateLimitError, ServerError, UploadCancelledError
from aioz_stream_mock import MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (503, ServerError)])
def test_create_is_sent_no_more_often_than_the_limit_says(
    status: int,
    kind: type[Exception],
    bad_stream: AiozStream,
    misbehaving: Any,
    fault: Any,
    make_file: Callable[[bytes], Path],
) -> None:
    misbehaving.faults = [fault(path_ends="/create", times=99, status=status, headers={"retry-after": "0"})]
    with pytest.raises(kind):
        bad_stream.upload(make_file(b"bytes"), title="Once")
    assert misbehaving.requests.count("POST /api/videos/create") == 5


class LateCreates:
    """An application whose first creates come through late: as many as it has to hold, before the one after them."""

    def __init__(self, app: ASGIApp, held: int) -> None:
        self._app, self._left = app, held
        self._late: list[tuple[Scope, list[Message]]] = []
        self.has_held = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/create"):
            await self._app(scope, receive, send)
            return
        if self._left:
            self._left -= 1
            body = [await receive()]
            while body[-1].get("more_body"):
                body.append(await receive())
            self._late.append((scope, body))
            self.has_held.set()
            await receive()  # until the client hangs up
            return
        while self._late:
            late_scope, body = self._late.pop(0)
            messages = iter(body)

            async def replay(messages: Any = messages) -> Message:
                message: Message = next(messages)
                return message

            await self._app(late_scope, replay, _swallow)
        await self._app(scope, receive, send)


async def _swallow(_: Message) -> None:
    """Nobody is there to hear the answer."""


def test_a_create_of_an_earlier_run_that_comes_late_makes_no_second_video(
    make_file: Callable[[bytes], Path], stored: Any
) -> None:
    late = LateCreates(create_app(Settings()), held=1)
    with MockServer(app=late) as server, AiozStream(token="token-a", base_url=server.url) as stream:
        file, cancel = make_file(b"bytes"), Cancellation()
        ended = threading.Thread(target=_cancelled, args=(stream, file, cancel))
        ended.start()
        assert late.has_held.wait(30)
        cancel.cancel()
        ended.join(30)
        video = stream.upload(file, title="Once")
        assert [found.id for found in stream.videos.list()] == [video.id]
        assert stored(server.url, video.id) == b"bytes"


def _cancelled(stream: AiozStream, file: Path, cancel: Cancellation) -> None:
    with pytest.raises(UploadCancelledError):
        stream.upload(file, title="Once", cancel=cancel)


def test_of_two_creates_whose_answers_are_lost_one_video_stays(
    make_file: Callable[[bytes], Path], stored: Any, quick: Any
) -> None:
    """The first comes late and the second is lost as well: both are found at once."""
    late = LateCreates(create_app(Settings()), held=1)
    losing = LosesCreates(late)
    with (
        MockServer(app=losing) as server,
        AiozStream(token="token-a", base_url=server.url, max_retries=quick, timeout=2) as stream,
    ):
        video = stream.upload(make_file(b"bytes"), title="Once")
        assert [found.id for found in stream.videos.list()] == [video.id]
        assert stored(server.url, video.id) == b"bytes"


class ComesWithAPart:
    """An application that loses the first create, and does it when the first part comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._late: list[tuple[Scope, Message]] = []
        self._is_first = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/create") and self._is_first:
            self._is_first = False
            self._late.append((scope, await receive()))
            await send({"type": "http.response.start", "status": 504, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        if scope["type"] == "http" and scope["path"].endswith("/part") and self._late:
            late_scope, message = self._late.pop()

            async def replay() -> Message:
                return message

            await self._app(late_scope, replay, _swallow)
        await self._app(scope, receive, send)


def test_a_create_that_comes_while_parts_are_sent_makes_no_second_video(
    make_file: Callable[[bytes], Path], stored: Any, quick: Any
) -> None:
    late = ComesWithAPart(create_app(Settings()))
    with (
        MockServer(app=late) as server,
        AiozStream(token="token-a", base_url=server.url, max_retries=quick) as stream,
    ):
        video = stream.upload(make_file(b"bytes"), title="Once")
        assert [found.id for found in stream.videos.list()] == [video.id]
        assert stored(server.url, video.id) == b"bytes"


def test_a_create_of_an_ended_run_that_comes_while_parts_are_sent(
    make_file: Callable[[bytes], Path], stored: Any, quick: Any
) -> None:
    """The run that lost the answer has ended; the one that resumes it only knows which video there is."""
    late = ComesWithAPart(create_app(Settings()))
    with (
        MockServer(app=late) as server,
        AiozStream(token="token-a", base_url=server.url, max_retries=quick) as stream,
    ):
        file, cancel = make_file(b"bytes"), Cancellation()
        with pytest.raises(UploadCancelledError):
            stream.upload(file, title="Once", cancel=cancel, on_created=lambda _: cancel.cancel())
        video = stream.upload(file, title="Once")
        assert [found.id for found in stream.videos.list()] == [video.id]
        assert stored(server.url, video.id) == b"bytes"


class LosesCreates:
    """An application whose answers to create say nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/create"):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _swallow)
        await send({"type": "http.response.start", "status": 504, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def test_duplicates_of_an_earlier_run_are_deleted(
    make_file: Callable[[bytes], Path], bad_stream: AiozStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended after both of its creates, and before it looked whether there are two."""

    class Ended(BaseException):
        """As good as a kill."""

    def end(creation: Any, create: Any, *_: object, **__: object) -> None:
        creation._session.send_once(create)
        creation._session.send_once(create)
        raise Ended

    file = make_file(b"bytes")
    with monkeypatch.context() as patch:
        patch.setattr("aioz_stream.upload.creation.Creation.run", end)
        with pytest.raises(Ended):
            bad_stream.upload(file, title="Duplicate")
    assert len(list(bad_stream.videos.list())) == 2
    video = bad_stream.upload(file, title="Duplicate")
    assert [found.id for found in bad_stream.videos.list()] == [video.id]
