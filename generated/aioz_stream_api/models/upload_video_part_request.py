# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import serialization as _serialization
from ..types import File, RequestFiles


@_attrs_define(repr=False)
class UploadVideoPartRequest:
    """One part of the source and what is needed to check it. The order of the fields carries no meaning."""

    index: str
    """ The part's number in decimal. Gaps are allowed, and so is 0 for the first; the range decides where the bytes
    belong. """
    hash_: str = _attrs_field(metadata={"key": "hash"})
    """ MD5 of the part's bytes, in hexadecimal. """
    file: File
    """ The part's bytes, with a file name. """

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
