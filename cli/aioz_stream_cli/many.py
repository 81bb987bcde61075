"""Uploads many files: shows how far they are, tells what became of each, and sums it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import define, evolve, field, frozen
from rich.cells import cell_len
from rich.text import Text

from aioz_stream.errors import AiozStreamError, AuthenticationError, PriceError
from aioz_stream.upload.plan import DEFAULT_PART_SIZE, plan
from aioz_stream_cli.ending import NOT_BY_REPEATING, Resumption, other_command, same_command, saying
from aioz_stream_cli.failures import ExitStatus, exit_status
from aioz_stream_cli.file_bars import FileBars
from aioz_stream_cli.media import doubt
from aioz_stream_cli.sources import Found, shown
from aioz_stream_cli.terminal import break_into_lines, clean, is_for_people, notes, output, print_always, print_json
from aioz_stream_cli.wording import in_options, running_command, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aioz_stream import AiozStream, UploadItem, Video
    from aioz_stream.upload.options import Sending
    from aioz_stream_cli.parameters import Form


@frozen
class Outcome:
    """What became of one source."""

    index: int
    source: str
    name: str
    """`uploaded`, `complete before`, or `failed`."""
    video: Video | None = None
    problem: str = ""
    """Why it failed, and what is to be done."""
    status: int = 0
    """That the command exits with."""
    may_pass: bool = False
    """Whether the same command may well succeed as it is."""

    def as_json(self) -> dict[str, Any]:
        """The fields of the video, and what the command knows of it."""
        known = {"source": self.source, "outcome": self.name} | ({"error": self.problem} if self.problem else {})
        return known | (self.video.to_dict() if self.video else {}) | known

    def as_failed(self, problem: str, status: int) -> Outcome:
        return evolve(self, name="failed", problem=problem, status=status)

    def as_failed_by(self, error: Exception) -> Outcome:
        command = running_command(click.get_current_context())
        said = [sentence(error, command), *(in_options(note, command) for note in getattr(error, "__notes__", ()))]
        problem = "\n".join(map(clean, "\n".join(said).splitlines()))
        may_pass = not isinstance(error, (*NOT_BY_REPEATING, PriceError))
        return evolve(self.as_failed(problem, exit_status(error)), may_pass=may_pass)


def upload_many(stream: AiozStream, found: Found, sending: Sending, *, files: int, wait: bool, form: Form) -> None:
    """Uploads what was found. Exits with the status of the first failure, in the order of the sources."""
    plan(1, sending.get("part_size", DEFAULT_PART_SIZE))  # raises for all of them, before anything is sent
    report = _Report(form, len(found.items) + len(found.unreadable), "ready" if wait else "uploaded")
    try:
        for error in found.unreadable:
            folder = Outcome(-1, clean(str(error.filename)), "failed")
            report.add(folder.as_failed(f"The folder can't be read: {error.strerror}.", exit_status(error)))
        uploaded = list[Outcome]()
        part_size, is_kept = sending.get("part_size", DEFAULT_PART_SIZE), bool(sending.get("journal", True))
        resumption = Resumption(stream, found.items, part_size, is_kept=is_kept)
        with resumption.ending():
            resumption.announce()
            for outcome in _uploads(stream, found, sending, files):
                if wait and outcome.video:
                    uploaded.append(outcome)
                else:
                    report.add(outcome)
        ids = [one.video.id for one in uploaded if one.video]
        with saying("The videos are being transcoded. This command waits for them:", "wait", *ids):
            for number, outcome in enumerate(sorted(uploaded, key=lambda one: one.index), 1):
                with notes.status(f"Transcoding {number} of {len(uploaded)} …"):
                    settled = _wait(stream, outcome)
                report.add(settled)
    finally:
        report.sum_up()
    report.end(has_journals=sending.get("journal", True) is True)


def _uploads(stream: AiozStream, found: Found, sending: Sending, files: int) -> Iterator[Outcome]:
    """What becomes of each, in the order in which they end. The bars are hidden meanwhile."""
    with FileBars([shown(item) for item in found.items]) as bars:
        items = (_checked(item, bars, index) for index, item in enumerate(found.items))
        for result in stream.upload_many(items, files=files, **sending):
            if isinstance(result.error, AuthenticationError):
                raise result.error  # without valid credentials all would fail
            was_sent = bars.end(result.index, has_failed=result.error is not None)
            name = "uploaded" if was_sent else "complete before"
            outcome = Outcome(result.index, clean(shown(result.item)), name, result.video)
            with bars.hidden():
                yield outcome if result.error is None else outcome.as_failed_by(result.error)


def _checked(item: UploadItem, bars: FileBars, index: int) -> UploadItem:
    """An item as it is about to be sent."""
    if said := doubt(item.source):
        with bars.hidden():
            notes.print(clean(f"Warning: {said}"), style="yellow", markup=False)
    return evolve(item, on_progress=bars.watch(index))


def _wait(stream: AiozStream, outcome: Outcome) -> Outcome:
    assert outcome.video is not None, "that of a failed upload is not waited for"
    try:
        video = stream.videos.wait(outcome.video.id)
    except AiozStreamError as error:
        error.add_note(f"The upload is complete. To wait for the video: `{other_command('wait', outcome.video.id)}`")
        return evolve(outcome.as_failed_by(error), may_pass=False)  # the same command would upload it again
    settled = evolve(outcome, video=video)
    if video.status == "done":
        return settled
    problem = f"It can't be watched: the status of video {video.id} is {video.status}."
    return settled.as_failed(problem, ExitStatus.TRANSCODING_FAILED)


@define
class _Report:
    """Tells outcomes as they come, and all of them at the end."""

    form: Form
    total: int
    goal: str
    outcomes: list[Outcome] = field(factory=list[Outcome])

    def add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if self.form == "jsonl":
            print_json(outcome.as_json(), None)
        if outcome.problem:
            _note(f"Failed: {outcome.source}", style="red")
        elif self.form is None and outcome.video:
            _print_line(outcome.video.id, outcome.name, outcome.source)

    def sum_up(self) -> None:
        """Also of what was done before Ctrl-C."""
        failed = self._failed()
        before = sum(one.name == "complete before" for one in self.outcomes)
        said = f"{len(self.outcomes) - len(failed)} of {self.total} videos are {self.goal}"
        said += f", {before} of them before" if before else ""
        said += f"; {len(failed)} failed:" if failed else "."
        tell = _note_always if failed else _note
        tell(said)
        for one in failed:
            tell(one.source, style="red", indent=2)
            for line in one.problem.splitlines():
                tell(line, style="red", indent=4)

    def end(self, *, has_journals: bool) -> None:
        if self.form == "json":
            print_json([one.as_json() for one in sorted(self.outcomes, key=lambda one: one.index)])
        if failed := self._failed():
            # What has a video has arrived, and to send it again helps nothing.
            if has_journals and any(one.video is None for one in failed):
                first = (
                    "The same command tries again what failed"
                    if any(one.may_pass for one in failed)
                    else ("Once that is put right, the same command uploads what failed")
                )
                _note(f"{first}, and passes over the rest.")
                if command := same_command():
                    notes.print(command, markup=False)
            raise SystemExit(failed[0].status)

    def _failed(self) -> list[Outcome]:
        return sorted((one for one in self.outcomes if one.problem), key=lambda one: one.index)


def _note(text: str, style: str = "", indent: int = 0) -> None:
    """A sentence for people, whose words are not broken in a terminal."""
    notes.print("\n".join(_broken(text, indent)), style=style, markup=False)


def _note_always(text: str, style: str = "", indent: int = 0) -> None:
    """The same for -q, too."""
    print_always("\n".join(_broken(text, indent)), style)


def _broken(text: str, indent: int) -> list[str]:
    lines = break_into_lines(text, notes.width - indent) if notes.is_terminal else [text]
    return [" " * indent + line for line in lines]


def _print_line(video_id: str, name: str, source: str) -> None:
    """With tabs for programs. In a terminal the id stays whole, so the source has a line of its own if need be."""
    if not is_for_people():
        click.echo(f"{video_id}\t{name}\t{source}")
        return
    about = source if name == "uploaded" else f"{source} ({name})"
    beside = Text(f"{video_id}  {about}")
    if cell_len(beside.plain) > output.width:
        below = Text(f"  {about}")
        below.truncate(output.width, overflow="ellipsis")
        beside = Text(f"{video_id}\n") + below
    click.echo(beside.plain)
