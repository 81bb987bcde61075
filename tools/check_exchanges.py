"""Prism, a program that knows openapi.yaml and not this project, checks what client and mock server say to each other.

Each recorded exchange goes through Prism once more, to a server that repeats the recorded answer. (Not to the mock
server itself: Prism garbles the bytes of a picture on the way.) Prism must not object to any, and every operation must
have succeeded at least once. Then exchanges that are wrong on purpose go the same way, and Prism must object to each.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import httpx
import node
from contract_document import CONTRACT, load, operations
from exchanges import record, wrong
from starlette.requests import Request
from starlette.responses import Response

from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from exchanges import Exchange
    from starlette.types import Receive, Scope, Send

_LISTENING = re.compile(r"Prism is listening on (http://\S+)")
_OBJECTION = b"stoplight.io/prism/errors"


class Repeater:
    """A server that gives the recorded answer to the exchange that it was given."""

    exchange: Exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        answer = Response(self.exchange.answer, self.exchange.status, dict(self.exchange.answer_headers))
        await answer(scope, receive, send)


@contextmanager
def prism(upstream: str) -> Generator[str]:
    """Prism between its address and another server; what breaks the contract it answers itself."""
    command = node.command("prism", "proxy", str(CONTRACT), upstream, "--errors", "--port", "0")
    running = subprocess.Popen(
        command, env=node.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said: list[str] = []
        assert running.stdout is not None
        for line in running.stdout:
            said.append(line)
            if match := _LISTENING.search(line):
                # It waits when nobody reads what it says.
                threading.Thread(target=running.stdout.read, daemon=True).start()
                yield match[1]
                return
        raise SystemExit("".join(said))
    finally:
        running.kill()
        running.wait()


def objection(http: httpx.Client, repeater: Repeater, exchange: Exchange) -> str:
    """What Prism objects to, or nothing."""
    repeater.exchange = exchange
    headers = list(exchange.headers)
    answer = http.request(exchange.method, exchange.path, headers=headers, content=exchange.body)
    if _OBJECTION in answer.content or "sl-violations" in answer.headers:
        return f"{answer.headers.get('sl-violations', '')}{answer.text}"
    if (answer.status_code, answer.content) != (exchange.status, exchange.answer):
        return f"the answer came as {answer.status_code} {answer.text}"
    return ""


def successes(exchanges: list[Exchange]) -> Counter[str]:
    """How often each operation of the contract succeeded."""
    counts: Counter[str] = Counter()
    for operation in operations(load()):
        # A path without a parameter comes first, so a parameter is never the word that it has in this place.
        pattern = re.sub(r"\\{[^}]*\\}", "(?!cost|create)[^/?]+", re.escape(operation.path)) + r"(\?.*)?"
        paths = [one.path for one in exchanges if one.method == operation.method and one.status < 300]
        counts[operation.id] = sum(re.fullmatch(pattern, path) is not None for path in paths)
    return counts


def check(object_to: Callable[[Exchange], str]) -> bool:
    """Whether Prism objects to no recorded exchange and to every wrong one, and no operation is left out."""
    exchanges = record()
    objections = [f"{exchange}\n  {says}" for exchange in exchanges if (says := object_to(exchange))]
    summary = f"{len(exchanges)} exchanges between client and mock server, Prism objects to {len(objections)}"
    print(*objections, summary, sep="\n")
    counts = successes(exchanges)
    print("  " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    missing = [name for name, count in counts.items() if not count]
    if missing:
        print(f"never succeeded, so nothing is proved of it: {', '.join(missing)}")
    bad = list(wrong(exchanges))
    unnoticed = [exchange for exchange in bad if not object_to(exchange)]
    for exchange in unnoticed:
        print(f"{exchange}\n  is wrong on purpose, and Prism does not object")
    print(f"{len(bad)} exchanges that are wrong on purpose, Prism objects to {len(bad) - len(unnoticed)}")
    return not (objections or missing or unnoticed)


def main() -> int:
    node.install()
    repeater = Repeater()
    with (
        MockServer(app=repeater) as upstream,
        prism(upstream.url) as url,
        httpx.Client(base_url=url, timeout=60) as http,
    ):
        return 0 if check(partial(objection, http, repeater)) else 1


if __name__ == "__main__":
    sys.exit(main())
