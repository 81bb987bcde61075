"""The journal of an upload: what the service has acknowledged, so that the same call can resume after any end.

A journal is a file of lines, each with a checksum, that only grows. Each line is on the disk before the upload goes on.
A line that a power cut has damaged is recognised and ignored. A journal holds names, sizes and checksums, and no
credentials.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aioz_stream.errors import JournalError, UploadInProgressError
from aioz_stream.upload.journal.disk import Disk, default_path
from aioz_stream.upload.journal.lock import Lock
from aioz_stream.upload.journal.record import FORMAT, Record, encode, read_record, unusable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from aioz_stream.errors import Part


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
            raise unusable(path, error) from error
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
        line = encode({"format": FORMAT, **head})
        try:
            self._disk.create(self.path, line)
        except OSError as error:
            raise unusable(self.path, error) from error
        self._size, self.record = len(line), record

    def add_video(self, video_id: str) -> None:
        """Writes down the id of the video."""
        self._append({"video": video_id})

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
            raise unusable(self.path, error) from error
        self._size, self.record = 0, None

    def close(self) -> None:
        """Releases the lock, so that others can use the journal."""
        self._lock.release()

    def _append(self, content: Mapping[str, Any]) -> None:
        assert self.record is not None, "begun first"
        line = encode(content)
        try:
            self._disk.append(self.path, self._size, line)
        except OSError as error:
            raise unusable(self.path, error) from error
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

    def add_video(self, video_id: str) -> None:
        """Keeps nothing."""

    def add_part(self, part: Part, md5: str) -> None:
        """Keeps nothing."""

    def remove(self) -> None:
        self.record = None

    def close(self) -> None:
        """Holds no lock."""


AnyJournal = Journal | NoJournal


def open_journal(chosen: bool | str | PathLike[str], call: Mapping[str, Any], *, has_default: bool) -> AnyJournal:
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
