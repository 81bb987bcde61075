# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

ListVideosRequestSortBy = Literal["created_at", "size", "title", "updated_at"]

LIST_VIDEOS_REQUEST_SORT_BY_VALUES: set[ListVideosRequestSortBy] = {
    "created_at",
    "size",
    "title",
    "updated_at",
}


def check_list_videos_request_sort_by(value: str) -> ListVideosRequestSortBy:
    if value in LIST_VIDEOS_REQUEST_SORT_BY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_VIDEOS_REQUEST_SORT_BY_VALUES!r}")
