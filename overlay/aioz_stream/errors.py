"""The errors of this package, and the values that they carry.

    AiozStreamError
    ├── ConfigurationError (ValueError)           the client can't be made with these arguments
    │   └── CredentialsError                      credentials are missing, incomplete, contradictory or unreadable
    ├── ArgumentError (ValueError)                an argument is out of range; nothing was sent
    │   ├── ArgumentTypeError (TypeError)         an argument has the wrong type; nothing was sent
    │   └── EncodingError                         the service refuses these qualities; has findings
    ├── SourceError (OSError)                     the file to upload can't be used
    │   ├── SourceNotFoundError (FileNotFoundError)
    │   ├── EmptySourceError
    │   └── SourceChangedError                    it changed while it was uploaded; complete was not called
    ├── JournalError (OSError)                    the journal of an upload can't be kept, or is another one's
    │   └── UploadInProgressError                 another process or thread is doing the same upload
    ├── PriceError                                transcoding costs more than max_price; no part was sent
    │   └── BalanceError                          it costs more than the account's balance
    ├── VideoCompleteError                        the video takes no more parts
    ├── WorkerError (RuntimeError)                an executor could not send the parts
    ├── UploadCancelledError                      the upload was cancelled
    ├── UploadTimeoutError (TimeoutError)         the upload was not complete by its deadline
    ├── WaitTimeoutError (TimeoutError)           a video was neither done nor failed in time
    ├── AssetMissingError                         the video has no such file
    │   └── AssetNotReadyError                    it has none yet
    ├── DestinationError (OSError)                a download can't be written
    │   └── DestinationExistsError (FileExistsError)
    ├── DownloadCancelledError                    the download was cancelled
    ├── DownloadTimeoutError (TimeoutError)       the download was not over by its deadline
    └── APIError                                  a call of the API failed; has method and path
        ├── APIConnectionError (ConnectionError)  no answer
        │   ├── APITimeoutError (TimeoutError)
        │   └── CreationUnknownError              whether a video was made is not known
        └── APIResponseError                      an answer; has status, response and request_id
            ├── UnexpectedResponseError           a success with a wrong body, or a redirect
            └── APIStatusError                    failure
                ├── BadRequestError               400
                ├── AuthenticationError           401
                ├── PaymentRequiredError          402  the balance does not cover the transcoding
                ├── PermissionDeniedError         403
                ├── NotFoundError                 404
                ├── RequestTimeoutError           408
                ├── ConflictError                 409
                ├── TooLargeError                 413
                ├── UnsupportedMediaTypeError     415
                ├── RateLimitError                429  has retry_after
                └── ServerError                   500 and above, also codes that are not standard

When an upload fails and its video exists, the error has the video's id in `video_id`. Any other exception that ends
the upload, such as Ctrl-C, has it in a note. No error shows credentials: they are masked in the message, and
`response.request` has none.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import httpx
from attrs import frozen

from aioz_stream_api import models

# `aioz_stream` exports them, too.
__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseError",
    "APIStatusError",
    "APITimeoutError",
    "AiozStreamError",
    "ArgumentError",
    "ArgumentTypeError",
    "AssetMissingError",
    "AssetNotReadyError",
    "AuthenticationError",
    "BadRequestError",
    "BalanceError",
    "ConfigurationError",
    "ConflictError",
    "CreationUnknownError",
    "CredentialsError",
    "DestinationError",
    "DestinationExistsError",
    "DownloadCancelledError",
    "DownloadTimeoutError",
    "EmptySourceError",
    "EncodingError",
    "JournalError",
    "NotFoundError",
    "Part",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "PriceError",
    "RateLimitError",
    "RequestTimeoutError",
    "ServerError",
    "SourceChangedError",
    "SourceError",
    "SourceNotFoundError",
    "TooLargeError",
    "UnexpectedResponseError",
    "UnsupportedMediaTypeError",
    "UploadCancelledError",
    "UploadInProgressError",
    "UploadTimeoutError",
    "VideoCompleteError",
    "WaitTimeoutError",
    "WorkerError",
]

Severity = Literal["error", "warning"]


@frozen
class Finding:
    """One thing that is wrong, or doubtful, with a ladder; `EncodingError.findings` has them."""

    code: str
    """Stable; the page "Encoding ladders" lists them all."""
    severity: Severity
    pointer: str
    """Where, as a JSON Pointer into the body of create: `/qualities/1/audio_config/sample_rate`."""
    message: str
    """A sentence that says what is wrong."""
    suggestion: str | int | None = None
    """What to write there instead, where one can say."""

    def __str__(self) -> str:
        instead = "" if self.suggestion is None else f" Write {self.suggestion!r} instead."
        return f"{self.pointer}: {self.message}{instead} [{self.code}]"


@frozen
class Part:
    """A run of a file's bytes, from `start` to `end` inclusive; `APIError.part` has the one that failed.

    `aioz_stream.plan()` makes the parts of a file (reference, "Upload video part").
    """

    index: int
    """Counted from 1."""
    start: int
    end: int
    file_size: int
    """Bytes of the whole file."""

    @property
    def size(self) -> int:
        """Bytes of the part."""
        return self.end - self.start + 1

    @property
    def content_range(self) -> str:
        """The value of the header `Content-Range` that goes with the part."""
        return f"bytes {self.start}-{self.end}/{self.file_size}"


class AiozStreamError(Exception):
    """What all errors of this package have in common."""

    video_id: str | None = None
    """The video that an upload had made, or was given, when it ended with this error."""


class ConfigurationError(AiozStreamError, ValueError):
    """The client can't be made with these arguments."""


class CredentialsError(ConfigurationError):
    """Credentials are missing, incomplete or contradictory, or a profile that has them can't be used."""


class ArgumentError(AiozStreamError, ValueError):
    """An argument is out of range. Nothing was sent."""

    def __init__(self, message: str, *, argument: str = "") -> None:
        super().__init__(message)
        self.argument = argument
        """The argument's name, with an index where it is a list: `tags[3]`."""


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument has the wrong type. Nothing was sent."""


class EncodingError(ArgumentError):
    """The service would refuse the qualities, or make no output of them. Nothing was sent."""

    def __init__(self, message: str, *, argument: str = "qualities", findings: Sequence[Finding] = ()) -> None:
        super().__init__(message, argument=argument)
        self.findings: list[Finding] = list(findings)
        """All findings, warnings included."""


class SourceError(AiozStreamError, OSError):
    """The file to upload can't be used."""


class SourceNotFoundError(SourceError, FileNotFoundError):
    """There is no such file."""


class EmptySourceError(SourceError):
    """The file has no bytes, so there is nothing to upload."""


class SourceChangedError(SourceError):
    """The file changed while it was uploaded. Complete was not called."""


class PriceError(AiozStreamError):
    """Transcoding costs more than `max_price`. No video was made; to that of an earlier run, no more was sent."""

    price: Decimal = Decimal()
    """What the transcoding costs. The service documents no currency."""


class BalanceError(PriceError):
    """Transcoding costs more than the account's balance covers. The rest is as in PriceError."""


class VideoCompleteError(AiozStreamError):
    """The upload of the video is complete: it takes no more parts. Nothing was sent."""


class WorkerError(AiozStreamError, RuntimeError):
    """An executor could not send the parts of a file; `__cause__` is its error. The same call resumes the upload."""

    executor_is_broken: bool = False
    """Whether the executor takes no jobs any more. Later files of the call then get this error, and no video."""


class UploadCancelledError(AiozStreamError):
    """The upload was cancelled. Complete was not called, unless its answer was still awaited."""


class UploadTimeoutError(AiozStreamError, TimeoutError):
    """The upload was not complete by its deadline; the same call resumes it.

    Complete was not called, unless its answer was still awaited.
    """


class JournalError(AiozStreamError, OSError):
    """The journal of an upload can't be written, or is of another upload. Nothing was sent."""


class UploadInProgressError(JournalError):
    """Another process, or another thread, is doing the same upload. Nothing was sent."""


class WaitTimeoutError(AiozStreamError, TimeoutError):
    """A video was neither done nor failed in time."""

    def __init__(self, message: str, *, video: models.Video | None = None) -> None:
        super().__init__(message)
        self.video = video
        """The video as it was last seen."""


class AssetMissingError(AiozStreamError):
    """The video has no such file, and none is being made."""

    def __init__(self, message: str, *, video: models.Video | None = None) -> None:
        super().__init__(message)
        self.video = video
        """The video as it was seen."""


class AssetNotReadyError(AssetMissingError):
    """The video has no such file yet: its upload is not complete, or it is being transcoded."""


class DestinationError(AiozStreamError, OSError):
    """The file that a download is for can't be written. Under its name is what was there before."""


class DestinationExistsError(DestinationError, FileExistsError):
    """There is such a file already, which is not to be replaced."""


class DownloadCancelledError(AiozStreamError):
    """The download was cancelled. Under the file's name is what was there before."""


class DownloadTimeoutError(AiozStreamError, TimeoutError):
    """The download was not over by its deadline. Under the file's name is what was there before."""


class APIError(AiozStreamError):
    """A call of the API failed."""

    def __init__(self, message: str, *, method: str = "", path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.method = method
        self.path = path
        self.attempt = 1
        """The number of the attempt that failed, counted from 1."""
        self.part: Part | None = None
        """The part of a file that was being sent, if one was."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}{self._place()}: {self.message}"

    def _place(self) -> str:
        which = f"part {self.part.index}" if self.part else ""
        tries = f"attempt {self.attempt}" if self.attempt > 1 else ""
        place = ", ".join(text for text in (which, tries) if text)
        return f" ({place})" if place else ""


class APIConnectionError(APIError, ConnectionError):
    """No answer came. `__cause__` is the httpx error."""

    sent: bool = True
    """Whether the request may have reached the service, and may have taken effect."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No answer came in time."""


class CreationUnknownError(APIConnectionError):
    """No answer came to a create, and no video with its marker was found. `__cause__` is the lost answer's error.

    The video may still appear. Look for it in the list of videos before you upload again: its metadata has `marker`
    under the name `aioz-stream-upload`. The same call with its journal looks again by itself.
    """

    marker: str = ""


class APIResponseError(APIError):
    """An answer came, but not that of a success."""

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "",
        status: int = 0,
        response: httpx.Response | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.status = status
        """The HTTP status, which need not be a standard one; 0 where an address is what is wrong."""
        self.response = response
        """The raw answer, without the credentials of its request."""
        self.request_id = request_id
        """The service's id of the exchange, where the answer has one."""

    def __str__(self) -> str:
        known_as = f" (request {self.request_id})" if self.request_id else ""
        status = f"{self.status}: " if self.status else ""
        return f"{self.method} {self.path}{self._place()}: {status}{self.message}{known_as}"


class UnexpectedResponseError(APIResponseError):
    """A success with a body that the contract does not describe, or that is about another video; or a redirect."""

    damaged: bool = False
    """Whether the answer was damaged on its way: its JSON or its content encoding is broken. The call may have taken
    effect then, and is repeated if it is repeatable. To an upload, each answer to create is that can't be used."""


class APIStatusError(APIResponseError):
    """The service, or a proxy in front of it, refused the call or failed."""


class BadRequestError(APIStatusError):
    """400: the request is not as the contract describes it, or bytes are missing."""


class AuthenticationError(APIStatusError):
    """401: the credentials are not valid."""


class PaymentRequiredError(APIStatusError):
    """402: the account's balance does not cover the transcoding."""


class PermissionDeniedError(APIStatusError):
    """403: not documented by the service, but seen."""


class NotFoundError(APIStatusError):
    """404: there is no such video in this account."""


class RequestTimeoutError(APIStatusError):
    """408: the service gave up waiting for the request."""


class ConflictError(APIStatusError):
    """409: not documented by the service."""


class TooLargeError(APIStatusError):
    """413: the body is larger than the service, or a proxy, takes."""


class UnsupportedMediaTypeError(APIStatusError):
    """415: the body has the wrong media type."""


class RateLimitError(APIStatusError):
    """429: too many requests."""

    retry_after: float | None = None
    """Seconds until the service takes requests again, where the answer has them."""


class ServerError(APIStatusError):
    """500 and above: the service, or a proxy in front of it, failed."""


BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RequestTimeoutError,
    409: ConflictError,
    413: TooLargeError,
    415: UnsupportedMediaTypeError,
    429: RateLimitError,
}


def status_error_class(status: int) -> type[APIStatusError]:
    return BY_STATUS.get(status, ServerError if status >= 500 else APIStatusError)


def warn(message: str, category: type[Warning]) -> None:
    """Issues a warning that names the line of this package's caller, however deep the call is that warns."""
    # warnings.warn(skip_file_prefixes=...) comes with Python 3.12.
    frame, level = inspect.currentframe(), 1
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in {"aioz_stream", "contextlib"}:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
