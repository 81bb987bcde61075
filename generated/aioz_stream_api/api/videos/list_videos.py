# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Any

import httpx

from ... import errors
from ... import serialization as _serialization
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.list_videos_request import ListVideosRequest
from ...models.video_list_response import VideoListResponse
from ...types import Response


def get_kwargs(
    *,
    body: ListVideosRequest,
) -> dict[str, Any]:
    return _serialization.request(
        "post",
        "/videos",
        body=body,
        media_type="application/json",
    )


@errors.typed
def parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | VideoListResponse | None:
    if response.status_code == 200:
        response_200: VideoListResponse = _serialization.read(VideoListResponse, response.json())

        return response_200

    if response.status_code == 400:
        response_400: Error = _serialization.read(Error, response.json())

        return response_400

    if response.status_code == 401:
        response_401: Error = _serialization.read(Error, response.json())

        return response_401

    if response.status_code == 413:
        response_413: Error = _serialization.read(Error, response.json())

        return response_413

    if response.status_code == 415:
        response_415: Error = _serialization.read(Error, response.json())

        return response_415

    if response.status_code == 429:
        response_429: Error = _serialization.read(Error, response.json())

        return response_429

    if response.status_code == 500:
        response_500: Error = _serialization.read(Error, response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def parse_success(response: httpx.Response) -> VideoListResponse:
    """The body of a success. Raises UnreadableResponse for any other status, and for another body."""
    with errors.readable(response):
        if 200 <= response.status_code <= 200:
            response_200: VideoListResponse = _serialization.read(VideoListResponse, response.json())

            return response_200

    raise errors.UnreadableResponse(response.status_code, response.content, "the contract has no such status")


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | VideoListResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: ListVideosRequest,
) -> Response[Error | VideoListResponse]:
    """List videos

     One page of the account's videos. A filter that is an empty string or an empty list filters nothing.
    Deleted
    videos are left out unless `status` asks for them. Ties in the order are broken by id; titles
    compare without
    case.

    Args:
        body (ListVideosRequest): Which videos, in which order, and which page of them. `{}` asks
            for the newest 25.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | VideoListResponse]
    """

    return _build_response(
        client=client,
        response=client.send(
            get_kwargs(
                body=body,
            )
        ),
    )


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: ListVideosRequest,
) -> Error | VideoListResponse | None:
    """List videos

     One page of the account's videos. A filter that is an empty string or an empty list filters nothing.
    Deleted
    videos are left out unless `status` asks for them. Ties in the order are broken by id; titles
    compare without
    case.

    Args:
        body (ListVideosRequest): Which videos, in which order, and which page of them. `{}` asks
            for the newest 25.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | VideoListResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: ListVideosRequest,
) -> Response[Error | VideoListResponse]:
    """List videos

     One page of the account's videos. A filter that is an empty string or an empty list filters nothing.
    Deleted
    videos are left out unless `status` asks for them. Ties in the order are broken by id; titles
    compare without
    case.

    Args:
        body (ListVideosRequest): Which videos, in which order, and which page of them. `{}` asks
            for the newest 25.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | VideoListResponse]
    """

    return _build_response(
        client=client,
        response=await client.send_async(
            get_kwargs(
                body=body,
            )
        ),
    )


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: ListVideosRequest,
) -> Error | VideoListResponse | None:
    """List videos

     One page of the account's videos. A filter that is an empty string or an empty list filters nothing.
    Deleted
    videos are left out unless `status` asks for them. Ties in the order are broken by id; titles
    compare without
    case.

    Args:
        body (ListVideosRequest): Which videos, in which order, and which page of them. `{}` asks
            for the newest 25.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | VideoListResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
