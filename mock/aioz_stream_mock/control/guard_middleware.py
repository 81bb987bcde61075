"""Keeps web pages of others away from the control, which asks for no credentials.

Without it, any page that is open in a browser could send requests to a server on the same machine: across origins, or
as one origin, once its own name leads to this address (DNS rebinding).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from aioz_stream_mock.api.addresses import canonical_name, host_name, is_loopback, origin_host
from aioz_stream_mock.api.bodies import BodyReceiver, send_after_body
from aioz_stream_mock.control.raw_connection import bound_host
from aioz_stream_mock.control.route_lookup import is_control
from aioz_stream_mock.errors import error_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from aioz_stream_mock.state.settings import Settings

_REFUSED = "The control is for this server's own names, and {what}."
_WAY_OUT = " If it is one, start the server with --allow-host {name}, or with allow_hosts in its settings."


class GuardMiddleware:
    """Refuses every request to the control that names, or comes from a page of, a host that is not the server's own.

    Own are the names of the loopback interface, the address that is listened on, and those in the settings.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._drain_limit = app, settings.max_json_size
        self._allowed = {canonical_name(name) for name in settings.allow_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = ""
        if scope["type"] == "http" and is_control(scope):
            own = self._allowed | _listening_names(scope)
            refusal = refuse_foreign(Headers(scope=scope), lambda name: name in own or is_loopback(name))
        if not refusal:
            await self._app(scope, receive, send)
            return
        await send_after_body(error_response(403, refusal), scope, BodyReceiver(receive), send, self._drain_limit)


def refuse_foreign(headers: Headers, is_own: Callable[[str], bool]) -> str:
    """Why a request is refused; nothing for one of the server's own.

    A request without any of these headers comes from no browser of today.
    """
    # Each may be there twice; nothing is own that any of them says is not.
    for what, values, read in (
        ("Host", headers.getlist("host"), host_name),
        ("Origin", headers.getlist("origin"), origin_host),
    ):
        for value in values:
            name = read(value)
            if name is None:
                return _REFUSED.format(what=f"the {what} of this request is none")
            if not is_own(name):
                return _REFUSED.format(what=f"the {what} of this request is {name}") + _WAY_OUT.format(name=name)
    # What a browser loads for a page without saying which: a picture, a link.
    if "origin" not in headers and "cross-site" in headers.getlist("sec-fetch-site"):
        return _REFUSED.format(what="this request comes from a page of another site")
    return ""


def _listening_names(scope: Scope) -> set[str]:
    """The address that the connection came to, and the one that was asked for, which may be a name or stand for all."""
    server = scope.get("server")
    return {canonical_name(name) for name in (server and server[0], bound_host(scope)) if name}
