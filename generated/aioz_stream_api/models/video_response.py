# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.success_type_0 import SuccessType0, check_success_type_0

if TYPE_CHECKING:
    from ..models.video import Video


T = TypeVar("T", bound="VideoResponse")


@_attrs_define
class VideoResponse:
    """The envelope around one video."""

    status: str | SuccessType0
    """ The word that says that all went well. """
    data: Video
    """ A video, and what the service knows of it. """
    additional_properties: dict[str, object] = _attrs_field(
        init=False, factory=dict[str, object]
    )

    def to_dict(self) -> dict[str, Any]:
        status: str
        status = self.status

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.video import Video

        d = dict(src_dict)

        def _parse_status(data: object) -> str | SuccessType0:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_success_type_0 = check_success_type_0(data)

                return componentsschemas_success_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | SuccessType0, data)

        status = _parse_status(d.pop("status"))

        data = Video.from_dict(d.pop("data"))

        video_response = cls(
            status=status,
            data=data,
        )

        video_response.additional_properties = d
        return video_response

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> object:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: object) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
