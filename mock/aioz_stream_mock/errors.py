"""Errors of requests and of the control, and the envelope that every error is answered in."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_FINDING = 240
MAX_MESSAGE = 1000
_SCARCE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class ApiError(Exception):
    """A request that is refused: the status and a sentence that tells the caller what to change."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message: str = shorten(message, MAX_MESSAGE)
        self.headers: dict[str, str] = dict(headers or {})


class ControlError(ValueError):
    """Something that the control of a server can't do; the message says why."""

    status = 400


class NoSnapshotError(ControlError):
    """There is no snapshot of that name."""

    status = 404


class NoVideoError(ControlError):
    """There is no video of that id."""

    status = 404


def bad_request(message: str) -> ApiError:
    return ApiError(400, message)


def unauthorized(message: str) -> ApiError:
    return ApiError(401, message, {"WWW-Authenticate": "Bearer"})


def not_found() -> ApiError:
    """The same sentence for every id that can't be read, so that an answer never tells which ids exist."""
    return ApiError(404, "Video not found.")


def too_large(what: str, limit: int) -> ApiError:
    return ApiError(413, f"{what} is larger than the {limit} bytes that are taken here.")


def unsupported(message: str) -> ApiError:
    return ApiError(415, message)


def error_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    body = {"status": "error", "message": message}
    return JSONResponse(body, status_code=status, headers=dict(headers or {}))


def is_scarcity(error: BaseException | None) -> bool:
    """Whether the machine has run out of descriptors or memory, which is over when others give theirs back."""
    return isinstance(error, OSError) and error.errno in _SCARCE


def shorten(text: str, limit: int) -> str:
    """Cut a text that may hold a value of the request, which can be long."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def join_findings(findings: Iterable[str]) -> str:
    return "; ".join(shorten(finding, MAX_FINDING) for finding in findings)
