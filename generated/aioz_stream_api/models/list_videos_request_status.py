# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

ListVideosRequestStatus = Literal["", "deleted", "done", "fail", "new", "transcoding"]

LIST_VIDEOS_REQUEST_STATUS_VALUES: set[ListVideosRequestStatus] = {
    "",
    "deleted",
    "done",
    "fail",
    "new",
    "transcoding",
}


def check_list_videos_request_status(value: str) -> ListVideosRequestStatus:
    if value in LIST_VIDEOS_REQUEST_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_VIDEOS_REQUEST_STATUS_VALUES!r}")
