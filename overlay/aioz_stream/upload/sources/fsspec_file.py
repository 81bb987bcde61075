"""Files on the file systems of fsspec as sources (extra [remote])."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from aioz_stream.errors import (
    AiozStreamError,
    ArgumentError,
    ConfigurationError,
    EmptySourceError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
)
from aioz_stream.upload.sources.handle import last_segment
from aioz_stream.upload.sources.reader import BLOCK_SIZE, PartReader
from aioz_stream.upload.sources.stream import buffered_reader
from aioz_stream.upload.sources.url import is_url, redact_url, url_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.errors import Part

# The names under which file systems give what changes with a file's bytes.
_VERSIONS = ("ETag", "etag", "VersionId", "version_id", "generation", "md5Hash", "content_md5")
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modified", "created", "ino")


class OpenFile(Protocol):
    """What `fsspec.open` returns."""

    fs: Any
    path: str


def is_open_file(source: object) -> bool:
    """Whether it is what `fsspec.open` returns. What that opens in its turn is a binary file like others."""
    has_place = hasattr(source, "fs") and isinstance(getattr(source, "path", None), str)
    return has_place and not hasattr(source, "read")


def open_url(url: str) -> FsspecSource:
    """The file behind a URL. Raises ConfigurationError where fsspec is not installed."""
    try:
        import fsspec  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - an extra, without stubs
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"{url.partition('://')[0]}:// needs fsspec: pip install 'aioz-stream[remote]', and what fsspec asks for."
        ) from None
    try:
        file = cast("OpenFile", fsspec.open(url, "rb"))  # pyright: ignore[reportUnknownMemberType] - fsspec has no stubs
    except Exception as error:  # noqa: BLE001 - every file system of fsspec's has errors of its own
        shown = redact_url(url)
        raise SourceError(f"{shown} can't be opened: {str(error).replace(url, shown)}") from _cause_without_secrets(
            error, url
        )
    return from_open_file(file)


def _cause_without_secrets(error: Exception, url: str) -> Exception | None:
    """A cause that may show in a traceback: none that may repeat what a URL is shown without."""
    return error if redact_url(url) == url else None


def from_open_file(file: OpenFile) -> FsspecSource:
    """The file as it is stored. Raises ArgumentError for one that is to be decompressed, whose size is not known."""
    if getattr(file, "compression", None):
        raise ArgumentError(
            "source is to be decompressed, so its size is not known. Open it, and pass the stream with spool=True.",
            argument="source",
        )
    return FsspecSource(file.fs, file.path)


class FsspecSource:
    """A file on a file system of fsspec's, such as S3. Each reader has a handle of its own: shared ones mix up bytes.

    fsspec does not notice that a file changes. So what the file system says of its version is compared before each
    part.
    """

    is_buffered = True
    is_ordered = False
    is_lasting = True
    path = None

    def __init__(self, fs: Any, path: str) -> None:
        self._fs, self._path = fs, path
        protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
        self.place = redact_url(path if is_url(path) else f"{protocol}://{path}")
        self.name = last_segment(url_path(self.place))
        self._identity = self._fetch_info()
        size = self._identity["size"]
        if not isinstance(size, int):
            raise SourceError(f"{self.place}: the file system does not say how large it is.")
        if not size:
            raise EmptySourceError(f"{self.place} is empty; there is nothing to upload.")
        self.size = size

    def identity(self) -> Mapping[str, object]:
        return self._identity

    def verify(self) -> None:
        if self._fetch_info() != self._identity:
            raise SourceChangedError(f"{self.place} changed while it was uploaded.")

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        self.verify()
        content = bytearray()
        try:
            with self._fs.open(self._path, "rb") as handle:
                handle.seek(part.start)
                while len(content) < part.size:
                    check(0)
                    block = handle.read(min(BLOCK_SIZE * 4, part.size - len(content)))
                    content += block or self._ended()
        except Exception as error:  # noqa: BLE001 - file systems of fsspec have errors of their own
            raise self._source_error(error) from _cause_without_secrets(error, self._path)
        return buffered_reader(part, content, check)

    def _ended(self) -> bytes:
        raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")

    def close(self) -> None:
        """File systems are fsspec's to keep."""

    def _fetch_info(self) -> dict[str, object]:
        try:
            self._fs.invalidate_cache(self._path)
            info: dict[str, Any] = self._fs.info(self._path)
        except Exception as error:  # noqa: BLE001 - file systems of fsspec have errors of their own
            raise self._source_error(error) from _cause_without_secrets(error, self._path)
        if info.get("type") == "directory":
            raise SourceError(f"{self.place} is a directory; only a file can be uploaded.")
        names = [name for name in _VERSIONS if info.get(name)] or [name for name in _TIMES if info.get(name)]
        return {"size": info.get("size"), **{name: str(info[name]) for name in names}}

    def _source_error(self, error: Exception) -> Exception:
        if isinstance(error, AiozStreamError):
            return error
        if isinstance(error, FileNotFoundError):
            return SourceNotFoundError(f"There is no file {self.place}.")
        said = str(error).replace(self._path, self.place)
        return SourceError(f"{self.place} can't be read: {type(error).__name__}: {said}")
