# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

SuccessType0 = Literal["success"]

SUCCESS_TYPE_0_VALUES: set[SuccessType0] = {
    "success",
}


def check_success_type_0(value: str) -> SuccessType0:
    if value in SUCCESS_TYPE_0_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SUCCESS_TYPE_0_VALUES!r}")
