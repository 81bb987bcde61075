# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Any

import httpx

from ... import errors
from ... import serialization as _serialization
from ...client import AuthenticatedClient, Client
from ...models.error import Error
from ...models.message_response import MessageResponse
from ...types import Response


def get_kwargs(
    video_id: str,
) -> dict[str, Any]:
    return _serialization.request(
        "get",
        "/videos/{video_id}/complete",
        path={
            "video_id": video_id,
        },
    )


@errors.typed
def parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Error | MessageResponse | None:
    if response.status_code == 200:
        response_200: MessageResponse = _serialization.read(MessageResponse, response.json())

        return response_200

    if response.status_code == 400:
        response_400: Error = _serialization.read(Error, response.json())

        return response_400

    if response.status_code == 401:
        response_401: Error = _serialization.read(Error, response.json())

        return response_401

    if response.status_code == 402:
        response_402: Error = _serialization.read(Error, response.json())

        return response_402

    if response.status_code == 404:
        response_404: Error = _serialization.read(Error, response.json())

        return response_404

    if response.status_code == 429:
        response_429: Error = _serialization.read(Error, response.json())

        return response_429

    if response.status_code == 500:
        response_500: Error = _serialization.read(Error, response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def parse_success(response: httpx.Response) -> MessageResponse:
    """The body of a success. Raises UnreadableResponse for any other status, and for another body."""
    with errors.readable(response):
        if 200 <= response.status_code <= 200:
            response_200: MessageResponse = _serialization.read(MessageResponse, response.json())

            return response_200

    raise errors.UnreadableResponse(response.status_code, response.content, "the contract has no such status")


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
) -> Response[Error | MessageResponse]:
    """Complete an upload

     Says that all parts are there, and starts the transcoding. A GET with an effect, but idempotent:
    called again,
    it succeeds and nothing happens twice.

    Args:
        video_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | MessageResponse]
    """

    return _build_response(
        client=client,
        response=client.send(
            get_kwargs(
                video_id=video_id,
            )
        ),
    )


def sync(
    video_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Error | MessageResponse | None:
    """Complete an upload

     Says that all parts are there, and starts the transcoding. A GET with an effect, but idempotent:
    called again,
    it succeeds and nothing happens twice.

    Args:
        video_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Error | MessageResponse
    """

    return sync_detailed(
        video_id=video_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    video_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Error | MessageResponse]:
    """Complete an upload

     Says that all parts are there, and starts the transcoding. A GET with an effect, but idempotent:
    called again,
    it succeeds and nothing happens twice.

    Args:
        video_id (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Error | MessageResponse]
    """

    return _build_response(
        client=client,
        response=await client.send_async(
            get_kwargs(
                video_id=video_id,
            )
        ),
    )


async def asyncio(
    video_id: str,
    *,
    client: AuthenticatedClient | Client,
) -> Error | MessageResponse | None:
    """Complete an upload

     Says that all parts are there, and starts the transcoding. A GET with an effect, but idempotent:
    called again,
    it succeeds and nothing happens twice.

    Args:
        video_id (str):

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
        )
    ).parsed
