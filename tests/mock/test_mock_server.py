"""The server as a whole: its contract, its state across restarts, its memory, its command."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme
import yaml

from aioz_stream_mock import (
    Account,
    ContractError,
    ManualClock,
    MockServer,
    Settings,
    StoreError,
    create_app,
)
from aioz_stream_mock.api.handlers import HANDLERS
from aioz_stream_mock.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
TOKEN = {"Authorization": "Bearer token-a"}
MEBIBYTE = 1024 * 1024


def contract_with(folder: Path, change: Any) -> Path:
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    change(document)
    path = folder / "contract.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def in_process(settings: Settings, method: str, path: str, **request: Any) -> httpx.Response:
    """One call on an application that nobody gave a lifespan."""

    async def call() -> httpx.Response:
        app = create_app(settings)
        transport = httpx.ASGITransport(app)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://mock/api", headers=TOKEN) as http:
                return await http.request(method, path, **request)
        finally:
            app.state.mock.close()

    return asyncio.run(call())


def send_part(http: httpx.Client, video: str, data: bytes, start: int, size: int) -> httpx.Response:
    return http.post(
        f"/videos/{video}/part",
        files={"file": ("a", data)},
        data={"index": str(start + 1), "hash": hashlib.md5(data).hexdigest()},
        headers={"Content-Range": f"bytes {start}-{start + len(data) - 1}/{size}"},
    )


def test_the_application_works_without_a_lifespan() -> None:
    answer = in_process(Settings(), "POST", "/videos/create", json={"title": "x"})
    assert answer.status_code == 201


def test_editing_the_contract_changes_what_is_accepted(tmp_path: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        schemas["Title"]["maxLength"] = 3
        schemas["AudioConfig"]["properties"]["codec"]["enum"].append("opus")
        schemas["CreateVideoRequest"]["required"].append("tags")
        schemas["UploadVideoPartRequest"]["properties"]["index"]["pattern"] = "^x$"
        document["paths"]["/videos/cost"]["get"]["parameters"][1]["schema"]["maximum"] = 10

    changed = Settings(contract=contract_with(tmp_path, change))
    opus = {"type": "hls", "container_type": "mp4", "audio_config": {"codec": "opus"}}
    for body, before, after in (
        ({"title": "long title", "tags": []}, 201, 400),
        ({"title": "x"}, 201, 400),
        ({"title": "x", "tags": [], "qualities": [opus]}, 400, 201),
    ):
        assert in_process(Settings(), "POST", "/videos/create", json=body).status_code == before
        assert in_process(changed, "POST", "/videos/create", json=body).status_code == after
    cost = "/videos/cost?qualities=360p&duration=60"
    assert in_process(Settings(), "GET", cost).status_code == 200
    assert in_process(changed, "GET", cost).status_code == 400


def test_every_operation_of_the_contract_has_a_handler() -> None:
    assert set(load_contract().operations) == set(HANDLERS)


def test_an_operation_without_a_handler_is_501_and_the_others_are_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def grow(document: dict[str, Any]) -> None:
        answer = {"responses": {"2XX": {"description": "Done."}}}
        text = {"requestBody": {"content": {"text/vtt": {"schema": {"type": "string"}}}}}
        document["paths"]["/playlists"] = {"post": {"operationId": "createPlaylist", **text, **answer}}
        document["paths"]["/videos"]["post"]["requestBody"]["content"] |= text["requestBody"]["content"]
        del document["paths"]["/videos/cost"]

    settings = Settings(contract=contract_with(tmp_path, grow))
    refused = in_process(settings, "POST", "/playlists")
    assert (refused.status_code, refused.json()["status"]) == (501, "error")
    assert "createPlaylist" in refused.json()["message"]
    assert in_process(settings, "POST", "/videos").status_code == 501
    assert in_process(settings, "GET", "/videos/cost?duration=1&qualities=720p").status_code == 404  # an id like others
    assert "createPlaylist" in caplog.text
    assert "text/vtt" in caplog.text


def test_answers_without_optional_fields_hold_what_the_contract_requires() -> None:
    settings = Settings(omit_optional=True)
    with MockServer(settings) as server, httpx.Client(base_url=server.url, headers=TOKEN) as http:
        created = http.post("/videos/create", json={"title": "t", "tags": ["a"]}).json()
        assert set(created["data"]) == {"id", "title", "status"}
        [listed] = http.post("/videos", json={}).json()["data"]["videos"]
        assert set(listed) == {"id", "title", "status"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "openapi: 3.1.0",
        "a: [",
        "servers: []\npaths: {}",
        "a: &a [*a]",
        "servers: [{url: /a}]\npaths: {/x: {get: {}}}",
    ],
)
def test_files_that_are_no_contract_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError):
        create_app(Settings(contract=path))


def test_state_survives_a_restart(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", transcode_seconds=0)
    with MockServer(settings) as server, httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http:
        video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]
        assert send_part(http, video, b"hello", 0, 11).status_code == 200
        done = http.post("/videos/create", json={"title": "y"}).json()["data"]["id"]
        assert send_part(http, done, b"hello", 0, 5).status_code == 200
        assert http.get(f"/videos/{done}/complete").status_code == 200
        balance = server.state.store.balance(settings.accounts[0].id)
    (tmp_path / "data" / "incoming" / "half").write_bytes(b"unfinished")
    (tmp_path / "data" / "files" / "orphan").write_bytes(b"never recorded")
    with MockServer(settings) as server, httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http:
        assert server.state.store.balance(settings.accounts[0].id) == balance < 1000
        assert http.get(f"/videos/{done}").json()["data"]["status"] == "done"
        assert http.get(f"/videos/{done}/source").content == b"hello"
        assert "5-10" in http.get(f"/videos/{video}/complete").json()["message"]
        assert send_part(http, video, b" world", 5, 11).status_code == 200
        assert http.get(f"/videos/{video}/complete").status_code == 200
        assert http.get(f"/videos/{video}/source").content == b"hello world"
    assert not any((tmp_path / "data" / "incoming").iterdir())
    assert len(list((tmp_path / "data" / "files").iterdir())) == 3


def test_two_servers_do_not_share_a_folder(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with MockServer(settings):
        second = create_app(settings)
        with pytest.raises(StoreError, match="in use"):
            _ = second.state.mock.store


def test_a_temporary_folder_goes_with_the_server() -> None:
    with MockServer() as server:
        folder = server.state.store.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_addresses(tmp_path: Path) -> None:
    clock = ManualClock()
    settings = Settings(data_dir=tmp_path, public_url="https://videos.example/api/", clock=clock)
    for chosen, host, expected in (
        (settings, "other", "https://videos.example/api/videos/"),
        (Settings(data_dir=tmp_path), "media.local:81", "http://media.local:81/api/videos/"),
    ):
        with MockServer(chosen) as server, httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http:
            video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]
            send_part(http, video, b"x", 0, 1)
            http.get(f"/videos/{video}/complete")
            for given, wanted in ((host, expected), ('x"><script>', None), ("[::1", None), ("a b", None)):
                shown = http.get(f"/videos/{video}", headers={"Host": given}).json()["data"]["assets"]["source_url"]
                assert "<" not in shown
                assert shown.startswith(wanted or "http")


def test_secrets_stay_out_of_the_repr() -> None:
    shown = repr(Settings())
    assert "secret-a" not in shown
    assert "token-a" not in shown
    with pytest.raises(ValueError, match="share"):
        create_app(Settings(accounts=[Account.named("a"), Account.named("a")]))


def test_an_unexpected_failure_is_500_in_the_envelope(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("aioz_stream_mock.api.handlers.parse_listing", fail)
    answer = in_process(Settings(), "POST", "/videos", json={})
    assert (answer.status_code, answer.json()["status"]) == (500, "error")
    assert "boom" not in answer.text
    assert "boom" in caplog.text


def test_a_wrapped_application_is_served() -> None:
    inner = create_app()
    seen: list[str] = []

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])
        await inner(scope, receive, send)

    with MockServer(app=outer) as server:
        assert httpx.post(f"{server.url}/videos", json={}, headers=TOKEN).status_code == 200
    assert "http" in seen


@pytest.mark.parametrize("is_secure", [False, True], ids=["http", "https"])
def test_a_client_that_does_not_read_leaves_no_socket_behind(is_secure: bool, tmp_path: Path) -> None:
    certificate = tmp_path / "server.pem"
    trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    to_client = ssl.create_default_context()
    to_client.check_hostname, to_client.verify_mode = False, ssl.CERT_NONE
    answered = threading.Event()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http", "the server goes on without a lifespan"
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        answered.set()
        await send({"type": "http.response.body", "body": bytes(50 * MEBIBYTE)})

    gc.collect()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        server = MockServer(app=answer, ssl_certfile=certificate if is_secure else None)
        with ExitStack() as clients:
            with server:
                address = httpx.URL(server.url)
                client = clients.enter_context(socket.create_connection((address.host, address.port or 0)))
                if is_secure:
                    client = clients.enter_context(to_client.wrap_socket(client))
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert answered.wait(30)
            gc.collect()
    assert [str(one.message) for one in warned] == []


@pytest.fixture
def command(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address that it says."""
    arguments = [sys.executable, "-m", "aioz_stream_mock", "--port", "0", "--data-dir", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "mock")}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        said = ""
        while "AIOZ_STREAM_TOKEN=token-a" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        match = re.search(r"AIOZ_STREAM_BASE_URL=(\S+)", said)
        assert match is not None
        assert "secret-a" in said
        assert str(tmp_path) in said
        yield process, match[1]
        process.kill()


def test_the_command_stops_when_interrupted(command: tuple[subprocess.Popen[str], str]) -> None:
    process, url = command
    assert httpx.post(f"{url}/videos", json={}, headers=TOKEN).status_code == 200
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


def seconds_of_work(process: int) -> float:
    """How long a process has had a core: unlike the time that passes, no other program makes it longer."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak from /proc")
def test_a_large_part_needs_little_memory(command: tuple[subprocess.Popen[str], str]) -> None:
    process, url = command
    block, count = bytes(range(256)) * 4096, 190
    md5 = hashlib.md5()
    for _ in range(count):
        md5.update(block)
    size = len(block) * count

    def body() -> Iterator[bytes]:
        yield b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(count):
            yield block
        for name, value in (("index", "1"), ("hash", md5.hexdigest())):
            yield f'\r\n--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        yield b"\r\n--B--\r\n"

    with httpx.Client(base_url=url, headers=TOKEN, timeout=100) as http:
        video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]
        headers = {
            "Content-Type": "multipart/form-data; boundary=B",
            "Content-Range": f"bytes 0-{size - 1}/{size}",
        }
        before = seconds_of_work(process.pid)
        answer = http.post(f"/videos/{video}/part", content=body(), headers=headers)
        assert answer.status_code == 200, answer.text
        # One, as measured; what copies a body over and over takes minutes.
        assert seconds_of_work(process.pid) - before < 8
        assert http.get(f"/videos/{video}/complete").status_code == 200
        with http.stream("GET", f"/videos/{video}/source") as answer:
            assert sum(len(chunk) for chunk in answer.iter_bytes()) == size
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    print(f"peak memory of the server: {int(peak[1]) / 1024:.0f} MiB")
    assert int(peak[1]) * 1024 < 128 * MEBIBYTE


def test_acknowledged_parts_survive_a_kill(command: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    process, url = command
    with httpx.Client(base_url=url, headers=TOKEN, timeout=60) as http:
        video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]
        assert send_part(http, video, b"hello", 0, 5).status_code == 200
    process.kill()
    process.wait()
    with MockServer(Settings(data_dir=tmp_path)) as server:
        assert [part.length for part in server.state.store.parts(video)] == [5]
