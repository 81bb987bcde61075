"""Seeds: videos that are added without the requests that would make them. All functions block."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aioz_stream_mock.errors import ApiError, ControlError
from aioz_stream_mock.state import uploads
from aioz_stream_mock.state.incoming_file import IncomingFile
from aioz_stream_mock.state.ranges import ContentRange, StoredPart
from aioz_stream_mock.state.videos import DELETED, DONE, NEW, TRANSCODING, Json, new_video

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aioz_stream_mock.contract import Contract
    from aioz_stream_mock.state.settings import Settings
    from aioz_stream_mock.state.store import Store

MAX_SEEDS = 1000
BLOCK = 1024 * 1024
STATUSES = (NEW, TRANSCODING, DONE, DELETED)
_OWN_FIELDS = ("account", "id", "status", "source", "size")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Seed:
    """One video, checked."""

    id: str
    owner: str
    body: Json
    status: str
    content: bytes | None
    size: int

    def blocks(self) -> Iterator[bytes]:
        """The bytes of the source: those that were given, or a test pattern of the given size."""
        if self.content is not None:
            yield self.content
            return
        for start in range(0, self.size, BLOCK):
            yield hashlib.shake_128(str(start).encode()).digest(min(BLOCK, self.size - start))


def add_videos(
    store: Store, contract: Contract, settings: Settings, now: int, given: Sequence[Mapping[str, object]]
) -> list[str]:
    """Add the videos; when one of them is refused, add none. Returns their ids."""
    if len(given) > MAX_SEEDS:
        raise ControlError(f"videos: at most {MAX_SEEDS} at once")
    seeds = [_checked(contract, settings, number, entry) for number, entry in enumerate(given)]
    ids = [seed.id for seed in seeds]
    if len(set(ids)) != len(ids) or any(store.video(id_) for id_ in ids):
        raise ControlError("id: is taken")
    for number, seed in enumerate(seeds):
        # A millionth of a second apart, so that lists have them in the order in which they were given.
        _add(store, settings, seed, now - (len(seeds) - 1 - number))
    return ids


def _add(store: Store, settings: Settings, seed: Seed, now: int) -> None:
    store.save_video(new_video(seed.id, seed.owner, seed.body, now))
    if seed.size:
        _store_source(store, seed, settings.max_part_size)
    if seed.status in (TRANSCODING, DONE):
        seconds = settings.transcode_seconds if seed.status == TRANSCODING else 0
        uploads.complete(store, seed.id, now, seconds, free=True)
    elif seed.status == DELETED:
        uploads.delete(store, seed.id, now)


def _store_source(store: Store, seed: Seed, limit: int) -> None:
    """The source as one part."""
    file = IncomingFile(store.incoming, "source", limit)
    try:
        for block in seed.blocks():
            file.write(block)
        name = file.keep(store.files)
    finally:
        file.discard()
    end = seed.size - 1
    uploads.store_part(store, seed.id, ContentRange(0, end, seed.size), StoredPart(0, end, "1", file.md5, name))


def _checked(contract: Contract, settings: Settings, number: int, entry: Mapping[str, object]) -> Seed:
    try:
        return _seed(contract, settings, dict(entry))
    except (ValueError, ApiError) as error:
        raise ControlError(f"videos/{number}: {error}") from None


def _seed(contract: Contract, settings: Settings, entry: dict[str, object]) -> Seed:
    own = {name: entry.pop(name) for name in _OWN_FIELDS if name in entry}
    body = contract.operations["createVideo"].body
    assert body is not None
    body.schema.check(entry)
    content = _source(own)
    size = _size(own, content, settings.max_part_size)
    status = own.get("status", DONE if size else NEW)
    if status not in STATUSES:
        raise ValueError(f"status: must be one of {', '.join(STATUSES)}")
    if status in (TRANSCODING, DONE) and not size:
        raise ValueError(f"status: {status} needs a source or a size")
    return Seed(_id(contract, own), _owner(settings, own), cast("dict[str, Any]", entry), str(status), content, size)


def _id(contract: Contract, own: dict[str, object]) -> str:
    chosen = own.get("id", str(uuid.uuid4()))
    if not isinstance(chosen, str) or not _ID.fullmatch(chosen) or chosen in _reserved(contract):
        words = ", ".join(sorted(_reserved(contract)))
        raise ValueError(f"id: must be 1 to 64 letters, digits, - and _, and none of {words}")
    return chosen


def _reserved(contract: Contract) -> set[str]:
    """Words that stand in paths of the contract where other paths have the id of a video."""
    words = {operation.path.removeprefix("/videos/") for operation in contract.operations.values()}
    return {word for word in words if _ID.fullmatch(word)}


def _owner(settings: Settings, own: dict[str, object]) -> str:
    accounts = settings.accounts
    name = own.get("account", accounts[0].name)
    for account in accounts:
        if account.name == name:
            return account.id
    raise ValueError("account: there is none of that name")


def _source(own: dict[str, object]) -> bytes | None:
    source = own.get("source")
    if source is None or isinstance(source, bytes):
        return source
    try:
        return base64.b64decode(cast("str", source), validate=True)
    except (TypeError, binascii.Error, ValueError):
        raise ValueError("source: must be bytes in base64") from None


def _size(own: dict[str, object], content: bytes | None, limit: int) -> int:
    size = own.get("size", len(content or b""))
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= limit:
        raise ValueError(f"size: must be a whole number of bytes, at most {limit}")
    if content is not None and size != len(content):
        raise ValueError("size: goes without source")
    return size
