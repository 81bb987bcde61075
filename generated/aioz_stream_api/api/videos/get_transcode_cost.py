# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Any

import httpx

from ... import errors
from ... import serialization as _serialization
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.transcode_cost_response import TranscodeCostResponse
from ...types import Response


def get_kwargs(
    *,
    qualities: str,
    duration: float,
) -> dict[str, Any]:
    return _serialization.request(
        "get",
        "/videos/cost",
        query={
            "qualities": qualities,
            "duration": duration,
        },
    )


@errors.typed
def parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Error | TranscodeCostResponse | None:
    if response.status_code == 200:
        response_200: TranscodeCostResponse = _serialization.read(TranscodeCostResponse, response.json())

        return response_200

    if response.status_code == 400:
        response_400: Error = _serialization.read(Error, response.json())

        return response_400

    if response.status_code == 401:
        response_401: Error = _serialization.read(Error, response.json())

        return response_401

    if response.status_code == 429:
        response_429: Error = _serialization.read(Error, response.json())

        return response_429

    if response.status_code == 500:
        response_500: Error = _serialization.read(Error, response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def parse_success(response: httpx.Response) -> TranscodeCostResponse:
    """The body of a success. Raises UnreadableResponse for any other status, and for another body."""
    with errors.readable(response):
        if 200 <= response.status_code <= 200:
            response_200: TranscodeCostResponse = _serialization.read(TranscodeCostResponse, response.json())

            return response_200

    raise errors.UnreadableResponse(response.status_code, response.content, "the contract has no such status")


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Error | TranscodeCostResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    qualities: str,
    duration: float,
) -> Response[Error | TranscodeCostResponse]:
    """Price a transcoding

     What it costs to transcode a video of this length into these qualities, and whether the account's
    balance covers it.

    Args:
        qualities (str):
        duration (float):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | TranscodeCostResponse]
    """

    return _build_response(
        client=client,
        response=client.send(
            get_kwargs(
                qualities=qualities,
                duration=duration,
            )
        ),
    )


def sync(
    *,
    client: AuthenticatedClient | Client,
    qualities: str,
    duration: float,
) -> Error | TranscodeCostResponse | None:
    """Price a transcoding

     What it costs to transcode a video of this length into these qualities, and whether the account's
    balance covers it.

    Args:
        qualities (str):
        duration (float):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | TranscodeCostResponse
    """

    return sync_detailed(
        client=client,
        qualities=qualities,
        duration=duration,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    qualities: str,
    duration: float,
) -> Response[Error | TranscodeCostResponse]:
    """Price a transcoding

     What it costs to transcode a video of this length into these qualities, and whether the account's
    balance covers it.

    Args:
        qualities (str):
        duration (float):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | TranscodeCostResponse]
    """

    return _build_response(
        client=client,
        response=await client.send_async(
            get_kwargs(
                qualities=qualities,
                duration=duration,
            )
        ),
    )


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    qualities: str,
    duration: float,
) -> Error | TranscodeCostResponse | None:
    """Price a transcoding

     What it costs to transcode a video of this length into these qualities, and whether the account's
    balance covers it.

    Args:
        qualities (str):
        duration (float):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | TranscodeCostResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            qualities=qualities,
            duration=duration,
        )
    ).parsed
