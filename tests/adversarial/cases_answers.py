"""Answers are matched to what was asked for (X1), and what can't be read is looked up (X2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aioz_stream import APIError, CreationUnknownError, UnexpectedResponseError, Video
from tests.adversarial import lies
from tests.adversarial.case import SMALL, TITLE, Case, Either, Gives, Raises, Uploaded, World
from tests.adversarial.ledger import MARKER
from tests.adversarial.service import Lie
from tests.adversarial.wire import Reply, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OTHER_MARKER = [{"key": MARKER, "value": "f" * 32}]


def gets(world: World) -> Video:
    with world.client() as stream:
        return stream.videos.get(world.service.ledger.strangers[1].id)


def waits(world: World) -> Video:
    with world.client() as stream:
        return stream.videos.wait(world.service.ledger.strangers[1].id, timeout=20)


def creates(world: World) -> Video:
    with world.client() as stream:
        return stream.videos.create(TITLE)


def uploads_two(world: World) -> list[Video]:
    """Two files, one after the other, through one client."""
    other = world.folder / "second.mp4"
    other.write_bytes(world.content[::-1])
    with world.client() as stream:
        results = list(stream.upload_many([world.path, other], files=1, **SMALL))
    return [result.unwrap() for result in sorted(results, key=lambda result: result.index)]


def two_videos(world: World, result: list[Video]) -> None:
    contents = [world.service.ledger.videos[video.id].content for video in result]
    assert contents == [world.content, world.content[::-1]]


def _first_of_ours(exchange: Any) -> Any:
    return exchange.ledger.ours[0]


def _journal_stays(world: World) -> None:
    assert len(world.unfinished()) == 1, "the journal is gone, although a video may exist"


def _few_creates(world: World) -> None:
    assert world.service.counts["create"] <= 5, "create was repeated more often than max_retries allows"


def _journal_stays_and_few_creates(world: World) -> None:
    _journal_stays(world)
    _few_creates(world)


UNREADABLE: dict[str, Callable[[Reply], Reply]] = {
    "html": lies.as_html,
    "truncated-json": lies.truncated,
    "no-data": lies.without_data,
    "an-empty-body": lies.emptied,
    "a-broken-gzip": lies.with_broken_gzip,
    "null": lambda reply: Reply(reply.status, b"null"),
    "data-that-is-null": lies.in_other_words(lambda said: {**said, "data": None}),
    "data-that-is-a-list": lies.in_other_words(lambda said: {**said, "data": [said["data"]]}),
    "an-id-that-is-a-number": lies.in_other_words(lambda said: {**said, "data": {**said["data"], "id": 7}}),
    "an-id-that-is-empty": lies.in_other_words(lambda said: {**said, "data": {**said["data"], "id": ""}}),
    "no-id": lies.in_other_words(lambda said: {**said, "data": {"title": TITLE, "status": "new"}}),
    "an-id-that-is-a-path": lies.in_other_words(lambda said: {**said, "data": {**said["data"], "id": "../create"}}),
    "the-status-error": lies.in_other_words(lambda said: {**said, "status": "error"}),
    "204": lambda _reply: Reply(204, b"", {"Content-Length": "0"}),
    "202-without-a-body": lambda _reply: Reply(202),
    "bytes-that-are-no-text": lambda reply: Reply(reply.status, b"\xff\xfe\x00" * 20),
    "deep-nesting": lambda reply: Reply(reply.status, b"[" * 200_000),
    "a-number-of-10000-digits": lambda reply: Reply(
        reply.status, b'{"status": "success", "data": ' + b"9" * 10_000 + b"}"
    ),
}


def _unreadable() -> Iterator[Case]:
    for name, change in UNREADABLE.items():
        yield Case(
            f"create-answers-{name}",
            "a 2xx that can't be read: the video exists, and is found by its marker",
            (Lie("create", lies.damaged(change), times=1),),
            Uploaded(),
        )
    for name in ("html", "truncated-json", "no-data", "a-broken-gzip"):
        reply = UNREADABLE[name](lies_success())
        yield Case(
            f"create-answers-{name}-and-made-nothing",
            "a 2xx that can't be read: there is no video with the marker, so it is made as after a lost answer",
            (Lie("create", lies.says(reply), times=1),),
            Uploaded(),
        )
        yield Case(
            f"create-answers-{name}-for-ever-and-makes-nothing",
            "the video may come to be, so it ends typed, the journal stays, and the same call goes on",
            (Lie("create", lies.says(reply)),),
            Raises(APIError),
            also=_journal_stays_and_few_creates,
            then=Uploaded(),
        )
        yield Case(
            f"create-answers-{name}-and-the-list-fails",
            "what came of it can't be known, so the journal stays, and the same call finds the video",
            (Lie("create", lies.does_and_says(reply), times=1), Lie("list", lies.says(failure(500)))),
            Raises(APIError),
            also=_journal_stays,
            then=Uploaded(),
        )


def lies_success() -> Reply:
    """What a create that made nothing could look like, before it is damaged."""
    return Reply(201, b'{"status": "success", "data": {"id": "nothing", "title": "talk", "status": "new"}}')


CASES = [
    *_unreadable(),
    Case(
        "create-answers-html-without-a-marker",
        "it can't be looked up, so only a person can tell",
        (Lie("create", lies.damaged(lies.as_html)),),
        Raises((CreationUnknownError, UnexpectedResponseError)),
        play=lambda world: world.upload(marker=False),
        also=lambda world: _is(world.service.counts["create"] == 1),
    ),
    # The answer of get names the video that was asked for (X1)
    Case(
        "get-answers-with-another-video",
        "the id must be the one asked for",
        (Lie("get", lies.shows(lies.stranger(0))),),
        Raises(UnexpectedResponseError),
        play=gets,
    ),
    Case(
        "get-answers-with-an-id-in-another-case",
        "ids are opaque: another spelling is another id",
        (Lie("get", lies.edits(lambda data, _: data.update(id=data["id"].upper()))),),
        Raises(UnexpectedResponseError),
        play=gets,
    ),
    Case(
        "wait-is-answered-with-another-video-that-is-done",
        "that another video is done says nothing of this one",
        (Lie("get", lies.shows(lies.stranger(0))),),
        Raises(UnexpectedResponseError),
        play=waits,
    ),
    Case(
        "the-last-look-shows-another-video",
        "never a result, always typed; the same call then gives the right one",
        (Lie("get", lies.shows(lies.stranger(0))),),
        Raises(UnexpectedResponseError),
        then=Uploaded(),
    ),
    Case(
        "a-lost-complete-is-looked-up-and-another-video-is-shown",
        "that another video is done does not mean that complete had its effect",
        (Lie("complete", lies.cut, times=1), Lie("get", lies.shows(lies.stranger(0)), times=1)),
        Either((Uploaded(), Raises(UnexpectedResponseError))),
        then=Uploaded(),
    ),
    Case(
        "resumed-when-get-shows-another-video",
        "the video of the journal was asked for; nothing is sent on another one's word",
        (Lie("get", lies.shows(lies.stranger(0)), times=1),),
        Raises(UnexpectedResponseError),
        given=lambda world: world.fails(Lie("part", lies.says(failure(400)), after=2)),
        then=Uploaded(),
    ),
    # The answer of create has the title and the marker that were sent (X1)
    Case(
        "create-answers-with-another-video",
        "the title is another, so the marker decides: ours was made",
        (Lie("create", lies.shows(lies.stranger(0)), times=1),),
        Uploaded(),
    ),
    Case(
        "create-answers-with-another-video-and-makes-nothing",
        "the title is another, and no video has the marker: made again, or a typed error",
        (Lie("create", lies.shows_only(lies.stranger(0)), times=1),),
        Either((Uploaded(), Raises(UnexpectedResponseError))),
        then=Uploaded(),
    ),
    Case(
        "create-answers-with-another-video-for-ever",
        "never a result, always typed",
        (Lie("create", lies.shows_only(lies.stranger(0))),),
        Raises(APIError),
        also=_few_creates,
        then=Uploaded(),
    ),
    Case(
        "create-answers-with-another-video-of-the-same-title-and-another-marker",
        "where the answer shows metadata, the marker must be in it",
        (Lie("create", lies.shows(lies.stranger(1), metadata=OTHER_MARKER), times=1),),
        Uploaded(),
    ),
    Case(
        "create-answers-with-another-video-of-the-same-title-and-no-marker",
        "where the answer shows metadata, the marker must be in it",
        (Lie("create", lies.shows(lies.stranger(1), metadata=[{"key": "a", "value": "b"}]), times=1),),
        Uploaded(),
    ),
    Case(
        "create-answers-with-empty-metadata-and-another-video",
        "an empty list is metadata that is shown, and the marker is not in it",
        (Lie("create", lies.shows(lies.stranger(1), metadata=[]), times=1),),
        Uploaded(),
    ),
    Case(
        "create-answers-with-another-title",
        "the marker decides, and it is our video",
        (Lie("create", lies.alters(title="Talk (1)", metadata=None), times=1),),
        Uploaded(),
    ),
    Case(
        "create-answers-without-metadata",
        "the reference's own sample shows null: that is no lie",
        (Lie("create", lies.alters(metadata=None)),),
        Uploaded(),
    ),
    Case(
        "create-answers-with-a-video-that-is-done",
        "the sample of create shows a finished video: a sample, not a state",
        (Lie("create", lies.alters(status="done", metadata=None)),),
        Uploaded(),
    ),
    Case(
        "create-answers-with-an-id-that-get-does-not-know",
        "parts have nowhere to go; typed, and never two videos with bytes",
        (Lie("create", lies.alters(id="no-such-video", metadata=None), times=1),),
        Either((Uploaded(), Raises(APIError))),
    ),
    Case(
        "create-says-401-although-it-made-the-video",
        "an answer that says no is believed; the next call makes no second live video with bytes",
        (Lie("create", lies.does_and_says(failure(401)), times=1),),
        Raises(APIError),
    ),
    Case(
        "create-says-500-although-it-made-the-video",
        "500 says nothing: it is looked for by its marker",
        (Lie("create", lies.does_and_says(failure(500)), times=1),),
        Uploaded(),
    ),
    Case(
        "a-create-without-upload-answers-with-another-title",
        "never a result, always typed",
        (Lie("create", lies.shows(lies.stranger(0))),),
        Raises(UnexpectedResponseError),
        play=creates,
    ),
    Case(
        "the-second-create-answers-with-the-first-video",
        "two files have two videos, each with its own bytes",
        (Lie("create", lies.shows(_first_of_ours), after=1, times=1),),
        Gives(two_videos),
        play=uploads_two,
    ),
    # documented freedom: never an error
    Case(
        "an-answer-has-more-than-is-documented",
        "fields, status words and times beyond the contract never break the client (E5)",
        (Lie("get", lies.alters(status="transcoding", created_at="yesterday", novelty={"a": [1]}, tags=None)),),
        Gives(lambda _world, video: _is(video.created_at is None or isinstance(video.created_at, str))),
        play=gets,
    ),
    Case(
        "get-answers-with-a-lone-surrogate",
        "text that no encoding can write is data like any other",
        (Lie("get", lies.alters(description="\ud800")),),
        Gives(lambda _world, video: _is(video.description == "\ud800")),
        play=gets,
    ),
    Case(
        "get-answers-nan",
        "JSON has no NaN, and Python reads it: a value, or a typed error",
        (Lie("get", lies.alters(duration=float("nan"))),),
        Either((Gives(lambda _world, _video: None), Raises(UnexpectedResponseError))),
        play=gets,
    ),
    Case(
        "get-answers-with-the-same-key-twice",
        "the last one counts, and it is another video's id",
        (
            Lie(
                "get",
                lies.damaged(lambda reply: Reply(200, reply.body.replace(b'"user_id"', b'"id": "other", "user_id"'))),
            ),
        ),
        Raises(UnexpectedResponseError),
        play=gets,
    ),
    Case(
        "get-redirects-to-another-video",
        "redirects are not followed: they would carry the credentials along",
        (Lie("get", lies.says(Reply(302, b"", {"Location": "/api/videos/video-00001"}))),),
        Raises(UnexpectedResponseError),
        play=gets,
    ),
    Case(
        "part-says-success-in-html",
        "a portal can answer 200 to everything; the part is not acknowledged by that",
        (Lie("part", lies.says(Reply(200, b"<html>", {"Content-Type": "text/html"})), times=1, after=1),),
        Raises(UnexpectedResponseError),
        then=Uploaded(),
    ),
    Case(
        "part-says-error-with-200",
        "the word success is what counts",
        (Lie("part", lies.says(Reply(200, b'{"status": "error", "message": "no"}')), times=1, after=1),),
        Raises(UnexpectedResponseError),
        then=Uploaded(),
    ),
    Case(
        "complete-says-success-in-html",
        "complete is believed only when it says success",
        (Lie("complete", lies.says(Reply(200, b"<html>", {"Content-Type": "text/html"})), times=1),),
        Raises(UnexpectedResponseError),
        then=Uploaded(),
    ),
    Case(
        "the-last-look-says-new",
        "complete said success; the answer is given as it is, or it is completed again: never an untyped error",
        (Lie("get", lies.alters(status="new"), times=1),),
        Either((Gives(lambda world, video: _is(world.service.ledger.videos[video.id].content == world.content)),)),
    ),
]


def _is(condition: bool) -> None:
    assert condition
