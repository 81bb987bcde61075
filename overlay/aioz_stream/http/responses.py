"""Turns an answer into a value or into a typed error, and the failure to get one into a typed error."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn, TypeVar, cast

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
from aioz_stream.http.bodies import MOST
from aioz_stream.http.credentials import HEADERS as CREDENTIAL_HEADERS
from aioz_stream.http.credentials import Credentials
from aioz_stream.http.network import SOCKS_ERRORS
from aioz_stream.http.retry import retry_after

FAILURES: tuple[type[Exception], ...] = (httpx.RequestError, httpx.InvalidURL, UnicodeError, *SOCKS_ERRORS)
"""What sending a request raises when no answer comes, or one that httpx can't read."""

REQUEST_ID_HEADER = "X-Request-Id"

API_PATH = "/api"
_NOT_THERE = (404, 405, 501)  # what web servers say to paths, and to methods, that they don't have

_SHOWN = 300  # characters of an unknown body that a message shows: enough to recognise a proxy's page
_READ = 20_000  # bytes of an unknown body that are decoded for the message

_JSON = re.compile(r"application/([\w.+-]+\+)?json\b", re.IGNORECASE)

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# What parsing raises for broken JSON, and for JSON of another shape than the contract has.
_MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

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
    """Gives the answer to all `capture_responses` blocks around the call, after credentials were removed from it."""
    response.request = without_credentials(response.request)
    response.next_request = None  # httpx prepares one for a redirect, credentials included
    for recorder in _recorders.get():
        recorder.append(response)


def request_id(response: httpx.Response) -> str | None:
    """The service's own id of the exchange, by which its support can find it; None where the answer has none."""
    value: str | None = response.headers.get(REQUEST_ID_HEADER)
    return value


def without_credentials(request: httpx.Request) -> httpx.Request:
    headers = request.headers.copy()
    for name in CREDENTIAL_HEADERS:
        headers.pop(name, None)
    return httpx.Request(request.method, request.url, headers=headers)


def request_error(request: httpx.Request, error: Exception, credentials: Credentials) -> APIError:
    """The typed error of a request that got no answer, or one that httpx can't read."""
    if isinstance(error, SOCKS_ERRORS):
        error = httpx.ProxyError(f"the SOCKS proxy's answer can't be read ({error})")
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


def response_error(response: httpx.Response, credentials: Credentials, base_url: str) -> APIResponseError:
    """The typed error of an answer whose status is not a success."""
    if response.is_redirect:
        return _error(
            UnexpectedResponseError,
            response,
            f"redirects to {response.headers.get('Location', 'nowhere')}. Redirects are not followed, since they "
            "would carry the credentials along; is the base URL right?",
            credentials,
        )
    reason = _reason(response, credentials) + _advice(response, base_url)
    error = _error(status_error_class(response.status_code), response, reason, credentials)
    if isinstance(error, RateLimitError):
        error.retry_after = retry_after(response.headers)
    return error


def parse(response: httpx.Response, read: Callable[[httpx.Response], T], credentials: Credentials) -> T:
    """The value of a successful answer. Raises UnexpectedResponseError when it is not as the contract describes it."""
    try:
        return read(response)
    except _MALFORMED as cause:
        why = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
        message = f"success, but the body is not what the contract says ({why}): {_excerpt(response, credentials)}"
        error = _error(UnexpectedResponseError, response, message, credentials)
        error.damaged = _is_damaged(response)
        raise error from cause


def refuse_size(_response: httpx.Response) -> NoReturn:
    """Reads an answer whose body is longer than is read."""
    raise ValueError(f"it has more than {MOST >> 20} MiB")


def _is_damaged(response: httpx.Response) -> bool:
    """Whether a body that calls itself JSON is not JSON. The sign-in page of a network portal calls itself HTML."""
    try:
        response.json()
    except (RecursionError, ValueError) as error:
        is_json = _JSON.match(response.headers.get("Content-Type", "")) is not None
        return is_json and isinstance(error, ValueError)
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


def _advice(response: httpx.Response, base_url: str) -> str:
    """What to look at when another server answers, or another part of this one: the API says "status", too."""
    is_the_api = isinstance(_fields(response).get("status"), str)
    if response.status_code not in _NOT_THERE or is_the_api or API_PATH in httpx.URL(base_url).path:
        return ""
    return f" Is the base URL right? It is {base_url}, and addresses of the API end with {API_PATH}."


def _fields(response: httpx.Response) -> dict[str, object]:
    """The body of an answer that is an object in JSON; nothing of another."""
    try:
        body = response.json()
    except _MALFORMED:
        return {}
    return cast("dict[str, object]", body) if isinstance(body, dict) else {}


def _reason(response: httpx.Response, credentials: Credentials) -> str:
    message = _fields(response).get("message")
    if isinstance(message, str) and message:
        return message
    phrase = httpx.codes.get_reason_phrase(response.status_code) or "an unknown status"
    return f"{phrase}, with {_excerpt(response, credentials)}"


def _excerpt(response: httpx.Response, credentials: Credentials) -> str:
    if not response.content:
        return "an empty body"
    kind = response.headers.get("Content-Type", "no content type").partition(";")[0]
    # Not response.text: the charset that the answer names may not exist, or not be one of text.
    text = credentials.mask(response.content[:_READ].decode("utf-8", "replace"))
    shown = " ".join(text.split())
    return f"a body of {kind}: {shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}"
