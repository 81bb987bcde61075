"""The documentation of the contract that is served, to read and to try out against this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from aioz_stream_mock.pages.html import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from aioz_stream_mock.media.backend import Backend

REFERENCE_PATH = "/docs"
DOCUMENT_PATH = "/docs/openapi.json"

_LIBRARY = "swagger-ui/swagger-ui"


async def get_reference(_: Request, backend: Backend) -> Response:
    """The page; the library in it reads the document beside it."""
    title = str(backend.contract.document["info"]["title"])
    body = '<p><a href="./">Videos</a></p><div id="reference" data-document=".' + DOCUMENT_PATH + '"></div>'
    styles = [f"{_LIBRARY}.css", "reference.css"]
    return page(title, body, root="./", styles=styles, scripts=[f"{_LIBRARY}-bundle.js", "reference.js"])


async def get_document(_: Request, backend: Backend) -> Response:
    """The contract as it is served here: requests that are tried out go to this server and not to the service."""
    here = {"url": backend.contract.prefix or "/", "description": "This mock server"}
    return JSONResponse({**backend.contract.document, "servers": [here]}, headers={"Cache-Control": "no-store"})
