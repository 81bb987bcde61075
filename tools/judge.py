"""The client's requests and the mock server's answers, judged by a program that knows openapi.yaml and not us: Prism.

Each exchange that was recorded between the two goes through Prism once more, to a server that repeats the recorded
answer. (To the mock server itself it could not: Prism garbles the bytes of a picture on the way.) Prism must have
nothing to say of any, and every operation must have succeeded at least once. Then exchanges that are wrong on purpose
go the same way, and Prism must object to each.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import node
from contract_document import CONTRACT, load, operations
from exchanges import record, wrong
from starlette.requests import Request
from starlette.responses import Response

from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Generator

    from exchanges import Exchange
    from starlette.types import Receive, Scope, Send

NUMBER = "x-exchange"
_LISTENING = re.compile(r"Prism is listening on (http://\S+)")
_OBJECTION = b"stoplight.io/prism/errors"


class Repeater:
    """A server that gives the recorded answer to the request whose number it is told."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await request.body()
        exchange = self.exchanges[int(request.headers[NUMBER])]
        answer = Response(exchange.answer, exchange.status, dict(exchange.answer_headers))
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


class Judge:
    """Has exchanges judged, one after the other."""

    def __init__(self, http: httpx.Client, repeater: Repeater) -> None:
        self._http = http
        self._repeater = repeater

    def complaint(self, exchange: Exchange) -> str:
        """What Prism objects to, or nothing."""
        self._repeater.exchanges.append(exchange)
        number = (NUMBER, str(len(self._repeater.exchanges) - 1))
        path, headers = exchange.path, [*exchange.headers, number]
        answer = self._http.request(exchange.method, path, headers=headers, content=exchange.body)
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
        counts[operation.id] = sum(
            exchange.method == operation.method
            and exchange.status < 300
            and re.fullmatch(pattern, exchange.path) is not None
            for exchange in exchanges
        )
    return counts


def judged(judge: Judge) -> int:
    exchanges = record()
    failed = 0
    for exchange in exchanges:
        if complaint := judge.complaint(exchange):
            print(f"{exchange}\n  {complaint}")
            failed += 1
    print(f"{len(exchanges)} exchanges between client and mock server, Prism objects to {failed}")
    counts = successes(exchanges)
    print("  " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    missing = [name for name, count in counts.items() if not count]
    if missing:
        print(f"never succeeded, so nothing is proved of it: {', '.join(missing)}")
    bad = list(wrong(exchanges))
    unnoticed = [exchange for exchange in bad if not judge.complaint(exchange)]
    for exchange in unnoticed:
        print(f"{exchange}\n  is wrong on purpose, and Prism does not object")
    print(f"{len(bad)} exchanges that are wrong on purpose, Prism objects to {len(bad) - len(unnoticed)}")
    return 1 if failed or missing or unnoticed else 0


def main() -> int:
    node.install()
    repeater = Repeater()
    with (
        MockServer(app=repeater) as upstream,
        prism(upstream.url) as url,
        httpx.Client(base_url=url, timeout=60) as http,
    ):
        return judged(Judge(http, repeater))


if __name__ == "__main__":
    sys.exit(main())
