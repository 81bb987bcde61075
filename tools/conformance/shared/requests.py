"""Requests as values, and one that succeeds for every operation of the contract."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
from contract_document import Json, Operation, load, operations

from conformance.shared.sample_data import BEARER, PNG, content_range, md5

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Nothing:
    """Stands for JSON that is not sent. It looks the same in every process."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = Nothing()


@dataclass(frozen=True)
class Field:
    """A field of a form; with a file name, it is a file."""

    name: str
    content: bytes
    filename: str | None = None


@dataclass(frozen=True)
class Request:
    """One request, before it is encoded."""

    method: str
    path: str
    json: Json = NOTHING
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Sequence[Field] = ()
    content: bytes | None = None
    """A body that is neither JSON nor a form, whatever its headers say."""
    who: Mapping[str, str] = field(default_factory=lambda: BEARER)
    """The headers with the credentials."""

    @property
    def body(self) -> bytes | None:
        return self.content if self.json is NOTHING else json.dumps(self.json).encode()

    def about(self, video: str) -> Request:
        """The same request about a video."""
        return replace(self, path=self.path.replace("{video_id}", quote(video, safe="")))

    def encoded(self, base_url: str) -> httpx.Request:
        """The request as it is sent to a server; a path may be the whole address of an asset."""
        kind = {} if self.json is NOTHING else {"Content-Type": "application/json"}
        return httpx.Request(
            self.method,
            self.path if self.path.startswith("http") else base_url + self.path,
            params=list(self.query) or None,
            headers={**kind, **self.who, **self.headers},
            content=self.body,
            files=[(one.name, (one.filename, one.content)) for one in self.form] or None,
        )


@lru_cache
def operation(name: str) -> Operation:
    """The operation with this id."""
    return next(one for one in operations(load()) if one.id == name)


def request_to(
    name: str,
    video: str = "",
    *,
    who: Mapping[str, str] = BEARER,
    json: Json = NOTHING,
    query: Sequence[tuple[str, str]] = (),
    form: Sequence[Field] = (),
) -> Request:
    """A request with the method and the path of an operation; without a video, the path keeps its parameter."""
    request = Request(operation(name).method, operation(name).path, json, query, form=form, who=who)
    return request.about(video) if video else request


def part_request(
    video: str = "",
    data: bytes = b"hello world",
    start: int = 0,
    size: int | None = None,
    index: str = "1",
    *,
    range_header: str | None = None,
    hash_field: str | None = None,
    who: Mapping[str, str] = BEARER,
) -> Request:
    """An upload of a part; by default its range and its hash are right."""
    whole = start + len(data) if size is None else size
    fields = [Field("index", index.encode()), Field("hash", (hash_field or md5(data)).encode())]
    request = request_to("uploadVideoPart", video, form=[*fields, Field("file", data, "part.bin")], who=who)
    return replace(request, headers={"Content-Range": range_header or content_range(start, len(data), whole)})


def with_form(request: Request, form: Sequence[Field]) -> Request:
    """The request with another form, which may be empty."""
    if form:
        return replace(request, form=form)
    # httpx sends no empty form.
    headers = {**request.headers, "Content-Type": "multipart/form-data; boundary=b"}
    return replace(request, form=(), content=b"--b--\r\n", headers=headers)


def thumbnail_request(
    video: str = "", name: str = "cover.png", data: bytes = PNG, *, who: Mapping[str, str] = BEARER
) -> Request:
    return request_to("uploadVideoThumbnail", video, form=[Field("file", data, name)], who=who)


VALID_REQUESTS: Mapping[str, Callable[[str], Request]] = {
    "createVideo": lambda _: request_to("createVideo", json={"title": "a title"}),
    "listVideos": lambda _: request_to("listVideos", json={}),
    "getTranscodeCost": lambda _: request_to("getTranscodeCost", query=(("qualities", "360p"), ("duration", "60"))),
    "getVideo": lambda video: request_to("getVideo", video),
    "updateVideo": lambda video: request_to("updateVideo", video, json={"title": "another"}),
    "deleteVideo": lambda video: request_to("deleteVideo", video),
    "uploadVideoPart": part_request,
    "completeVideoUpload": lambda video: request_to("completeVideoUpload", video),
    "uploadVideoThumbnail": thumbnail_request,
}
"""By operationId a request that succeeds, given a video that allows it. Each operation of the contract needs one."""


def valid_request(name: str, video: str = "", who: Mapping[str, str] = BEARER) -> Request:
    if name not in VALID_REQUESTS:
        raise LookupError(f"the operation {name} has no request in VALID_REQUESTS of {__name__}")
    return replace(VALID_REQUESTS[name](video), who=who)


def video_operations() -> list[str]:
    """The operations about one video."""
    return [one.id for one in operations(load()) if "{video_id}" in one.path]
