# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="VideoAssets")


@_attrs_define
class VideoAssets:
    """Addresses, all opaque; each may be null, empty or missing until there is something behind it."""

    source_url: None | str | Unset = UNSET
    """ The bytes that were uploaded. """
    thumbnail_url: None | str | Unset = UNSET
    """ The picture that stands for the video. """
    hls_url: None | str | Unset = UNSET
    """ The HLS master playlist. """
    hls_iframe: None | str | Unset = UNSET
    """ HTML that embeds the HLS player. """
    hls_player_url: None | str | Unset = UNSET
    """ The HLS player's page. """
    dash_url: None | str | Unset = UNSET
    """ The DASH manifest. """
    dash_iframe: None | str | Unset = UNSET
    """ HTML that embeds the DASH player. """
    dash_player_url: None | str | Unset = UNSET
    """ The DASH player's page. """
    mp4_url: None | str | Unset = UNSET
    """ The video as one MP4 file. """
    additional_properties: dict[str, object] = _attrs_field(
        init=False, factory=dict[str, object]
    )

    def to_dict(self) -> dict[str, Any]:
        source_url: None | str | Unset
        if isinstance(self.source_url, Unset):
            source_url = UNSET
        else:
            source_url = self.source_url

        thumbnail_url: None | str | Unset
        if isinstance(self.thumbnail_url, Unset):
            thumbnail_url = UNSET
        else:
            thumbnail_url = self.thumbnail_url

        hls_url: None | str | Unset
        if isinstance(self.hls_url, Unset):
            hls_url = UNSET
        else:
            hls_url = self.hls_url

        hls_iframe: None | str | Unset
        if isinstance(self.hls_iframe, Unset):
            hls_iframe = UNSET
        else:
            hls_iframe = self.hls_iframe

        hls_player_url: None | str | Unset
        if isinstance(self.hls_player_url, Unset):
            hls_player_url = UNSET
        else:
            hls_player_url = self.hls_player_url

        dash_url: None | str | Unset
        if isinstance(self.dash_url, Unset):
            dash_url = UNSET
        else:
            dash_url = self.dash_url

        dash_iframe: None | str | Unset
        if isinstance(self.dash_iframe, Unset):
            dash_iframe = UNSET
        else:
            dash_iframe = self.dash_iframe

        dash_player_url: None | str | Unset
        if isinstance(self.dash_player_url, Unset):
            dash_player_url = UNSET
        else:
            dash_player_url = self.dash_player_url

        mp4_url: None | str | Unset
        if isinstance(self.mp4_url, Unset):
            mp4_url = UNSET
        else:
            mp4_url = self.mp4_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if source_url is not UNSET:
            field_dict["source_url"] = source_url
        if thumbnail_url is not UNSET:
            field_dict["thumbnail_url"] = thumbnail_url
        if hls_url is not UNSET:
            field_dict["hls_url"] = hls_url
        if hls_iframe is not UNSET:
            field_dict["hls_iframe"] = hls_iframe
        if hls_player_url is not UNSET:
            field_dict["hls_player_url"] = hls_player_url
        if dash_url is not UNSET:
            field_dict["dash_url"] = dash_url
        if dash_iframe is not UNSET:
            field_dict["dash_iframe"] = dash_iframe
        if dash_player_url is not UNSET:
            field_dict["dash_player_url"] = dash_player_url
        if mp4_url is not UNSET:
            field_dict["mp4_url"] = mp4_url

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_source_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_url = _parse_source_url(d.pop("source_url", UNSET))

        def _parse_thumbnail_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        thumbnail_url = _parse_thumbnail_url(d.pop("thumbnail_url", UNSET))

        def _parse_hls_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        hls_url = _parse_hls_url(d.pop("hls_url", UNSET))

        def _parse_hls_iframe(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        hls_iframe = _parse_hls_iframe(d.pop("hls_iframe", UNSET))

        def _parse_hls_player_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        hls_player_url = _parse_hls_player_url(d.pop("hls_player_url", UNSET))

        def _parse_dash_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        dash_url = _parse_dash_url(d.pop("dash_url", UNSET))

        def _parse_dash_iframe(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        dash_iframe = _parse_dash_iframe(d.pop("dash_iframe", UNSET))

        def _parse_dash_player_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        dash_player_url = _parse_dash_player_url(d.pop("dash_player_url", UNSET))

        def _parse_mp4_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        mp4_url = _parse_mp4_url(d.pop("mp4_url", UNSET))

        video_assets = cls(
            source_url=source_url,
            thumbnail_url=thumbnail_url,
            hls_url=hls_url,
            hls_iframe=hls_iframe,
            hls_player_url=hls_player_url,
            dash_url=dash_url,
            dash_iframe=dash_iframe,
            dash_player_url=dash_player_url,
            mp4_url=mp4_url,
        )

        video_assets.additional_properties = d
        return video_assets

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
