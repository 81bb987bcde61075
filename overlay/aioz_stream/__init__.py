"""AIOZ Stream for Python: upload, transcode, list, price, update and delete videos.

from aioz_stream import AiozStream

with AiozStream() as stream:  # credentials from the environment
    video = stream.upload("talk.mp4", title="Talk")
    video = stream.videos.wait(video.id)
"""

from typing import TYPE_CHECKING

from aioz_stream import errors
from aioz_stream.errors import *  # noqa: F403 - all errors, which its `__all__` lists
from aioz_stream_api.lazy import lazy_names

if TYPE_CHECKING:
    from aioz_stream import encoding
    from aioz_stream.clients.async_client import AsyncAiozStream
    from aioz_stream.clients.async_videos import AsyncVideos
    from aioz_stream.clients.client import AiozStream
    from aioz_stream.clients.videos import Videos
    from aioz_stream.download.assets import Asset
    from aioz_stream.encoding.checker import LadderWarning
    from aioz_stream.encoding.price import Cost, LadderCost
    from aioz_stream.http.network import Proxy, Verify
    from aioz_stream.http.options import Retries, Timeout
    from aioz_stream.http.responses import capture_responses, request_id
    from aioz_stream.http.retry import RetryPolicy
    from aioz_stream.http.user_agent import __version__
    from aioz_stream.operations.calls import CLEAR
    from aioz_stream.operations.operation import Extra, Operation
    from aioz_stream.operations.values import Metadata, OrderBy, Page, Qualities, SortBy, Status
    from aioz_stream.upload.cancellation import Cancellation
    from aioz_stream.upload.journal import JournalWarning
    from aioz_stream.upload.many import UploadItem, UploadResult
    from aioz_stream.upload.options import Sending
    from aioz_stream.upload.plan import PART_LIMITS, PartLimits, plan
    from aioz_stream.upload.progress import OnProgress, Progress
    from aioz_stream.upload.slots import Concurrency
    from aioz_stream.upload.sources.awaited import AsyncReader
    from aioz_stream.upload.sources.remote import OpenFile
    from aioz_stream.upload.sources.source import AsyncSource, Source
    from aioz_stream.upload.uploads import AsyncUploads, UnfinishedUpload, Uploads
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
else:
    # What a program does not use takes no time to load.
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".encoding": (),
            ".clients.async_client": ("AsyncAiozStream",),
            ".clients.async_videos": ("AsyncVideos",),
            ".clients.client": ("AiozStream",),
            ".download.assets": ("Asset",),
            ".encoding.checker": ("LadderWarning",),
            ".encoding.price": ("Cost", "LadderCost"),
            ".http.network": ("Proxy", "Verify"),
            ".http.options": ("Retries", "Timeout"),
            ".http.responses": ("capture_responses", "request_id"),
            ".http.retry": ("RetryPolicy",),
            ".http.user_agent": ("__version__",),
            ".operations.calls": ("CLEAR",),
            ".operations.operation": ("Extra", "Operation"),
            ".operations.values": ("Metadata", "OrderBy", "Page", "Qualities", "SortBy", "Status"),
            ".upload.cancellation": ("Cancellation",),
            ".upload.journal": ("JournalWarning",),
            ".upload.many": ("UploadItem", "UploadResult"),
            ".upload.options": ("Sending",),
            ".upload.plan": ("PART_LIMITS", "PartLimits", "plan"),
            ".upload.progress": ("OnProgress", "Progress"),
            ".upload.slots": ("Concurrency",),
            ".upload.sources.awaited": ("AsyncReader",),
            ".upload.sources.remote": ("OpenFile",),
            ".upload.sources.source": ("AsyncSource", "Source"),
            ".upload.uploads": ("AsyncUploads", "UnfinishedUpload", "Uploads"),
            ".clients.videos": ("Videos",),
            "aioz_stream_api.models": (
                "AudioConfig",
                "MetadataPair",
                "Quality",
                "Video",
                "VideoAssets",
                "VideoConfig",
                "VideoMetadataPair",
                "VideoQuality",
            ),
            "aioz_stream_api.types": ("UNSET", "Unset"),
        },
    )

__all__ = [
    "CLEAR",
    "PART_LIMITS",
    "UNSET",
    "AiozStream",
    "Asset",
    "AsyncAiozStream",
    "AsyncReader",
    "AsyncSource",
    "AsyncUploads",
    "AsyncVideos",
    "AudioConfig",
    "Cancellation",
    "Concurrency",
    "Cost",
    "Extra",
    "JournalWarning",
    "LadderCost",
    "LadderWarning",
    "Metadata",
    "MetadataPair",
    "OnProgress",
    "OpenFile",
    "Operation",
    "OrderBy",
    "Page",
    "PartLimits",
    "Progress",
    "Proxy",
    "Qualities",
    "Quality",
    "Retries",
    "RetryPolicy",
    "Sending",
    "SortBy",
    "Source",
    "Status",
    "Timeout",
    "UnfinishedUpload",
    "Unset",
    "UploadItem",
    "UploadResult",
    "Uploads",
    "Verify",
    "Video",
    "VideoAssets",
    "VideoConfig",
    "VideoMetadataPair",
    "VideoQuality",
    "Videos",
    "__version__",
    "capture_responses",
    "encoding",
    "errors",
    "plan",
    "request_id",
]
__all__ += errors.__all__
