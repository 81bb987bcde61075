"""What the service has acknowledged of an upload, written down so that the same call can go on after any end.

A journal is a file of lines, each with a checksum, that only grows. A line is on the disk before the upload goes
on; what a power cut leaves of the last one is recognised and ignored. It
holds names, sizes and checksums, and no credential.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import platformdirs
from attrs import define, field

from aioz_stream.errors import JournalError
from aioz_stream.upload.journal.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aioz_stream.upload.plan import Part

DIRECTORY = "AIOZ_STREAM_JOURNALS"
"""The environment variable that names the directory of journals."""

SUFFIX = ".journal"
_FORMAT = 1


@define
class Record:
    """What a journal says of its upload."""

    call: Mapping[str, Any]
    """What was called with which arguments: where to, what, and how it is split."""
    source: Mapping[str, Any]
    """What the source was when the upload began, as far as that can be known."""
    marker: str | None
    begun: float
    """Seconds since 1970."""
    account: str | None = None
    """The mark of the credentials that it was begun with."""
    video_id: str | None = None
    parts: dict[tuple[int, int], str] = field(factory=dict[tuple[int, int], str])
    """MD5 by first and last byte, of the parts that were acknowledged."""
    is_complete: bool = False
    """Whether it ended well, and is kept only because others of the same call did not."""

    def add(self, line: Mapping[str, Any]) -> None:
        """Take in one line more."""
        if "video" in line:
            self.video_id = str(line["video"])
        elif "part" in line:
            start, end, md5 = line["part"]
            self.parts[int(start), int(end)] = str(md5)
        elif "complete" in line:
            self.is_complete = True


class Disk:
    """The few things that a journal does to a disk, in this order; tests take its place to break them."""

    def create(self, path: Path, content: bytes) -> None:
        """A whole file at once, or none, also after a power cut."""
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
        """More at the end of what is valid."""
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


class Journal:
    """The journal of one upload, locked against everybody else until it is closed.

    Raises UploadInProgressError when somebody else has it, JournalError when it can't be read or written.
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
        """What was written so far; None where there is nothing yet."""
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def begin(self, source: Mapping[str, Any], marker: str | None, account: str | None = None) -> None:
        """Begin anew, whatever was written before."""
        record = Record(self._call, source, marker, time.time(), account)
        head = {"call": self._call, "source": source, "marker": marker, "begun": record.begun, "account": account}
        line = _encoded({"format": _FORMAT, **head})
        try:
            self._disk.create(self.path, line)
        except OSError as error:
            raise _unusable(self.path, error) from error
        self._size, self.record = len(line), record

    def created(self, video_id: str) -> None:
        """The video is there."""
        self._append({"video": video_id})

    def acknowledged(self, part: Part, md5: str) -> None:
        """The service has a part."""
        self._append({"part": [part.start, part.end, md5]})

    def completed(self) -> None:
        """The upload is over, and its journal stays for now."""
        if self.record and not self.record.is_complete:
            self._append({"complete": True})

    def remove(self) -> None:
        """The upload is over."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(self.path, error) from error
        self._size, self.record = 0, None

    def close(self) -> None:
        """Let others have it."""
        self._lock.release()

    def _append(self, content: Mapping[str, Any]) -> None:
        assert self.record is not None, "begun first"
        line = _encoded(content)
        try:
            self._disk.append(self.path, self._size, line)
        except OSError as error:
            raise _unusable(self.path, error) from error
        self._size += len(line)
        self.record.add(content)

    def _read(self) -> None:
        self.record, self._size = read(self.path)
        if self.record is not None and self.record.call != self._call:
            raise JournalError(
                f"{self.path} is the journal of another upload ({self.record.call.get('source')}), or of this one with "
                "other arguments. Name another journal, or repeat the call as it was."
            )


class Unjournaled:
    """Takes a journal's place where none is kept."""

    def __init__(self) -> None:
        self.record: Record | None = None

    def begin(self, source: Mapping[str, Any], marker: str | None, account: str | None = None) -> None:
        self.record = Record({}, source, marker, 0.0, account)

    def created(self, video_id: str) -> None:
        """Nothing to keep."""

    def acknowledged(self, part: Part, md5: str) -> None:
        """Nothing to keep."""

    def remove(self) -> None:
        self.record = None

    def close(self) -> None:
        """Nothing is there."""


def read(path: Path) -> tuple[Record | None, int]:
    """What a journal says, and how many of its bytes are valid."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None, 0
    except OSError as error:
        raise _unusable(path, error) from error
    record, size = None, 0
    for line, end in _decoded(content):
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


def directory() -> Path:
    """Where journals are kept unless the caller says otherwise."""
    chosen = os.environ.get(DIRECTORY)
    return Path(chosen) if chosen else platformdirs.user_state_path("aioz-stream") / "journals"


def default_path(call: Mapping[str, Any]) -> Path:
    """The journal of a call: the same one for the same call."""
    text = json.dumps(call, sort_keys=True)
    return directory() / (hashlib.sha256(text.encode()).hexdigest()[:32] + SUFFIX)


def _encoded(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _decoded(content: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """Each line up to the first that is not whole, and where it ends."""
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
