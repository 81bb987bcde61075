"""Complete is believed only about what was read, and what was acknowledged need not be stored."""

from __future__ import annotations

import io
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from aioz_stream import AiozStreamError, BadRequestError, SourceChangedError, UploadResult, Video
from tests.adversarial import lies
from tests.adversarial.case import CONTENT, PARTS, SMALL, Case, Either, Gives, Raises, Uploaded, World
from tests.adversarial.service import Exchange, Lie
from tests.adversarial.wire import Reply, done, failure

if TYPE_CHECKING:
    from collections.abc import Callable

EDITED = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
NO_LOOK = Lie("get", lies.says(failure(500)))


def uploads_without_trust(world: World) -> object:
    return world.upload(trust_times=False)


def uploads_a_file_object(world: World) -> object:
    return _upload_handle(world, world.content)


def _upload_handle(world: World, content: bytes, **options: Any) -> Video:
    with world.client(**options) as stream:
        return stream.upload(io.BytesIO(content), title="talk", journal=world.folder / "handle.journal", **SMALL)


def _completed_unheard(world: World, **options: Any) -> None:
    """An earlier run completed the video, and ended before it heard so."""
    world.fails(Lie("complete", lies.does_and_cuts), NO_LOOK, **options)
    assert world.service.ledger.ours[0].status == "transcoding"


def _completed_unheard_then_edited(world: World) -> None:
    """The same size and the same times, and other bytes."""
    _completed_unheard(world, trust_times=False)
    _edit(world)


def _edit(world: World) -> None:
    before = world.path.stat()
    world.path.write_bytes(EDITED)
    os.utime(world.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    world.earlier.append(world.content)
    world.content = EDITED


def _handle_completed_unheard(world: World) -> None:
    world.service.lie([Lie("complete", lies.does_and_cuts), NO_LOOK])
    try:
        _upload_handle(world, CONTENT, max_retries=0)
    except AiozStreamError:
        world.service.lie(())


def _handle_completed_unheard_then_edited(world: World) -> None:
    _handle_completed_unheard(world)
    world.earlier.append(world.content)
    world.content = EDITED


def _many(world: World) -> list[UploadResult]:
    other = world.folder / "second.mp4"
    other.write_bytes(CONTENT)
    with world.client(max_retries=0) as stream:
        results = list(stream.upload_many([world.path, other], files=1, trust_times=False, **SMALL))
    return sorted(results, key=lambda result: result.index)


def _many_of_which_one_failed_then_edited(world: World) -> None:
    """The first file ended well; its journal is kept because the second one's did not. Then the first is edited."""
    refused = Lie("complete", lies.says(failure(402)), after=1)
    world.service.lie([refused])
    assert [result.video is not None for result in _many(world)] == [True, False]
    world.service.lie(())
    _edit(world)


def _edited_one_is_not_passed_over(world: World, results: list[UploadResult]) -> None:
    first = results[0]
    if first.video is None:
        assert isinstance(first.error, SourceChangedError), first.error
    else:
        assert world.service.ledger.videos[first.video.id].content == EDITED, (
            "the old video stands for a file that was edited"
        )
    assert results[1].error is None


def _one_part_was_acknowledged_then_all_were_lost(world: World) -> None:
    """The journal has every part, and the service none."""
    world.fails(Lie("complete", lies.says(failure(402))))
    world.service.ledger.ours[0].parts.clear()


def _claims(_exchange: Exchange) -> Reply:
    return done("Upload part successfully.")


def _without_ranges(exchange: Exchange) -> Reply:
    """The truth of complete, but its sentence names no range."""
    reply = exchange.truth()
    return reply if reply.status == 200 else failure(400, "The upload is not whole.")


def _in_words_of_its_own(exchange: Exchange) -> Reply:
    reply = exchange.truth()
    return reply if reply.status == 200 else failure(400, "fehlende Bytes: 1000 bis 1999")


def _with_absurd_ranges(exchange: Exchange) -> Reply:
    reply = exchange.truth()
    return reply if reply.status == 200 else failure(400, f"Missing bytes: 0-{10**18} of {10**18 + 1}.")


def _sent_at_most(times: int) -> Callable[[World], None]:
    def check(world: World) -> None:
        ranges = Counter(request.headers["content-range"] for request in world.service.asked("part"))
        assert max(ranges.values()) <= times, f"parts were sent {max(ranges.values())} times"

    return check


def _only_the_missing(world: World) -> None:
    ranges = Counter(request.headers["content-range"] for request in world.service.asked("part"))
    assert sorted(ranges.values()) == [1] * (PARTS - 1) + [2], "more was sent again than was missing"


CASES = [
    # Complete is believed only about what was read
    Case(
        "an-earlier-run-completed-and-the-file-is-the-same",
        "its bytes are read again, they are those of the journal: success, and no second video",
        (),
        Uploaded(),
        play=uploads_without_trust,
        given=lambda world: _completed_unheard(world, trust_times=False),
    ),
    Case(
        "an-earlier-run-completed-and-the-file-was-edited",
        "the service has the old bytes: success would be a lie",
        (),
        Raises(SourceChangedError),
        play=uploads_without_trust,
        given=_completed_unheard_then_edited,
    ),
    Case(
        "an-earlier-run-completed-a-file-object-that-is-the-same",
        "a file object has no times, so its bytes decide",
        (),
        Uploaded(),
        play=uploads_a_file_object,
        given=_handle_completed_unheard,
    ),
    Case(
        "an-earlier-run-completed-a-file-object-that-is-another",
        "a file object has no times, so its bytes decide",
        (),
        Raises(SourceChangedError),
        play=uploads_a_file_object,
        given=_handle_completed_unheard_then_edited,
    ),
    Case(
        "upload-many-after-a-file-that-ended-well-was-edited",
        "it is told to have changed, or uploaded anew: never passed over as complete",
        (),
        Gives(_edited_one_is_not_passed_over),
        play=_many,
        given=_many_of_which_one_failed_then_edited,
    ),
    Case(
        "get-says-transcoding-before-all-was-sent",
        "the status is the service's word: bytes that no client has sent are no success",
        (Lie("get", lies.alters(status="transcoding")),),
        Raises(AiozStreamError),
        given=lambda world: world.fails(Lie("part", lies.says(failure(400)), after=2)),
        then=Uploaded(),
    ),
    Case(
        "complete-is-answered-400-although-it-is-complete",
        "what complete refuses is not reported as success, unless the video says otherwise",
        (Lie("complete", lies.does_and_says(failure(400, "no")), times=1),),
        Either((Uploaded(), Raises(BadRequestError))),
        then=Uploaded(),
    ),
    # Acknowledged but not stored
    Case(
        "a-part-is-acknowledged-and-not-stored",
        "complete names what is missing; that is sent again, once",
        (Lie("part", _claims, times=1, after=1),),
        Uploaded(),
        play=lambda world: world.upload(concurrency=1),
        also=_only_the_missing,
    ),
    Case(
        "all-parts-are-acknowledged-and-none-stored",
        "complete says 400; all is sent again, once",
        (Lie("part", _claims, times=PARTS),),
        Uploaded(),
        also=_sent_at_most(2),
    ),
    Case(
        "a-part-is-not-stored-and-complete-names-no-range",
        "the sentence is for people: where no range can be read from it, all is sent again",
        (Lie("part", _claims, times=1, after=1), Lie("complete", _without_ranges)),
        Uploaded(),
        also=_sent_at_most(2),
    ),
    Case(
        "a-part-is-not-stored-and-complete-says-so-in-another-language",
        "the sentence is for people: the client depends on no words",
        (Lie("part", _claims, times=1, after=1), Lie("complete", _in_words_of_its_own)),
        Uploaded(),
        also=_sent_at_most(2),
    ),
    Case(
        "a-part-is-not-stored-and-complete-names-a-range-of-10-to-the-18",
        "what lies outside of the file is not believed, and not expanded",
        (Lie("part", _claims, times=1, after=1), Lie("complete", _with_absurd_ranges)),
        Uploaded(),
        also=_sent_at_most(2),
    ),
    Case(
        "a-part-is-never-stored",
        "sent again once; then the error names the way out",
        (Lie("part", _claims),),
        Raises(BadRequestError, "abort"),
        also=_sent_at_most(2),
        then=Uploaded(),
    ),
    Case(
        "the-service-forgot-what-the-journal-has",
        "the same call sends again what complete misses",
        (Lie("get", lambda exchange: exchange.truth()),),
        Uploaded(),
        given=_one_part_was_acknowledged_then_all_were_lost,
        also=_sent_at_most(2),
    ),
    Case(
        "complete-is-refused-for-ever",
        "400 for ever ends, typed, with the way out; no part is sent a third time",
        (Lie("complete", lies.says(failure(400, "Missing bytes: 0-999 of 3863."))),),
        Raises(BadRequestError, "abort"),
        also=_sent_at_most(2),
        then=Uploaded(),
    ),
    Case(
        "complete-is-refused-for-the-balance",
        "402 is about the account: nothing is sent again",
        (Lie("complete", lies.says(failure(402)), times=1),),
        Raises(AiozStreamError),
        also=_sent_at_most(1),
        then=Uploaded(),
    ),
    Case(
        "complete-is-lost-with-its-effect",
        "the video is asked, and is complete",
        (Lie("complete", lies.does_and_resets, times=1),),
        Uploaded(),
    ),
    Case(
        "a-part-is-stored-and-its-answer-lost",
        "the same part again is stored once",
        (Lie("part", lies.does_and_resets, times=2, after=1),),
        Uploaded(),
    ),
]
