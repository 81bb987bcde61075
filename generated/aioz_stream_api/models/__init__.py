# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""Contains all the data models used in inputs/outputs"""

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .audio_config import AudioConfig
    from .audio_config_channels import AudioConfigChannels
    from .audio_config_codec import AudioConfigCodec
    from .audio_config_sample_rate import AudioConfigSampleRate
    from .create_video_request import CreateVideoRequest
    from .error import Error
    from .list_videos_request import ListVideosRequest
    from .list_videos_request_order_by import ListVideosRequestOrderBy
    from .list_videos_request_sort_by import ListVideosRequestSortBy
    from .list_videos_request_status import ListVideosRequestStatus
    from .message_response import MessageResponse
    from .metadata_filter import MetadataFilter
    from .metadata_pair import MetadataPair
    from .quality import Quality
    from .quality_container_type import QualityContainerType
    from .quality_type import QualityType
    from .resolution import Resolution
    from .success_type_0 import SuccessType0
    from .transcode_cost import TranscodeCost
    from .transcode_cost_response import TranscodeCostResponse
    from .update_video_request import UpdateVideoRequest
    from .upload_video_part_request import UploadVideoPartRequest
    from .upload_video_thumbnail_request import UploadVideoThumbnailRequest
    from .video import Video
    from .video_assets import VideoAssets
    from .video_config import VideoConfig
    from .video_config_codec import VideoConfigCodec
    from .video_list import VideoList
    from .video_list_response import VideoListResponse
    from .video_metadata_pair import VideoMetadataPair
    from .video_quality import VideoQuality
    from .video_quality_type_type_0 import VideoQualityTypeType0
    from .video_response import VideoResponse
    from .video_status_type_0 import VideoStatusType0
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".audio_config": ("AudioConfig",),
            ".audio_config_channels": ("AudioConfigChannels",),
            ".audio_config_codec": ("AudioConfigCodec",),
            ".audio_config_sample_rate": ("AudioConfigSampleRate",),
            ".create_video_request": ("CreateVideoRequest",),
            ".error": ("Error",),
            ".list_videos_request": ("ListVideosRequest",),
            ".list_videos_request_order_by": ("ListVideosRequestOrderBy",),
            ".list_videos_request_sort_by": ("ListVideosRequestSortBy",),
            ".list_videos_request_status": ("ListVideosRequestStatus",),
            ".message_response": ("MessageResponse",),
            ".metadata_filter": ("MetadataFilter",),
            ".metadata_pair": ("MetadataPair",),
            ".quality": ("Quality",),
            ".quality_container_type": ("QualityContainerType",),
            ".quality_type": ("QualityType",),
            ".resolution": ("Resolution",),
            ".success_type_0": ("SuccessType0",),
            ".transcode_cost": ("TranscodeCost",),
            ".transcode_cost_response": ("TranscodeCostResponse",),
            ".update_video_request": ("UpdateVideoRequest",),
            ".upload_video_part_request": ("UploadVideoPartRequest",),
            ".upload_video_thumbnail_request": ("UploadVideoThumbnailRequest",),
            ".video": ("Video",),
            ".video_assets": ("VideoAssets",),
            ".video_config": ("VideoConfig",),
            ".video_config_codec": ("VideoConfigCodec",),
            ".video_list": ("VideoList",),
            ".video_list_response": ("VideoListResponse",),
            ".video_metadata_pair": ("VideoMetadataPair",),
            ".video_quality": ("VideoQuality",),
            ".video_quality_type_type_0": ("VideoQualityTypeType0",),
            ".video_response": ("VideoResponse",),
            ".video_status_type_0": ("VideoStatusType0",),
        },
    )

__all__ = [
    "AudioConfig",
    "AudioConfigChannels",
    "AudioConfigCodec",
    "AudioConfigSampleRate",
    "CreateVideoRequest",
    "Error",
    "ListVideosRequest",
    "ListVideosRequestOrderBy",
    "ListVideosRequestSortBy",
    "ListVideosRequestStatus",
    "MessageResponse",
    "MetadataFilter",
    "MetadataPair",
    "Quality",
    "QualityContainerType",
    "QualityType",
    "Resolution",
    "SuccessType0",
    "TranscodeCost",
    "TranscodeCostResponse",
    "UpdateVideoRequest",
    "UploadVideoPartRequest",
    "UploadVideoThumbnailRequest",
    "Video",
    "VideoAssets",
    "VideoConfig",
    "VideoConfigCodec",
    "VideoList",
    "VideoListResponse",
    "VideoMetadataPair",
    "VideoQuality",
    "VideoQualityTypeType0",
    "VideoResponse",
    "VideoStatusType0",
]
