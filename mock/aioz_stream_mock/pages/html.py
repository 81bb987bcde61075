"""The frame of all pages, and the static files that they load. No page holds a script or loads from other servers.

Addresses are relative, so that they hold behind any proxy and under any public URL.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from collections.abc import Sequence

STATIC_PATH = "/static"

_FOLDER = Path(__file__).parent.parent / "static"
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="{root}static/icon.svg">
{styles}
{scripts}
</head>
<body>
{body}
</body>
</html>
"""
# Pages load from this server alone, whatever a title holds. Players feed the browser from memory (`blob:`),
# and the documentation's library styles by attributes and keeps its icons in `data:`.
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-src 'self'; media-src 'self' blob:; "
    "worker-src 'self' blob:; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(
    title: str, body: str, *, root: str, styles: Sequence[str] = (), scripts: Sequence[str] = (), status: int = 200
) -> Response:
    """A page; `root` leads from it to the server's root, `styles` and `scripts` name static files."""
    text = _PAGE.format(
        title=escape(title),
        root=root,
        styles="\n".join(f'<link rel="stylesheet" href="{root}static/{name}">' for name in styles),
        scripts="\n".join(f'<script defer src="{root}static/{name}"></script>' for name in scripts),
        body=body,
    )
    return Response(text, status, _HEADERS, media_type="text/html")


def static_files() -> Mount:
    """Where styles, scripts and the libraries beside them are served."""
    return Mount(STATIC_PATH, StaticFiles(directory=_FOLDER))
