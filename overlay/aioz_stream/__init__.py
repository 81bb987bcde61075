"""AIOZ Stream for Python: upload, transcode, list, price, update and delete videos.

from aioz_stream import AiozStream

with AiozStream() as stream:  # credentials from the environment
    video = stream.upload("talk.mp4", title="Talk")
    video = stream.videos.wait(video.id)
"""

from aioz_stream import encoding, errors
from aioz_stream.client import AiozStream, AsyncAiozStream
from aioz_stream.download.assets import Asset
from aioz_stream.encoding import LadderWarning
from aioz_stream.encoding.price import Cost
from aioz_stream.errors import *  # noqa: F403 - all errors, which its `__all__` lists
from aioz_stream.http.responses import capture_responses, request_id
from aioz_stream.http.retry import RetryPolicy
from aioz_stream.http.user_agent import __version__
from aioz_stream.operations.calls import CLEAR, Metadata, Page, Qualities
from aioz_stream.operations.operation import Extra, Operation
from aioz_stream.upload.cancellation import Cancellation
from aioz_stream.upload.journal import JournalWarning
from aioz_stream.upload.many import UploadItem, UploadResult
from aioz_stream.upload.options import Sending
from aioz_stream.upload.plan import PART_LIMITS, PartLimits, plan
from aioz_stream.upload.progress import Progress
from aioz_stream.upload.uploads import UnfinishedUpload
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
    "CLEAR",
    "PART_LIMITS",
    "UNSET",
    "AiozStream",
    "Asset",
    "AsyncAiozStream",
    "AudioConfig",
    "Cancellation",
    "Cost",
    "Extra",
    "JournalWarning",
    "LadderWarning",
    "Metadata",
    "MetadataPair",
    "Operation",
    "Page",
    "PartLimits",
    "Progress",
    "Qualities",
    "Quality",
    "RetryPolicy",
    "Sending",
    "UnfinishedUpload",
    "Unset",
    "UploadItem",
    "UploadResult",
    "Video",
    "VideoAssets",
    "VideoConfig",
    "VideoMetadataPair",
    "VideoQuality",
    "__version__",
    "capture_responses",
    "encoding",
    "errors",
    "plan",
    "request_id",
]
__all__ += errors.__all__
