"""A case: what the client does, what the service lies about meanwhile, and what must come of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aioz_stream import AiozStream, AiozStreamError, PartLimits, RetryPolicy, Video
from tests.adversarial.ledger import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.adversarial.service import Lie, Service

TITLE = "talk"
PART_SIZE = 1_000
PARTS = 4
SMALL: dict[str, Any] = {"part_size": PART_SIZE, "part_limits": PartLimits(1, 10**12)}
QUICK = RetryPolicy(first_delay=0.001, longest_delay=0.002)
CONTENT = bytes(number * number % 251 for number in range(PARTS * PART_SIZE - 137))


class World:
    """One service, one file, one folder of journals. Three videos are there that other programs have made."""

    def __init__(self, service: Service, folder: Path, journals: Path) -> None:
        self.service, self.folder, self.journals = service, folder, journals
        self.path = folder / f"{TITLE}.mp4"
        self.path.write_bytes(CONTENT)
        self.content = CONTENT
        """What the file has now."""
        self.earlier: list[bytes] = []
        """What it had when an upload of an earlier run ended well, whose video rightly keeps that."""
        self.notes: dict[str, Any] = {}
        """What a preparation leaves for the checks."""
        ledger = service.ledger
        ledger.add_stranger("holiday", status="done")
        ledger.add_stranger(TITLE)  # it may be mistaken for ours: the same title, and no bytes yet
        ledger.add_stranger("party", [{"key": "genre", "value": "rock"}])

    def client(self, **options: Any) -> AiozStream:
        return AiozStream(
            **{"token": TOKEN, "base_url": self.service.url, "max_retries": QUICK, "timeout": 10, **options}
        )

    def upload(self, **options: Any) -> Video:
        with self.client() as stream:
            return stream.upload(self.path, **{**SMALL, **options})

    def unfinished(self) -> list[Any]:
        with self.client() as stream:
            return list(stream.uploads.unfinished())

    def fails(self, *lies: Lie, **options: Any) -> AiozStreamError:
        """An upload of an earlier run, which these lies end."""
        self.service.lie(lies)
        try:
            with self.client(max_retries=0) as stream:
                stream.upload(self.path, **{**SMALL, "concurrency": 1, **options})
        except AiozStreamError as error:
            return error
        finally:
            self.service.lie(())
        raise AssertionError("the earlier run should have failed")

    def check_strangers(self) -> None:
        for video in self.service.ledger.strangers:
            assert not video.writes, f"the client did {video.writes} to {video.id}, which is not its own"


@dataclass(frozen=True)
class Uploaded:
    """The call gives its own, single video, which has every byte and is complete."""

    made: int | None = 1
    """How many videos the client made, deleted duplicates included; None where that is open."""
    live: int = 1
    """How many of them are left."""

    def check(self, world: World, result: object) -> None:
        assert isinstance(result, Video), f"there should be a video, not {described(result)}"
        ledger = world.service.ledger
        video = ledger.videos[result.id]
        assert not video.is_stranger, "another program's video is given as the result"
        assert (result.title, video.status) == (video.title, "transcoding")
        assert video.content == world.content, "other bytes are stored than the file has"
        assert len(ledger.ours) == self.live, f"videos of ours: {[(one.id, one.status) for one in ledger.ours]}"
        assert self.made in (None, len(ledger.made)), f"{len(ledger.made)} videos were made"
        assert not [one for one in world.unfinished() if one.video_id == video.id], "it is listed as unfinished"


@dataclass(frozen=True)
class Raises:
    """A typed error, whose text (notes included) matches."""

    kinds: type[AiozStreamError] | tuple[type[AiozStreamError], ...]
    says: str = ""

    def check(self, world: World, result: object) -> None:
        assert isinstance(result, self.kinds), f"there should be {self.kinds}, not {described(result)}"
        text = "\n".join([str(result), *getattr(result, "__notes__", ())])
        assert re.search(self.says, text, re.IGNORECASE), text
        for video in world.service.ledger.ours:
            assert video.status == "new" or video.content in (world.content, *world.earlier), (
                "an error, and yet wrong bytes were completed"
            )


@dataclass(frozen=True)
class Either:
    """One of these; what else is possible depends on a choice that is the client's own."""

    outcomes: tuple[Expectation, ...]

    def check(self, world: World, result: object) -> None:
        failures: list[AssertionError] = []
        for outcome in self.outcomes:
            try:
                outcome.check(world, result)
            except AssertionError as failure:
                failures.append(failure)
            else:
                return
        raise AssertionError(" | ".join(map(str, failures)))


@dataclass(frozen=True)
class Gives:
    """A result that the function takes; what it asserts decides."""

    judge: Callable[[World, Any], object]

    def check(self, world: World, result: object) -> None:
        assert not isinstance(result, BaseException), described(result)
        self.judge(world, result)


@dataclass(frozen=True)
class Aborted:
    """All that the client made is deleted, and its journal is gone."""

    def check(self, world: World, result: object) -> None:
        assert result is None, described(result)
        assert world.service.ledger.ours == []
        assert world.unfinished() == []


@dataclass(frozen=True)
class Kept:
    """Nothing was deleted, whether the client says so in an error or not."""

    def check(self, world: World, result: object) -> None:
        assert result is None or isinstance(result, AiozStreamError), described(result)
        assert not world.service.asked("delete"), "it asked for a deletion"


Expectation = Uploaded | Raises | Either | Gives | Aborted | Kept


def uploads(world: World) -> object:
    return world.upload()


def aborts(world: World) -> None:
    with world.client() as stream:
        [one] = stream.uploads.unfinished()
        stream.uploads.abort(one)


def forgets(world: World) -> None:
    with world.client() as stream:
        [one] = stream.uploads.unfinished()
        stream.uploads.forget(one)


@dataclass(frozen=True)
class Case:
    """One way of being lied to. Run alone: `pytest tests/adversarial/test_lies.py -k NAME`."""

    name: str
    because: str
    """Why that must come of it."""
    lies: tuple[Lie, ...]
    expect: Expectation
    play: Callable[[World], object] = uploads
    """What the client does."""
    given: Callable[[World], object] = lambda _world: None
    """What was before, in which the service told the truth, or the lies that the preparation says."""
    then: Expectation | None = None
    """What comes of the same once more after an error, when the service tells the truth again."""
    also: Callable[[World], object] = lambda _world: None
    """What has to hold besides."""
    may_be_untold: bool = False
    """Whether the client may end without ever hearing the lie."""

    def run(self, world: World) -> None:
        self.given(world)
        world.service.lie(self.lies)
        result = attempt(self.play, world)
        told = [world.service.told[number] for number in range(len(self.lies))]
        world.service.lie(())
        print(f"{self.name}: {described(result)}")
        world.check_strangers()
        self.expect.check(world, result)
        self.also(world)
        assert self.may_be_untold or all(told), "a lie was never told, so the case shows nothing"
        if self.then is not None and isinstance(result, AiozStreamError):
            again = attempt(self.play, world)
            world.check_strangers()
            self.then.check(world, again)
        assert not world.service.errors, world.service.errors


def attempt(play: Callable[[World], object], world: World) -> object:
    """The result, or the error. What is no error of this package's is one that its users can't foresee."""
    try:
        return play(world)
    except AiozStreamError as error:
        return error


def described(result: object) -> str:
    return f"{type(result).__name__}: {result}"[:600] if isinstance(result, BaseException) else repr(result)[:300]
