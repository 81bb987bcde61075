"""Signed links: a link opens one private video for a while, and nothing else."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIFETIME = 3600
"""Seconds: long enough to watch, short enough to limit a link that was passed on."""

_SECOND = 1_000_000
_KEY_SIZE = 32
_EXPIRY = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Signer:
    """Makes and checks signatures with a key."""

    def __init__(self, key: bytes, prefix: str) -> None:
        self._key, self._prefix = key, prefix

    def sign(self, video_id: str, now: int) -> str:
        """The query of a link to a video's media, valid from now on."""
        expires = str(now // _SECOND + LIFETIME)
        return f"?expires={expires}&signature={self._signature(video_id, expires)}"

    def is_valid(self, video_id: str, query: Mapping[str, str], now: int) -> bool:
        """Whether a query carries a valid signature for a video."""
        expires, signature = query.get("expires", ""), query.get("signature", "")
        if not _EXPIRY.fullmatch(expires) or int(expires) <= now // _SECOND:
            return False
        return hmac.compare_digest(signature.encode("utf-8", "replace"), self._signature(video_id, expires).encode())

    def _signature(self, video_id: str, expires: str) -> str:
        text = "\n".join((f"{self._prefix}/videos/", video_id, expires))
        return hmac.new(self._key, text.encode("utf-8", "replace"), "sha256").hexdigest()


def load_or_create_key(folder: Path) -> bytes:
    """The key of a data folder, made when it is first needed; only the server's user can read it."""
    path = folder / "signing.key"
    if not path.is_file() or path.stat().st_size != _KEY_SIZE:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_SIZE))
    return path.read_bytes()


def signature_query(query: Mapping[str, str]) -> str:
    """The signature of a request, to be passed on to the links in its answer; only what can be one."""
    expires, signature = query.get("expires", ""), query.get("signature", "")
    if _EXPIRY.fullmatch(expires) and _SIGNATURE.fullmatch(signature):
        return f"?expires={expires}&signature={signature}"
    return ""
