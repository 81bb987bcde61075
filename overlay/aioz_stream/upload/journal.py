"""The journal of an upload: what the service has acknowledged, so that the same call can resume after any end.

A journal is a file of lines, each with a checksum, that only grows. Each line is on the disk before the upload goes on.
A line that a power cut has damaged is recognised and ignored. A journal holds names, sizes and checksums, and no
credentials.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import platformdirs
from attrs import define, field, validators

from aioz_stream.errors import JournalError, Part, UploadInProgressError, warn
from aioz_stream.files import Disk, open_own
from aioz_stream.upload.lock import Lock

DIRECTORY = "AIOZ_STREAM_JOURNALS"
"""The environment variable that names the directory of journals."""

SUFFIX = ".journal"
_FORMAT = 1
_LARGEST = 64 * 2**20  # bytes; the journal of a million parts is not larger
_YEAR_9999 = 253_370_764_800.0  # in seconds since 1970; more is no date
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
_MARKER = re.compile(rb'"marker":"(\w{1,64})"')


def default_directory() -> Path:
    """The directory of journals, unless the caller names another place. Raises JournalError where there is none."""
    if chosen := os.environ.get(DIRECTORY):
        return Path(chosen)
    try:
        usual = platformdirs.user_state_path("aioz-stream") / "journals"
    except RuntimeError:
        usual = Path()
    if not usual.is_absolute():  # it would be another folder wherever the program runs
        raise JournalError(
            f"there is no folder for the journals of uploads, since this user's home is not known. Set {DIRECTORY}, "
            "HOME or XDG_STATE_HOME to an absolute path, or upload with journal=False, which can't be resumed."
        )
    return usual


@define
class Record:
    """The content of a journal."""

    call: Mapping[str, Any] = field(validator=validators.instance_of(dict))
    """The call that the journal belongs to: address, source, part size, and the video to make or to upload to."""
    source: Mapping[str, Any] = field(validator=validators.instance_of(dict))
    """The identity of the source when the upload began; see `PartSource.identity`."""
    marker: str | None = field(validator=validators.optional(validators.instance_of(str)))
    """The value in the metadata of the video by which it can be found."""
    begun: float = field(validator=[validators.instance_of((int, float)), validators.lt(_YEAR_9999)])
    """Seconds since 1970."""
    account: str | None = field(default=None, validator=validators.optional(validators.instance_of(str)))
    """The fingerprint of the credentials that it was begun with."""
    video_id: str | None = None
    may_have_duplicates: bool = False
    """Whether an answer to create was lost, so that another video may come to be."""
    parts: dict[tuple[int, int], str] = field(factory=dict[tuple[int, int], str])
    """MD5 by first and last byte, of the parts that were acknowledged."""
    is_complete: bool = False
    """Whether the upload is complete, and the journal is kept only until the others of the same call are, too."""
    is_reopenable: bool = True
    """Whether the place of the source is enough to open it again: no secrets of its URL are needed, and no object."""
    is_of_many: bool = False
    """Whether it is one of many, whose journals are kept until all are complete."""

    def add(self, line: Mapping[str, Any]) -> None:
        """Adds the content of the next line."""
        if "video" in line:
            self.video_id = str(line["video"])
            self.may_have_duplicates = bool(line.get("duplicates"))
        elif "part" in line:
            start, end, md5 = line["part"]
            self.parts[int(start), int(end)] = str(md5)
        elif "complete" in line:
            self.is_complete = True


def read_record(path: Path) -> tuple[Record | None, int, os.stat_result | None]:
    """Reads a journal. Returns its content, or None for an empty one; the number of its valid bytes; and its file."""
    try:
        with open(open_own(path, os.O_RDONLY), "rb") as file:  # noqa: PTH123 - a descriptor
            status = os.fstat(file.fileno())
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return None, 0, None
    except OSError as error:
        raise _unusable(path, error) from error
    if len(content) > _LARGEST:
        raise _unreadable(path, content)
    record, size = None, 0
    try:
        for line, end in _decode(content):
            if line is None:
                break
            if record is None:
                if line.get("format") != _FORMAT:
                    break
                record = Record(line["call"], line["source"], line["marker"], line["begun"], line.get("account"))
                record.is_reopenable, record.is_of_many = bool(line.get("reopenable", True)), bool(line.get("many"))
            else:
                record.add(line)
            size = end
    except _MALFORMED:
        raise _unreadable(path, content) from None
    if record is None and content:
        raise _unreadable(path, content)
    return record, size, status


def _encode(content: Mapping[str, Any]) -> bytes:
    """A line with its checksum."""
    text = json.dumps(content, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decode(content: bytes) -> Iterator[tuple[dict[str, Any] | None, int]]:
    """Each line, None for a damaged one, and the position of its end."""
    end = 0
    for line in content.splitlines(keepends=True):
        checksum, _, text = line[:-1].partition(b" ")
        end += len(line)
        is_intact = line.endswith(b"\n") and checksum == b"%08x" % zlib.crc32(text)
        yield cast("dict[str, Any]", json.loads(text)) if is_intact else None, end


def _unreadable(path: Path, content: bytes) -> JournalError:
    """The error for a file that is no journal, or whose head is damaged: its other lines may name the video."""
    videos = set[str]()
    with suppress(*_MALFORMED):
        videos.update(str(line["video"]) for line, _ in _decode(content) if line and "video" in line)
    marker = _MARKER.search(content)
    if videos:
        older = f"An older video may exist: {', '.join(sorted(videos))}"
    elif marker:
        older = f"An older video may exist: its metadata has {marker[1].decode()}"
    else:
        older = "If an earlier run wrote it, a video of that run may exist"
    return JournalError(
        f"{path} is no journal that this version can read, or is damaged. {older}. Look for it before you upload "
        "again; then move the file away, or name another journal."
    )


def _unusable(path: Path, error: OSError) -> JournalError:
    reason = error.strerror or str(error)
    return JournalError(
        f"the journal {path} can't be kept: {reason}. Name another place with {DIRECTORY}, or upload with "
        "journal=False, which can't be resumed. In Python, journal= names a place for one upload."
    )


class JournalWarning(UserWarning):
    """An upload goes on without its journal, and can't be resumed; or a journal can't be read or removed."""


class Journal:
    """What an upload writes down, in a file that is locked until it is closed; without a path, nowhere.

    A disk that fails ends the file with a JournalWarning, and not the upload.
    """

    def __init__(
        self,
        path: Path | None = None,
        call: Mapping[str, Any] | None = None,
        disk: Disk | None = None,
        *,
        is_named: bool = False,
    ) -> None:
        """`is_named` says that the caller has named the path.

        Raises UploadInProgressError when another process or thread has the journal, JournalError when it can't be used
        or is of another call.
        """
        self._call, self._disk, self._is_named = call or {}, disk or Disk(), is_named
        self.path: Path | None = None
        self.record: Record | None = None
        """What the journal says; None where nothing was written yet."""
        self._size = 0
        self._identity: os.stat_result | None = None
        self._lock: Lock | None = None
        self._has_failed = False
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        try:
            self.path = path.absolute()  # the program may change its folder meanwhile
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = Lock(self.path)
        except UploadInProgressError:
            raise
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            self.record, self._size, self._identity = read_record(self.path)
            if self.record is not None and self.record.call != self._call:
                raise JournalError(  # noqa: TRY301 - the lock must be released then, too
                    f"{self.path} is the journal of another upload ({self.record.call.get('source')}), or of this one "
                    "with other arguments. Name another journal, or repeat the call as it was."
                )
        except BaseException:
            self.close()
            raise

    def begin(
        self,
        source: Mapping[str, Any],
        marker: str | None,
        account: str | None = None,
        *,
        is_reopenable: bool = True,
        is_of_many: bool = False,
    ) -> None:
        """Writes a new journal, over the one that may be there. The intent is on the disk before anything is sent.

        Raises JournalError when a file that the caller named can't be written to.
        """
        self.record = Record(self._call, source, marker, time.time(), account)
        if self.path is None:
            return
        line = _encode(
            {
                "format": _FORMAT,
                "call": self._call,
                "source": source,
                "marker": marker,
                "begun": self.record.begun,
                "account": account,
                "reopenable": is_reopenable,
                "many": is_of_many,
            }
        )
        try:
            self._identity, self._size = self._disk.create(self.path, line), len(line)
        except OSError as error:
            if self._is_named:
                raise _unusable(self.path, error) from error
            self._give_up(_unusable(self.path, error))

    def add_video(self, video_id: str, *, may_have_duplicates: bool = False) -> None:
        self._add({"video": video_id, "duplicates": may_have_duplicates})

    def add_part(self, part: Part, md5: str) -> None:
        self._add({"part": [part.start, part.end, md5]})

    def mark_complete(self) -> None:
        """Writes down that the upload is complete; the journal stays."""
        if self.record and not self.record.is_complete:
            self._add({"complete": True})

    def _add(self, content: Mapping[str, Any]) -> None:
        """Writes a line, as `Record.add` reads it."""
        if self.path is None or self._has_failed:
            return
        assert self.record is not None, "begun first"
        assert self._identity is not None, "begun first"
        self.record.add(content)
        line = _encode(content)
        try:
            self._disk.append(self.path, self._identity, self._size, line)
            self._size += len(line)
        except OSError as error:
            self._give_up(_unusable(self.path, error))

    def remove(self) -> None:
        try:
            self.delete()
        except JournalError as error:
            self._give_up(error)

    def delete(self) -> None:
        """Removes the file, but not another one that is in its place. Raises JournalError when that fails."""
        self.record = None
        try:
            if self.path and self._identity and os.path.samestat(self._identity, self.path.lstat()):
                self.path.unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            reason = error.strerror or str(error)
            raise JournalError(f"the journal {self.path} can't be removed: {reason}. Remove it yourself.") from error

    def resumes(self) -> bool:
        """Whether the same call would resume this run. It reads the file again: others may have removed it."""
        if self.path is None or self.record is None:
            return False
        try:
            kept, _, _ = read_record(self.path)
        except JournalError:
            return False
        if kept is None or (kept.marker, kept.begun) != (self.record.marker, self.record.begun):
            return False
        return bool(kept.video_id or kept.marker or "into" in kept.call)

    def close(self) -> None:
        """Releases the lock, so that others can use the journal."""
        if self._lock is not None:
            self._lock.release()

    def _give_up(self, error: JournalError) -> None:
        if not self._has_failed:
            self._has_failed = True
            _warn_without(error)


def _warn_without(error: JournalError) -> None:
    warn(f"{error} This upload goes on without.", JournalWarning)


def open_journal(chosen: bool | str | os.PathLike[str], call: Mapping[str, Any], *, has_default: bool) -> Journal:
    """Opens the journal of a call: `chosen` is its path, True for the default path, or False for none.

    Without `has_default`, True means none as well. Raises JournalError when a path that was named can't be used, and
    UploadInProgressError. When the default path can't be used, it issues a JournalWarning instead.
    """
    if chosen is False or (chosen is True and not has_default):
        return Journal()
    if chosen is not True:
        return Journal(Path(chosen), call, is_named=True)
    try:
        text = json.dumps(call, sort_keys=True)  # the same call has the same path
        name = hashlib.sha256(text.encode()).hexdigest()[:32] + SUFFIX
        return Journal(default_directory() / name, call)
    except UploadInProgressError:
        raise
    except JournalError as error:
        # A home directory that can't be written to must not prevent the upload.
        _warn_without(error)
        return Journal()
