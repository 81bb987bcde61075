"""An application of the mock server that is made when the first request comes.

Tests hold one from the moment they are collected. Whatever is done to the server until they run, a fault for instance,
it has then.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from aioz_stream_mock import create_app

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send


class LateApplication:
    """What schemathesis takes for an ASGI application."""

    @cached_property
    def _application(self) -> Starlette:
        return create_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)

    def close(self) -> None:
        """Let go of what is stored; the next request begins anew."""
        if "_application" in self.__dict__:
            self._application.state.mock.close()
            del self._application
