# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

ListVideosRequestOrderBy = Literal["asc", "desc"]

LIST_VIDEOS_REQUEST_ORDER_BY_VALUES: set[ListVideosRequestOrderBy] = {
    "asc",
    "desc",
}


def check_list_videos_request_order_by(value: str) -> ListVideosRequestOrderBy:
    if value in LIST_VIDEOS_REQUEST_ORDER_BY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_VIDEOS_REQUEST_ORDER_BY_VALUES!r}")
