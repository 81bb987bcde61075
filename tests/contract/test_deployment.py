"""A deployment held to the contract: what differs is told, and nothing is touched that is not our own."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import contract as program
import httpx
import pytest
from conformance.deployment.client import Credentials, CredentialsError, DeploymentClient, UnreachableError
from conformance.deployment.command import PROBES, credentials_from
from conformance.deployment.examination import Examination
from conformance.deployment.inspection import Inspection, place_of
from conformance.deployment.own_videos import MARK, OwnVideos
from conformance.deployment.statements import statements
from conformance.mock_tests import seeded_faults
from conformance.mock_tests.seeded_faults import SeededFault
from conformance.shared.requests import Request, request_to, valid_request
from contract_document import ROOT, load
from starlette.responses import HTMLResponse, JSONResponse

from aioz_stream_mock import MockServer
from tests.contract.zoo.zoo import furnish

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
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
        furnish(running.control)
        yield running


@pytest.fixture
def inspect(waits: list[float]) -> Iterator[Callable[..., Inspection]]:
    deployments: list[DeploymentClient] = []

    def inspect(server: MockServer) -> Inspection:
        deployments.append(DeploymentClient(server.url, OURS, per_second=10_000, wait=waits.append))
        return Inspection(deployments[-1], load(), statements(), wait=waits.append)

    yield inspect
    for deployment in deployments:
        deployment.close()


def examined(
    inspection: Inspection, *ids: str, probes: Collection[str] = (), write: bool = False, seed: int = 0
) -> Examination:
    """Examine the statements with these ids or probes, or all."""
    examination = Examination(inspection, OwnVideos(inspection), OURS, may_write=write, seed=seed)
    everything = not ids and not probes
    table = [one for one in statements() if everything or one.id in ids or one.probe in probes]
    examination.run(table, PROBES)
    return examination


def stored(server: MockServer) -> Any:
    """The videos and the balance of every account."""
    store = server.state.store
    owners = [account.id for account in server.accounts]
    return [(owner, store.balance(owner), store.videos_of(owner)) for owner in owners]


def differences(inspection: Inspection) -> set[tuple[str, str]]:
    return {(one.operation, one.where) for one in inspection.differences}


def reasons(examination: Examination) -> dict[str, str]:
    return {one.statement.id: one.reason for one in examination.results if one.reason}


@pytest.mark.timeout(300)
def test_reading_changes_nothing(server: MockServer, inspect: Callable[[MockServer], Inspection]) -> None:
    before, inspection = stored(server), inspect(server)
    server.control.clear_requests()
    inspection.connect()
    examination = examined(inspection)
    asked = server.control.requests()
    assert stored(server) == before
    assert inspection.differences == []
    assert inspection.notes == []
    assert {entry.operation for entry in asked} >= WRITES
    assert [entry for entry in asked if entry.operation in WRITES and entry.status in (200, 201)] == []
    assert len(asked) == inspection.answers.total() + 1 < 1000, "else the journal has forgotten some"
    unread = {reason for name, reason in reasons(examination).items() if name.startswith(("create-keeps", "strangers"))}
    assert unread == {"read-only: needs WRITE=1"}
    # Of keys nothing is said where there are none.
    assert "PUBLIC_KEY" in reasons(examination)["keys-are-enough"]


def test_a_server_that_overlooks_one_mistake_creates_nothing(inspect: Callable[[MockServer], Inspection]) -> None:
    """The title is what all of them lack, so a server that needs none has to see what else is wrong."""
    undo = SeededFault("untitled", "", "", "/components/schemas/CreateVideoRequest/required").apply()
    try:
        with MockServer() as server:
            inspection = inspect(server)
            examined(inspection, "create-refuses-two-mistakes")
            assert inspection.answers["createVideo", 400] > 10
            assert all(not videos for _, _, videos in stored(server))
    finally:
        undo()


def test_an_account_without_videos(inspect: Callable[[MockServer], Inspection]) -> None:
    with MockServer() as server:
        examination = examined(inspect(server), probes={"same_everywhere", "promised_files", "own_filters"})
        assert examination.inspection.differences == []
        assert set(reasons(examination).values()) == {"the account has no videos, so none could be looked at"}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_writing_leaves_other_videos_as_they_were(
    server: MockServer, inspect: Callable[[MockServer], Inspection]
) -> None:
    before, inspection = stored(server), inspect(server)
    examination = examined(inspection, write=True)
    assert inspection.differences == []
    assert inspection.notes == []
    assert {name for name, status in inspection.answers if status < 300} >= WRITES
    assert examination.own.left_behind == []
    videos = {video.id: video for _, _, videos in stored(server) for video in videos}
    assert {video.id: videos.pop(video.id) for _, _, old in before for video in old} == {
        video.id: video for _, _, old in before for video in old
    }
    assert videos
    assert all(video.deleted_at for video in videos.values())
    assert "TOKEN_B" in reasons(examination)["strangers-get"]
    assert "TRANSCODE=1" in reasons(examination)["transcoding-ends"]


def test_a_balance_that_is_too_low_is_no_difference(inspect: Callable[[MockServer], Inspection]) -> None:
    with MockServer() as server:
        for account in server.accounts:
            server.state.store.set_balance(account.id, server.state.store.balance(account.id) * 0)
        examination = examined(inspect(server), "bytes-of-one-part", "sizes-up", write=True)
        assert examination.inspection.differences == []
        said = "the balance does not cover a transcoding, so nothing was completed"
        assert reasons(examination) == {"bytes-of-one-part": said, "sizes-up": said}


def test_a_service_that_is_down_for_writing_is_said_once(
    server: MockServer, inspect: Callable[[MockServer], Inspection]
) -> None:
    server.control.fault("status", operation="createVideo", status=500, times=None)
    examination = examined(inspect(server), probes={"filters", "walks"}, write=True)
    assert differences(examination.inspection) == {("createVideo", "status")}
    assert examination.inspection.answers["createVideo", 500] == 1, "what several statements need is tried once"
    assert set(reasons(examination).values()) <= {"no video could be made for it"}


def test_the_same_seed_sends_the_same(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    send = DeploymentClient.send

    def record(client: DeploymentClient, request: Request, **options: Any) -> httpx.Response:
        sent.append(f"{request.method} {request.path} {request.body!r} {request.form}")
        return send(client, request, **options)

    monkeypatch.setattr(DeploymentClient, "send", record)

    def sent_with(seed: int) -> list[str]:
        sent.clear()
        client = DeploymentClient(server.url, OURS, per_second=10_000, wait=lambda _: None)
        inspection = Inspection(client, load(), statements(), wait=lambda _: None)
        ids = ("create-title-rules", "create-qualities-rules", "bytes-of-one-part", "list-limit")
        examination = examined(inspection, *ids, write=True, seed=seed)
        client.close()
        unique = f"{examination.own.mark}|[0-9a-f]{{8}}-[0-9a-f-]{{27}}"
        return [re.sub(unique, "", line) for line in sent]

    assert len(sent_with(1)) > 50
    assert sent_with(1) == sent_with(1)
    assert sent_with(1) != sent_with(2)


def test_no_more_requests_a_second_than_was_said(server: MockServer, waits: list[float]) -> None:
    client = DeploymentClient(server.url, OURS, per_second=0.5, wait=waits.append)
    inspection = Inspection(client, load(), statements(), wait=waits.append)
    examined(inspection, "list-names-are-exact")
    client.close()
    asked = inspection.answers.total()
    assert asked > 3
    assert sum(1.5 < wait <= 2 for wait in waits) >= asked - 1


@pytest.mark.parametrize(
    ("about", "place"),
    [
        ("/limit is 101", "/limit"),
        ("/metadata/0/key is missing", "/metadata"),
        ("/qualities: a valid ladder", "/qualities"),
        ("the body: no JSON", "the body"),
        ("a deleted video", "a deleted video"),
    ],
)
def test_a_difference_is_named_after_its_field(about: str, place: str) -> None:
    assert place_of(about) == place


READING = {
    "unauthorized-403": ("listVideos", "status"),
    "cost-for-everybody": ("getTranscodeCost", "status"),
    "offset-negative": ("listVideos", "status for /offset"),
    "search-by-case": ("listVideos", "filter search"),
    "sort-by-case": ("listVideos", "sort_by title"),
    "total-as-text": ("listVideos", "/data/total"),
    "moment-without-zone": ("getVideo", "/data/created_at"),
    "not-found-410": ("completeVideoUpload", "status for an unknown video"),
    "cost-of-8k": ("getTranscodeCost", "status for /qualities"),
    "price-negative": ("getTranscodeCost", "/data/price"),
    "failures-as-text": ("createVideo", "header Content-Type"),
}
WRITING = {
    "title-longer": ("createVideo", "status for /title"),
    "description-lost": ("createVideo", "/data/description"),
    "update-publishes": ("updateVideo", "/data/is_public"),
    "hash-unchecked": ("uploadVideoPart", "status for the hash of other bytes"),
    "complete-with-holes": ("completeVideoUpload", "status for bytes are missing"),
    "field-dropped": ("getVideo", "/data/chapters"),
    "use-after-delete": ("getVideo", "status for a deleted video"),
}


READING_STATEMENTS = (
    *("list-needs-credentials", "cost-needs-credentials", "list-bounds", "list-finds-what-is-there", "list-by-title"),
    *("id-is-steady", "get-unknown", "complete-unknown", "cost-not-of-4320p", "cost-every-name"),
    "create-refuses-two-mistakes",
)
WRITING_STATEMENTS = (
    *("create-title-rules", "create-keeps-description", "update-of-one", "part-wrong-hash", "complete-with-holes"),
    *("new-is-new", "deleted-get"),
)


@contextmanager
def faulty(names: Iterable[str]) -> Iterator[MockServer]:
    """A server in use that has several faults at once."""
    undos = [seeded_faults.named(name).apply() for name in names]
    try:
        with MockServer() as server:
            furnish(server.control)
            yield server
    finally:
        for undo in reversed(undos):
            undo()


def test_reading_finds_faults(inspect: Callable[[MockServer], Inspection]) -> None:
    with faulty(READING) as server:
        before, inspection = stored(server), inspect(server)
        examined(inspection, *READING_STATEMENTS)
        assert stored(server) == before
    assert set(READING.values()) - differences(inspection) == set()


def test_writing_finds_faults(inspect: Callable[[MockServer], Inspection]) -> None:
    with faulty(WRITING) as server:
        inspection = inspect(server)
        examined(inspection, *WRITING_STATEMENTS, write=True)
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
    before = stored(server)
    server.control.fault("lost_answer", operation="createVideo", after=1)
    examination = examined(inspect(server), "creates-are-apart", "update-of-nothing", write=True)
    assert reasons(examination)["creates-are-apart"].startswith("no answer came: POST /videos/create")
    assert len(reasons(examination)) == 1, "the others go on"
    old = {video.id for _, _, videos in before for video in videos}
    made = [video for _, _, videos in stored(server) for video in videos if video.id not in old]
    assert len(made) == 3
    assert all(video.deleted_at for video in made)


def test_a_deployment_that_is_lost_ends_the_inspection(
    server: MockServer, inspect: Callable[[MockServer], Inspection]
) -> None:
    server.control.fault("cut_before", operation="createVideo", times=None)
    with pytest.raises(UnreachableError):
        examined(inspect(server), probes={"scenario"}, write=True)


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
    return program.main()


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
    second = Credentials.from_environment({"TOKEN_B": "token-of-b"}, "_B")
    deployment = DeploymentClient("http://127.0.0.1:1", keys, second)
    said = deployment.curl(Request("GET", "/videos/x", who=keys.headers)) + repr(keys)
    assert '"stream-secret-key: ${SECRET_KEY}"' in said
    assert "secret-a" not in said
    answer = httpx.Response(200, text="you are secret-a, and not token-of-b")
    assert "you are ${SECRET_KEY}, and not ${TOKEN_B}" in deployment.excerpt(answer)
    deployment.close()
    with pytest.raises(CredentialsError):
        Credentials.from_environment({"PUBLIC_KEY": "public-a"})
    assert credentials_from({"TOKEN": "a"})[1] is None
    with pytest.raises(CredentialsError, match="SECRET_KEY_B"):
        credentials_from({"TOKEN": "a", "PUBLIC_KEY_B": "half of b"})
    with pytest.raises(CredentialsError, match="TOKEN and TOKEN_B are the same"):
        credentials_from({"TOKEN": "a", "TOKEN_B": "a"})


@pytest.mark.timeout(300)
def test_the_command_reports_a_difference(
    server: MockServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "token-a")
    undo = seeded_faults.named("quality-ready").apply()
    try:
        assert ran(server.url, tmp_path, monkeypatch) == 1
    finally:
        undo()
    said = capsys.readouterr().out
    assert "/data/qualities/*/status" in said
    assert "beyond what is documented" in said
    assert "${TOKEN}" in (tmp_path / "index.html").read_text()
    assert "A client sees: Nothing breaks" in said
    assert "not examined (" in said
    cases = {case.get("name"): case for case in ET.parse(tmp_path / "junit.xml").getroot()[0]}
    assert len(cases) == len(statements())
    assert [name for name, case in cases.items() if case.find("failure") is not None] == ["video-quality-status"]
    skipped = cases["create-keeps-title"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "read-only: needs WRITE=1"
    page = (tmp_path / "index.html").read_text()
    assert "create-keeps-title" in page
    assert "read-only: needs WRITE=1" in page


def test_one_statement_is_looked_at_again(
    server: MockServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "token-a")
    assert ran(server.url, tmp_path, monkeypatch, "--only", "list-slip", "--seed", "7") == 0
    said = capsys.readouterr().out
    assert "one account, seed 7" in said
    assert "1 statements held, 0 differ, 0 were not examined; no difference; " in said


@pytest.mark.timeout(300)
def test_an_interrupt_leaves_no_video(server: MockServer, tmp_path: Path) -> None:
    before = stored(server)
    code = "import contract, sys; sys.exit(contract.main())"
    options = ["--base-url", server.url, "--write", "--report", str(tmp_path), "--per-second", "1000"]
    environment = {"TOKEN": "token-a", "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "tools")}
    running = subprocess.Popen(
        [sys.executable, "-c", code, *options], env=environment, stdout=subprocess.PIPE, text=True
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
