"""Snapshots: copies of the whole state under a name. All functions block."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from typing import TYPE_CHECKING

from aioz_stream_mock.errors import ControlError, NoSnapshotError
from aioz_stream_mock.state.store import PRIVATE, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from aioz_stream_mock.state.accounts import Account
    from aioz_stream_mock.state.store import Store

# A name is a folder's name, so it can't be a way out of the folder above, or one that is being written.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_MOMENT = "moment.json"


def save(store: Store, name: str, now: int) -> None:
    """Keep the state and the moment. A snapshot that had the name is replaced once the new one is whole."""
    target = _folder(store, name)
    unfinished = target.with_name(f".{uuid.uuid4().hex}")
    unfinished.mkdir(PRIVATE, parents=True)
    try:
        store.save_copy(unfinished)
        (unfinished / _MOMENT).write_text(json.dumps(now), encoding="ascii")
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def restore(store: Store, name: str, accounts: Iterable[Account]) -> int:
    """Make the state what it was, and give the moment at which it was so."""
    folder = _folder(store, name)
    if not folder.is_dir():
        raise NoSnapshotError(f"there is no snapshot {name}")
    try:
        store.load_copy(folder, accounts)
    except StoreError as error:
        raise ControlError(str(error)) from error
    moment: int = json.loads((folder / _MOMENT).read_text(encoding="ascii"))
    return moment


def names(store: Store) -> list[str]:
    folder = store.folder / "snapshots"
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if _NAME.fullmatch(entry.name))


def _folder(store: Store, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ControlError("the name of a snapshot has 1 to 64 letters, digits, - and _, the first no sign")
    return store.folder / "snapshots" / name
