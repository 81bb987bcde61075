# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""Contains endpoint functions for accessing the API"""

from typing import TYPE_CHECKING

from ...lazy import lazy_names

if TYPE_CHECKING:
    from . import (
        complete_video_upload,
        create_video,
        delete_video,
        get_transcode_cost,
        get_video,
        list_videos,
        update_video,
        upload_video_part,
        upload_video_thumbnail,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".complete_video_upload": (),
            ".create_video": (),
            ".delete_video": (),
            ".get_transcode_cost": (),
            ".get_video": (),
            ".list_videos": (),
            ".update_video": (),
            ".upload_video_part": (),
            ".upload_video_thumbnail": (),
        },
    )

__all__ = [
    "complete_video_upload",
    "create_video",
    "delete_video",
    "get_transcode_cost",
    "get_video",
    "list_videos",
    "update_video",
    "upload_video_part",
    "upload_video_thumbnail",
]
