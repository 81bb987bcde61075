"""Many at once: everybody gets an answer, and their own bytes."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx

from aioz_stream_mock import MockServer

CLIENTS, PARTS, SIZE = 32, 3, 200_000
TOKEN = {"Authorization": "Bearer token-a"}


def content(client: int) -> bytes:
    """Bytes that no other client has."""
    return hashlib.shake_128(f"client {client}".encode()).digest(PARTS * SIZE)


def visit(url: str, client: int, start: threading.Barrier) -> None:
    """A video's whole way, begun when everybody is there."""
    data, title = content(client), f"video of {client}"
    with httpx.Client(base_url=url, headers=TOKEN, timeout=60) as http:
        start.wait(60)
        video = http.post("/videos/create", json={"title": title}).raise_for_status().json()["data"]["id"]
        for number in range(PARTS):
            first, piece = number * SIZE, data[number * SIZE : (number + 1) * SIZE]
            http.post(
                f"/videos/{video}/part",
                files={"file": ("a", piece)},
                data={"index": str(number + 1), "hash": hashlib.md5(piece).hexdigest()},
                headers={"Content-Range": f"bytes {first}-{first + SIZE - 1}/{len(data)}"},
            ).raise_for_status()
        http.get(f"/videos/{video}/complete").raise_for_status()
        assert http.get(f"/videos/{video}").json()["data"]["title"] == title
        assert http.get(f"/videos/{video}/source").raise_for_status().content == data


def test_32_clients_at_once() -> None:
    start = threading.Barrier(CLIENTS)
    with MockServer() as server, ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(visit, server.url, client, start) for client in range(CLIENTS)]:
            done.result()
        requests = server.control.requests()
        assert len(requests) == CLIENTS * (PARTS + 4)
        assert {request.status for request in requests} == {200, 201}
