# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.message_response import MessageResponse
from ...models.update_video_request import UpdateVideoRequest
from ...types import Response


def get_kwargs(
    video_id: str,
    *,
    body: UpdateVideoRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/videos/{video_id}".format(
            video_id=quote(str(video_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | MessageResponse | None:
    if response.status_code == 200:
        response_200 = MessageResponse.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = errors.parse_failure(Error.from_dict, response)

        return response_400

    if response.status_code == 401:
        response_401 = errors.parse_failure(Error.from_dict, response)

        return response_401

    if response.status_code == 404:
        response_404 = errors.parse_failure(Error.from_dict, response)

        return response_404

    if response.status_code == 413:
        response_413 = errors.parse_failure(Error.from_dict, response)

        return response_413

    if response.status_code == 415:
        response_415 = errors.parse_failure(Error.from_dict, response)

        return response_415

    if response.status_code == 429:
        response_429 = errors.parse_failure(Error.from_dict, response)

        return response_429

    if response.status_code == 500:
        response_500 = errors.parse_failure(Error.from_dict, response)

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | MessageResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parse_response(client=client, response=response),
    )


def sync_detailed(
    video_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdateVideoRequest,
) -> Response[Error | MessageResponse]:
    """Update a video

     Changes the fields that are given and no others; lists are replaced whole. There are no defaults:
    `{}` changes
    nothing and succeeds.

    Args:
        video_id (str):
        body (UpdateVideoRequest): The fields to change. One that is not given stays as it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | MessageResponse]
    """

    kwargs = get_kwargs(
        video_id=video_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    video_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdateVideoRequest,
) -> Error | MessageResponse | None:
    """Update a video

     Changes the fields that are given and no others; lists are replaced whole. There are no defaults:
    `{}` changes
    nothing and succeeds.

    Args:
        video_id (str):
        body (UpdateVideoRequest): The fields to change. One that is not given stays as it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | MessageResponse
    """

    return sync_detailed(
        video_id=video_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    video_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdateVideoRequest,
) -> Response[Error | MessageResponse]:
    """Update a video

     Changes the fields that are given and no others; lists are replaced whole. There are no defaults:
    `{}` changes
    nothing and succeeds.

    Args:
        video_id (str):
        body (UpdateVideoRequest): The fields to change. One that is not given stays as it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | MessageResponse]
    """

    kwargs = get_kwargs(
        video_id=video_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    video_id: str,
    *,
    client: AuthenticatedClient | Client,
    body: UpdateVideoRequest,
) -> Error | MessageResponse | None:
    """Update a video

     Changes the fields that are given and no others; lists are replaced whole. There are no defaults:
    `{}` changes
    nothing and succeeds.

    Args:
        video_id (str):
        body (UpdateVideoRequest): The fields to change. One that is not given stays as it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | MessageResponse
    """

    return (
        await asyncio_detailed(
            video_id=video_id,
            client=client,
            body=body,
        )
    ).parsed
