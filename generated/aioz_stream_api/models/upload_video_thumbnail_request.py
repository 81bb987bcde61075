# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define

from .. import serialization as _serialization
from ..types import File, RequestFiles


@_attrs_define(repr=False)
class UploadVideoThumbnailRequest:
    """A picture for the video."""

    file: File
    """ A PNG or JPEG picture. Its file name ends in `.png` or `.jpg`, as its content is, or has no ending. """

    def __repr__(self) -> str:
        return _serialization.show(self)

    def to_dict(self) -> dict[str, Any]:
        return _serialization.write(self)

    def to_multipart(self) -> RequestFiles:
        return _serialization.multipart(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        model: Self = _serialization.read(cls, src_dict)
        return model
