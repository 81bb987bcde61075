"""The same lies on the other ways there are: asyncio, many files, a video that exists already, the command line."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from aioz_stream import (
    AiozStreamError,
    AsyncAiozStream,
    Cancellation,
    JournalError,
    NotFoundError,
    UnexpectedResponseError,
    UploadCancelledError,
    UploadItem,
    UploadTimeoutError,
    Video,
)
from aioz_stream.upload.journal import read_record
from aioz_stream_cli.commands import cli
from tests.adversarial import lies
from tests.adversarial.case import (
    QUICK,
    SMALL,
    TITLE,
    Aborted,
    Case,
    Either,
    Gives,
    Kept,
    Raises,
    Uploaded,
    World,
    aborts,
    attempt,
    uploads,
)
from tests.adversarial.cases_answers import two_videos
from tests.adversarial.cases_lists import alternates, at_most, ends, repeats, videos
from tests.adversarial.cases_markers import (
    into_a_video_halfway,
    title_is_changed,
    unheard_made,
    uploads_into_a_video,
)
from tests.adversarial.ledger import MARKER, TOKEN
from tests.adversarial.service import Lie
from tests.adversarial.wire import failure, success

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from tests.adversarial.service import Exchange
    from tests.adversarial.wire import Reply

OTHERS_ANSWER = Lie("get", lies.shows(lies.stranger(0)))
UNFILTERED = Lie("list", lies.unfiltered)
LOST = Lie("create", lies.does_and_cuts, times=1)


def asynchronously(use: Callable[[AsyncAiozStream, World], Coroutine[Any, Any, Any]]) -> Callable[[World], Any]:
    def play(world: World) -> Any:
        async def call() -> Any:
            async with AsyncAiozStream(token=TOKEN, base_url=world.service.url, max_retries=QUICK) as stream:
                return await use(stream, world)

        return asyncio.run(call())

    return play


async def _walks(stream: AsyncAiozStream, _world: World) -> list[Video]:
    return [video async for video in stream.videos.list(page_size=5)]


async def _aborts(stream: AsyncAiozStream, _world: World) -> None:
    [one] = await stream.uploads.unfinished()
    await stream.uploads.abort(one)


async def _forgets(stream: AsyncAiozStream, _world: World) -> None:
    [one] = await stream.uploads.unfinished()
    await stream.uploads.forget(one)


def command(*words: str) -> Callable[[World], None]:
    """A command that names the source of the upload, which fails with what it says."""

    def play(world: World) -> None:
        environment = {"FORCE_COLOR": "1", "AIOZ_STREAM_TOKEN": TOKEN, "AIOZ_STREAM_BASE_URL": world.service.url}
        said = CliRunner().invoke(cli, [*words, str(world.path)], env=environment)
        world.notes["said"] = said.output
        if said.exit_code:
            raise AiozStreamError(said.output)

    return play


def _says(word: str) -> Callable[[World], None]:
    def check(world: World) -> None:
        assert word in world.notes["said"], world.notes["said"]

    return check


def completes(world: World) -> None:
    with world.client() as stream:
        stream.videos.complete(world.service.ledger.strangers[0].id)


def uploads_many(world: World) -> list[Video]:
    """Files of one title, all at once."""
    paths = [world.folder / f"{number}.mp4" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]) * 2500)
    with world.client() as stream:
        items = [UploadItem(source=path, title=TITLE) for path in paths]
        results = list(stream.upload_many(items, files=3, **SMALL))
    return [result.unwrap() for result in sorted(results, key=lambda result: result.index)]


def each_its_own(world: World, result: list[Video]) -> None:
    ledger = world.service.ledger
    assert [ledger.videos[video.id].content for video in result] == [bytes([number]) * 2500 for number in range(3)]
    assert len(ledger.ours) == 3


def uploads_two_of_one_title(world: World) -> list[Video]:
    other = world.folder / "second.mp4"
    other.write_bytes(world.content[::-1])
    with world.client() as stream:
        return [stream.upload(path, title=TITLE, **SMALL) for path in (world.path, other)]


def _first_of_ours(exchange: Exchange) -> Any:
    return exchange.ledger.ours[0]


def _titled_anew(exchange: Exchange) -> Reply | None:
    """A service that makes titles unique."""
    reply = exchange.truth()
    [*_, video] = exchange.ledger.videos.values()
    video.title += " (1)"
    return lies.shows_only(lambda _exchange: video, metadata=None)(exchange) or reply


def _lists_no_metadata(exchange: Exchange) -> Reply:
    """The filter is ignored, and no list shows what a video's metadata is."""
    reply = lies.unfiltered(exchange)
    content = json.loads(reply.body)
    for video in content["data"]["videos"]:
        video["metadata"] = None
    return replace(reply, body=json.dumps(content).encode())


def _many_strangers(world: World) -> None:
    for _ in range(400):
        world.service.ledger.add_stranger(TITLE)


def _few_looks(world: World) -> None:
    assert len(world.service.asked("get")) <= 500, "looks at single videos are not bounded"


def _given_up_before_it_takes_effect(world: World) -> None:
    """The only create of the upload is late: it takes effect after the upload was given up."""
    hidden: list[Any] = []

    def late(exchange: Exchange) -> None:
        body = exchange.request.json()
        hidden.append(exchange.ledger.add(body["title"], body.get("metadata"), is_hidden=True))

    world.fails(Lie("create", late), Lie("list", lies.says(failure(500))))
    aborts(world)
    for video in hidden:
        video.is_hidden = False


def _late_copy_with_bytes(world: World) -> None:
    """The late video has bytes, so some other program sends them: it copied the metadata, marker and all."""
    _given_up_before_it_takes_effect(world)
    for video in world.service.ledger.ours:
        video.parts[0, 0], video.size, video.is_stranger = b"x", 1000, True


def _halfway_with_a_duplicate(world: World) -> None:
    """An upload that sent create twice and went on with the second video; both are there when it ends."""

    def late(exchange: Exchange) -> None:
        body = exchange.request.json()
        world.notes["late"] = exchange.ledger.add(body["title"], body.get("metadata"), is_hidden=True)

    world.service.lie([Lie("create", late, times=1), Lie("part", lies.says(failure(400)), after=2)])
    error = attempt(lambda one: one.upload(concurrency=1), world)
    assert isinstance(error, AiozStreamError)
    world.service.lie(())
    world.notes["late"].is_hidden = False


def _video_is_deleted(world: World) -> None:
    world.fails(Lie("part", lies.says(failure(400)), after=2))
    [video] = world.service.ledger.ours
    video.status = "deleted"


def _shows_the_deleted(exchange: Exchange) -> Reply:
    """A service that keeps what is deleted, and shows it with that status."""
    return success(exchange.ledger.videos[exchange.video_id].as_json())


def _complete_video_is_deleted(world: World) -> None:
    world.fails(Lie("complete", lies.does_and_cuts), Lie("get", lies.says(failure(500))))
    [video] = world.service.ledger.ours
    video.status = "deleted"


def _is_deleted(exchange: Exchange) -> None:
    """A person deletes the video while complete is under way, whose answer is lost."""
    exchange.ledger.videos[exchange.video_id].status = "deleted"


def _is_deleted_and_refuses(exchange: Exchange) -> Reply:
    _is_deleted(exchange)
    return failure(400)


def _id_means_another_upload(world: World) -> None:
    """The video is gone, and its id is given to one that another upload makes, by chance of the same title."""
    world.fails(Lie("part", lies.says(failure(400)), after=2))
    [video] = world.service.ledger.ours
    video.is_stranger, video.metadata = True, [{"key": MARKER, "value": "f" * 32}]
    video.parts.clear()
    video.writes.clear()


def _does_and_waits(exchange: Exchange) -> None:
    exchange.truth()
    exchange.service.count("held")
    time.sleep(5)  # the client cuts the connection


def _cancelled_at_create(world: World) -> dict[str, Any]:
    cancel = Cancellation()

    def end() -> None:
        while not world.service.counts["held"]:
            time.sleep(0.01)
        cancel.cancel()

    threading.Thread(target=end, daemon=True).start()
    return {"cancel": cancel}


def _too_late_at_create(_world: World) -> dict[str, Any]:
    return {"deadline": 0.5}


def _uploads_until(end: Callable[[World], dict[str, Any]], **options: Any) -> Callable[[World], object]:
    return lambda world: world.upload(**end(world), **options)


def _aborts_what_is_begun_anew_meanwhile(world: World) -> None:
    """Between two looks at the journal, another process ends the upload, and one more begins it anew."""
    place = "aioz_stream.upload.uploads.read_record"

    def read_before_another_process(path: Path) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place, read_record)
            before = read_record(path)
            world.earlier.append(world.content)
            world.upload()
            world.fails(Lie("part", lies.says(failure(400)), after=2))
        return before

    with world.client() as stream, pytest.MonkeyPatch.context() as patch:
        [one] = stream.uploads.unfinished()
        patch.setattr(place, read_before_another_process)
        stream.uploads.abort(one)


def _only_the_complete_is_left(world: World, _result: object) -> None:
    assert [video.status for video in world.service.ledger.ours] == ["transcoding"], "a video is left without a journal"


def _late_file_that_is(make: Callable[[Path], object]) -> Callable[[World], None]:
    def prepare(world: World) -> None:
        folder = world.journals / "late"
        folder.mkdir(parents=True)
        make(folder / "marker.json")

    return prepare


CASES = [
    *(
        Case(
            f"{name}-asynchronously",
            "the asynchronous client holds answers to the request as well",
            (lie,),
            Raises(UnexpectedResponseError),
            play=asynchronously(use),
        )
        for name, lie, use in (
            ("get-shows-another-video", OTHERS_ANSWER, lambda stream, _: stream.videos.get("video-00002")),
            ("wait-sees-another-video", OTHERS_ANSWER, lambda stream, _: stream.videos.wait("video-00002", timeout=20)),
            (
                "create-shows-another-video",
                Lie("create", lies.shows(lies.stranger(0))),
                lambda stream, _: stream.videos.create(TITLE),
            ),
        )
    ),
    Case(
        "an-upload-loses-its-create-asynchronously",
        "only the video with the marker is adopted",
        (LOST, UNFILTERED),
        Uploaded(),
        play=asynchronously(lambda stream, world: stream.upload(world.path, **SMALL)),
    ),
    Case(
        "an-unheard-upload-is-aborted-asynchronously",
        "only the video with the marker is deleted",
        (UNFILTERED,),
        Aborted(),
        play=asynchronously(_aborts),
        given=unheard_made,
    ),
    Case(
        "an-upload-is-forgotten-asynchronously",
        "forgetting removes the journal and nothing else",
        (UNFILTERED,),
        Kept(),
        play=asynchronously(_forgets),
        given=unheard_made,
        may_be_untold=True,
    ),
    *(
        Case(
            f"list-{name}-asynchronously",
            "the walk ends there, too",
            (Lie("list", at_most(tell)),),
            Gives(ends(fewest)),
            asynchronously(_walks),
            videos,
        )
        for name, tell, fewest in (("repeats-a-page", repeats, 5), ("alternates-two-pages", alternates, 10))
    ),
    Case(
        "uploads-of-one-title-lose-their-creates",
        "each finds its own video, although title and status are the same",
        (Lie("create", lies.does_and_cuts, times=3), UNFILTERED),
        Gives(each_its_own),
        play=uploads_many,
    ),
    Case(
        "the-second-create-answers-with-the-first-of-the-same-title-without-metadata",
        "the answer fits; the video that it is about says whose it is",
        (Lie("create", lies.shows(_first_of_ours, metadata=None), after=1, times=1),),
        Gives(two_videos),
        play=uploads_two_of_one_title,
    ),
    Case(
        "the-service-changes-titles",
        "the id is from create's own answer, and the video has the marker: it is ours under its new title",
        (Lie("create", _titled_anew),),
        Uploaded(),
    ),
    Case(
        "list-shows-no-metadata",
        "videos of the title are looked at alone, and not without end",
        (LOST, Lie("list", _lists_no_metadata)),
        Uploaded(),
        also=_few_looks,
    ),
    Case(
        "list-shows-no-metadata-and-nothing-is-ours",
        "videos of the title are looked at alone, and not without end",
        (Lie("create", lies.cut, times=1), Lie("list", _lists_no_metadata)),
        Uploaded(),
        given=_many_strangers,
        also=_few_looks,
    ),
    Case(
        "a-look-for-a-lost-create-shows-another-video",
        "what is shown has not the marker; none is adopted, and the same call finds ours",
        (LOST, OTHERS_ANSWER),
        Either((Uploaded(), Raises(AiozStreamError))),
        then=Uploaded(),
    ),
    Case(
        "an-upload-into-a-video-sees-another",
        "nothing is sent on another video's word",
        (OTHERS_ANSWER,),
        Raises(UnexpectedResponseError),
        play=uploads_into_a_video,
    ),
    Case(
        "a-lost-complete-alone-sees-another-video",
        "that another video is done does not mean that complete had its effect",
        (Lie("complete", lies.cut), Lie("get", lies.shows(lies.stranger(1), status="done"))),
        Raises(UnexpectedResponseError),
        play=completes,
    ),
    # Given up
    Case(
        "the-command-aborts-an-unheard-upload",
        "only the video with the marker is deleted",
        (UNFILTERED,),
        Aborted(),
        play=command("abort"),
        given=unheard_made,
        also=_says("deleted"),
    ),
    Case(
        "the-command-aborts-an-upload-into-a-video",
        "the video was given to the upload and stays, and the command says so",
        (),
        Kept(),
        play=command("abort"),
        given=into_a_video_halfway,
        also=_says("stays"),
    ),
    Case(
        "the-command-aborts-a-video-of-another-title",
        "it may be another video, and the command says the way out",
        (),
        Raises(AiozStreamError, "forget"),
        play=command("abort"),
        given=title_is_changed,
    ),
    Case(
        "the-command-forgets-a-video-of-another-title",
        "that is the way out",
        (),
        Kept(),
        play=command("abort", "--keep-video"),
        given=title_is_changed,
    ),
    Case(
        "aborted-when-the-title-was-changed-says-the-way-out",
        "typed, with a sentence",
        (),
        Raises(JournalError, "forget"),
        play=aborts,
        given=title_is_changed,
    ),
    Case(
        "aborted-with-a-duplicate",
        "both videos have the marker, the title and the status new",
        (),
        Aborted(),
        play=aborts,
        given=_halfway_with_a_duplicate,
    ),
    Case(
        "resumed-with-a-duplicate",
        "the journal says that there may be one; it is deleted before complete",
        (),
        Uploaded(made=2),
        given=_halfway_with_a_duplicate,
    ),
    *(
        Case(
            f"{name}-when-get-says-once-that-there-is-no-video",
            "the marker is looked for before all that was sent is given up for lost",
            (Lie("get", lies.says(failure(404)), times=1),),
            outcome,
            play,
            lambda world: world.fails(Lie("part", lies.says(failure(400)), after=2)),
        )
        for name, play, outcome in (("resumed", uploads, Uploaded()), ("aborted", aborts, Aborted()))
    ),
    Case(
        "resumed-when-the-video-is-gone",
        "no video has the marker: the upload begins anew",
        (),
        Uploaded(made=2),
        given=_video_is_deleted,
    ),
    *(
        Case(
            f"resumed-when-get-shows-the-deleted-{name}",
            "a video that is deleted is gone, whether the service says 404 or shows it: the upload begins anew",
            (Lie("get", _shows_the_deleted),),
            Uploaded(made=2),
            given=given,
        )
        for name, given in (("halfway", _video_is_deleted), ("after-complete", _complete_video_is_deleted))
    ),
    Case(
        "a-lost-complete-is-looked-up-and-the-video-is-deleted",
        "another status than new is no success where it is that of a video that is gone",
        (Lie("complete", _is_deleted, times=1), Lie("get", _shows_the_deleted)),
        Raises(NotFoundError),
    ),
    Case(
        "complete-is-refused-and-the-video-is-deleted",
        "another status than new is no success where it is that of a video that is gone",
        (Lie("complete", _is_deleted_and_refuses, times=1), Lie("get", _shows_the_deleted)),
        Raises(NotFoundError),
    ),
    Case(
        "resumed-when-the-id-means-a-video-of-another-upload",
        "its marker is another one: no byte goes there, and the upload begins anew",
        (),
        Uploaded(),
        given=_id_means_another_upload,
    ),
    Case(
        "aborted-when-the-id-means-a-video-of-another-upload",
        "its marker is another one: it is not deleted, and the way out is said",
        (),
        Raises(JournalError, "forget"),
        play=aborts,
        given=_id_means_another_upload,
    ),
    *(
        Case(
            f"{name}-while-create-is-under-way-{how}",
            "the video may exist: the error says so, and what finds it",
            (Lie("create", _does_and_waits, times=1),),
            Raises(kind, f"may exist or not.*{says}"),
            play=_uploads_until(end, **options),
        )
        for name, kind, end in (
            ("cancelled", UploadCancelledError, _cancelled_at_create),
            ("too-late", UploadTimeoutError, _too_late_at_create),
        )
        for how, options, says in (
            ("with-a-journal", {}, r"aioz-stream-upload(.|\n)*The same call looks for it by itself"),
            ("without-a-journal", {"journal": False}, "aioz-stream-upload"),
            ("without-a-marker", {"journal": False, "marker": False}, "of this title"),
        )
    ),
    Case(
        "aborted-while-another-process-begins-it-anew",
        "what the journal has under its lock is given up, so that no video is left that nothing knows of",
        (),
        Gives(_only_the_complete_is_left),
        play=_aborts_what_is_begun_anew_meanwhile,
        given=lambda world: world.fails(Lie("part", lies.says(failure(400)), after=2)),
    ),
    # Late
    *(
        Case(
            f"a-file-of-late-creates-is-{name}",
            "what can't be read is passed over, and never waited for",
            (),
            Uploaded(),
            given=_late_file_that_is(make),
        )
        for name, make in (("a-pipe", os.mkfifo), ("a-folder", os.mkdir))
    ),
    Case(
        "create-takes-effect-after-the-upload-was-given-up",
        "the next upload deletes it",
        (),
        Uploaded(made=None),
        given=_given_up_before_it_takes_effect,
    ),
    Case(
        "a-late-video-has-bytes",
        "an upload sends no bytes to a duplicate: they are another program's",
        (),
        Uploaded(made=None),
        given=_late_copy_with_bytes,
    ),
    Case(
        "a-look-for-late-videos-fails",
        "an upload does not fail over what an earlier one has left",
        (Lie("list", lies.says(failure(500))),),
        Gives(lambda world, video: _is(world.service.ledger.videos[video.id].content == world.content)),
        given=_given_up_before_it_takes_effect,
    ),
]


def _is(condition: bool) -> None:
    assert condition
