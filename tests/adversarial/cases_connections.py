"""A connection with unread bytes is not used again: what it says next answers nothing that was asked.

Most of these could not be noticed by looking at the answer: it is a true one, but of an earlier question. The other
layer of defence, matching answers to requests, has its cases in `cases_answers`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from aioz_stream import APIError, AsyncAiozStream, Video
from tests.adversarial import lies
from tests.adversarial.case import QUICK, Case, Either, Gives, Raises, Uploaded, World
from tests.adversarial.ledger import TOKEN
from tests.adversarial.service import Exchange, Lie
from tests.adversarial.wire import Reply, done, failure, success

if TYPE_CHECKING:
    from collections.abc import Callable

STALE_SUCCESS = done("Upload part successfully.").encoded()
JUNK = b"\x00\x01 this is no HTTP \r\n\r\n"


def prices_twice(world: World) -> list[float]:
    """Prices answer a duration, and don't say which."""
    with world.client() as stream:
        return [float(stream.videos.cost(["360p"], duration).price) for duration in (1, 2)]


def prices_through_a_client_that_is_passed_in(world: World) -> list[float]:
    with httpx.Client() as http, world.client(http_client=http) as stream:
        return [float(stream.videos.cost(["360p"], duration).price) for duration in (1, 2)]


def prices_twice_after_a_while(world: World) -> list[float]:
    with world.client() as stream:
        first = stream.videos.cost(["360p"], 1)
        time.sleep(0.3)  # the bytes behind the answer are here by then, whichever way they took
        return [float(first.price), float(stream.videos.cost(["360p"], 2).price)]


def prices_asynchronously(world: World) -> list[float]:
    async def ask() -> list[float]:
        async with AsyncAiozStream(token=TOKEN, base_url=world.service.url, max_retries=QUICK) as stream:
            return [float((await stream.videos.cost(["360p"], duration)).price) for duration in (1, 2)]

    return asyncio.run(ask())


def looks_twice(world: World) -> list[str]:
    """The same video, which has become another in between: its id fits both answers."""
    video = world.service.ledger.strangers[1]
    with world.client() as stream:
        first = stream.videos.get(video.id).title
        video.title = "renamed"
        return [first, stream.videos.get(video.id).title]


def looks_at_two(world: World) -> list[str]:
    with world.client() as stream:
        return [stream.videos.get(video.id).id for video in world.service.ledger.strangers[:2]]


def creates_two(world: World) -> list[Video]:
    with world.client() as stream:
        return [stream.videos.create("one"), stream.videos.create("one")]


def deletes_and_completes(world: World) -> object:
    """A success that is left over must not stand for what the service refuses."""
    ledger = world.service.ledger
    with world.client() as stream:
        first, second = stream.videos.create("one"), stream.videos.create("two")
        stream.videos.delete(first.id)
        stream.videos.complete(second.id)  # it has no bytes
    return ledger


def _is(expected: object) -> Gives:
    def judge(_world: World, result: object) -> None:
        assert result == expected, f"{result} instead of {expected}: an answer to an earlier question was taken"

    return Gives(judge)


def _are_two(world: World, result: list[Video]) -> None:
    assert len({video.id for video in result}) == 2, "two creates gave one id"
    assert len(world.service.ledger.made) == 2


def _are_the_two(world: World, result: list[str]) -> None:
    assert result == [video.id for video in world.service.ledger.strangers[:2]]


def _drops_every_other(tell: Callable[[Exchange], Reply]) -> Callable[[Exchange], Reply]:
    """Stores a part and tells so twice; the next one it refuses and forgets."""
    count = [0]

    def choose(exchange: Exchange) -> Reply:
        count[0] += 1
        return tell(exchange) if count[0] % 2 else failure(500)

    return choose


def _late(exchange: Exchange) -> None:
    """The answer, and a moment later another one that nothing asked for, on a connection that stays open."""
    exchange.send(exchange.truth().encoded())
    time.sleep(0.1)
    exchange.send(success({"price": 99, "is_enough": True}).encoded())
    time.sleep(5)


def _claims_length(said: bytes) -> lies.Tell:
    return lies.raw(lambda _content: b"HTTP/1.1 200 OK\r\nContent-Length: " + said + b"\r\n\r\n{}")


def _bodyless(exchange: Exchange) -> Reply:
    exchange.truth()
    return Reply(204, b"", {"Content-Length": "0"}, after=STALE_SUCCESS)


def _ambiguous(exchange: Exchange) -> Reply:
    """Content-Length and chunks both: one reading leaves bytes over."""
    body = exchange.truth().body
    coded = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    headers = {"Transfer-Encoding": "chunked", "Content-Length": str(len(coded) + 7)}
    return Reply(200, coded, headers, after=success({"price": 99, "is_enough": True}).encoded())


COPIES: dict[str, tuple[Callable[[Exchange], Reply | None], str]] = {
    "a-second-copy": (lies.twice, "the copy is left in the connection, and answers nothing"),
    "another-answer-behind": (
        lies.followed_by(success({"price": 99, "is_enough": True}).encoded()),
        "a whole answer that nothing asked for",
    ),
    "half-an-answer-behind": (lies.followed_by(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"), "the beginning of one"),
    "junk-behind": (lies.followed_by(JUNK), "bytes that are no HTTP"),
    "one-byte-behind": (lies.followed_by(b"\n"), "a line break more than there should be"),
    "both-lengths": (_ambiguous, "two lengths, of which one leaves bytes over"),
}

CASES = [
    *(
        Case(
            f"{name}-of-a-price",
            f"{because}: the second price is the second question's",
            (Lie("cost", tell, times=1),),
            _is([1.0, 2.0]),
            prices_twice,
        )
        for name, (tell, because) in COPIES.items()
    ),
    *(
        Case(
            f"{name}-of-a-price-later",
            f"{because}, also after a while",
            (Lie("cost", tell, times=1),),
            _is([1.0, 2.0]),
            prices_twice_after_a_while,
        )
        for name, (tell, because) in COPIES.items()
    ),
    Case(
        "a-second-copy-of-a-price-asynchronously",
        "the asynchronous client has connections, too",
        (Lie("cost", lies.twice, times=1),),
        _is([1.0, 2.0]),
        prices_asynchronously,
    ),
    Case(
        "a-second-copy-of-a-price-through-a-client-that-is-passed-in",
        "its connections are its owner's, and the answers are ours",
        (Lie("cost", lies.twice, times=1),),
        _is([1.0, 2.0]),
        prices_through_a_client_that_is_passed_in,
    ),
    Case(
        "an-answer-that-comes-late-and-unasked",
        "an idle connection that says something is at its end",
        (Lie("cost", _late, times=1),),
        _is([1.0, 2.0]),
        prices_twice_after_a_while,
    ),
    Case(
        "a-second-copy-of-a-look",
        "the copy has the right id, and is old",
        (Lie("get", lies.twice, times=1),),
        _is(["talk", "renamed"]),
        looks_twice,
    ),
    Case(
        "a-second-copy-of-another-videos-look",
        "the second look is at another video",
        (Lie("get", lies.twice, times=1),),
        Gives(_are_the_two),
        looks_at_two,
    ),
    Case(
        "a-second-copy-of-a-create",
        "two creates have two ids, although the titles are the same",
        (Lie("create", lies.twice, times=1),),
        Gives(_are_two),
        creates_two,
    ),
    Case(
        "a-second-copy-of-a-deletion",
        "a success that is left over does not stand for a complete that is refused",
        (Lie("delete", lies.twice, times=1),),
        Raises(APIError, "missing"),
        deletes_and_completes,
    ),
    Case(
        "second-copies-of-part-answers-while-every-other-part-is-dropped",
        "a left-over success must not acknowledge a part that was never stored",
        (Lie("part", _drops_every_other(lies.twice), times=7),),
        Uploaded(),
        play=lambda world: world.upload(concurrency=1),
    ),
    Case(
        "second-copies-of-all-answers",
        "an upload through a proxy that says everything twice",
        (Lie("any", lies.twice),),
        Uploaded(),
    ),
    Case(
        "a-success-behind-an-error",
        "the error is the answer; what is behind it is nothing",
        (Lie("part", lambda _exchange: replace(failure(500), after=STALE_SUCCESS), times=3),),
        Uploaded(),
        play=lambda world: world.upload(concurrency=1),
    ),
    Case(
        "a-body-behind-204",
        "204 has no body; what is behind it answers nothing",
        (Lie("part", _bodyless, times=1),),
        Either((Uploaded(), Raises(APIError))),
        play=lambda world: world.upload(concurrency=1),
        then=Uploaded(),
    ),
    Case(
        "a-body-shorter-than-it-says",
        "no answer came, so the part is sent again",
        (Lie("part", lies.raw(lambda content: content[:-3]), times=1),),
        Uploaded(),
    ),
    Case(
        "informational-answers-ahead",
        "100 and 103 are allowed before any answer",
        (Lie("any", lies.preceded_by(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")),),
        Uploaded(),
    ),
    Case(
        "an-answer-without-a-length",
        "the connection's end is the body's end: allowed",
        (Lie("cost", lies.raw(lambda content: b"HTTP/1.0 200 OK\r\n\r\n" + content.partition(b"\r\n\r\n")[2])),),
        _is([1.0, 2.0]),
        prices_twice,
    ),
    *(
        Case(
            f"a-content-length-of-{name}",
            "a length that is none is a typed error, whatever httpx calls it",
            (
                Lie(
                    "cost",
                    _claims_length(said),
                ),
            ),
            Raises(APIError),
            prices_twice,
        )
        for name, said in (
            ("minus-1", b"-1"),
            ("words", b"many"),
            ("two-values", b"2, 3"),
            ("10-to-the-18", b"1" + b"0" * 18),
        )
    ),
    Case(
        "a-status-line-that-is-none",
        "no HTTP at all is a typed error",
        (Lie("cost", lies.raw(lambda _content: b"hello\r\n\r\n")),),
        Raises(APIError),
        prices_twice,
    ),
    Case(
        "a-switch-to-another-protocol",
        "101 was not asked for",
        (Lie("cost", lies.raw(lambda _content: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")),),
        Raises(APIError),
        prices_twice,
    ),
]
