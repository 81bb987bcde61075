"""Which video is the client's own: never the service's word alone (U13)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aioz_stream import AiozStreamError, CreationUnknownError, PartLimits
from tests.adversarial import lies
from tests.adversarial.case import (
    TITLE,
    Aborted,
    Case,
    Gives,
    Kept,
    Raises,
    Uploaded,
    World,
    aborts,
    forgets,
)
from tests.adversarial.service import Lie
from tests.adversarial.wire import failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.adversarial.service import Exchange
    from tests.adversarial.wire import Reply

BROKEN = lies.says(failure(500))

FILTERS: dict[str, tuple[Any, str]] = {
    "ignores the filter": (lies.unfiltered, "the filter is sent, and every video comes"),
    "takes only the list form": (lies.with_metadata(lies.refuses, forms=(dict,)), "the reference's form is refused"),
    "ignores the mapping form": (
        lies.with_metadata(lies.unfiltered, forms=(dict,)),
        "the reference's form is no filter",
    ),
    "finds nothing by mapping": (lies.with_metadata(lies.finds_nothing, forms=(dict,)), "only the list form finds it"),
    "refuses both forms": (lies.with_metadata(lies.refuses), "the newest videos are looked through"),
    "finds nothing by filter": (lies.with_metadata(lies.finds_nothing), "the newest videos are looked through"),
    "echoes the filter": (
        lies.echoes_the_filter,
        "what a list shows as metadata may be the question; get has the video's own",
    ),
}


def unheard_made(world: World) -> None:
    world.fails(Lie("create", lies.does_and_cuts), Lie("list", BROKEN))


def _unheard_not_made(world: World) -> None:
    world.fails(Lie("create", lies.cut), Lie("list", BROKEN))


def _halfway(world: World) -> None:
    world.fails(Lie("part", lies.says(failure(400)), after=2))


def _filters() -> Iterator[Case]:
    for name, (tell, because) in FILTERS.items():
        lie = Lie("list", tell)
        named = name.replace(" ", "-")
        yield Case(
            f"list-{named}-after-a-lost-create",
            f"{because}; the video that was made is adopted, and no other touched",
            (Lie("create", lies.does_and_cuts, times=1), lie),
            Uploaded(),
        )
        yield Case(
            f"list-{named}-after-a-create-that-came-to-nothing",
            f"{because}; none is ours, so one is made",
            (Lie("create", lies.cut, times=1), lie),
            Uploaded(),
        )
        yield Case(
            f"list-{named}-when-a-run-is-resumed-that-never-heard",
            f"{because}; the earlier run's video is found by its own metadata",
            (lie,),
            Uploaded(),
            given=unheard_made,
        )
        yield Case(
            f"list-{named}-when-a-run-is-resumed-that-made-nothing",
            f"{because}; none is ours, so one is made",
            (lie,),
            Uploaded(),
            given=_unheard_not_made,
        )
        yield Case(
            f"list-{named}-when-an-unheard-upload-is-aborted",
            f"{because}; only the video with the marker is deleted",
            (lie,),
            Aborted(),
            play=aborts,
            given=unheard_made,
        )
        yield Case(
            f"list-{named}-when-an-upload-that-made-nothing-is-aborted",
            f"{because}; none is ours, so nothing is deleted",
            (lie,),
            Aborted(),
            play=aborts,
            given=_unheard_not_made,
            also=lambda world: _assert(not world.service.asked("delete"), "it asked for a deletion"),
        )


def _assert(condition: object, message: str) -> None:
    assert condition, message


def _made_among(before: int, after: int) -> Callable[[Exchange], None]:
    """Creates between so many newer and older videos of other programs, and loses the answer."""

    def tell(exchange: Exchange) -> None:
        for number in range(before):
            exchange.ledger.add_stranger(f"older {number}")
        exchange.truth()
        for number in range(after):
            exchange.ledger.add_stranger(f"newer {number}")

    return tell


def _copied(title: str, status: str, *, is_older: bool = False, is_ours: bool = False) -> Callable[[Exchange], None]:
    """Creates, and another video has the same metadata: people make videos like others by copying that."""

    def tell(exchange: Exchange) -> None:
        body = exchange.request.json()
        if not is_older:
            exchange.truth()
        exchange.ledger.add(title, body.get("metadata"), status=status, is_stranger=not is_ours)
        if is_older:
            exchange.truth()

    return tell


def _is_bounded(world: World) -> None:
    asked = world.service.asked("list")
    furthest = max(request.json().get("offset", 0) + request.json()["limit"] for request in asked)
    assert furthest <= 1000, "more than the newest 1,000 videos were looked through"
    assert len(asked) <= 40, "they were looked through again and again"


def _metadata_is_replaced(world: World) -> None:
    _halfway(world)
    [video] = world.service.ledger.ours
    video.metadata = [{"key": "genre", "value": "rock"}]


def title_is_changed(world: World) -> None:
    _metadata_is_replaced(world)
    [video] = world.service.ledger.ours
    video.title = "renamed by a person"


def uploads_into_a_video(world: World) -> object:
    """A person made the video; this upload only sends bytes to it."""
    with world.client() as stream:
        if "into" not in world.notes:
            world.notes["into"] = stream.videos.create(TITLE).id
        return stream.videos.upload(world.notes["into"], world.path, part_size=1000, part_limits=PartLimits(1, 10**12))


def into_a_video_halfway(world: World) -> None:
    world.service.lie([Lie("part", lies.says(failure(400)), after=2)])
    with suppress(AiozStreamError):
        uploads_into_a_video(world)
    world.service.lie(())


def _uploads_then_another_appears(world: World) -> Any:
    """The first create takes effect only after the whole upload is over; then another upload of the same kind runs."""
    hidden: list[Any] = []

    def late(exchange: Exchange) -> None:
        body = exchange.request.json()
        hidden.append(exchange.ledger.add(body["title"], body.get("metadata"), is_hidden=True))

    world.service.lie([Lie("create", late, times=1)])
    world.upload()
    world.service.lie(())
    [video] = hidden
    video.is_hidden = False
    other = world.folder / "another talk.mp4"
    other.write_bytes(world.content)
    with world.client() as stream:
        stream.upload(other, part_size=1000, part_limits=PartLimits(1, 10**12))
        stream.upload(world.path, part_size=1000, part_limits=PartLimits(1, 10**12))
        listed = [one for one in stream.uploads.unfinished() if one.video_id in (video.id, None)]
    return video, listed


def _late_one_is_not_lost(_world: World, result: Any) -> None:
    video, listed = result
    assert video.status == "deleted" or listed, "the late video is neither removed nor listed by uploads.unfinished()"
    assert not video.writes or video.writes == ["delete"]


def _late_create(exchange: Exchange) -> Reply | None:
    """Takes effect only when the next request comes."""
    body = exchange.request.json()
    ledger = exchange.ledger
    video = ledger.add(body["title"], body.get("metadata"), is_hidden=True)
    real, count = exchange.service.chance, [0]

    def appear(operation: str) -> Lie | None:
        count[0] += operation == "part"
        if count[0]:
            video.is_hidden = False
            exchange.service.chance = real
        return None

    exchange.service.chance = appear
    return None


CASES = [
    *_filters(),
    Case(
        "list-has-ours-below-250-newer",
        "it is among the newest 1,000, which are looked through where no filter works",
        (Lie("create", _made_among(3, 250), times=1), Lie("list", lies.with_metadata(lies.refuses))),
        Uploaded(),
        also=_is_bounded,
    ),
    Case(
        "list-has-ours-below-1500-newer",
        "no more than the newest 1,000 are looked through; another is made, and no stranger's touched",
        (Lie("create", _made_among(0, 1500), times=1), Lie("list", lies.with_metadata(lies.finds_nothing))),
        Uploaded(made=2, live=2),
        also=_is_bounded,
    ),
    Case(
        "list-fails-in-every-form",
        "it can't be known what came of create, so it is said, and the same call looks again",
        (Lie("create", lies.does_and_cuts, times=1), Lie("list", BROKEN)),
        Raises(CreationUnknownError),
        then=Uploaded(),
    ),
    *(
        Case(
            f"marker-copied-to-a-{'older' if older else 'newer'}-{status}-video-{title.replace(' ', '-')}",
            "metadata is copied by people: with another title or status it is not what was just made",
            (Lie("create", _copied(title, status, is_older=older), times=1),),
            Uploaded(),
        )
        for title, status in ((TITLE, "done"), ("a copy", "new"), (TITLE, "transcoding"))
        for older in (True, False)
    ),
    Case(
        "marker-on-a-true-duplicate",
        "the marker, the title, and no bytes: an answer was lost twice, and one of the two goes",
        (Lie("create", _copied(TITLE, "new", is_ours=True), times=1),),
        Uploaded(made=2),
    ),
    Case(
        "create-takes-effect-while-parts-are-sent",
        "a duplicate that comes late is found before complete, and deleted",
        (Lie("create", _late_create, times=1),),
        Uploaded(made=2),
    ),
    Case(
        "create-takes-effect-after-the-upload-is-over",
        "found at the next upload, or listed as unfinished: never forgotten",
        (),
        Gives(_late_one_is_not_lost),
        play=_uploads_then_another_appears,
    ),
    Case(
        "lost-create-without-a-marker",
        "a video of the same title is a stranger's; without a marker only a person can tell",
        (Lie("create", lies.does_and_cuts, times=1),),
        Raises(CreationUnknownError),
        play=lambda world: world.upload(marker=False),
        then=Raises(CreationUnknownError),
    ),
    Case(
        "resumed-although-its-metadata-was-replaced",
        "the journal has the id from create's own answer: it is ours without a marker",
        (),
        Uploaded(),
        given=_metadata_is_replaced,
    ),
    Case(
        "aborted-although-its-metadata-was-replaced",
        "the journal has the id from create's own answer, the video is new and has the title",
        (),
        Aborted(),
        play=aborts,
        given=_metadata_is_replaced,
    ),
    Case(
        "aborted-when-the-title-was-changed",
        "without a marker the title has to be the same: the id may have come to mean another video",
        (),
        Kept(),
        play=aborts,
        given=title_is_changed,
    ),
    Case(
        "aborted-when-get-shows-another-title-and-no-marker",
        "what is shown is not what was made; nothing is deleted on the id's word",
        (Lie("get", lies.alters(title="holiday", metadata=None)),),
        Kept(),
        play=aborts,
        given=_halfway,
    ),
    Case(
        "aborted-when-get-answers-with-another-video",
        "the answer is not about the video that was asked for",
        (Lie("get", lies.shows(lies.stranger(1))),),
        Kept(),
        play=aborts,
        given=_halfway,
    ),
    Case(
        "aborted-when-get-says-that-it-is-done",
        "deletion needs the status new",
        (Lie("get", lies.alters(status="done")),),
        Kept(),
        play=aborts,
        given=_halfway,
    ),
    Case(
        "aborted-when-the-marker-was-copied",
        "a copy with another title, or with bytes, is another program's",
        (),
        Aborted(),
        play=aborts,
        given=lambda world: world.fails(Lie("create", _copied("a copy", "new")), Lie("list", BROKEN)),
    ),
    Case(
        "aborted-when-a-finished-video-has-the-marker",
        "a copy that is done is another program's",
        (),
        Aborted(),
        play=aborts,
        given=lambda world: world.fails(Lie("create", _copied(TITLE, "done", is_older=True)), Lie("list", BROKEN)),
    ),
    Case(
        "aborted-into-a-video-that-a-person-made",
        "its id is from no create of this upload's, and it has no marker: giving up sends no deletion",
        (),
        Kept(),
        play=aborts,
        given=into_a_video_halfway,
        also=lambda world: _assert(world.notes.get("into") in world.service.ledger.videos, "the video is there"),
    ),
    Case(
        "forgotten-without-touching-any-video",
        "forgetting removes the journal and nothing else",
        (Lie("list", lies.unfiltered),),
        Kept(),
        play=forgets,
        given=unheard_made,
        also=lambda world: _assert(not world.unfinished(), "the journal is still there"),
        may_be_untold=True,
    ),
    Case(
        "aborted-twice-at-once-by-a-list-that-repeats",
        "one deletion for each video, however often the list shows it",
        (Lie("list", lies.edits(lambda data, _: data["videos"].extend(data["videos"] * 3))),),
        Aborted(),
        play=aborts,
        given=unheard_made,
        also=lambda world: _assert(len(world.service.asked("delete")) == 1, "more than one deletion"),
    ),
]
