"""What a command that ends early says: how much is safe, and the command that goes on."""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

import click

from aioz_stream.errors import (
    AiozStreamError,
    APIError,
    ArgumentError,
    BadRequestError,
    ConfigurationError,
    JournalError,
    PaymentRequiredError,
    SourceChangedError,
    SourceError,
    VideoCompleteError,
)
from aioz_stream.http.retry import is_transient
from aioz_stream.operations import calls
from aioz_stream.upload.advice import shell_line
from aioz_stream.upload.sources.file import file_place
from aioz_stream.upload.sources.part_source import last_segment
from aioz_stream.upload.sources.remote import is_url, redact_url, url_path
from aioz_stream.upload.upload import default_title
from aioz_stream_cli.client import named_profile
from aioz_stream_cli.signals import ignored_signals
from aioz_stream_cli.terminal import clean, notes, wrap

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from aioz_stream import AiozStream, UnfinishedUpload, UploadItem

_WORDS = f"{__name__}.words"

NOT_BY_REPEATING = (
    ArgumentError,
    BadRequestError,
    ConfigurationError,
    JournalError,
    SourceChangedError,
    SourceError,
    VideoCompleteError,
)
"""What the same command meets again."""


class Command(str):
    """A note that is a command, to be pasted."""

    __slots__ = ()


def keep_words(ctx: click.Context, words: list[str]) -> None:
    """Keeps the words of the command as they were typed."""
    ctx.meta[_WORDS] = words


def same_command() -> Command | None:
    """The command as it was typed. None where a URL in it has secrets, or a terminal would not show it as it is."""
    words = cast("list[str]", click.get_current_context().meta[_WORDS])
    values = [value for word in words for value in (word, word.partition("=")[2])]
    if not all(word.isprintable() and redact_url(word) == word for word in values):
        return None
    return _command(words)


def _goes_on() -> str:
    words = cast("list[str]", click.get_current_context().meta[_WORDS])
    reads_input = any(word == "-" or word.endswith("=-") for word in words)
    return f"This command{', with the same standard input,' if reads_input else ''} goes on:"


def other_command(*words: str) -> Command:
    """Another command of this program."""
    profile = named_profile()
    chosen = ["--profile", profile] if profile else []
    return _command([str(click.get_current_context().find_root().info_name), *words, *chosen])


def _command(words: Sequence[str]) -> Command:
    return Command(shell_line(words))


@contextmanager
def saying(said: str, *words: str) -> Generator[None]:
    """An error that ends the block says which command goes on: the one with these words.

    Without words it is the same command, after what need not happen again.
    """
    try:
        yield
    except (AiozStreamError, KeyboardInterrupt) as error:
        if words or _is_over(error):
            _note(error, said, other_command(*words) if words else same_command())
        raise


def _is_over(error: BaseException) -> bool:
    """Whether the same request may well succeed later: not after an answer such as 404."""
    return is_transient(error) if isinstance(error, APIError) else isinstance(error, KeyboardInterrupt | TimeoutError)


@contextmanager
def showing_same() -> Generator[None]:
    """Shows this command below the library's note that it goes on with what there is."""
    try:
        yield
    except (AiozStreamError, KeyboardInterrupt) as error:
        notes = getattr(error, "__notes__", [])
        if any("same call goes on" in note for note in notes) and (command := same_command()):
            notes.append(command)
        raise


def _note(error: BaseException, said: str, *commands: Command | None) -> None:
    """Notes a sentence in place of the library's own, and commands."""
    begin = "Interrupted. " if isinstance(error, KeyboardInterrupt) else ""
    error.__notes__ = [begin + said, *(command or "The same command goes on." for command in commands)]


class Resumption:
    """What there is of this command's uploads from earlier runs, and what there is when it ends."""

    def __init__(
        self,
        stream: AiozStream,
        items: Sequence[UploadItem],
        part_size: int,
        *,
        into: str | None = None,
        is_kept: bool = True,
    ) -> None:
        """`into` is the video that is uploaded to, and `is_kept` whether there is a journal."""
        self._stream, self._items, self._part_size = stream, items, part_size
        self._into, self._is_kept = into, is_kept
        self._videos: list[str] = []

    def add_video(self, video_id: str) -> None:
        """To be called with the id of each video, as soon as it is known."""
        self._videos.append(video_id)

    def announce(self) -> None:
        """Says what is unfinished, before anything is sent: what this command goes on with, and what it does not."""
        same, others = self._unfinished()
        # Whether another account's goes on, the upload itself finds out.
        same = [one for one in same if not one.has_other_credentials]
        if same:
            which = describe(same[0]) if len(same) == 1 else f"{len(same)} unfinished uploads: {_sum(same)} sent"
            wrap(f"Going on with {which}.")
        for one in others:
            wrap(
                f"There is an unfinished upload already, {describe(one)}. This command has another title or other "
                "options, so it is another upload. To go on with the unfinished one, or to give it up:"
            )
            for verb in ("resume", "abort"):
                notes.print(other_command(verb, one.video_id or one.source), markup=False)

    def _unfinished(self) -> tuple[list[UnfinishedUpload], list[UnfinishedUpload]]:
        """The unfinished uploads of the same sources: those that this command goes on with, and the others."""
        at: dict[str, list[UnfinishedUpload]] = {}
        with suppress(JournalError):  # the upload itself warns of it, and goes on without a journal
            for one in self._stream.uploads.unfinished():
                if not one.is_running:
                    at.setdefault(one.source, []).append(one)
        same, others = list[Any](), list[Any]()
        for item in self._items:
            for one in at.get(source_place(item.source), ()):
                (same if self._is_kept and self._is_same(item, one) else others).append(one)
        return same, others

    def _is_same(self, item: UploadItem, one: UnfinishedUpload) -> bool:
        """Whether this command makes of an item the call that began the upload."""
        with suppress(ArgumentError):  # the upload itself says so
            return one.call == self._call(item, one)
        return False

    def _call(self, item: UploadItem, one: UnfinishedUpload) -> dict[str, object]:
        """The call of an item, as a journal has it."""
        call = {"base_url": one.call["base_url"], "source": one.source, "part_size": self._part_size}
        if self._into:
            return {**call, "into": self._into}
        path = str(item.source)
        title = default_title(last_segment(unquote(url_path(redact_url(path))) if is_url(path) else path))
        with warnings.catch_warnings(action="ignore"):  # the upload itself has the same ones
            new = calls.new_video(
                title if item.title is None else item.title,
                item.description,
                item.is_public,
                item.metadata,
                item.tags,
                item.qualities,
            )
        return {**call, "new": new.to_dict()}

    @contextmanager
    def ending(self) -> Generator[None]:
        """An error that ends the block says how much is safe, and the command that goes on."""
        try:
            yield
        except AiozStreamError as error:
            self.note(error)
            raise
        except KeyboardInterrupt as interruption:
            with ignored_signals():
                self.note(interruption)
            raise

    def note(self, error: BaseException) -> None:
        """Notes on what has ended the upload how much is safe, and the command that goes on."""
        if isinstance(error, NOT_BY_REPEATING):
            return
        left = list[Any]()
        with suppress(AiozStreamError):
            left, _ = self._unfinished()
        if left:
            _note_safe(error, left, same_command())
        elif self._videos and len(self._items) == 1:
            self._note_lost(error, self._videos[0])

    def _note_lost(self, error: BaseException, video_id: str) -> None:
        """For an upload that no journal knows."""
        notes: list[str] = getattr(error, "__notes__", [])
        there = notes[0] if notes else f"Video {video_id} exists."
        if self._into:
            _note(error, f"{there} Its upload can't be resumed; the same command sends all bytes again.")
            return
        said = f"{there} Its upload can't be resumed: the same command makes another video. To delete this one:"
        _note(error, said, other_command("delete", video_id))


def _note_safe(error: BaseException, left: Sequence[UnfinishedUpload], command: Command | None) -> None:
    """Notes how much of uploads is safe, and the command that goes on; where the price is missing, `complete`."""
    [one, *others] = left
    safe = f"{_sum(left)} are safe"
    if others:
        _note(error, f"{safe}, in {len(left)} videos. {_goes_on()}", command)
    elif one.video_id is None:
        _note(error, f"{safe}. Its video may exist, and is looked for. {_goes_on()}", command)
    elif isinstance(error, PaymentRequiredError) and one.sent == one.size:
        said = f"{safe}, in video {one.video_id}. When the balance covers the price, this command completes it:"
        _note(error, said, other_command("complete", one.video_id))
    else:
        _note(error, f"{safe}, in video {one.video_id}. {_goes_on()}", command)


@contextmanager
def noting_rest(stream: AiozStream, uploads: Sequence[UnfinishedUpload]) -> Generator[None]:
    """Ctrl-C inside the block says how much of the unfinished uploads is safe, and that the same command goes on."""
    try:
        yield
    except KeyboardInterrupt as interruption:
        journals = {one.journal for one in uploads}
        with ignored_signals():
            if left := [one for one in stream.uploads.unfinished() if one.journal in journals]:
                _note_safe(interruption, left, same_command())
        raise


def note_failure(error: AiozStreamError, stream: AiozStream, upload: UnfinishedUpload) -> None:
    """Notes on an error that has ended the upload again which command goes on, or gives it up."""
    name = upload.video_id or upload.source
    if isinstance(error, SourceError):
        _note(error, f"To give up {describe(upload)}:", other_command("abort", name))
    elif not isinstance(error, NOT_BY_REPEATING):
        left = [one for one in stream.uploads.unfinished() if one.journal == upload.journal]
        _note_safe(error, left or [upload], other_command("resume", name))


def source_place(source: object) -> str:
    """A source as a journal names it; nothing for one that has no name."""
    if not isinstance(source, str | os.PathLike):
        return ""
    path = os.fsdecode(cast("str", source))
    return redact_url(path) if is_url(path) else file_place(path)


def describe(upload: UnfinishedUpload) -> str:
    """An unfinished upload, for people."""
    title = f", {clean(upload.title)!r}" if upload.title else ""
    about = f"video {upload.video_id or '(not known yet)'}{title}: {_sum([upload])} sent of {clean(upload.source)}"
    return about + (" (begun with other credentials)" if upload.has_other_credentials else "")


def _sum(uploads: Iterable[UnfinishedUpload]) -> str:
    """How much of uploads is with the service, in words."""
    sent, sizes = sum(one.sent for one in uploads), [one.size for one in uploads]
    return f"{sent:,} of {sum(cast('list[int]', sizes)):,} bytes" if all(sizes) else f"{sent:,} bytes"
