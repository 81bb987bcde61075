"""AIOZ Stream for Python: upload, transcode, list, price, update and delete videos.

from aioz_stream import AiozStream

with AiozStream() as stream:  # credentials from the environment
    video = stream.upload("talk.mp4", title="Talk")
    video = stream.videos.wait(video.id)
"""

from aioz_stream import encoding, errors
from aioz_stream.client import AiozStream, AsyncAiozStream
from aioz_stream.encoding import LadderWarning
from aioz_stream.encoding.price import Cost
from aioz_stream.errors import (
    AiozStreamError,
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    ArgumentError,
    ArgumentTypeError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    CreationUnknownError,
    CredentialsError,
    EmptySourceError,
    EncodingError,
    JournalError,
    NotFoundError,
    Part,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
    TooLargeError,
    UnexpectedResponseError,
    UnsupportedMediaTypeError,
    UploadCancelledError,
    UploadInProgressError,
    UploadTimeoutError,
    VideoCompleteError,
    WaitTimeoutError,
    WorkerError,
)
from aioz_stream.http.responses import capture_responses, request_id
from aioz_stream.http.retry import RetryPolicy
from aioz_stream.http.user_agent import __version__
from aioz_stream.operations.calls import Metadata, Page, Qualities
from aioz_stream.upload.cancellation import Cancellation
from aioz_stream.upload.journal.journal import JournalWarning
from aioz_stream.upload.journal.unfinished import UnfinishedUpload
from aioz_stream.upload.many import UploadItem, UploadResult
from aioz_stream.upload.options import Sending
from aioz_stream.upload.plan import PART_LIMITS, PartLimits, plan
from aioz_stream.upload.progress import Progress
from aioz_stream_api.models import (
    AudioConfig,
    MetadataPair,
    Quality,
    Video,
    VideoAssets,
    VideoConfig,
    VideoMetadataPair,
    VideoQuality,
)
from aioz_stream_api.types import UNSET, Unset

__all__ = [
    "PART_LIMITS",
    "UNSET",
    "APIConnectionError",
    "APIError",
    "APIResponseError",
    "APIStatusError",
    "APITimeoutError",
    "AiozStream",
    "AiozStreamError",
    "ArgumentError",
    "ArgumentTypeError",
    "AsyncAiozStream",
    "AudioConfig",
    "AuthenticationError",
    "BadRequestError",
    "Cancellation",
    "ConfigurationError",
    "ConflictError",
    "Cost",
    "CreationUnknownError",
    "CredentialsError",
    "EmptySourceError",
    "EncodingError",
    "JournalError",
    "JournalWarning",
    "LadderWarning",
    "Metadata",
    "MetadataPair",
    "NotFoundError",
    "Page",
    "Part",
    "PartLimits",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "Progress",
    "Qualities",
    "Quality",
    "RateLimitError",
    "RequestTimeoutError",
    "RetryPolicy",
    "Sending",
    "ServerError",
    "SourceChangedError",
    "SourceError",
    "SourceNotFoundError",
    "TooLargeError",
    "UnexpectedResponseError",
    "UnfinishedUpload",
    "Unset",
    "UnsupportedMediaTypeError",
    "UploadCancelledError",
    "UploadInProgressError",
    "UploadItem",
    "UploadResult",
    "UploadTimeoutError",
    "Video",
    "VideoAssets",
    "VideoCompleteError",
    "VideoConfig",
    "VideoMetadataPair",
    "VideoQuality",
    "WaitTimeoutError",
    "WorkerError",
    "__version__",
    "capture_responses",
    "encoding",
    "errors",
    "plan",
    "request_id",
]
