"""Any generated operation as a call, and what a request carries beyond the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, Protocol, TypedDict, TypeVar, cast

import httpx
from attrs import evolve

from aioz_stream.errors import ArgumentError, ArgumentTypeError
from aioz_stream.http.session import Call

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t -~]*")


class Operation(Protocol[P, T_co]):
    """A module of `aioz_stream_api.api`, such as `aioz_stream_api.api.videos.get_video`."""

    @property
    def get_kwargs(self) -> Callable[P, dict[str, Any]]: ...

    @property
    def parse_success(self) -> Callable[[httpx.Response], T_co]: ...


class Extra(TypedDict, total=False):
    """What a request carries beyond the contract. It is sent unchecked, and overwrites what has the same name."""

    extra_body: Mapping[str, object]
    """Fields of the JSON body. Only a call that has such a body takes them."""
    extra_query: Mapping[str, str | float | bool]
    """Parameters of the URL."""
    extra_headers: Mapping[str, str]
    """Header lines. Those of the credentials stay as they are."""


def make_call(operation: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> Call[T]:
    """A call of the operation. It is repeated after a lost answer only if its method allows that (RFC 9110)."""
    request = operation.get_kwargs(*args, **kwargs)
    is_repeatable = str(request["method"]).upper() in _REPEATABLE
    return Call(lambda: operation.get_kwargs(*args, **kwargs), operation.parse_success, repeatable=is_repeatable)


def with_extra(call: Call[T], extra: Extra) -> Call[T]:
    """The call with more in its request. Raises ArgumentError, or TypeError for a keyword that there is not."""
    for name, value in extra.items():
        if name not in Extra.__annotations__:
            raise TypeError(f"a call has no keyword argument {name!r}")
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in cast("Iterable[object]", value)):
            raise ArgumentTypeError(f"{name} must be a mapping whose keys are strings.", argument=name)
    fields, query = extra.get("extra_body", {}), extra.get("extra_query", {})
    headers = _check_headers(extra.get("extra_headers", {}))
    if fields and "json" not in call.request():
        raise ArgumentError("extra_body is for calls with a JSON body. This one has none.", argument="extra_body")

    def request() -> dict[str, Any]:
        arguments = call.request()
        if fields:
            arguments["json"] = {**arguments["json"], **fields}
        if query:
            arguments["params"] = httpx.QueryParams(arguments.get("params")).merge(query)
        return {**arguments, "headers": {**arguments.get("headers", {}), **headers}}

    return evolve(call, request=request) if extra else call


def _check_headers(headers: Mapping[str, object]) -> dict[str, str]:
    for name, value in headers.items():
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value) or not _HEADER.fullmatch(name):
            raise ArgumentError(
                f"extra_headers[{name!r}] is no header: name and value must be printable ASCII text of one line.",
                argument="extra_headers",
            )
    return cast("dict[str, str]", dict(headers))
