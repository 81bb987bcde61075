"""Files elsewhere as sources: behind an http(s) URL, or wherever fsspec reaches (extra [remote]).

Each part is fetched by range into memory, checked against what the file was when the upload began, and sent from there:
its MD5 must be known before its first byte is sent, and fetching twice would cost more than memory does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import unquote

import httpx

from aioz_stream.errors import (
    AiozStreamError,
    ArgumentError,
    ConfigurationError,
    EmptySourceError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
)
from aioz_stream.http.connections import Lanes
from aioz_stream.http.retry import RetryPolicy
from aioz_stream.upload.sources.handle import name_of
from aioz_stream.upload.sources.reader import BLOCK_SIZE, PartReader
from aioz_stream.upload.sources.stream import buffered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.upload.cancellation import Stop
    from aioz_stream.upload.plan import Part

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)
_PASSING = (408, 425, 429)
# What file systems call the things that change with a file's bytes.
_VERSIONS = ("ETag", "etag", "VersionId", "version_id", "generation", "md5Hash", "content_md5")
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modified", "created", "ino")


class OpenFile(Protocol):
    """What `fsspec.open` gives."""

    fs: Any
    path: str


def is_url(source: str) -> bool:
    return _URL.match(source) is not None


def is_open_file(source: object) -> bool:
    """Whether it is what `fsspec.open` gives. What that opens is a binary file like others: it stands somewhere."""
    has_place = hasattr(source, "fs") and isinstance(getattr(source, "path", None), str)
    return has_place and not hasattr(source, "read")


def opened(url: str, stop: Stop) -> HttpSource | FsspecSource:
    """The source behind a URL. Raises ConfigurationError where its kind needs the extra [remote]."""
    if url.partition("://")[0].lower() in ("http", "https"):
        return HttpSource(url, stop)
    try:
        import fsspec  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - an extra, without stubs
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"{url.partition('://')[0]}:// needs fsspec: pip install 'aioz-stream[remote]', and what fsspec asks for."
        ) from None
    try:
        file = cast("OpenFile", fsspec.open(url, "rb"))  # pyright: ignore[reportUnknownMemberType] - fsspec has no stubs
    except Exception as error:  # noqa: BLE001 - every file system of fsspec's has errors of its own
        raise SourceError(f"{place_of(url)} can't be opened: {str(error).replace(url, place_of(url))}") from _harmless(
            error, url
        )
    return of_open_file(file)


def place_of(url: str) -> str:
    """A URL without what may be secret in it: user, password and query (signed links have theirs there)."""
    if not is_url(url):
        return url
    scheme, _, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _harmless(error: Exception, url: str) -> Exception | None:
    """A cause that may show in a traceback: none that may repeat what a URL is shown without."""
    return error if place_of(url) == url else None


def of_open_file(file: OpenFile) -> FsspecSource:
    """The file as it is stored. Raises ArgumentError for one that is to be decompressed, whose size nobody knows."""
    if getattr(file, "compression", None):
        raise ArgumentError(
            "source is to be decompressed, so its size is not known. Open it, and pass the stream with spool=True.",
            argument="source",
        )
    return FsspecSource(file.fs, file.path)


class HttpSource:
    """A file that an http(s) server gives by range, pinned by its ETag, or else by its date.

    Raises SourceError when the server does not give ranges.
    """

    is_buffered = True
    is_ordered = False
    path = None

    def __init__(self, url: str, stop: Stop) -> None:
        self._url, self._stop = url, stop
        self.place = place_of(url)
        self.name = name_of(_Named(unquote(self.place)))
        tls = httpx.create_ssl_context()  # shared, since reading the certificates costs more than the rest of a client
        timeout = httpx.Timeout(60.0, connect=10.0)
        self._lanes = Lanes(None, lambda: httpx.Client(verify=tls, follow_redirects=True, timeout=timeout))
        self.size, self._version = 0, dict[str, str]()
        try:
            self.size, self._version = self._look()
        except BaseException:
            self._lanes.close()
            raise

    @property
    def is_lasting(self) -> bool:
        # Its place is shown without its query: without a version, another file may have the same place and size.
        return bool(self._version)

    def identity(self) -> Mapping[str, object]:
        return {"size": self.size, **self._version}

    def verify(self) -> None:
        if (found := self._look()) != (self.size, self._version):
            raise SourceChangedError(f"{self.place} changed while it was uploaded: {found}.")

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        content = bytearray()

        def take(response: httpx.Response) -> None:
            if self._described(response, part.start, part.end) != (self.size, self._version):
                raise SourceChangedError(f"{self.place} changed while it was uploaded.")
            content.clear()
            for block in response.iter_raw(BLOCK_SIZE):
                check(0)
                content.extend(block)
                if len(content) > part.size:
                    break  # whatever more it has is not read into memory
            if len(content) != part.size:
                raise httpx.RemoteProtocolError(f"{len(content)} bytes came of {part.size}")

        self._get(part.start, part.end, take)
        return buffered(part, content, check)

    def close(self) -> None:
        self._lanes.close()

    def _look(self) -> tuple[int, dict[str, str]]:
        """Size and version, from the file's first byte."""
        found: list[tuple[int, dict[str, str]]] = []
        self._get(0, 0, lambda response: found.append(self._described(response, 0, 0)))
        return found[0]

    def _described(self, response: httpx.Response, start: int, end: int) -> tuple[int, dict[str, str]]:
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

    def _get(self, start: int, end: int, take: Callable[[httpx.Response], None]) -> None:
        """Fetch a range, and again after errors that pass."""
        policy, headers = RetryPolicy(), {"Range": f"bytes={start}-{end}", "Accept-Encoding": "identity"}
        why = ""
        for retry in range(policy.max_retries + 1):
            self._stop.check()
            try:
                with self._lanes.lane() as lane, self._stop.cutting(lane):
                    extensions = {"trace": lane.trace}
                    with lane.http.stream("GET", self._url, headers=headers, extensions=extensions) as response:
                        if not self._passes(response):
                            return take(response)
                why = f"{response.status_code} {response.reason_phrase}"
            except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError) as error:
                raise SourceError(f"{self.place} is no URL that can be fetched: {type(error).__name__}") from None
            except httpx.HTTPError as error:
                self._stop.check()
                why = f"{type(error).__name__}: {error}"
            if retry < policy.max_retries:
                self._stop.pause(min(policy.longest_delay, policy.first_delay * 2**retry))
        raise SourceError(f"{self.place} can't be fetched: {why}")

    def _passes(self, response: httpx.Response) -> bool:
        """Whether the answer is a failure that may pass. Raises for one that won't."""
        status = response.status_code
        if status in (404, 410):
            raise SourceNotFoundError(f"There is no file at {self.place}: the server says {status}.")
        if status == 416:
            if self._version or start_of(response):
                raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")
            raise EmptySourceError(f"{self.place} is empty; there is nothing to upload.")
        if status >= 500 or status in _PASSING:
            return True
        if status >= 400:
            raise SourceError(f"{self.place} can't be fetched: the server says {status}.")
        return False


def start_of(response: httpx.Response) -> int:
    """The first byte that a request asked for."""
    asked = response.request.headers["Range"]
    return int(asked.partition("=")[2].partition("-")[0])


class _Named:
    """A name for `name_of`, as a file object has one."""

    def __init__(self, place: str) -> None:
        self.name = place.partition("://")[2].rstrip("/")


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
        self.place = place_of(path if is_url(path) else f"{protocol}://{path}")
        self.name = name_of(_Named(self.place))
        self._identity = self._look()
        size = self._identity["size"]
        if not isinstance(size, int):
            raise SourceError(f"{self.place}: the file system does not say how large it is.")
        if not size:
            raise EmptySourceError(f"{self.place} is empty; there is nothing to upload.")
        self.size = size

    def identity(self) -> Mapping[str, object]:
        return self._identity

    def verify(self) -> None:
        if self._look() != self._identity:
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
            raise self._typed(error) from _harmless(error, self._path)
        return buffered(part, content, check)

    def _ended(self) -> bytes:
        raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")

    def close(self) -> None:
        """File systems are fsspec's to keep."""

    def _look(self) -> dict[str, object]:
        try:
            self._fs.invalidate_cache(self._path)
            info: dict[str, Any] = self._fs.info(self._path)
        except Exception as error:  # noqa: BLE001 - file systems of fsspec have errors of their own
            raise self._typed(error) from _harmless(error, self._path)
        if info.get("type") == "directory":
            raise SourceError(f"{self.place} is a directory; only a file can be uploaded.")
        names = [name for name in _VERSIONS if info.get(name)] or [name for name in _TIMES if info.get(name)]
        return {"size": info.get("size"), **{name: str(info[name]) for name in names}}

    def _typed(self, error: Exception) -> Exception:
        if isinstance(error, AiozStreamError):
            return error
        if isinstance(error, FileNotFoundError):
            return SourceNotFoundError(f"There is no file {self.place}.")
        said = str(error).replace(self._path, self.place)
        return SourceError(f"{self.place} can't be read: {type(error).__name__}: {said}")
