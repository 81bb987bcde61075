"""Lists that repeat a page, shrink, or claim a false total: the walk through them ends."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aioz_stream import AiozStreamError, UnexpectedResponseError, Video
from tests.adversarial import lies
from tests.adversarial.case import Case, Either, Gives, Raises, World
from tests.adversarial.ledger import Ledger, page
from tests.adversarial.service import Exchange, Lie
from tests.adversarial.wire import Reply, failure, success

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 12
PAGE = 5
MOST_REQUESTS = 60
"""Three pages are truly there; a walk that needs more than this would not end at all."""


def videos(world: World) -> None:
    for number in range(COUNT - 3):
        world.service.ledger.add_stranger(f"video {number}")


def walks(world: World) -> list[Video]:
    found: list[Video] = []
    with world.client() as stream:
        for video in stream.videos.list(page_size=PAGE):
            found.append(video)
            assert len(found) <= 10 * COUNT, "the walk would never end"
    return found


def ends(fewest: int) -> Callable[[World, list[Video]], None]:
    """Each video once, all that were shown at all, and in few requests."""

    def judge(world: World, found: list[Video]) -> None:
        ids = [video.id for video in found]
        assert len(ids) == len(set(ids)), "a video comes twice"
        assert fewest <= len(ids) <= COUNT, f"{len(ids)} videos"
        asked = len(world.service.asked("list"))
        assert asked <= MOST_REQUESTS, f"{asked} requests for {COUNT} videos"

    return judge


def at_most(tell: Any) -> Any:
    """Says no at last to a walk that would not end."""

    def bounded(exchange: Exchange) -> Reply | None:
        is_over = len(exchange.service.asked("list")) > MOST_REQUESTS
        answer: Reply | None = failure(400, "this list was asked for too often") if is_over else tell(exchange)
        return answer

    return bounded


def _all(ledger: Ledger) -> Any:
    return ledger.matching({})


def repeats(exchange: Exchange) -> Reply:
    return page(_all(exchange.ledger)[:PAGE], 10**9)


def alternates(exchange: Exchange) -> Reply:
    start = PAGE * (len(exchange.service.asked("list")) % 2)
    return page(_all(exchange.ledger)[start : start + PAGE], 10**9)


def _shrinks(exchange: Exchange) -> Reply:
    """Each page has a video less than the one before, and the total falls with it."""
    offset = exchange.request.json().get("offset", 0)
    size = max(0, PAGE - len(exchange.service.asked("list")))
    return page(_all(exchange.ledger)[offset : offset + size], max(offset, COUNT - offset))


def _claims(total: object) -> Any:
    return lies.edits(lambda data, _exchange: data.update(total=total))


def _stands_still(exchange: Exchange) -> Reply:
    """One video a page, always the same, and a total that grows."""
    return page(_all(exchange.ledger)[:1], 10 + len(exchange.service.asked("list")))


def _ignores_the_limit(exchange: Exchange) -> Reply:
    return page(_all(exchange.ledger), COUNT)


def _with_video(change: Callable[[dict[str, Any]], object]) -> Any:
    return lies.edits(lambda data, _exchange: change(data["videos"][0]))


def _null(exchange: Exchange) -> Reply:
    reply = exchange.truth()
    return replace(reply, body=json.dumps({"status": "success", "data": {"videos": None, "total": 10**6}}).encode())


ENDLESS: dict[str, tuple[Any, int, str]] = {
    "repeats-a-page": (repeats, PAGE, "a page without anything new is the end"),
    "alternates-two-pages": (alternates, 2 * PAGE, "pages without anything new are the end"),
    "shrinks": (_shrinks, 1, "what is not shown can't be listed; the walk ends"),
    "claims-a-total-of-a-billion": (_claims(10**9), COUNT, "an empty page is the end, whatever the total"),
    "stands-still-while-the-total-grows": (_stands_still, 1, "a page without anything new is the end"),
    "ignores-the-limit": (_ignores_the_limit, COUNT, "a page may be larger than asked for"),
    "says-null-for-no-videos": (_null, 0, "null is no videos"),
}

CASES = [
    *(
        Case(f"list-{name}", because, (Lie("list", at_most(tell)),), Gives(ends(fewest)), walks, videos)
        for name, (tell, fewest, because) in ENDLESS.items()
    ),
    *(
        Case(
            f"list-claims-a-total-of-{total}",
            "too small a total is no reason to hide what was shown, and none to go on for ever",
            (Lie("list", at_most(_claims(total))),),
            Gives(ends(COUNT)),
            walks,
            videos,
        )
        for total in (0, -1, 3)
    ),
    *(
        Case(
            f"list-has-{name}",
            "typed, and never half a video",
            (Lie("list", tell),),
            Raises(UnexpectedResponseError),
            walks,
            videos,
        )
        for name, tell in {
            "a-video-without-an-id": _with_video(lambda video: video.pop("id")),
            "a-video-whose-id-is-a-list": _with_video(lambda video: video.update(id=["a"])),
            "a-total-in-words": _claims("many"),
            "no-data": lies.says(success(None)),
            "videos-that-are-a-text": lies.says(success({"videos": "none", "total": 0})),
        }.items()
    ),
    Case(
        "list-has-a-total-of-10000-digits",
        "a number that Python refuses to read is a typed error, or is not needed",
        (
            Lie(
                "list",
                lies.says(
                    Reply(200, b'{"status": "success", "data": {"videos": [], "total": ' + b"9" * 10_000 + b"}}")
                ),
            ),
        ),
        Either((Gives(ends(0)), Raises(AiozStreamError))),
        walks,
    ),
]
