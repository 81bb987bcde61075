"""URLs of sources, and how they are shown."""

from __future__ import annotations

import re

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://")


def is_url(source: str) -> bool:
    return _URL.match(source) is not None


def redact_url(url: str) -> str:
    """A URL without what may be secret in it: user, password, and query, where signed links have their signature."""
    if not is_url(url):
        return url
    scheme, _, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def url_path(redacted: str) -> str:
    """What follows the scheme; its last segment is the file's name."""
    return redacted.partition("://")[2].rstrip("/")
