"""The outcome of a transcoding, as it is kept with the video."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Output:
    """One quality: its status, and what a player needs to know before it opens it."""

    name: str
    type: str
    container: str
    status: str
    codec: str = ""
    height: int = 0
    has_sound: bool = False
    language: str = ""

    @property
    def has_picture(self) -> bool:
        return self.height > 0


@dataclass(frozen=True)
class Outcome:
    """All outputs of one video, the folder that holds their files, and whether there is an MP4 beside them.

    The outputs lie in folders named by their numbers. Every attempt has a folder of its own: an ffmpeg that outlives
    a killed server can't write between the files of the next attempt.
    """

    folder: str
    status: str
    outputs: tuple[Output, ...] = ()
    has_mp4: bool = False

    def finished(self, done: str, kind: str | None = None) -> list[tuple[int, Output]]:
        """The outputs that are there, of one type or of all, with their numbers."""
        return [
            (number, output)
            for number, output in enumerate(self.outputs)
            if output.status == done and kind in (None, output.type)
        ]


def to_json(outcome: Outcome | None) -> Json | None:
    return None if outcome is None else asdict(outcome)


def from_json(value: Json | None) -> Outcome | None:
    if value is None:
        return None
    outputs = tuple(Output(**output) for output in value["outputs"])
    return Outcome(value["folder"], value["status"], outputs, value["has_mp4"])
