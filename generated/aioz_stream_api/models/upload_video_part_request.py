# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from .. import types
from ..types import File

T = TypeVar("T", bound="UploadVideoPartRequest")


@_attrs_define
class UploadVideoPartRequest:
    """One part of the source and what is needed to check it. The order of the fields carries no meaning."""

    index: str
    """ The part's number, counted from 1, in decimal. Gaps are allowed; the range decides where the bytes belong.
    """
    hash_: str
    """ MD5 of the part's bytes, in hexadecimal. """
    file: File
    """ The part's bytes, with a file name. """

    def to_dict(self) -> dict[str, Any]:
        index = self.index

        hash_ = self.hash_

        file = self.file.to_tuple()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "index": index,
                "hash": hash_,
                "file": file,
            }
        )

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("index", (None, str(self.index).encode(), "text/plain")))

        files.append(("hash", (None, str(self.hash_).encode(), "text/plain")))

        files.append(("file", self.file.to_tuple()))

        return files

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        index = d.pop("index")

        hash_ = d.pop("hash")

        file = File(payload=BytesIO(d.pop("file")))

        upload_video_part_request = cls(
            index=index,
            hash_=hash_,
            file=file,
        )

        return upload_video_part_request
