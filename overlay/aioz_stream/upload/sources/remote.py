"""Remote files as sources: behind an http(s) URL, or on a file system of fsspec's (extra [remote])."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from functools import partial
from typing import Any, BinaryIO, Protocol, TypeVar, cast
from urllib.parse import unquote

import httpx

from aioz_stream.errors import (
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
from aioz_stream.http import fetching
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.connections import Connection
from aioz_stream.http.log import logged
from aioz_stream.http.network import SOCKS_ERRORS
from aioz_stream.http.retry import Attempts, repeat
from aioz_stream.http.session import TIMEOUT, Session
from aioz_stream.upload.sources.file_object import copy_to_file, spool
from aioz_stream.upload.sources.part_source import (
    BLOCK_SIZE,
    PartReader,
    PartSource,
    buffered_reader,
    last_segment,
    source_errors,
)

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)
_LOCAL = ("file", "local", "memory")
"""The file systems of fsspec's that use no network."""
_FAILURES: tuple[type[Exception], ...] = (httpx.HTTPError, *SOCKS_ERRORS)

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
    host, slash, path = re.split(r"[?#]", rest)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def url_path(redacted: str) -> str:
    """What follows the scheme; its last segment is the file's name."""
    return redacted.partition("://")[2].rstrip("/")


class HttpFile:
    """A file behind an http(s) URL, fetched with the client's retries, timeout, proxy, transport and http_client.

    The client's credentials are never sent; nor are headers, cookies and authentication of an `http_client` that was
    passed in, which may be meant for the API alone. Redirects are followed.
    """

    def __init__(self, url: str, session: Session, signal: CancelSignal) -> None:
        self._url, self._signal = url, signal
        self._retries, self._timeout = session.options.retries, session.options.timeout or TIMEOUT
        self.place: str = redact_url(url)
        self.name: str = last_segment(unquote(url_path(self.place)))
        self._connections = session.connections.to_other_host()

    def close(self) -> None:
        self._connections.close()

    def fetch(self, headers: Mapping[str, str], read: Callable[[httpx.Response], T]) -> T:
        """What `read` returns for an answer below 400, or 416. It is fetched again after failures that pass."""
        try:
            return repeat(lambda: self._fetch_once(headers, read), Attempts(self._retries), self._signal.pause)
        except APIError as error:
            failure = error.message
        # Outside the block: the error above knows the whole URL, which may be secret.
        raise SourceError(f"{self.place} can't be fetched: {failure}")

    def _fetch_once(self, headers: Mapping[str, str], read: Callable[[httpx.Response], T]) -> T:
        self._signal.check()
        try:
            with (
                self._connections.connection() as connection,
                self._signal.cutting(connection),
                logged("GET", self.place) as answer,
                closing(self._send(headers, connection)) as response,
            ):
                answer.status = response.status_code
                self._check(response)
                return read(response)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
            raise SourceError(f"{self.place} is no URL that can be fetched: {type(error).__name__}") from None
        except _FAILURES as error:
            self._signal.check()
            raise APIConnectionError(f"{type(error).__name__}: {error}", method="GET", path=self.place) from None

    def _send(self, headers: Mapping[str, str], connection: Connection) -> httpx.Response:
        try:
            return fetching.get(connection, self._url, headers, self._timeout, self._allow)
        except httpx.TooManyRedirects as error:
            raise SourceError(f"{self.place} leads on and on: {error}.") from None

    def _allow(self, url: httpx.URL) -> Mapping[str, str]:
        """Without headers: the client's credentials are never sent."""
        if url.scheme not in fetching.SCHEMES:
            raise SourceError(f"{self.place} leads to another kind of address, {url.scheme}://.")
        return {}

    def _check(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in (404, 410):
            raise SourceNotFoundError(f"There is no file at {self.place}: the server says {status}.")
        if status >= 400 and status != 416:
            says = f"the server says {status} {response.reason_phrase}"
            raise status_error_class(status)(says, method="GET", path=self.place, status=status, response=response)
        packing = response.headers.get("Content-Encoding", "identity").lower()
        if packing != "identity":
            raise SourceError(f"{self.place}: the server packs the file ({packing}), so its bytes would be others.")


class HttpSource(PartSource):
    """A file that an http(s) server gives by range, pinned by its ETag, or else by its date.

    Each part is fetched into memory and sent from there: its MD5 must be known before its first byte is sent, and
    fetching it twice would cost more than the memory. Where the server tells neither ETag nor date, and without
    `trust_times`, all parts are fetched once more at the end, and compared.

    Raises SourceError when the server can't be reached, or does not give ranges.
    """

    is_buffered = True

    def __init__(self, file: HttpFile, *, trust_times: bool) -> None:
        self._file, self._trust_times = file, trust_times
        self.place: str = file.place
        self.name: str = file.name
        self.size: int
        self.size, self._version = 0, dict[str, str]()
        self.size, self._version = self._fetch(0, 0, lambda response: self._parse_version(response, 0, 0))
        # Its place is shown without its query: without a version, another file may have the same place and size.
        self.is_lasting: bool = bool(self._version)

    def identity(self) -> Mapping[str, object]:
        return {"size": self.size, **self._version}

    def verify(self) -> bool:
        # The byte behind the last one is asked for as well: there must be none.
        last = self.size - 1
        found = self._fetch(last, last + 1, lambda response: self._parse_version(response, last, last))
        if found != (self.size, self._version):
            raise SourceChangedError(f"{self.place} changed while it was uploaded: {found}.")
        return bool(self._version)

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

    def _fetch(self, start: int, end: int, read: Callable[[httpx.Response], T]) -> T:
        return self._file.fetch({"Range": f"bytes={start}-{end}"}, read)

    def _parse_version(self, response: httpx.Response, start: int, end: int) -> tuple[int, dict[str, str]]:
        if response.status_code == 416:
            if self.size:
                raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")
            raise EmptySourceError(f"{self.place} is empty; there is nothing to upload.")
        match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status_code != 206 or match is None:
            raise SourceError(
                f"{self.place}: the server does not give ranges. Pass spool=True to copy the file to a temporary one "
                "first."
            )
        first, last, size = map(int, match.groups())
        if self.size and size != self.size:
            raise SourceChangedError(f"{self.place} changed while it was uploaded: it has {size} bytes now.")
        if last >= size:
            raise SourceError(f"{self.place} goes on behind the {size:,} bytes that its server says it has.")
        if (first, last) != (start, end):
            raise SourceError(f"{self.place}: the server gives bytes {first}-{last} for {start}-{end}.")
        return size, self._version_in(response.headers)

    def _version_in(self, headers: Mapping[str, str]) -> dict[str, str]:
        if not self._trust_times:
            return {}
        tag = headers.get("ETag", "")
        version = {"etag": tag} if tag else {}
        # A weak tag is that of a file which means the same, and may have other bytes.
        if (not tag or tag.startswith("W/")) and "Last-Modified" in headers:
            version["modified"] = headers["Last-Modified"]
        return version


def _spool_http(file: HttpFile, signal: CancelSignal) -> PartSource:
    """Copies the file behind a URL to a temporary file."""

    def fill(copy: BinaryIO, response: httpx.Response) -> None:
        if response.status_code != 200:
            raise SourceError(f"{file.place} can't be fetched: the server says {response.status_code}.")
        copy.seek(0)  # an earlier try may have ended on its way
        copy.truncate()
        for block in response.iter_raw(BLOCK_SIZE):
            signal.check()
            copy.write(block)

    return copy_to_file(file.name, file.place, lambda copy: file.fetch({}, partial(fill, copy)))


class OpenFile(Protocol):
    """What `fsspec.open` returns."""

    fs: Any
    path: str

    def __enter__(self) -> BinaryIO: ...
    def __exit__(self, *error: object) -> object: ...


def is_open_file(source: object) -> bool:
    """Whether it is what `fsspec.open` returns. What that opens in its turn is a binary file like others."""
    has_place = hasattr(source, "fs") and isinstance(getattr(source, "path", None), str)
    return has_place and not hasattr(source, "read")


def open_url(url: str, session: Session, signal: CancelSignal, *, trust_times: bool, to_spool: bool) -> PartSource:
    """The file behind a URL. http(s) is fetched with the session's options; fsspec opens all others."""
    scheme = url.partition("://")[0].lower()
    if scheme not in fetching.SCHEMES:
        if scheme not in _LOCAL and session.connections.has_route:
            raise ConfigurationError(
                f"{scheme}:// is opened by fsspec, which knows nothing of the client's proxy, transport and "
                "http_client. Set fsspec up for your network, and pass what fsspec.open(...) gives; or use a client "
                "without these."
            )
        return from_open_file(_open_by_fsspec(url), signal, trust_times=trust_times, to_spool=to_spool)
    with ExitStack() as stack:
        file = stack.enter_context(closing(HttpFile(url, session, signal)))
        if to_spool:
            return _spool_http(file, signal)
        source = HttpSource(file, trust_times=trust_times)
        source.opened = stack.pop_all()
        return source


def _open_by_fsspec(url: str) -> OpenFile:
    """Raises ConfigurationError where fsspec is not installed."""
    try:
        import fsspec  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - an extra, without stubs
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"{url.partition('://')[0]}:// needs fsspec: pip install 'aioz-stream[remote]', and what fsspec asks for."
        ) from None
    with source_errors(redact_url(url), _secret(url)):
        return cast("OpenFile", fsspec.open(url, "rb"))  # pyright: ignore[reportUnknownMemberType] - fsspec has no stubs


def _secret(path: str) -> str | None:
    """A path that is shown without what may be secret in it."""
    return None if redact_url(path) == path else path


def from_open_file(file: OpenFile, signal: CancelSignal, *, trust_times: bool, to_spool: bool) -> PartSource:
    """The file as it is stored; a copy of what it gives, to be decompressed where it says so, with `to_spool`.

    Raises ArgumentError for one that is to be decompressed without, since its size is not known.
    """
    if to_spool:
        place = _place(file.fs, file.path)
        with source_errors(place, _secret(file.path)), file as stream:
            return spool(stream, signal, last_segment(url_path(place)), place)
    if getattr(file, "compression", None):
        raise ArgumentError(
            "source is to be decompressed, so its size is not known. Pass spool=True to copy it to a temporary file "
            "first.",
            argument="source",
        )
    return FsspecSource(file.fs, file.path, trust_times=trust_times)


def _place(fs: Any, path: str) -> str:
    names = [fs.protocol] if isinstance(fs.protocol, str) else [*fs.protocol, type(fs).__name__]
    return redact_url(path if is_url(path) else f"{names[0]}://{path}")


class FsspecSource(PartSource):
    """A file on a file system of fsspec's, such as S3. Each reader has a handle of its own: shared ones mix up bytes.

    fsspec does not notice that a file changes. So what the file system says of its version is compared before each
    part.
    """

    is_buffered = True
    is_lasting = True

    def __init__(self, fs: Any, path: str, *, trust_times: bool) -> None:
        self._fs, self._path, self._trust_times = fs, path, trust_times
        self.place: str = _place(fs, path)
        self.name: str = last_segment(url_path(self.place))
        self._identity = self._fetch_info()
        size = self._identity["size"]
        if not isinstance(size, int):
            raise SourceError(f"{self.place}: the file system does not say how large it is.")
        if not size:
            raise EmptySourceError(f"{self.place} is empty; there is nothing to upload.")
        self.size = size

    def identity(self) -> Mapping[str, object]:
        return self._identity

    def verify(self) -> bool:
        if self._fetch_info() != self._identity:
            raise SourceChangedError(f"{self.place} changed while it was uploaded.")
        return len(self._identity) > 1

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        self.verify()
        content = bytearray()
        with source_errors(self.place, _secret(self._path)), self._fs.open(self._path, "rb") as handle:
            handle.seek(part.start)
            while len(content) < part.size:
                check(0)
                block = handle.read(min(BLOCK_SIZE * 4, part.size - len(content)))
                content += block or self._ended()
            if part.end == self.size - 1 and handle.read(1):
                raise SourceChangedError(f"{self.place} has more than the {self.size:,} bytes that it is said to have.")
        return buffered_reader(part, content, check)

    def _ended(self) -> bytes:
        raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")

    def _fetch_info(self) -> dict[str, object]:
        with source_errors(self.place, _secret(self._path)):
            self._fs.invalidate_cache(self._path)
            info: dict[str, Any] = dict(self._fs.info(self._path))
        if info.get("type") == "directory":
            raise SourceError(f"{self.place} is a directory; only a file can be uploaded.")
        names = [name for name in _VERSIONS if info.get(name)] or [name for name in _TIMES if info.get(name)]
        if not self._trust_times:
            names = []
        return {"size": info.get("size"), **{name: str(info[name]) for name in names}}
