"""The application: the contract's operations, and the assets beside them, on one table of paths."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aioz_stream_mock.api.answers import AnswerCompleter
from aioz_stream_mock.api.assets import SOURCE_PATH, THUMBNAIL_PATH, get_source, get_thumbnail
from aioz_stream_mock.api.cors import CorsMiddleware
from aioz_stream_mock.api.handlers import HANDLERS, RequestContext
from aioz_stream_mock.api.request_id import RequestId
from aioz_stream_mock.api.resource import Endpoint, Resource, refuse_for_scarcity
from aioz_stream_mock.contract import Contract, Operation, load_contract
from aioz_stream_mock.control.control import Control
from aioz_stream_mock.control.controlled_backend import ControlledBackend
from aioz_stream_mock.control.fault_middleware import FaultMiddleware
from aioz_stream_mock.control.guard_middleware import GuardMiddleware
from aioz_stream_mock.control.request_log import note_account
from aioz_stream_mock.control.request_log_middleware import RequestLogMiddleware
from aioz_stream_mock.control.routes import control_endpoints
from aioz_stream_mock.errors import error_response, is_scarcity
from aioz_stream_mock.media import playback
from aioz_stream_mock.media.cors import allow_any_origin, preflight
from aioz_stream_mock.pages.html import static_files
from aioz_stream_mock.pages.index import INDEX_PATH, get_index
from aioz_stream_mock.pages.player import PLAYER_PATHS, get_player
from aioz_stream_mock.pages.reference import DOCUMENT_PATH, REFERENCE_PATH, get_document, get_reference
from aioz_stream_mock.state.settings import Settings

if TYPE_CHECKING:
    from aioz_stream_mock.media.backend import Backend

log: logging.Logger = logging.getLogger(__name__)

Asset = Callable[[Request, "Backend"], Awaitable[Response]]

_ASSETS: Mapping[str, Asset] = {
    SOURCE_PATH: get_source,
    THUMBNAIL_PATH: get_thumbnail,
    playback.PLAYLIST_PATH: playback.get_playlist,
    playback.MANIFEST_PATH: playback.get_manifest,
    playback.MP4_PATH: playback.get_mp4,
    playback.MEDIA_PATH: playback.get_media,
}
_PAGES: Mapping[str, Asset] = {
    INDEX_PATH: get_index,
    REFERENCE_PATH: get_reference,
    DOCUMENT_PATH: get_document,
    **{path: partial(get_player, kind) for kind, path in PLAYER_PATHS.items()},
}


def create_app(settings: Settings | None = None) -> Starlette:
    """A server as an ASGI application.

    Its state opens with the first request and closes with the lifespan, or with `app.state.mock.close()`
    where the lifespan is not run. An operation of the contract that this server has no code for is answered with 501,
    and a warning at the start names it. Raises `ContractError` when the contract can't be read.
    """
    chosen = settings or Settings()
    backend = ControlledBackend(chosen, load_contract(chosen.contract))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        # Opened at once: a folder that can't be used should stop the start, not the first request.
        await run_in_threadpool(lambda: backend.store)
        try:
            yield
        finally:
            await run_in_threadpool(backend.close)

    app = Starlette(
        routes=[*_routes(backend), static_files()],
        middleware=[
            Middleware(RequestId),
            *([Middleware(GuardMiddleware, chosen)] if chosen.control else []),
            Middleware(CorsMiddleware, backend.contract.prefix, chosen.cors),
            Middleware(RequestLogMiddleware, backend),
            Middleware(FaultMiddleware, backend),
        ],
        exception_handlers={HTTPException: _no_such_path, OSError: _not_now},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.mock = backend
    return app


def _routes(backend: ControlledBackend) -> list[Route]:
    """One route per path; paths without a parameter come first, so that they win over those with one."""
    _warn_of_missing_handlers(backend.contract)
    completer = AnswerCompleter(backend.contract, omit_optional=backend.settings.omit_optional)
    table: dict[str, dict[str, Endpoint]] = {}
    for operation in backend.contract.operations.values():
        table.setdefault(operation.path, {})[operation.method] = partial(_perform, backend, completer, operation)
    for path, asset in _ASSETS.items():
        endpoint: Endpoint = allow_any_origin(partial(_with_backend, asset, backend))
        table.setdefault(path, {}).update({"GET": endpoint, "HEAD": endpoint, "OPTIONS": preflight})
    prefixed = {backend.contract.prefix + path: methods for path, methods in table.items()}
    if backend.settings.control:
        prefixed |= control_endpoints(Control(backend))
    for path, page in _PAGES.items():
        shown: Endpoint = partial(_with_backend, page, backend)
        prefixed[path] = {"GET": shown, "HEAD": shown}
    paths = sorted(prefixed, key=lambda path: path.count("{"))
    return [Route(path, Resource(prefixed[path], backend.settings.max_part_size)) for path in paths]


def _warn_of_missing_handlers(contract: Contract) -> None:
    for operation in contract.operations.values():
        if reason := _why_not_served(operation):
            log.warning("%s %s is answered with 501: %s", operation.method, operation.path, reason)


def _why_not_served(operation: Operation) -> str:
    """A sentence for an operation that the contract has and this server can't perform; nothing for others."""
    if operation.id not in HANDLERS:
        return f"this mock server has no code for the operation {operation.id}."
    return operation.unservable


async def _perform(backend: Backend, completer: AnswerCompleter, operation: Operation, request: Request) -> Response:
    account = backend.accounts.authenticate(request.headers)
    note_account(request.scope, account.name)
    backend.check_rate(account, request.scope)
    if reason := _why_not_served(operation):
        return error_response(501, reason[0].upper() + reason[1:])
    return await HANDLERS[operation.id](RequestContext(request, backend, operation, account, completer))


async def _with_backend(asset: Asset, backend: Backend, request: Request) -> Response:
    return await asset(request, backend)


async def _no_such_path(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    prefix: str = request.app.state.mock.contract.prefix
    there = "" if request.url.path.startswith(f"{prefix}/") else f" The API's paths begin with {prefix}."
    return error_response(status, f"There is nothing at this path.{there}")


async def _not_now(request: Request, error: Exception) -> Response:
    if not is_scarcity(error):
        raise error
    return refuse_for_scarcity(request, error)
