"""What an answer means: a value, or a typed error with the evidence."""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar, cast

import httpx

from aioz_stream.errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APITimeoutError,
    RateLimitError,
    UnexpectedResponseError,
    status_error_class,
)
from aioz_stream.http.credentials import HEADERS as CREDENTIAL_HEADERS
from aioz_stream.http.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from aioz_stream.http.credentials import Credentials

REQUEST_ID_HEADER = "X-Request-Id"

_SHOWN = 300  # characters of an unknown body: enough to recognise a proxy's page
_READ = 20_000  # bytes of it that are looked at for something to show

_JSON = re.compile(r"application/([\w.+-]+\+)?json\b", re.IGNORECASE)

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

# What parsing raises when JSON is broken, or has another shape than the contract says.
NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

T = TypeVar("T")

_recorders: ContextVar[tuple[list[httpx.Response], ...]] = ContextVar("_recorders", default=())


@contextmanager
def capture_responses() -> Generator[list[httpx.Response]]:
    """Collects every raw answer to the calls made inside the block, in the order they came, retried ones included.

        with capture_responses() as responses:
            stream.videos.get(video_id)
        print(responses[-1].headers, request_id(responses[-1]))

    Uploads collect the answers of all their parts. The requests of these answers carry no credentials.
    """
    collected: list[httpx.Response] = []
    token = _recorders.set((*_recorders.get(), collected))
    try:
        yield collected
    finally:
        _recorders.reset(token)


def record(response: httpx.Response) -> None:
    response.request = without_credentials(response.request)
    response.next_request = None  # httpx prepares one for a redirect, credentials included
    for recorder in _recorders.get():
        recorder.append(response)


def request_id(response: httpx.Response) -> str | None:
    """What the service calls this exchange, for its support to find it; None where it did not say."""
    value: str | None = response.headers.get(REQUEST_ID_HEADER)
    return value


def without_credentials(request: httpx.Request) -> httpx.Request:
    headers = request.headers.copy()
    for name in CREDENTIAL_HEADERS:
        headers.pop(name, None)
    return httpx.Request(request.method, request.url, headers=headers)


def lost(request: httpx.Request, error: Exception, credentials: Credentials) -> APIError:
    """The typed error of a call that got no answer, or none that httpx can read."""
    if isinstance(error, httpx.RequestError):
        error.request = without_credentials(request)
    method, path = request.method, request.url.path
    said = credentials.mask(str(error)) or type(error).__name__
    if not isinstance(error, httpx.RequestError):
        return UnexpectedResponseError(f"the answer redirects to what is no URL: {said}", method=method, path=path)
    if isinstance(error, httpx.DecodingError):
        broken = UnexpectedResponseError(f"the answer's content encoding is broken: {said}", method=method, path=path)
        broken.damaged = True
        return broken
    if isinstance(error, httpx.TimeoutException):
        failure: APIConnectionError = APITimeoutError(f"no answer in time ({said})", method=method, path=path)
    else:
        failure = APIConnectionError(f"no answer from {request.url.netloc.decode()}: {said}", method=method, path=path)
    failure.sent = not isinstance(error, _NEVER_SENT)
    return failure


def refused(response: httpx.Response, credentials: Credentials) -> APIResponseError:
    """The typed error of an answer that does not say success."""
    if response.is_redirect:
        return _error(
            UnexpectedResponseError,
            response,
            f"redirects to {response.headers.get('Location', 'nowhere')}. Redirects are not followed, since they "
            "would carry the credentials along; is base_url right?",
            credentials,
        )
    error = _error(status_error_class(response.status_code), response, _reason(response, credentials), credentials)
    if isinstance(error, RateLimitError):
        error.retry_after = retry_after(response.headers)
    return error


def parsed(response: httpx.Response, parse: Callable[[httpx.Response], T], credentials: Credentials) -> T:
    """The value of a successful answer. Raises UnexpectedResponseError when it makes no sense."""
    try:
        return parse(response)
    except NONSENSE as cause:
        why = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
        message = f"success, but the body is not what the contract says ({why}): {_excerpt(response, credentials)}"
        error = _error(UnexpectedResponseError, response, message, credentials)
        error.damaged = _is_damaged(response)
        raise error from cause


def _is_damaged(response: httpx.Response) -> bool:
    """Whether a body that was sent as JSON is none. A portal's page does not call itself JSON."""
    if not _JSON.match(response.headers.get("Content-Type", "")):
        return False
    try:
        response.json()
    except RecursionError:
        return False
    except ValueError:
        return True
    return False


E = TypeVar("E", bound=APIResponseError)


def _error(kind: type[E], response: httpx.Response, message: str, credentials: Credentials) -> E:
    request = response.request
    return kind(
        credentials.mask(message),
        method=request.method,
        path=request.url.path,
        status=response.status_code,
        response=response,
        request_id=credentials.mask(request_id(response) or "") or None,
    )


def _reason(response: httpx.Response, credentials: Credentials) -> str:
    try:
        body = response.json()
    except NONSENSE:
        body = None
    if isinstance(body, dict):
        message = cast("dict[str, object]", body).get("message")
        if isinstance(message, str) and message:
            return message
    return f"{_phrase(response.status_code)}, with {_excerpt(response, credentials)}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "a status that no list knows"


def _excerpt(response: httpx.Response, credentials: Credentials) -> str:
    if not response.content:
        return "an empty body"
    kind = response.headers.get("Content-Type", "no content type").partition(";")[0]
    # Not response.text: the charset that the answer names may be none, or no text's at all.
    text = credentials.mask(response.content[:_READ].decode("utf-8", "replace"))
    shown = " ".join(text.split())
    return f"a body of {kind}: {shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}"
