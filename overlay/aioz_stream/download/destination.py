"""The file that a download becomes: under another name until it is whole, so that its own name never has half of it."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from aioz_stream import arguments
from aioz_stream.errors import DestinationError, DestinationExistsError, UploadInProgressError
from aioz_stream.files import open_own
from aioz_stream.upload.lock import Lock

_ENDING = ".part"
_LONGEST_NAME = 200  # bytes of the own name in that of the part, which has 22 more; file systems take 255


class Destination:
    """Where a download goes: a file's path, or a folder, where the file gets a name of its own.

    What is wrong with it is raised when it is made. A file that was named is replaced, as by `curl -o`, unless
    `overwrite` is False; one in a folder, whose name was not chosen, only if it is True.
    """

    def __init__(self, path: str | os.PathLike[str], overwrite: bool | None) -> None:
        arguments.instance("path", path, str | os.PathLike, "a path")
        written = os.fspath(path)
        with _writing(written):
            self._path = Path(os.path.realpath(written))
            self._is_folder = self._path.is_dir()
            self._may_replace = not self._is_folder if overwrite is None else overwrite
            folder = self._path if self._is_folder or written.endswith(("/", os.sep)) else self._path.parent
            if not folder.is_dir():
                raise DestinationError(f"There is no folder {folder}.")
            if not self._is_folder:
                self._check(self._path)

    @contextmanager
    def opened(self, name: str, identity: tuple[object, ...] | None, size: int | None) -> Generator[PartFile]:
        """The file to write to, of `size` bytes; in a folder it gets this name.

        With an `identity`, which is that of its bytes, it is found again by the next call after this one failed.
        """
        path = self._path / name if self._is_folder else self._path
        self._check(path)
        with PartFile(path, identity) as file:
            file.reserve(size)
            yield file

    def _check(self, path: Path) -> None:
        if os.path.lexists(path) and not path.is_file():
            raise DestinationError(f"{path} is no regular file, so it can't be replaced by one.")
        if not self._may_replace and path.exists():
            advice = "give its path or overwrite=True" if self._is_folder else "leave out overwrite=False"
            raise DestinationExistsError(f"There is a file {path} already. To replace it, {advice}.")


class PartFile:
    """The file while it is not whole, beside the place that it is for."""

    def __init__(self, path: Path, identity: tuple[object, ...] | None) -> None:
        self.path = path
        name = os.fsencode(path.name)[:_LONGEST_NAME].decode(errors="ignore")
        key = hashlib.sha256(repr(identity).encode()).hexdigest()[:16] if identity else secrets.token_hex(8)
        self._part = path.with_name(f"{name}.{key}{_ENDING}")
        self._is_lasting = identity is not None
        self._opened = ExitStack()
        self.size: int = 0
        """Bytes that are there."""

    def __enter__(self) -> Self:
        with _writing(self.path), ExitStack() as opened:
            if self._is_lasting:
                self._lock(opened)
            self._file = opened.enter_context(
                open(open_own(self._part, os.O_RDWR | os.O_CREAT, mode=0o666), "r+b", buffering=0)  # noqa: PTH123 - of a descriptor
            )
            self.size = os.fstat(self._file.fileno()).st_size
            self._opened = opened.pop_all()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Keeps what the next call goes on with."""
        is_kept = self._is_lasting and self.size > 0
        if error is not None and is_kept:
            error.add_note(f"{self.size:,} bytes are in {self._part}. The same call goes on with them.")
        with self._opened:
            self._file.close()
            if not is_kept:
                with suppress(OSError):
                    self._part.unlink(missing_ok=True)

    def reserve(self, size: int | None) -> None:
        """Raises DestinationError when the disk has no room for it."""
        if size is None:
            return
        if self.size > size:
            self.size = 0
        with _writing(self.path):
            free = shutil.disk_usage(self._part.parent).free
        if free < size - self.size:
            raise DestinationError(
                f"{self.path} can't be written: {size - self.size:,} bytes are to come, and the disk has room for "
                f"{free:,}."
            )

    def write(self, offset: int, content: bytes) -> None:
        """Writes behind what is there; an offset before its end begins again from there."""
        with _writing(self.path):
            if offset != self.size:
                self._file.truncate(offset)
            self._file.seek(offset)
            rest = memoryview(content)
            while rest:
                rest = rest[self._file.write(rest) :]
            self.size = offset + len(content)

    def publish(self) -> None:
        """Gives the file its name. A file of that name stays whole until then, and so does its mode."""
        with _writing(self.path):
            self._file.truncate(self.size)
            os.fsync(self._file.fileno())
            self._file.close()
            with suppress(FileNotFoundError):
                shutil.copymode(self.path, self._part)
            self._part.replace(self.path)

    def _lock(self, opened: ExitStack) -> None:
        try:
            opened.callback(Lock(self._part).release)
        except UploadInProgressError:
            raise DestinationError(f"{self.path} is being downloaded by another process or thread.") from None
        except OSError as error:
            # Some network file systems have no locks.
            if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
                raise


@contextmanager
def _writing(path: object) -> Generator[None]:
    try:
        yield
    except DestinationError:
        raise
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise DestinationError(f"{path} can't be written: {said}.") from error
