"""The content of a journal, and the lines that it is written in."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, cast

from attrs import define, field

from aioz_stream.errors import JournalError
from aioz_stream.upload.journal.disk import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FORMAT = 1


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
    parts: dict[tuple[int, int], str] = field(factory=dict[tuple[int, int], str])
    """MD5 by first and last byte, of the parts that were acknowledged."""
    is_complete: bool = False
    """Whether the upload is complete, and the journal is kept only until the others of the same call are, too."""

    def add(self, line: Mapping[str, Any]) -> None:
        """Adds the content of the next line."""
        if "video" in line:
            self.video_id = str(line["video"])
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
        raise unusable(path, error) from error
    record, size = None, 0
    for line, end in _decode(content):
        if record is None:
            if line.get("format") != FORMAT:
                raise JournalError(f"{path} is no journal that this version can read. Move it away to begin anew.")
            record = Record(line["call"], line["source"], line["marker"], line["begun"], line.get("account"))
        else:
            record.add(line)
        size = end
    if record is None and content:
        raise JournalError(f"{path} is no journal of an upload. Name another file, or move it away.")
    return record, size


def encode(content: Mapping[str, Any]) -> bytes:
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


def unusable(path: Path, error: OSError) -> JournalError:
    reason = error.strerror or str(error)
    return JournalError(
        f"the journal {path} can't be kept: {reason}. Name another place with journal= or {DIRECTORY}, or upload with "
        "journal=False, which can't be resumed."
    )
