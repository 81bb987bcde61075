"""A deployment held to the contract: what differs is told, and nothing is touched that is not our own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import contract as command
import httpx
import pytest
from conformance.deployment.client import Credentials, CredentialsError, DeploymentClient, UnreachableError
from conformance.deployment.inspection import Inspection
from conformance.deployment.read_checks import ReadChecks, examples, harmless
from conformance.deployment.write_checks import MARK, WriteChecks
from conformance.mock_tests import seeded_faults
from conformance.mock_tests.seeded_faults import SeededFault
from conformance.shared.requests import NOTHING, Request, request_to, valid_request
from contract_document import ROOT, load
from starlette.responses import HTMLResponse, JSONResponse

from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from starlette.types import ASGIApp

OURS = Credentials({"Authorization": "Bearer token-a"}, {"token-a": "TOKEN"})
WRITES = {
    *("createVideo", "updateVideo", "deleteVideo"),
    *("uploadVideoPart", "completeVideoUpload", "uploadVideoThumbnail"),
}


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def server() -> Iterator[MockServer]:
    """A server in use: videos of all kinds, also of another account."""
    with MockServer() as running:
        furnish(running)
        yield running


def furnish(server: MockServer) -> None:
    server.control.seed(
        [
            {
                "title": f"{'aBc'[number % 3]} video {number % 7}",
                "description": "At dawn" * (number % 2),
                "tags": ["sea", "b", "c, d"][: number % 4],
                "metadata": [{"key": "genre", "value": "text"}] * (number % 3 == 1),
                "status": ("done", "new", "transcoding", "deleted")[number % 4],
                "size": 1000 + number * 37 % 11,
                "is_public": number % 2 == 0,
                "account": "ab"[number % 5 == 4],
            }
            for number in range(60)
        ]
    )


@pytest.fixture
def inspect(waits: list[float]) -> Iterator[Callable[[MockServer], Inspection]]:
    deployments: list[DeploymentClient] = []

    def inspect(server: MockServer) -> Inspection:
        deployments.append(DeploymentClient(server.url, OURS, per_second=10_000, wait=waits.append))
        return Inspection(deployments[-1], load())

    yield inspect
    for deployment in deployments:
        deployment.close()


def stored(server: MockServer) -> Any:
    """The videos and the balance of every account."""
    store = server.state.store
    owners = [account.id for account in server.accounts]
    return [(owner, store.balance(owner), store.videos_of(owner)) for owner in owners]


def differences(inspection: Inspection) -> set[tuple[str, str]]:
    return {(one.operation, one.where) for one in inspection.differences}


def test_reading_changes_nothing(server: MockServer, inspect: Callable[[MockServer], Inspection]) -> None:
    before, inspection = stored(server), inspect(server)
    server.control.clear_requests()
    inspection.connect()
    ReadChecks(inspection).run()
    asked = server.control.requests()
    assert stored(server) == before
    assert inspection.differences == []
    assert inspection.notes == []
    assert {entry.operation for entry in asked} >= WRITES
    assert [entry for entry in asked if entry.operation in WRITES and entry.status in (200, 201)] == []
    assert len(asked) == inspection.answers.total() + 1 < 1000, "else the journal has forgotten some"


def test_a_server_that_overlooks_one_mistake_creates_nothing(inspect: Callable[[MockServer], Inspection]) -> None:
    """The title is what all of them lack, so a server that needs none has to see what else is wrong."""
    judged = [example for example in harmless(examples()) if example.request.json is not NOTHING]
    assert len(judged) > 100
    assert all(len(one.rules) > 1 or not isinstance(one.request.json, dict) for one in judged)
    undo = SeededFault("untitled", "", "", "/components/schemas/CreateVideoRequest/required").apply()
    try:
        with MockServer() as server:
            inspection = inspect(server)
            ReadChecks(inspection).refusals()
            assert inspection.answers["createVideo", 400] > 100
            assert all(not videos for _, _, videos in stored(server))
    finally:
        undo()


def test_an_account_without_videos(inspect: Callable[[MockServer], Inspection]) -> None:
    with MockServer() as server:
        inspection = inspect(server)
        ReadChecks(inspection).videos()
        assert inspection.differences == []
        assert inspection.notes == ["the account has no videos, so none could be looked at"]


def test_writing_leaves_other_videos_as_they_were(
    server: MockServer, inspect: Callable[[MockServer], Inspection]
) -> None:
    before, inspection = stored(server), inspect(server)
    checks = WriteChecks(inspection)
    checks.run()
    assert inspection.differences == []
    assert inspection.notes == []
    assert {name for name, status in inspection.answers if status < 300} >= WRITES
    assert checks.left_behind == []
    videos = {video.id: video for _, _, videos in stored(server) for video in videos}
    assert {video.id: videos.pop(video.id) for _, _, old in before for video in old} == {
        video.id: video for _, _, old in before for video in old
    }
    assert videos
    assert all(video.deleted_at for video in videos.values())


def test_a_balance_that_is_too_low_is_no_difference(inspect: Callable[[MockServer], Inspection]) -> None:
    with MockServer() as server:
        for account in server.accounts:
            server.state.store.set_balance(account.id, server.state.store.balance(account.id) * 0)
        inspection = inspect(server)
        WriteChecks(inspection).uploads()
        assert inspection.differences == []
        assert inspection.notes == ["the balance does not cover a transcoding, so nothing was completed"]


READING = {
    "unauthorized-403": ("listVideos", "status for no credentials"),
    "cost-for-everybody": ("getTranscodeCost", "status for no credentials"),
    "offset-negative": ("listVideos", "status for /offset"),
    "search-by-case": ("listVideos", "filter search"),
    "sort-by-case": ("listVideos", "sort_by title"),
    "total-as-text": ("listVideos", "/data/total"),
    "moment-without-zone": ("getVideo", "/data/created_at"),
    "not-found-410": ("completeVideoUpload", "status for an unknown video"),
    "cost-of-8k": ("getTranscodeCost", "status for qualities"),
    "price-negative": ("getTranscodeCost", "/data/price"),
    "failures-as-text": ("createVideo", "header Content-Type"),
}
WRITING = {
    "title-longer": ("createVideo", "status for /title"),
    "description-lost": ("createVideo", "/data/description"),
    "update-publishes": ("updateVideo", "/data/is_public"),
    "hash-unchecked": ("uploadVideoPart", "status for the hash of other bytes"),
    "complete-with-holes": ("completeVideoUpload", "status for the first part is missing"),
    "field-dropped": ("getVideo", "/data/chapters"),
    "use-after-delete": ("getVideo", "status for a deleted video"),
}


@contextmanager
def faulty(names: Iterable[str]) -> Iterator[MockServer]:
    """A server in use that has several faults at once."""
    undos = [seeded_faults.named(name).apply() for name in names]
    try:
        with MockServer() as server:
            furnish(server)
            yield server
    finally:
        for undo in reversed(undos):
            undo()


def test_reading_finds_faults(inspect: Callable[[MockServer], Inspection]) -> None:
    with faulty(READING) as server:
        before, inspection = stored(server), inspect(server)
        ReadChecks(inspection).run()
        assert stored(server) == before
    assert set(READING.values()) - differences(inspection) == set()


def test_writing_finds_faults(inspect: Callable[[MockServer], Inspection]) -> None:
    with faulty(WRITING) as server:
        inspection = inspect(server)
        WriteChecks(inspection).run()
    assert set(WRITING.values()) - differences(inspection) == set()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the evidence is a command of curl")
def test_a_difference_comes_with_its_evidence(inspect: Callable[[MockServer], Inspection]) -> None:
    """The curl line really shows it, once the shell has the variables."""
    with faulty(["offset-negative"]) as server:
        inspection = inspect(server)
        inspection.ask("listVideos", request_to("listVideos", json={"offset": -1}), (400,), "/offset is -1")
        [one] = inspection.differences
        assert "token-a" not in one.curl
        assert (one.where, one.what) == ("status for /offset", "200 instead of 400")
        environment = {"BASE_URL": server.url, "TOKEN": "token-a", "PATH": os.environ["PATH"]}
        again = subprocess.run(["bash", "-c", one.curl], env=environment, capture_output=True, check=True)
    assert json.loads(again.stdout)["status"] == "success"
    assert one.answer.startswith("200 (application/json)")


def test_a_lost_answer_leaves_no_video(server: MockServer, inspect: Callable[[MockServer], Inspection]) -> None:
    before, inspection = stored(server), inspect(server)
    server.control.fault("lost_answer", operation="createVideo", after=2)
    with pytest.raises(UnreachableError):
        WriteChecks(inspection).run()
    old = {video.id for _, _, videos in before for video in videos}
    made = [video for _, _, videos in stored(server) for video in videos if video.id not in old]
    assert made
    assert all(video.deleted_at for video in made)


def test_the_client_waits_as_long_as_a_429_says(
    server: MockServer, inspect: Callable[[MockServer], Inspection], waits: list[float]
) -> None:
    server.control.fault("rate_limit", times=2, retry_after=7)
    inspection = inspect(server)
    inspection.connect()
    assert [wait for wait in waits if wait >= 1] == [7, 7]
    server.control.fault("rate_limit", times=None, retry_after=200)
    with pytest.raises(UnreachableError, match="it asks to wait 200 s more"):
        inspection.ask("listVideos", valid_request("listVideos"))


def test_a_failing_proxy_is_asked_again(server: MockServer, inspect: Callable[[MockServer], Inspection]) -> None:
    inspection = inspect(server)
    server.control.fault("html", operation="listVideos", status=502, times=2)
    assert inspection.ask("listVideos", valid_request("listVideos")) is not None
    assert inspection.differences == []
    server.control.fault("html", operation="createVideo", status=502)
    inspection.ask("createVideo", valid_request("createVideo"), is_repeatable=False)
    assert ("createVideo", "status") in differences(inspection)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HTMLResponse("<h1>Bad Gateway</h1>", 502), "502 (text/html"),
        (HTMLResponse("<h1>Hello</h1>"), "200 (text/html"),
        (JSONResponse({"status": "error", "message": "who is my-secret-token?"}, 401), "who is ${TOKEN}?"),
    ],
)
def test_another_program_is_no_deployment(
    answer: ASGIApp, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "my-secret-token")
    with MockServer(app=answer) as server:
        assert ran(server.url, tmp_path, monkeypatch) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert "my-secret-token" not in captured.out + captured.err + written


def ran(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    line = ["contract", "--base-url", url, "--per-second", "10000", "--report", str(folder), *more]
    monkeypatch.setattr(sys, "argv", line)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return command.main()


def test_an_address_without_a_server_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-a")
    with MockServer() as server:
        url = server.url
    hurry = {"per_second": 1e4, "patience": 1, "wait": lambda _: None}
    monkeypatch.setattr(DeploymentClient.__init__, "__kwdefaults__", hurry)
    assert ran(url, tmp_path, monkeypatch) == 2
    assert "POST /videos" in capsys.readouterr().err
    assert "not inspected" in (tmp_path / "index.html").read_text()


def test_missing_credentials_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOKEN", "PUBLIC_KEY", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"AIOZ_STREAM_{name}", raising=False)
    assert ran("http://127.0.0.1:1", tmp_path, monkeypatch) == 2
    assert "set TOKEN, or PUBLIC_KEY and SECRET_KEY" in capsys.readouterr().err


def test_credentials_show_nowhere() -> None:
    keys = Credentials.from_environment({"AIOZ_STREAM_PUBLIC_KEY": "public-a", "SECRET_KEY": "secret-a"})
    deployment = DeploymentClient("http://127.0.0.1:1", keys)
    said = deployment.curl(Request("GET", "/videos/x", who=keys.headers)) + repr(keys)
    assert '"stream-secret-key: ${SECRET_KEY}"' in said
    assert "secret-a" not in said
    answer = httpx.Response(200, text="you are secret-a")
    assert "secret-a" not in deployment.excerpt(answer)
    deployment.close()
    with pytest.raises(CredentialsError):
        Credentials.from_environment({"PUBLIC_KEY": "public-a"})


def test_the_command_reports_a_difference(
    server: MockServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "token-a")
    for name in ("credentials", "lists", "prices", "refusals"):
        monkeypatch.setattr(ReadChecks, name, lambda _: None)
    undo = seeded_faults.named("quality-ready").apply()
    try:
        assert ran(server.url, tmp_path, monkeypatch) == 1
    finally:
        undo()
    said = capsys.readouterr().out
    assert "/data/qualities/*/status" in said
    assert "beyond what is documented" in said
    assert "${TOKEN}" in (tmp_path / "index.html").read_text()
    suite = ET.parse(tmp_path / "junit.xml").getroot()[0]
    assert {case.get("name"): len(case) for case in suite}["getVideo"] == 1
    assert suite.get("tests") == "9"


def test_an_interrupt_leaves_no_video(server: MockServer, tmp_path: Path) -> None:
    before = stored(server)
    program = "import contract, sys; contract.ReadChecks.run = lambda _: None; sys.exit(contract.main())"
    options = ["--base-url", server.url, "--write", "--report", str(tmp_path), "--per-second", "1000"]
    environment = {"TOKEN": "token-a", "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "tools")}
    running = subprocess.Popen(
        [sys.executable, "-c", program, *options], env=environment, stdout=subprocess.PIPE, text=True
    )
    while not any(entry.operation == "updateVideo" and entry.status == 200 for entry in server.control.requests()):
        assert running.poll() is None, "it ended before it wrote anything"
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "ended early: interrupted" in said
    old = {video.id for _, _, videos in before for video in videos}
    made = [video for _, _, videos in stored(server) for video in videos if video.id not in old]
    assert made
    assert all(video.deleted_at for video in made)
    assert any(MARK in video.title for video in made)
