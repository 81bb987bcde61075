"""The application: the contract's operations, and the assets beside them, on one table of paths."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from aioz_stream_mock.api.assets import SOURCE_PATH, THUMBNAIL_PATH, get_source, get_thumbnail
from aioz_stream_mock.api.bodies import Inbox, finish
from aioz_stream_mock.api.handlers import HANDLERS, Call
from aioz_stream_mock.api.multipart import FRAMING
from aioz_stream_mock.contract import Contract, ContractError, Operation, load_contract
from aioz_stream_mock.control.control import Control
from aioz_stream_mock.control.fault_middleware import Misbehaving
from aioz_stream_mock.control.request_log import Journaling, note_account
from aioz_stream_mock.control.routes import control_endpoints
from aioz_stream_mock.errors import ApiError, error_response
from aioz_stream_mock.media import playback
from aioz_stream_mock.media.cors import preflight, shared
from aioz_stream_mock.pages.html import static_files
from aioz_stream_mock.pages.index import INDEX_PATH, get_index
from aioz_stream_mock.pages.player import PLAYER_PATHS, get_player
from aioz_stream_mock.pages.reference import DOCUMENT_PATH, REFERENCE_PATH, get_document, get_reference
from aioz_stream_mock.state.rate_limits import remembered_headers
from aioz_stream_mock.state.settings import Settings
from aioz_stream_mock.state.state import State

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Asset = Callable[[Request, "State"], Awaitable[Response]]

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

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(settings: Settings | None = None) -> Starlette:
    """A server as an ASGI application.

    Its state opens with the first request and closes with the lifespan, or with `app.state.mock.close()`
    where nobody runs one. Raises `ContractError` when the contract and the handlers don't match.
    """
    chosen = settings or Settings()
    state = State(chosen, load_contract(chosen.contract))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        # Opened at once: a folder that can't be used should stop the start, not the first request.
        await run_in_threadpool(lambda: state.store)
        try:
            yield
        finally:
            await run_in_threadpool(state.close)

    app = Starlette(
        routes=[*_routes(state), static_files()],
        middleware=[Middleware(RequestId), Middleware(Journaling, state), Middleware(Misbehaving, state)],
        exception_handlers={HTTPException: _no_such_path},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.mock = state
    return app


class Resource:
    """All methods of one path: one route, so that a wrong method is 405 and `Allow` names every right one."""

    def __init__(self, state: State, methods: Mapping[str, Endpoint]) -> None:
        self._methods = methods
        self._allow = ", ".join(sorted(methods))
        self._drain_limit = state.settings.max_part_size + FRAMING

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inbox = Inbox(receive)
        request = Request(scope, inbox)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        response.headers.update(remembered_headers(scope))
        await finish(response, scope, inbox, send, self._drain_limit)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._methods.get(request.method)
        if endpoint is None:
            return error_response(405, f"{request.method[:20]} is not allowed here.", {"Allow": self._allow})
        try:
            return await endpoint(request)
        except ApiError as error:
            return error_response(error.status, error.message, error.headers)
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.scope["path"])
            return error_response(500, "Internal error.")


class RequestId:
    """Gives every response a name of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", str(uuid.uuid4()).encode())]
            await send(message)

        await self._app(scope, receive, named)


def _routes(state: State) -> list[Route]:
    """One route per path; paths without a parameter come first, so that they win over those with one."""
    _check_handlers(state.contract)
    table: dict[str, dict[str, Endpoint]] = {}
    for operation in state.contract.operations.values():
        table.setdefault(operation.path, {})[operation.method] = partial(_perform, state, operation)
    for path, asset in _ASSETS.items():
        endpoint: Endpoint = shared(partial(_with_state, asset, state))
        table.setdefault(path, {}).update({"GET": endpoint, "HEAD": endpoint, "OPTIONS": preflight})
    prefixed = {state.contract.prefix + path: methods for path, methods in table.items()}
    if state.settings.control:
        prefixed |= control_endpoints(Control(state))
    for path, page in _PAGES.items():
        shown: Endpoint = partial(_with_state, page, state)
        prefixed[path] = {"GET": shown, "HEAD": shown}
    paths = sorted(prefixed, key=lambda path: path.count("{"))
    return [Route(path, Resource(state, prefixed[path])) for path in paths]


def _check_handlers(contract: Contract) -> None:
    described, handled = set(contract.operations), set(HANDLERS)
    if described != handled:
        odd = ", ".join(sorted(described ^ handled))
        raise ContractError(f"operations that only the contract or only the server knows: {odd}")


async def _perform(state: State, operation: Operation, request: Request) -> Response:
    account = state.accounts.authenticate(request.headers)
    note_account(request.scope, account.name)
    state.check_rate(account, request.scope)
    return await HANDLERS[operation.id](Call(request, state, operation, account))


async def _with_state(asset: Asset, state: State, request: Request) -> Response:
    return await asset(request, state)


async def _no_such_path(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return error_response(status, "There is nothing at this path.")
