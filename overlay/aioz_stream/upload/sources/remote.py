"""Remote files as sources: behind an http(s) URL, or on a file system of fsspec's (extra [remote])."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import unquote

import httpx

from aioz_stream.errors import (
    AiozStreamError,
    APIConnectionError,
    APIError,
    ArgumentError,
    ConfigurationError,
    EmptySourceError,
    Part,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
    status_error_class,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.retry import Attempts, repeat
from aioz_stream.http.session import TIMEOUT, Session
from aioz_stream.upload.sources.part_source import BLOCK_SIZE, PartReader, PartSource, buffered_reader, last_segment

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)

# The names under which file systems of fsspec's give what changes with a file's bytes.
_VERSIONS = ("ETag", "etag", "VersionId", "version_id", "generation", "md5Hash", "content_md5")
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modified", "created", "ino")

T = TypeVar("T")


def is_url(source: str) -> bool:
    return _URL.match(source) is not None


def redact_url(url: str) -> str:
    """A URL without what may be secret in it: user, password, and query, where signed links have their signature."""
    if not is_url(url):
        return url
    scheme, _, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def url_path(redacted: str) -> str:
    """What follows the scheme; its last segment is the file's name."""
    return redacted.partition("://")[2].rstrip("/")


class HttpSource(PartSource):
    """A file that an http(s) server gives by range, pinned by its ETag, or else by its date.

    Each part is fetched into memory and sent from there: its MD5 must be known before its first byte is sent, and
    fetching it twice would cost more than the memory. The client's retries, timeout, proxy and transport hold here,
    too; its credentials are never sent. Redirects are followed.

    Raises SourceError when the server can't be reached, or does not give ranges.
    """

    is_buffered = True

    def __init__(self, url: str, session: Session, signal: CancelSignal) -> None:
        self._url, self._signal = url, signal
        self._retries, self._timeout = session.options.retries, session.options.timeout or TIMEOUT
        self.place = redact_url(url)
        self.name = last_segment(unquote(url_path(self.place)))
        self._connections = session.connections.to_other_host()
        self.size, self._version = 0, dict[str, str]()
        try:
            self.size, self._version = self._fetch_version()
        except BaseException:
            self._connections.close()
            raise
        # Its place is shown without its query: without a version, another file may have the same place and size.
        self.is_lasting = bool(self._version)

    def identity(self) -> Mapping[str, object]:
        return {"size": self.size, **self._version}

    def verify(self) -> None:
        if (found := self._fetch_version()) != (self.size, self._version):
            raise SourceChangedError(f"{self.place} changed while it was uploaded: {found}.")

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        def read(response: httpx.Response) -> bytearray:
            if self._parse_version(response, part.start, part.end) != (self.size, self._version):
                raise SourceChangedError(f"{self.place} changed while it was uploaded.")
            content = bytearray()
            for block in response.iter_raw(BLOCK_SIZE):
                check(0)
                content.extend(block)
                if len(content) > part.size:
                    break  # an answer without an end is not read into memory
            if len(content) != part.size:
                raise httpx.RemoteProtocolError(f"{len(content)} bytes came of {part.size}")
            return content

        return buffered_reader(part, self._fetch(part.start, part.end, read), check)

    def close(self) -> None:
        self._connections.close()

    def _fetch_version(self) -> tuple[int, dict[str, str]]:
        """Size and version, from the headers that come with the file's first byte."""
        return self._fetch(0, 0, lambda response: self._parse_version(response, 0, 0))

    def _parse_version(self, response: httpx.Response, start: int, end: int) -> tuple[int, dict[str, str]]:
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status_code != 206 or match is None:
            raise SourceError(
                f"{self.place}: the server does not give ranges; download the file and upload it from here."
            )
        if self.size and int(match[3]) != self.size:
            raise SourceChangedError(f"{self.place} changed while it was uploaded: it has {match[3]} bytes now.")
        if (int(match[1]), int(match[2])) != (start, end):
            raise SourceError(f"{self.place}: the server gives bytes {match[1]}-{match[2]} for {start}-{end}.")
        tag = response.headers.get("ETag", "")
        version = {"etag": tag} if tag and not tag.startswith("W/") else {}
        if not version and "Last-Modified" in response.headers:
            version = {"modified": response.headers["Last-Modified"]}
        return int(match[3]), version

    def _fetch(self, start: int, end: int, read: Callable[[httpx.Response], T]) -> T:
        """What `read` returns for a range of bytes. The range is fetched again after failures that pass."""
        try:
            return repeat(lambda: self._fetch_once(start, end, read), Attempts(self._retries), self._signal.pause)
        except APIError as error:
            failure = error.message
        # Outside the block: the error above knows the whole URL, which may be secret.
        raise SourceError(f"{self.place} can't be fetched: {failure}")

    def _fetch_once(self, start: int, end: int, read: Callable[[httpx.Response], T]) -> T:
        self._signal.check()
        try:
            with (
                self._connections.connection() as connection,
                self._signal.cutting(connection),
                connection.http.stream(
                    "GET",
                    self._url,
                    headers={"Range": f"bytes={start}-{end}", "Accept-Encoding": "identity", **connection.headers},
                    follow_redirects=True,
                    timeout=self._timeout,
                    extensions={"trace": connection.trace},
                ) as response,
            ):
                self._check_status(response, start)
                return read(response)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
            raise SourceError(f"{self.place} is no URL that can be fetched: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            self._signal.check()
            raise APIConnectionError(f"{type(error).__name__}: {error}", method="GET", path=self.place) from None

    def _check_status(self, response: httpx.Response, start: int) -> None:
        status = response.status_code
        if status in (404, 410):
            raise SourceNotFoundError(f"There is no file at {self.place}: the server says {status}.")
        if status == 416:
            if self._version or start:
                raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")
            raise EmptySourceError(f"{self.place} is empty; there is nothing to upload.")
        if status >= 400:
            says = f"the server says {status} {response.reason_phrase}"
            raise status_error_class(status)(says, method="GET", path=self.place, status=status, response=response)


class OpenFile(Protocol):
    """What `fsspec.open` returns."""

    fs: Any
    path: str


def is_open_file(source: object) -> bool:
    """Whether it is what `fsspec.open` returns. What that opens in its turn is a binary file like others."""
    has_place = hasattr(source, "fs") and isinstance(getattr(source, "path", None), str)
    return has_place and not hasattr(source, "read")


def open_url(url: str, session: Session, signal: CancelSignal) -> PartSource:
    """The file behind a URL. http(s) is fetched with the session's options; fsspec opens all others."""
    is_http = url.partition("://")[0].lower() in ("http", "https")
    return HttpSource(url, session, signal) if is_http else _open_by_fsspec(url)


def _open_by_fsspec(url: str) -> FsspecSource:
    """Raises ConfigurationError where fsspec is not installed."""
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


class FsspecSource(PartSource):
    """A file on a file system of fsspec's, such as S3. Each reader has a handle of its own: shared ones mix up bytes.

    fsspec does not notice that a file changes. So what the file system says of its version is compared before each
    part.
    """

    is_buffered = True
    is_lasting = True

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
