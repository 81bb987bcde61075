"""The bytes of an asset as they come. After a failure that passes, they go on where they stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from typing import NoReturn

import httpx
from attrs import frozen

from aioz_stream.errors import APIError, UnexpectedResponseError
from aioz_stream.http import bodies, fetching, responses
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.log import logged
from aioz_stream.http.retry import Attempts, repeat
from aioz_stream.http.session import TIMEOUT, Session

_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)
_NO_FILES = frozenset({"text/html", "application/xhtml+xml", "application/json"})
"""Types of pages and messages, which some servers and networks send as a success. No asset is one."""


@frozen
class Version:
    """By what the same bytes are known again."""

    tag: str
    """A strong ETag; empty where there is none."""
    size: int | None
    """None until the end, where the server does not say it first."""

    def is_same(self, other: Version) -> bool:
        """Whether both surely are the same bytes."""
        return bool(self.tag) and self.tag == other.tag and (self.size == other.size or None in (self.size, other.size))


class AssetReader:
    """Reads one asset from its start, block by block.

    The client's credentials go to the base URL's origin only, and not behind a redirect to another one. A client that
    talks to its base URL by https gets nothing by http.
    """

    def __init__(
        self, session: Session, url: str, signal: CancelSignal, *, size: int | None = None, may_restart: bool
    ) -> None:
        """`size` is what the asset must have, if that is known. With `may_restart`, the position may go back to 0."""
        self._url, self._signal, self._known_size, self._may_restart = url, signal, size, may_restart
        self._options = session.options
        self._connections = session.connections.to_other_host()
        self._answer = ExitStack()
        self._blocks: Iterator[bytes] | None = None
        self._skipped = self._restarts = 0
        self.position: int = 0
        self.retries: int = 0
        self.version: Version = Version("", None)
        self.media_type: str = ""

    def close(self) -> None:
        self._hang_up()
        self._connections.close()

    def open(self) -> None:
        """Asks for the asset, whose version and media type are known then."""
        repeat(self._ask, self._attempts(), self._signal.pause)

    def seek(self, position: int) -> None:
        """Reads on from there: the bytes before it were read earlier."""
        if position:
            self._hang_up()
            self.position = position

    def read(self) -> bytes:
        """The next block, which ends at `position`; empty at the asset's end."""
        return repeat(self._read_once, self._attempts(), self._signal.pause)

    def _attempts(self) -> Attempts:
        """For one block: each that comes is a success, however many follow."""

        def count(_: APIError, __: float) -> None:
            self.retries += 1

        return Attempts(self._options.retries, on_retry=count)

    def _read_once(self) -> bytes:
        if self._is_over():
            return b""
        try:
            for block in self._blocks or self._ask():
                self._signal.check()
                if self._skipped < len(block):
                    return self._take(block)
                self._skipped -= len(block)
            self._check_end()
        except responses.FAILURES as error:
            raise self._failure(error) from error
        except APIError:
            self._hang_up()
            raise
        return b""

    def _check_end(self) -> None:
        if self.version.size is None:
            self.version = Version(self.version.tag, self.position)
        if not self._is_over():
            raise httpx.RemoteProtocolError(f"the answer ended after {self.position:,} bytes of {self.version.size:,}")

    def _take(self, block: bytes) -> bytes:
        rest = block[self._skipped :]
        self._skipped = 0
        size = self.version.size
        if size is not None and self.position + len(rest) > size:
            self._refuse(f"goes on behind the {size:,} bytes that it is said to have")
        self.position += len(rest)
        return rest

    def _is_over(self) -> bool:
        return self.position == self.version.size

    def _ask(self) -> Iterator[bytes]:
        """Asks for what is missing. The blocks that come may begin with some that are to be skipped."""
        self._signal.check()
        try:
            with ExitStack() as answer:
                connection = answer.enter_context(self._connections.connection())
                answer.enter_context(self._signal.cutting(connection))
                timeout, home = self._options.timeout or TIMEOUT, _Home(self._options.base_url)
                headers = self._range()

                def allow(url: httpx.URL) -> Mapping[str, str]:
                    if home.is_downgrade(url):
                        self._refuse(f"leads to {url.scheme}://{url.host}, where it could be changed on the way")
                    return self._options.credentials.headers if home.is_at(url) else {}

                with logged("GET", httpx.URL(self._url).path) as answered:
                    response = fetching.get(connection, self._url, headers, timeout, allow)
                    answered.status = response.status_code
                answer.enter_context(closing(response))
                self._check(response)
                self._find_position(response, is_part=response.status_code == 206)
                # A transport of a test, or a hook of the caller's client, may have read it.
                self._blocks = iter([response.content]) if response.is_stream_consumed else response.iter_raw()
                self._answer = answer.pop_all()
                return self._blocks
        except httpx.TooManyRedirects as error:
            self._refuse(f"leads on and on: {error}")
        except responses.FAILURES as error:
            raise self._failure(error) from error

    def _range(self) -> dict[str, str]:
        if not self.position or not self.version.tag:
            return {}
        return {"Range": f"bytes={self.position}-", "If-Range": self.version.tag}

    def _check(self, response: httpx.Response) -> None:
        response.request = responses.without_credentials(response.request)
        status, headers = response.status_code, response.headers
        if status == 416 and self.position:
            self._restart(f"has no byte {self.position:,} any more")
            self._refuse("changed", again=True)
        if status >= 400:
            raise responses.response_error(bodies.read(response)[0], self._options.credentials, self._options.base_url)
        if status not in (200, 206):
            self._refuse(f"is answered with {status}, which is no file", status)
        if (packing := headers.get("Content-Encoding", "identity").lower()) != "identity":
            self._refuse(f"comes packed ({packing}), so its bytes would be others", status)
        self.media_type = headers.get("Content-Type", "")
        if (kind := self.media_type.partition(";")[0].strip().lower()) in _NO_FILES:
            self._refuse(f"is answered with {kind}: a page or a message, and no file", status)
        is_framed = "chunked" in headers.get("Transfer-Encoding", "").lower() or response.http_version == "HTTP/2"
        if "Content-Length" not in headers and not is_framed:
            self._refuse("comes without its length, so nothing would tell that it is whole", status)

    def _find_position(self, response: httpx.Response, *, is_part: bool) -> None:
        """Compares the answer with those before. An answer with the whole asset has bytes that are there already."""
        length: str | None = response.headers.get("Content-Length")
        start, size = 0, int(length) if length and length.isdecimal() else self._known_size
        if is_part:
            found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            start, end, size = map(int, found.groups()) if found else (-1, -1, -1)
            if start != self.position or not start <= end < size:
                said = response.headers.get("Content-Range", "nothing")
                self._refuse(f"was asked for from byte {self.position}, and the answer has {said}", 206)
        if size is not None and self._known_size not in (None, size):
            self._refuse(f"has {size:,} bytes, and the video says {self._known_size:,}", response.status_code)
        tag = response.headers.get("ETag", "")
        version = Version("" if tag.startswith("W/") else tag, size)
        if self.position and not self.version.is_same(version):
            self._restart("may have changed on the way")
            if is_part:
                self._refuse("changed", again=True)
        if not self.position:
            self.version = version
        self._skipped = self.position - start

    def _restart(self, why: str) -> None:
        """Begins again. Raises an error where bytes were given away, or where that leads nowhere."""
        self._restarts += 1
        if not self._may_restart or self._restarts > self._options.retries.max_retries:
            self._refuse(f"{why}, so what came before can't be continued")
        self.position, self.version = 0, Version("", None)

    def _refuse(self, why: str, status: int = 0, *, again: bool = False) -> NoReturn:
        url = httpx.URL(self._url)
        said = self._options.credentials.mask(f"the file {why}")
        error = UnexpectedResponseError(f"{said}.", method="GET", path=url.path, status=status)
        error.damaged = again
        raise error

    def _failure(self, error: Exception) -> APIError:
        self._hang_up()
        self._signal.check()
        try:
            request = error.request if isinstance(error, httpx.RequestError) else httpx.Request("GET", self._url)
        except RuntimeError:  # httpx's, for an error that it did not raise itself
            request = httpx.Request("GET", self._url)
        return responses.request_error(request, error, self._options.credentials)

    def _hang_up(self) -> None:
        self._blocks = None
        self._answer.close()


class _Home:
    """The origin that the client's credentials are for. Once an address leads away from it, nothing leads back."""

    def __init__(self, base_url: str) -> None:
        self._url = httpx.URL(base_url)
        self._was_left = False

    def is_at(self, url: httpx.URL) -> bool:
        self._was_left |= (url.scheme, url.host, url.port) != (self._url.scheme, self._url.host, self._url.port)
        return not self._was_left

    def is_downgrade(self, url: httpx.URL) -> bool:
        """Also of what is neither http nor https."""
        return url.scheme != "https" and (self._url.scheme == "https" or url.scheme != "http")
