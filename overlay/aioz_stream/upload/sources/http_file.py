"""The file behind an http(s) URL as a source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

import httpx

from aioz_stream.errors import (
    APIConnectionError,
    APIError,
    EmptySourceError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
    status_error_class,
)
from aioz_stream.http.retry import Attempts, repeat
from aioz_stream.http.session import TIMEOUT
from aioz_stream.upload.sources.handle import last_segment
from aioz_stream.upload.sources.reader import BLOCK_SIZE, PartReader
from aioz_stream.upload.sources.stream import buffered_reader
from aioz_stream.upload.sources.url import redact_url, url_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.errors import Part
    from aioz_stream.http.cancel_signal import CancelSignal
    from aioz_stream.http.session import Session

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)

T = TypeVar("T")


class HttpSource:
    """A file that an http(s) server gives by range, pinned by its ETag, or else by its date.

    Each part is fetched into memory and sent from there: its MD5 must be known before its first byte is sent, and
    fetching it twice would cost more than the memory. The client's retries, timeout, proxy and transport hold here,
    too; its credentials are never sent. Redirects are followed.

    Raises SourceError when the server can't be reached, or does not give ranges.
    """

    is_buffered = True
    is_ordered = False
    path = None

    def __init__(self, url: str, session: Session, signal: CancelSignal) -> None:
        self._url, self._signal = url, signal
        self._retries, self._timeout = session.options.retries, session.options.timeout or TIMEOUT
        self.place = redact_url(url)
        self.name = last_segment(unquote(url_path(self.place)))
        self._pool = session.connections.to_other_host()
        self.size, self._version = 0, dict[str, str]()
        try:
            self.size, self._version = self._fetch_version()
        except BaseException:
            self._pool.close()
            raise

    @property
    def is_lasting(self) -> bool:
        # Its place is shown without its query: without a version, another file may have the same place and size.
        return bool(self._version)

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
        self._pool.close()

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
                self._pool.connection() as connection,
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
