"""Uploading: the plan divides a file, sources read it, the engine sends it, and the journal lets it resume."""

from typing import TYPE_CHECKING

from aioz_stream_api.lazy import lazy_names

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from aioz_stream.upload.background import run_cancellable, start_thread
    from aioz_stream.upload.cancellation import Cancellation
    from aioz_stream.upload.many import ManyUploads, UploadItem, UploadResult
    from aioz_stream.upload.plan import PartLimits
    from aioz_stream.upload.progress import OnProgress
    from aioz_stream.upload.slots import Concurrency
    from aioz_stream.upload.sources.source import AsyncSource, Source
    from aioz_stream.upload.upload import Upload, run_upload, send_part
    from aioz_stream.upload.uploads import AsyncUploads, Uploads
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "concurrent.futures": ("Executor",),
            ".background": ("run_cancellable", "start_thread"),
            ".cancellation": ("Cancellation",),
            ".many": ("ManyUploads", "UploadItem", "UploadResult"),
            ".plan": ("PartLimits",),
            ".progress": ("OnProgress",),
            ".slots": ("Concurrency",),
            ".sources.source": ("AsyncSource", "Source"),
            ".upload": ("Upload", "run_upload", "send_part"),
            ".uploads": ("AsyncUploads", "Uploads"),
        },
    )

__all__ = [
    "AsyncSource",
    "AsyncUploads",
    "Cancellation",
    "Concurrency",
    "Executor",
    "ManyUploads",
    "OnProgress",
    "PartLimits",
    "Source",
    "Upload",
    "UploadItem",
    "UploadResult",
    "Uploads",
    "run_cancellable",
    "run_upload",
    "send_part",
    "start_thread",
]
