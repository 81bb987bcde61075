"""The journal of an upload: what the service has acknowledged, so that the same call can resume after any end.

A journal is a file of lines, each with a checksum, that only grows. Each line is on the disk before the upload goes on.
A line that a power cut has damaged is recognised and ignored. A journal holds names, sizes and checksums, and no
credentials.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import warnings
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import platformdirs
from attrs import define, field

from aioz_stream.errors import JournalError, Part, UploadInProgressError
from aioz_stream.upload.lock import Lock

DIRECTORY = "AIOZ_STREAM_JOURNALS"
"""The environment variable that names the directory of journals."""

SUFFIX = ".journal"
_FORMAT = 1


def default_directory() -> Path:
    """The directory of journals, unless the caller names another place."""
    chosen = os.environ.get(DIRECTORY)
    return Path(chosen) if chosen else platformdirs.user_state_path("aioz-stream") / "journals"


def default_path(call: Mapping[str, Any]) -> Path:
    """The path of a call's journal; the same call has the same path."""
    text = json.dumps(call, sort_keys=True)
    return default_directory() / (hashlib.sha256(text.encode()).hexdigest()[:32] + SUFFIX)


class Disk:
    """The steps that write a journal, in their order. Tests replace it, to let each step fail."""

    def create(self, path: Path, content: bytes) -> None:
        """Writes a new file. After a power cut there is all of it or nothing."""
        new = path.with_name(f"{path.name}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self.write(descriptor, content)
            self.sync(descriptor)
        finally:
            os.close(descriptor)
        self.rename(new, path)
        self.sync_directory(path.parent)

    def append(self, path: Path, size: int, content: bytes) -> None:
        """Writes after the first `size` bytes, and cuts off what followed them."""
        descriptor = os.open(path, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, size)
            os.lseek(descriptor, size, os.SEEK_SET)
            self.write(descriptor, content)
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def write(self, descriptor: int, content: bytes) -> None:
        while content:
            content = content[os.write(descriptor, content) :]

    def sync(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def sync_directory(self, path: Path) -> None:
        if os.name == "nt":
            return  # A directory can't be opened there, and its entries are journaled by NTFS.
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@define
class Record:
    """The content of a journal."""

    call: Mapping[str, Any]
    """The call that the journal belongs to: address, source, part size, and the video to make or to upload to."""
    source: Mapping[str, Any]
    """The identity of the source when the upload began; see `PartSource.identity`."""
    marker: str | None
    """The value in the metadata of the video by which it can be found."""
    begun: float
    """Seconds since 1970."""
    account: str | None = None
    """The fingerprint of the credentials that it was begun with."""
    video_id: str | None = None
    may_have_duplicates: bool = False
    """Whether an answer to create was lost, so that another video may come to be."""
    parts: dict[tuple[int, int], str] = field(factory=dict[tuple[int, int], str])
    """MD5 by first and last byte, of the parts that were acknowledged."""
    is_complete: bool = False
    """Whether the upload is complete, and the journal is kept only until the others of the same call are, too."""

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


def read_record(path: Path) -> tuple[Record | None, int]:
    """Reads a journal. Returns its content, or None for an empty one, and the number of its valid bytes."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None, 0
    except OSError as error:
        raise _unusable(path, error) from error
    record, size = None, 0
    for line, end in _decode(content):
        if record is None:
            if line.get("format") != _FORMAT:
                raise JournalError(f"{path} is no journal that this version can read. Move it away to begin anew.")
            record = Record(line["call"], line["source"], line["marker"], line["begun"], line.get("account"))
        else:
            record.add(line)
        size = end
    if record is None and content:
        raise JournalError(f"{path} is no journal of an upload. Name another file, or move it away.")
    return record, size


def _encode(content: Mapping[str, Any]) -> bytes:
    """A line with its checksum."""
    text = json.dumps(content, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decode(content: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """Each line up to the first damaged one, and the position of its end."""
    end = 0
    for line in content.splitlines(keepends=True):
        checksum, _, text = line[:-1].partition(b" ")
        if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
            return
        end += len(line)
        yield cast("dict[str, Any]", json.loads(text)), end


def _unusable(path: Path, error: OSError) -> JournalError:
    reason = error.strerror or str(error)
    return JournalError(
        f"the journal {path} can't be kept: {reason}. Name another place with journal= or {DIRECTORY}, or upload with "
        "journal=False, which can't be resumed."
    )


class JournalWarning(UserWarning):
    """An upload goes on without its journal, and can't be resumed."""


class Journal:
    """The journal of one upload, locked until it is closed.

    Raises UploadInProgressError when another process or thread has it, JournalError when it can't be read or written.
    """

    def __init__(self, path: Path, call: Mapping[str, Any], disk: Disk | None = None) -> None:
        """Raises JournalError when the journal is of another call."""
        self.path = path
        self._call = call
        self._disk = disk or Disk()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _unusable(path, error) from error
        self._lock = Lock(path)
        self._size = 0
        self.record: Record | None = None
        """What the journal says; None where nothing was written yet."""
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def begin(self, source: Mapping[str, Any], marker: str | None, account: str | None = None) -> None:
        """Writes a new journal, over the one that may be there. The intent is on the disk before anything is sent."""
        record = Record(self._call, source, marker, time.time(), account)
        head = {"call": self._call, "source": source, "marker": marker, "begun": record.begun, "account": account}
        line = _encode({"format": _FORMAT, **head})
        try:
            self._disk.create(self.path, line)
        except OSError as error:
            raise _unusable(self.path, error) from error
        self._size, self.record = len(line), record

    def add_video(self, video_id: str, *, may_have_duplicates: bool = False) -> None:
        """Writes down the id of the video."""
        self._append({"video": video_id, "duplicates": may_have_duplicates})

    def add_part(self, part: Part, md5: str) -> None:
        """Writes down that the service has acknowledged a part."""
        self._append({"part": [part.start, part.end, md5]})

    def mark_complete(self) -> None:
        """Writes down that the upload is complete. The journal stays."""
        if self.record and not self.record.is_complete:
            self._append({"complete": True})

    def remove(self) -> None:
        """Removes the journal."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(self.path, error) from error
        self._size, self.record = 0, None

    def close(self) -> None:
        """Releases the lock, so that others can use the journal."""
        self._lock.release()

    def _append(self, content: Mapping[str, Any]) -> None:
        assert self.record is not None, "begun first"
        line = _encode(content)
        try:
            self._disk.append(self.path, self._size, line)
        except OSError as error:
            raise _unusable(self.path, error) from error
        self._size += len(line)
        self.record.add(content)

    def _read(self) -> None:
        self.record, self._size = read_record(self.path)
        if self.record is not None and self.record.call != self._call:
            raise JournalError(
                f"{self.path} is the journal of another upload ({self.record.call.get('source')}), or of this one with "
                "other arguments. Name another journal, or repeat the call as it was."
            )


class NoJournal:
    """Stands in for a journal where none is kept."""

    def __init__(self) -> None:
        self.record: Record | None = None

    def begin(self, source: Mapping[str, Any], marker: str | None, account: str | None = None) -> None:
        self.record = Record({}, source, marker, 0.0, account)

    def add_video(self, video_id: str, *, may_have_duplicates: bool = False) -> None:
        """Keeps nothing."""

    def add_part(self, part: Part, md5: str) -> None:
        """Keeps nothing."""

    def remove(self) -> None:
        self.record = None

    def close(self) -> None:
        """Holds no lock."""


AnyJournal = Journal | NoJournal


def open_journal(chosen: bool | str | os.PathLike[str], call: Mapping[str, Any], *, has_default: bool) -> AnyJournal:
    """Opens the journal of a call: `chosen` is its path, True for the default path, or False for none.

    Without `has_default`, True means none as well. Raises JournalError when a path that was named can't be used, and
    UploadInProgressError. When the default path can't be used, it issues a JournalWarning instead.
    """
    if chosen is False or (chosen is True and not has_default):
        return NoJournal()
    if chosen is not True:
        return Journal(Path(chosen), call)
    try:
        return Journal(default_path(call), call)
    except UploadInProgressError:
        raise
    except JournalError as error:
        # A home directory that can't be written to must not prevent the upload.
        warnings.warn(f"{error} This upload goes on without.", JournalWarning, stacklevel=2)
        return NoJournal()
