"""What is kept between requests: accounts, videos and parts in SQLite, bytes in files beside it.

Files and rows can't be written in one step, so there is an order: a file is complete and safe on disk before
the row that names it is committed, and a row is gone before its file is removed. Whatever a crash leaves
between the two is a file that no row names, and the next start removes it.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import threading
from contextlib import closing, contextmanager, suppress
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aioz_stream_mock.state.outcome import from_json, to_json
from aioz_stream_mock.state.ranges import ContentRange, StoredPart
from aioz_stream_mock.state.videos import Thumbnail, Video

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from aioz_stream_mock.state.accounts import Account

SCHEMA_VERSION = 2
PRIVATE = 0o700
"""The mode of a folder that only the server's user can open."""

_STATE = "state.sqlite3"
_OWN = frozenset(
    ("files", "incoming", "media", "signing.key", "snapshots", *(_STATE + end for end in ("", "-wal", "-shm")))
)
_NO_RIGHTS = "can't be written to; take a folder of yours, or change its rights"
_SCHEMA = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, balance TEXT NOT NULL);
CREATE TABLE videos (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    description TEXT NOT NULL, metadata TEXT NOT NULL, tags TEXT NOT NULL, qualities TEXT NOT NULL,
    is_public INTEGER NOT NULL, player_id TEXT NOT NULL, file_size INTEGER,
    completed_at INTEGER, done_at INTEGER, deleted_at INTEGER, duration REAL NOT NULL, thumbnail TEXT NOT NULL,
    uses_defaults INTEGER NOT NULL, outcome TEXT NOT NULL
);
CREATE INDEX videos_of_owner ON videos (owner);
CREATE TABLE parts (
    video_id TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    number TEXT NOT NULL, hash TEXT NOT NULL, file TEXT NOT NULL,
    PRIMARY KEY (video_id, first)
) WITHOUT ROWID;
"""
# The columns of the table stand in the order of the fields.
_COLUMNS = tuple(column.name for column in fields(Video))
_AS_JSON = ("metadata", "tags", "qualities", "thumbnail", "outcome")
_SAVE_VIDEO = "INSERT OR REPLACE INTO videos VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ALL_PARTS = "SELECT * FROM parts WHERE video_id = ? ORDER BY first"
_OVERLAPPING_PARTS = """
SELECT * FROM parts WHERE video_id = ? AND first <= ? AND last >= ?
"""
_SAVE_PART = "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)"


REMOVALS = 10
"""The most attempts to remove a folder. Once it is gone, nothing can be written in it any more."""


class StoreError(Exception):
    """The data folder can't be used; the message says why."""


class Store:
    """The state of one server. Every method blocks: call it from a worker thread.

    One connection under one lock: a mock's transactions are short, and one after the other they need no
    thought about isolation. Several steps become one in `transaction()`.
    """

    def __init__(self, folder: Path | None, accounts: Iterable[Account]) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="aioz-stream-mock-") if folder is None else None
        self.folder: Path = Path(self._temporary.name) if self._temporary else Path(folder or "")
        self.files: Path = self.folder / "files"
        self.incoming: Path = self.folder / "incoming"
        self.media: Path = self.folder / "media"
        self._lock = threading.RLock()
        self._open_folders()
        self._connection = self._connect()
        with self.transaction():
            self._create_tables()
            self._add_accounts(accounts)
        self._sweep()
        self._close_to_others()

    def close(self) -> None:
        with self._lock:
            self._connection.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Make all statements inside one: all or none, and invisible to others until the end."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def balance(self, account_id: str) -> Decimal:
        rows = self._query("SELECT balance FROM accounts WHERE id = ?", account_id)
        return Decimal(rows[0][0]) if rows else Decimal(0)

    def set_balance(self, account_id: str, balance: Decimal) -> None:
        self._query("UPDATE accounts SET balance = ? WHERE id = ?", str(balance), account_id)

    def video(self, video_id: str) -> Video | None:
        rows = self._query("SELECT * FROM videos WHERE id = ?", video_id)
        return _video(rows[0]) if rows else None

    def videos_of(self, owner: str) -> list[Video]:
        return [_video(row) for row in self._query("SELECT * FROM videos WHERE owner = ?", owner)]

    def public_videos(self) -> list[Video]:
        """All videos that every caller may watch."""
        return [_video(row) for row in self._query("SELECT * FROM videos WHERE is_public AND deleted_at IS NULL")]

    def transcoded_videos(self) -> list[Video]:
        """All videos that there are media of, or should be."""
        rows = self._query("SELECT * FROM videos WHERE outcome <> 'null' AND deleted_at IS NULL")
        return [_video(row) for row in rows]

    def save_video(self, video: Video) -> None:
        self._query(_SAVE_VIDEO, *_row(video))

    def parts(self, video_id: str) -> list[StoredPart]:
        """All parts of a video, in the order of their bytes."""
        return [_part(row) for row in self._query(_ALL_PARTS, video_id)]

    def overlapping_parts(self, video_id: str, wanted: ContentRange) -> list[StoredPart]:
        """The parts that share a byte with a new one: all that matters for placing it."""
        rows = self._query(_OVERLAPPING_PARTS, video_id, wanted.end, wanted.start)
        return [_part(row) for row in rows]

    def save_part(self, video_id: str, part: StoredPart) -> None:
        self._query(_SAVE_PART, video_id, part.start, part.end, part.index, part.hash, part.file)

    def delete_parts(self, video_id: str) -> None:
        self._query("DELETE FROM parts WHERE video_id = ?", video_id)

    def remove_files(self, names: Iterable[str]) -> None:
        """Remove files that no row names any more."""
        for name in names:
            (self.files / name).unlink(missing_ok=True)

    def reset(self, accounts: Iterable[Account]) -> None:
        """Remove everything but the accounts, and set their first balances."""
        with self.transaction():
            for (table,) in self._query("SELECT name FROM sqlite_master WHERE type = 'table'"):
                self._query(f'DELETE FROM "{table}"')  # noqa: S608 - the name is the database's own
            self._add_accounts(accounts)
        # An upload that is under way finds its video gone, and removes its own file if it is still there.
        self.remove_files(file.name for file in self.files.iterdir())

    def save_copy(self, folder: Path) -> None:
        """Write the state, as it is at one moment, into an empty folder."""
        files = folder / "files"
        files.mkdir()
        with self._lock:
            copy = sqlite3.connect(folder / _STATE)
            with closing(copy):
                self._connection.backup(copy)
            for name in self._named_files():
                _same_file(self.files / name, files / name)

    def load_copy(self, folder: Path, accounts: Iterable[Account]) -> None:
        """Take the state from a copy. Accounts that are newer than the copy get their first balance."""
        copy = sqlite3.connect(f"{(folder / _STATE).absolute().as_uri()}?mode=ro", uri=True)
        with closing(copy), self._lock:
            if copy.execute("PRAGMA user_version").fetchone() != (SCHEMA_VERSION,):
                raise StoreError("the copy was made by another version of the mock server")
            obsolete = self._named_files()
            # The bytes before the rows that name them, and the old bytes after the old rows.
            for file in (folder / "files").iterdir():
                _same_file(file, self.files / file.name)
            copy.backup(self._connection)
            self._add_accounts(accounts)
            self.remove_files(obsolete - self._named_files())

    def _open_folders(self) -> None:
        try:
            self.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            self._refuse_foreign_folders()
            for folder in self._own_folders:
                folder.mkdir(exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise self._error("is, or lies in, a file; take a folder") from None
        except PermissionError:
            raise self._error(_NO_RIGHTS) from None
        except OSError as error:
            raise self._error(f"can't be made ({error.strerror}); take another one") from error

    def _refuse_foreign_folders(self) -> None:
        """Files without a row are removed from these folders, so they must belong to a mock server."""
        if (self.folder / _STATE).exists():
            return
        for folder in self._own_folders:
            if folder.exists() and any(folder.iterdir()):
                raise self._error(f"has a folder {folder.name} that is not a mock server's; take an empty or a new one")

    def _close_to_others(self) -> None:
        """Let no other user read the videos. Of a folder that holds other files too, close only what is ours."""
        entries = list(self.folder.iterdir())
        own = [entry for entry in entries if entry.name in _OWN]
        for entry in [self.folder] if own == entries else own:
            # A volume of a container may be another user's, and yet be written to by this one.
            with suppress(PermissionError):
                entry.chmod(PRIVATE if entry.is_dir() else PRIVATE & ~0o100)

    @property
    def _own_folders(self) -> tuple[Path, ...]:
        return self.files, self.incoming, self.media

    def _error(self, what: str) -> StoreError:
        return StoreError(f"the data folder {self.folder} {what}")

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.folder / _STATE, check_same_thread=False, isolation_level=None, timeout=0.5
            )
        except sqlite3.Error as error:
            raise self._error(_explained(error)) from error
        try:
            # Exclusive: two servers on one folder would sweep away each other's uploads.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            # A part is acknowledged when its row is committed, and the client then forgets the bytes. So a
            # commit has to outlive a power cut as the part's file does; it costs one sync, in a thread, per
            # request.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            connection.close()
            raise self._error(_explained(error)) from error
        return connection

    def _create_tables(self) -> None:
        version: int = self._query("PRAGMA user_version")[0][0]
        if version not in (0, SCHEMA_VERSION):
            raise StoreError(f"the data folder {self.folder} was written by another version of the mock server")
        if version == 0:
            for statement in _SCHEMA.split(";"):
                self._connection.execute(statement)
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _add_accounts(self, accounts: Iterable[Account]) -> None:
        for account in accounts:
            self._query("INSERT OR IGNORE INTO accounts VALUES (?, ?)", account.id, str(account.balance))

    def _sweep(self) -> None:
        """Remove what an earlier server left unfinished."""
        remove_folder(self.incoming)
        self.incoming.mkdir(exist_ok=True)
        named = self._named_files()
        self.remove_files(file.name for file in self.files.iterdir() if file.name not in named)
        self._sweep_media()

    def _sweep_media(self) -> None:
        """Remove what was transcoded for videos that are gone, or at another attempt than the one that counts."""
        named = self._named_media()
        for folder in [*self.media.glob("*/*"), *self.media.iterdir()]:
            if folder.relative_to(self.media).as_posix() not in named:
                remove_folder(folder)

    def _named_media(self) -> set[str]:
        """Every folder of media that a row names, and the video's around it."""
        named: set[str] = set()
        for video in self.transcoded_videos():
            if video.outcome is not None and video.outcome.folder:
                named |= {video.id, f"{video.id}/{video.outcome.folder}"}
        return named

    def _named_files(self) -> set[str]:
        """Every file that a row names."""
        named = {row[0] for row in self._query("SELECT file FROM parts")}
        pictures = self._query("SELECT thumbnail FROM videos WHERE thumbnail <> 'null'")
        return named | {json.loads(row[0])["file"] for row in pictures}

    def _query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()


def remove_folder(folder: Path) -> None:
    """Remove a folder in which another process may still write: an ffmpeg that has outlived its server."""
    for _ in range(REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def _explained(error: sqlite3.Error) -> str:
    """Why a database can't be opened, and what to do."""
    name: str = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_BUSY"):
        return "is in use by another mock server; stop that one, or take another folder"
    # A file that can only be read can't be locked either.
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR_LOCK")):
        return _NO_RIGHTS
    return f"has a {_STATE} that is not a mock server's, or is damaged ({error}); take another folder"


def _same_file(source: Path, target: Path) -> None:
    """Put a file in a second place. Files are never changed, so a link is enough."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _part(row: Sequence[Any]) -> StoredPart:
    _, first, last, number, md5, file = row
    return StoredPart(first, last, number, md5, file)


def _row(video: Video) -> list[object]:
    picture = video.thumbnail
    values: dict[str, Any] = {column: getattr(video, column) for column in _COLUMNS}
    values["thumbnail"] = picture and {
        "file": picture.file,
        "media_type": picture.media_type,
        "size": picture.size,
    }
    values["outcome"] = to_json(video.outcome)
    return [json.dumps(values[column]) if column in _AS_JSON else values[column] for column in _COLUMNS]


def _video(row: Sequence[Any]) -> Video:
    values = dict(zip(_COLUMNS, row, strict=True))
    for column in _AS_JSON:
        values[column] = json.loads(values[column])
    values["qualities"] = tuple(values["qualities"])
    values["is_public"] = bool(values["is_public"])
    values["uses_defaults"] = bool(values["uses_defaults"])
    values["outcome"] = from_json(values["outcome"])
    values["thumbnail"] = Thumbnail(**values["thumbnail"]) if values["thumbnail"] else None
    return Video(**values)
