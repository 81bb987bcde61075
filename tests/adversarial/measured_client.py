"""One call in a process of its own: prints, as JSON, which error came of it and how much Python allocated at most."""

from __future__ import annotations

import asyncio
import json
import sys
import tracemalloc
from contextlib import suppress
from typing import Any

from aioz_stream import AiozStream, AiozStreamError, AsyncAiozStream, PartLimits

VIDEO = "video-00001"
NOWHERE = "http://127.0.0.1:9/api"
MOST = 2 << 30
SMALL: dict[str, Any] = {"part_size": 1000, "part_limits": PartLimits(1, 10**9), "journal": False}


async def get_asynchronously(url: str, token: str) -> None:
    async with AsyncAiozStream(token=token, base_url=url, max_retries=0) as stream:
        await stream.videos.get(VIDEO)


def call(url: str, token: str, what: str, path: str, deadline: float | None) -> None:
    if what == "get-async":
        asyncio.run(get_asynchronously(url, token))
        return
    with AiozStream(token=token, base_url=url, max_retries=0, timeout=30) as stream:
        if what == "get":
            stream.videos.get(VIDEO)
        elif what == "list":
            list(stream.videos.list())
        elif what == "upload":
            stream.upload(path, deadline=deadline, **SMALL)
        else:
            raise ValueError(what)


def limit_memory() -> None:
    """An answer that is read whole ends this process, and not the machine that the tests run on."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST))


def main(url: str, token: str, what: str, path: str, deadline: str) -> None:
    limit_memory()
    with suppress(AiozStreamError):
        call(NOWHERE, token, what, path, None)  # what is imported at a first call is no cost of a body
    tracemalloc.start()
    errors: list[str] = []
    message = ""
    try:
        call(url, token, what, path, float(deadline) if deadline else None)
    except AiozStreamError as error:
        errors = [kind.__name__ for kind in type(error).__mro__]
        message = str(error)[:500]
    print(json.dumps({"errors": errors, "message": message, "peak": tracemalloc.get_traced_memory()[1]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
