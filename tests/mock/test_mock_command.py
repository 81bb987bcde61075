"""The command: what it can't start with is one sentence, and however it is ended, it puts everything away."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from mock_process import COMMAND, MockProcess, launched, started

from aioz_stream_mock import MockServer, Settings, StoreError, cli
from aioz_stream_mock.certificates import CertificateError
from aioz_stream_mock.server import ListenError
from aioz_stream_mock.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = {"Authorization": "Bearer token-a"}
NOBODY = 65534
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and rights are those of POSIX")
OPENSSL = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificates with openssl")


@pytest.fixture
def hangup_is_not_ignored() -> Iterator[None]:
    """Let new processes begin with the default of SIGHUP, even if this run was started to ignore it, by nohup say."""
    # A handler is not inherited; that a signal is ignored would be.
    before = signal.signal(signal.SIGHUP, lambda *_: None)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The sentence with which the command refuses to start."""

    def sentence(*arguments: object) -> str:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        with pytest.raises(SystemExit) as ended:
            cli.main(["--no-transcode", "--port", "0", *(str(argument) for argument in arguments)])
        assert ended.value.code == 2
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
        said = capsys.readouterr()
        assert said.out == ""
        *usage, line = said.err.splitlines()
        assert usage in ([], ["usage: aioz-stream-mock [options]"])
        return line.removeprefix("aioz-stream-mock: ").removeprefix("error: ")

    return sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--data-dir", ""], "--data-dir: must name a folder; leave the option out for a temporary one"),
        (["--data-dir", " "], "--data-dir: must name a folder"),
        (["--host", ""], "--host: must be an address or a name of this machine; 0.0.0.0 stands for all"),
        (["--host", "a\0b"], "--host: must be an address"),
        (["--host", "nowhere.invalid"], "there is no host 'nowhere.invalid'; listen on an address of this machine"),
        (["--host", "192.0.2.1"], "192.0.2.1 is no address of this machine; listen on one that is"),
        (["--port", "65536"], "--port: must be a number from 0 to 65535; 0 takes a free port"),
        (["--port", "-1"], "--port: must be a number"),
        (["--port", "http"], "--port: must be a number"),
        (["--account", "rich"], "--account: 'rich' is not NAME=BALANCE, such as rich=1000"),
        (["--account", "=1"], "--account: '=1' is not NAME=BALANCE"),
        (["--account", "rich="], "--account: '' is not an amount; rich=1000 would have one"),
        (["--account", "rich=much"], "--account: 'much' is not an amount"),
        (["--account", "rich=nan"], "--account: 'nan' is not an amount"),
        (["--account", "a=1", "--account", "a=2"], "two accounts share one name"),
        (["--transcode-seconds", "nan"], "transcode_seconds must be a number of seconds, 0 or more"),
        (["--transcode-seconds", "inf"], "transcode_seconds must be a number of seconds, 0 or more"),
        (["--allow-host", "http://mock"], "allow_hosts must hold names or addresses, such as mock.internal, without"),
        (["--public-url", "videos.example"], "public_url must be an http or https URL"),
        (["--public-url", "https://videos.example/api?a=b"], "public_url must be an http or https URL"),
        (["--contract", "/no/such/contract"], "the contract /no/such/contract can't be read (No such file"),
        (["--accounts", "/no/such/accounts"], "/no/such/accounts: No such file"),
        (["--ssl-certfile", "/no/such/file"], "the file '/no/such/file' can't be read (No such file"),
        (["--ssl-certfile", ""], "the file '' can't be read (No such file or directory); give one in PEM"),
        (["--ssl-certfile", os.curdir], "the file '.' can't be read (Is a directory)"),
        (["--ssl-keyfile", "key.pem"], "the key key.pem needs its certificate; give that too, or neither"),
        (["--ssl-certfile", __file__], "does not hold both a certificate and its key in PEM"),
        (["--ssl-certfile", __file__, "--ssl-keyfile", __file__], "are not a certificate and its key in PEM"),
    ],
)
def test_wrong_options_of_the_command_are_explained(
    refused: Callable[..., str], arguments: list[str], sentence: str
) -> None:
    assert sentence in refused(*arguments)


def test_a_port_in_use_is_refused(refused: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        expected = f"port {port} of 127.0.0.1 is in use; stop what listens there, or take another port"
        assert refused("--port", port).startswith(expected)
        with pytest.raises(ListenError, match="is in use"), MockServer(port=port):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_in_use_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    with MockServer(Settings(data_dir=tmp_path)):
        assert refused("--data-dir", tmp_path) == (
            f"the data folder {tmp_path} is in use by another mock server; stop that one, or take another folder"
        )


def test_a_data_folder_that_is_no_folder_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    for folder in (file, file / "below"):
        expected = f"the data folder {folder} is, or lies in, a file; take a folder"
        assert refused("--data-dir", folder) == expected
    assert "can't be made (" in refused("--data-dir", tmp_path / ("x" * 300))


def test_a_folder_with_other_files_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    for name in ("files", "incoming", "media"):
        theirs = tmp_path / name / name / "theirs"
        theirs.parent.mkdir(parents=True)
        theirs.write_bytes(b"precious")
        assert f"has a folder {name} that is not a mock server's" in refused("--data-dir", tmp_path / name)
        assert theirs.read_bytes() == b"precious"
        assert list((tmp_path / name).iterdir()) == [theirs.parent]
    # What else lies there is nothing to a server.
    (tmp_path / "notes.txt").write_bytes(b"precious")
    with MockServer(Settings(data_dir=tmp_path / "notes")):
        pass


def test_a_folder_with_another_database_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3").write_bytes(b"precious " * 1000)
    said = refused("--data-dir", tmp_path)
    assert "has a state.sqlite3 that is not a mock server's, or is damaged" in said
    assert said.endswith("; take another folder")
    assert (tmp_path / "state.sqlite3").read_bytes() == b"precious " * 1000


@contextmanager
def without_rights() -> Iterator[Path]:
    """A folder in which this process may not write, even if it is root's."""
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with MockServer(Settings(data_dir=folder / "made")):
            pass
        for path in (*folder.rglob("*"), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        if is_root:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o755)


@POSIX
@pytest.mark.parametrize("name", [".", "new", "made"])
def test_a_data_folder_without_rights_is_refused(name: str) -> None:
    with without_rights() as folder, pytest.raises(StoreError, match="can't be written to; take a folder of yours"):
        Store(folder / name, ())


@POSIX
def test_a_port_without_rights_is_refused() -> None:
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    try:
        with (
            pytest.raises(ListenError, match="port 1 needs rights that you don't have; take one from 1024 on"),
            MockServer(port=1),
        ):
            pass
    finally:
        if os.getuid() == 0:
            os.seteuid(0)


def make_certificate(folder: Path, *, lock: bool = False) -> tuple[Path, Path]:
    folder.mkdir()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 1 -subj /CN=localhost"
    locked = ["-passout", "pass:secret"] if lock else ["-nodes"]
    subprocess.run([*make.split(), *locked, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@OPENSSL
def test_certificates_and_keys_that_do_not_match_are_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path / "one")
    other, other_key = make_certificate(tmp_path / "other", lock=True)

    def said(certificate: Path, key: Path | None = None) -> str:
        keys = ["--ssl-keyfile", key] if key else []
        return str(refused("--ssl-certfile", certificate, *keys))

    assert said(certificate).startswith(f"{certificate} does not hold both a certificate and its key in PEM; give the")
    assert (
        said(certificate, certificate)
        == f"{certificate} and {certificate} are not a certificate and its key in PEM; give two that are"
    )
    assert "the key is locked with a passphrase; give one without" in said(other, other_key)
    unlocked = tmp_path / "unlocked.pem"
    unlock = f"openssl pkey -in {other_key} -passin pass:secret -out {unlocked}"
    subprocess.run(unlock.split(), check=True, capture_output=True)
    assert said(certificate, unlocked).startswith(f"{unlocked} is the key of another certificate than {certificate}")
    with pytest.raises(CertificateError, match="another certificate"):
        MockServer(ssl_certfile=certificate, ssl_keyfile=unlocked)
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    for right in ({"ssl_certfile": both}, {"ssl_certfile": certificate, "ssl_keyfile": key}):
        with MockServer(**right) as server:  # type: ignore[arg-type] # nothing but the two
            assert (
                httpx.post(f"{server.url}/videos", json={}, headers=TOKEN, timeout=60, verify=False).status_code == 200
            )


@contextmanager
def temporary(folder: Path, *options: str) -> Iterator[MockProcess]:
    """A server whose temporary folder is made in another folder."""
    (folder / "tmp").mkdir()
    with started(None, folder / "log", "--no-transcode", *options, TMPDIR=str(folder / "tmp")) as server:
        assert len(list((folder / "tmp").iterdir())) == 1
        yield server


@POSIX
@pytest.mark.usefixtures("hangup_is_not_ignored")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_command_removes_its_temporary_folder_on_every_signal(tmp_path: Path, number: signal.Signals) -> None:
    with temporary(tmp_path) as server:
        assert httpx.post(f"{server.url}/videos", json={}, headers=TOKEN).status_code == 200
        assert server.stop(number) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read().endswith("\nStopped.\n")
        assert "Traceback" not in server.log()
    assert list((tmp_path / "tmp").iterdir()) == []


@POSIX
@pytest.mark.usefixtures("hangup_is_not_ignored")
def test_the_command_removes_its_temporary_folder_when_its_terminal_closes(tmp_path: Path) -> None:
    with temporary(tmp_path) as server:
        assert server.process.stdout is not None
        # With an answer, all is said that is said at the start.
        httpx.get(server.url)
        server.process.stdout.close()
        assert server.stop(signal.SIGHUP) == 0
        assert "Error" not in server.log()
    assert list((tmp_path / "tmp").iterdir()) == []


@POSIX
def test_the_command_removes_its_temporary_folder_when_ended_during_its_start(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    with launched(None, tmp_path / "log", "--no-transcode", TMPDIR=str(tmp_path / "tmp")) as server:
        deadline = time.monotonic() + 60
        while not list((tmp_path / "tmp").iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        assert server.stop() == 0
        assert server.log() == ""
    assert list((tmp_path / "tmp").iterdir()) == []


@POSIX
def test_the_command_outlives_its_terminal_under_nohup(tmp_path: Path) -> None:
    # What nohup does.
    script = f"trap '' HUP; exec '{COMMAND}' --port 0 --no-transcode"
    with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True) as process:
        server = MockProcess(process, tmp_path / "log")
        try:
            server.wait_until_it_listens()
            process.send_signal(signal.SIGHUP)
            assert httpx.post(f"{server.url}/videos", json={}, headers=TOKEN).status_code == 200
            assert server.stop() == 0
        finally:
            process.kill()


def read_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@POSIX
def test_a_data_folder_is_closed_to_other_users(tmp_path: Path) -> None:
    open_to_all = tmp_path / "empty"
    open_to_all.mkdir(mode=0o755)
    for folder in (tmp_path / "new", open_to_all):
        for mode in (0o755, 0o700):  # as an earlier server has left it, and as this one does
            with MockServer(Settings(data_dir=folder)) as server:
                server.control.snapshot("a")
                assert read_mode(folder) == 0o700
            folder.chmod(mode)


@POSIX
def test_a_data_folder_with_files_of_others_stays_open_and_closes_what_is_its_own(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "notes.txt").touch(0o644)
    for _ in range(2):
        with MockServer(Settings(data_dir=tmp_path)) as server:
            assert server.state.signer
            server.control.snapshot("a")
            modes = {entry.name: read_mode(entry) for entry in tmp_path.iterdir()}
        assert (modes.pop("notes.txt"), read_mode(tmp_path)) == (0o644, 0o755)
        # Of the folder with the snapshots, only their names can be seen.
        assert modes.pop("snapshots") in (0o755, 0o700)
        assert set(modes.values()) == {0o700, 0o600}, modes
        assert read_mode(tmp_path / "snapshots" / "a") == 0o700


@POSIX
def test_a_foreign_folder_that_is_refused_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "state.sqlite3").write_bytes(b"precious " * 1000)
    with pytest.raises(StoreError):
        Store(tmp_path, ())
    assert read_mode(tmp_path) == 0o755


SCARCE = "No more connections can be taken (Too many open files); they wait until others end."


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_running_out_of_descriptors_is_a_sentence_and_passes(tmp_path: Path) -> None:
    import resource

    with (
        started(None, tmp_path / "log", "--no-transcode") as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
        ExitStack() as plugs,
    ):
        video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]
        few = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())) + 10
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (few, few))
        address = urlsplit(server.url)
        for _ in range(20):
            plugs.enter_context(socket.create_connection((address.hostname, address.port)))
        while SCARCE not in server.log():
            # Also so that this connection is never silent for long.
            assert http.post("/videos", json={}).status_code == 200
        part: dict[str, Any] = {
            "files": {"file": ("a", b"hello")},
            "data": {"index": "1", "hash": hashlib.md5(b"hello").hexdigest()},
            "headers": {"Content-Range": "bytes 0-4/5"},
        }
        refused = http.post(f"/videos/{video}/part", **part)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["message"] == "The server can't open a file now (Too many open files); try again."
        assert http.get(f"{server.url.removesuffix('/api')}/static/index.js").status_code == 503
        plugs.close()
        assert httpx.post(f"{server.url}/videos/{video}/part", **with_token(part), timeout=60).status_code == 200
        assert server.stop() == 0
        assert server.log().count(SCARCE) == 1
        assert "Traceback" not in server.log()


def with_token(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "headers": {**request["headers"], **TOKEN}}


def test_the_command_has_a_help_text() -> None:
    arguments = [sys.executable, "-m", "aioz_stream_mock", "--help"]
    told = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    for option in ("--port", "--data-dir", "--account", "--public-url", "examples", "try it", "exit status"):
        assert option in told


@pytest.mark.parametrize("width", [40, 80])
def test_its_help_fits_the_terminal(width: int) -> None:
    """But what is to be copied."""
    arguments = [sys.executable, "-m", "aioz_stream_mock", "--help"]
    told = subprocess.run(
        arguments, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": str(width)}
    ).stdout
    wide = [line.strip() for line in told.splitlines() if len(line) > width]
    assert [line for line in wide if not line.startswith(("aioz-stream-mock", "curl", "-H"))] == []
    assert "A local AIOZ Stream: create, upload, complete, list, price" in " ".join(told.split())
    assert "\n  curl -X POST http://127.0.0.1:8080/api/videos/create \\\n    -H " in told


def test_the_command_prints_its_version() -> None:
    done = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"aioz-stream-mock {version('aioz-stream')}\n"


@POSIX
@pytest.mark.slow
def test_an_upload_that_is_broken_off_by_the_end_is_no_failure(tmp_path: Path) -> None:
    """It has some seconds to be over first."""
    with started(None, tmp_path / "log", "--no-transcode") as server:
        video = httpx.post(f"{server.url}/videos/create", json={"title": "x"}, headers=TOKEN).json()["data"]["id"]
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port)) as connection:
            head = (
                f"POST {address.path}/videos/{video}/part HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n"
                "Content-Range: bytes 0-9/10\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                "Content-Length: 100\r\n\r\n--b\r\n"
            )
            connection.sendall(head.encode())
            time.sleep(0.3)
            assert server.stop(signal.SIGINT) == 0
        assert "Traceback" not in server.log()
