"""The control over HTTP, under `/_mock`. It is no part of the API, so the contract does not describe it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from aioz_stream_mock.api.bodies import read_json
from aioz_stream_mock.control.faults import describe
from aioz_stream_mock.control.route_lookup import CONTROL_PATH
from aioz_stream_mock.errors import ApiError, ControlError, bad_request
from aioz_stream_mock.state.clock import microseconds, rfc3339

if TYPE_CHECKING:
    from starlette.requests import Request

    from aioz_stream_mock.control.control import Control

MAX_BODY = 64 * 1024 * 1024
"""Bytes. Seeds hold their sources."""

Action = Callable[["Control", "Request"], Awaitable[Any]]


def control_endpoints(control: Control) -> dict[str, dict[str, Callable[[Request], Awaitable[Response]]]]:
    """Endpoints by path and method."""
    return {
        CONTROL_PATH + path: {method: partial(_act, control, action) for method, action in actions.items()}
        for path, actions in _ACTIONS.items()
    }


async def _act(control: Control, action: Action, request: Request) -> Response:
    try:
        return JSONResponse(await action(control, request))
    except ControlError as error:
        raise ApiError(error.status, str(error)) from error


async def _reset(control: Control, _: Request) -> Any:
    await run_in_threadpool(control.reset)
    return {}


async def _seed(control: Control, request: Request) -> Any:
    body = await _body(request, {"videos"})
    videos = body.get("videos")
    if not isinstance(videos, list) or not all(isinstance(video, dict) for video in cast("list[object]", videos)):
        raise bad_request("videos: must be a list of objects")
    given = cast("list[dict[str, object]]", videos)
    return {"ids": await run_in_threadpool(control.seed, given)}


async def _snapshots(control: Control, _: Request) -> Any:
    return {"snapshots": await run_in_threadpool(control.snapshots)}


async def _snapshot(control: Control, request: Request) -> Any:
    await run_in_threadpool(control.snapshot, request.path_params["name"])
    return {}


async def _restore(control: Control, request: Request) -> Any:
    await run_in_threadpool(control.restore, request.path_params["name"])
    return {}


async def _clock(control: Control, _: Request) -> Any:
    return {
        "now": rfc3339(microseconds(control.now())),
        "frozen": control.clock.is_frozen,
        "ahead": control.clock.offset.total_seconds(),
    }


async def _set_clock(control: Control, request: Request) -> Any:
    body = await _body(request, {"advance", "freeze"})
    seconds, freeze = body.get("advance", 0), body.get("freeze")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise bad_request("advance: must be a number of seconds")
    if freeze is not None and not isinstance(freeze, bool):
        raise bad_request("freeze: must be true or false")
    control.advance(seconds)
    if freeze is not None:
        (control.freeze if freeze else control.unfreeze)()
    return await _clock(control, request)


async def _faults(control: Control, _: Request) -> Any:
    return {"faults": [describe(fault) for fault in control.faults()]}


async def _add_fault(control: Control, request: Request) -> Any:
    return describe(control.add_fault(await _body(request, None)))


async def _clear_faults(control: Control, _: Request) -> Any:
    control.clear_faults()
    return {}


async def _requests(control: Control, _: Request) -> Any:
    return {"requests": [asdict(entry) for entry in control.requests()]}


async def _clear_requests(control: Control, _: Request) -> Any:
    control.clear_requests()
    return {}


async def _body(request: Request, known: set[str] | None) -> dict[str, Any]:
    """A JSON object, with known fields only."""
    body: object = await read_json(request, MAX_BODY)
    if not isinstance(body, dict):
        raise bad_request("The body must be a JSON object.")
    found = cast("dict[str, Any]", body)
    if known is not None and not set(found) <= known:
        raise bad_request(f"The body takes none but these fields: {', '.join(sorted(known))}.")
    return found


_ACTIONS: Mapping[str, Mapping[str, Action]] = {
    "/reset": {"POST": _reset},
    "/seed": {"POST": _seed},
    "/snapshots": {"GET": _snapshots},
    "/snapshots/{name}": {"POST": _snapshot},
    "/snapshots/{name}/restore": {"POST": _restore},
    "/clock": {"GET": _clock, "POST": _set_clock},
    "/faults": {"GET": _faults, "POST": _add_fault, "DELETE": _clear_faults},
    "/requests": {"GET": _requests, "DELETE": _clear_requests},
}
