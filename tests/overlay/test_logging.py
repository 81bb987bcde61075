"""What the logger `aioz_stream` is told, and how the environment has it shown."""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream import AiozStream, AsyncAiozStream, ConfigurationError, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

ONCE_MORE = RetryPolicy(max_retries=1, first_delay=0)


def client(answer: Callable[[httpx.Request], httpx.Response], **options: Any) -> AiozStream:
    transport = httpx.MockTransport(answer)
    return AiozStream(token="credential", base_url="http://service.test/api", transport=transport, **options)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """With 0 for each time that was taken."""
    said = (record.getMessage() for record in caplog.records if record.name == "aioz_stream")
    return [re.sub(r"\d+\.\d+ s", "0 s", one) for one in said]


def test_a_line_for_each_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "aioz_stream")

    def answer(request: httpx.Request) -> httpx.Response:
        video = {"id": request.url.path.rpartition("/")[2], "title": "X", "status": "new"}
        return httpx.Response(200, json={"status": "success", "data": video}, headers={"X-Request-Id": "r-1"})

    with client(answer) as stream:
        stream.videos.get("x")
        stream.videos.get("x\n\x1b[2J")
    assert lines(caplog)[0] == "GET /api/videos/x: 200 after 0 s (request r-1)"
    assert lines(caplog)[1].startswith("GET /api/videos/x  [2J: 200")
    fields = vars(caplog.records[0])
    wanted = {"method": "GET", "path": "/api/videos/x", "status": 200, "request_id": "r-1"}
    assert fields.items() >= wanted.items()
    assert 0 < fields["seconds"] < 60


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_retry_is_a_line_too(asynchronous: bool, caplog: pytest.LogCaptureFixture) -> None:
    answers = iter([httpx.Response(503, json={"status": "error", "message": "Later.\nSorry."})])

    def answer(request: httpx.Request) -> httpx.Response:
        try:
            return next(answers)
        except StopIteration:
            raise httpx.ConnectError("refused", request=request) from None

    async def get() -> None:
        transport = httpx.MockTransport(answer)
        url = "http://service.test/api"
        async with AsyncAiozStream(
            token="credential", base_url=url, transport=transport, max_retries=ONCE_MORE
        ) as stream:
            await stream.videos.get("x")

    caplog.set_level(logging.DEBUG, "aioz_stream")
    with pytest.raises(ConnectionError):  # noqa: PT012 - one of two ways
        if asynchronous:
            asyncio.run(get())
        else:
            client(answer, max_retries=ONCE_MORE).videos.get("x")
    assert lines(caplog) == [
        "GET /api/videos/x begins",
        "GET /api/videos/x: 503 after 0 s",
        "GET /api/videos/x: 503: Later. Sorry.; trying again in 0 s",
        "GET /api/videos/x begins",
        "GET /api/videos/x: no answer after 0 s",
    ]
    [retry] = [record for record in caplog.records if hasattr(record, "retry_in")]
    assert vars(retry).items() >= {"retry_in": 0.0, "status": 503, "reason": "Later. Sorry."}.items()


PROGRAM = """
import httpx
from aioz_stream import AiozStream

answer = httpx.Response(200, json={"status": "success", "data": {"id": "x", "title": "X", "status": "new"}})
for _ in range(2):
    AiozStream(token="secret", transport=httpx.MockTransport(lambda _: answer)).videos.get("x")
"""
WITH_HANDLERS = "import logging\nlogging.basicConfig(format='own %(name)s')\n" + PROGRAM
ITS_OWN = "import logging\nlogging.getLogger('aioz_stream').addHandler(logging.NullHandler())\n" + PROGRAM


@pytest.mark.parametrize(
    ("level", "program", "said"),
    [
        ("", PROGRAM, []),
        ("info", PROGRAM, [r"[\d-]+ [\d:,]+ INFO aioz_stream: GET /api/videos/x: 200 after \d\.\d+ s"] * 2),
        ("DEBUG", PROGRAM, [r".* DEBUG aioz_stream: GET /api/videos/x begins", ".* INFO .*"] * 2),
        ("info", WITH_HANDLERS, ["own aioz_stream"] * 2),
        ("info", ITS_OWN, []),
    ],
    ids=["none", "info", "debug", "the program has handlers", "the program has one for this logger"],
)
def test_the_environment_has_it_shown(level: str, program: str, said: list[str]) -> None:
    """On standard error, or where the program has its log; each line once, however many clients there are."""
    environment = {"AIOZ_STREAM_LOG": level}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    shown = done.stderr.splitlines()
    assert len(shown) == len(said), done.stderr
    assert all(re.fullmatch(pattern, line) for pattern, line in zip(said, shown, strict=True)), done.stderr
    assert "secret" not in done.stderr
    assert done.stdout == ""


def test_a_level_that_there_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOZ_STREAM_LOG", "loud")
    with pytest.raises(ConfigurationError, match="AIOZ_STREAM_LOG must be info or debug, not 'loud'"):
        AiozStream(token="t")
