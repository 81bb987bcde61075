"""Where it is played: servers that swallow, a certificate that they are trusted by, files, and contenders started."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from upload_bench.contender import CHECKSUMS, WHERE

if TYPE_CHECKING:
    from collections.abc import Generator

    from upload_bench.job import Job

PEERS = Path(__file__).parents[2] / ".venv" / "peers" / "bin" / "python"
"""The interpreter of the environment that the clients of others are installed in."""

_BLOCK = 64 * 1024 * 1024  # of random bytes, which are repeated: more than any cache holds
_SLOWEST = 20_000_000  # bytes a second; who is slower than that hangs


class ContenderError(Exception):
    """A contender did not upload the file."""


@frozen
class Server:
    """A server in a process of its own."""

    url: str
    certificate: Path | None

    def swallowed(self) -> int:
        """How many bytes of bodies came so far."""
        tls = ssl.create_default_context(cafile=self.certificate) if self.certificate else None
        with urllib.request.urlopen(f"{self.url}/swallowed", context=tls) as answer:
            return int(answer.read())


class Stage:
    """Set up once, for all contenders."""

    def __init__(self, servers: dict[str, Server], memory: Path, disk: Path) -> None:
        self.servers = servers
        self._memory, self._disk = memory, disk

    @contextmanager
    def file(self, size: int) -> Generator[tuple[Path, bool]]:
        """A file whose reading never waits for a disk, and whether it is sparse: one that would fill the memory is."""
        path = self._memory / f"{size}.bin"
        sparse = size > available() // 2 or size > shutil.disk_usage(self._memory).free // 2
        try:
            with path.open("wb") as file:
                if sparse:
                    file.truncate(size)
                block = os.urandom(min(_BLOCK, size))
                for begin in range(0, 0 if sparse else size, len(block)):
                    file.write(block[: size - begin])
            yield path, sparse
        finally:
            path.unlink(missing_ok=True)

    def run(self, server: Server, job: Job) -> dict[str, Any]:
        """What it cost, and what a tiny upload before it cost.

        Raises ContenderError when it failed, or sent less or more than the file.
        """
        before = server.swallowed()
        python = str(PEERS) if WHERE[job.contender].startswith("peers:") else sys.executable
        first = self._memory / "first.bin"
        first.write_bytes(b"1")
        command = [python, "-m", "upload_bench.contender", json.dumps(asdict(job) | {"first_file": str(first)})]
        cost = self._started(server, command, 60 + job.size / _SLOWEST)
        sent = server.swallowed() - before
        if job.contender not in CHECKSUMS and not job.size <= sent <= job.size * 1.01 + 100_000:
            raise ContenderError(f"it sent {sent:,} bytes for a file of {job.size:,}")
        return cost

    def many(self, server: Server, count: int) -> dict[str, Any]:
        """What so many tiny files cost."""
        with tempfile.TemporaryDirectory(dir=self._memory) as directory:
            command = [sys.executable, "-m", "upload_bench.many", server.url, directory, str(count)]
            return self._started(server, command, 60 + count / 10)

    def _started(self, server: Server, command: list[str], timeout: float) -> dict[str, Any]:
        trusted = {"SSL_CERT_FILE": str(server.certificate)} if server.certificate else {}
        try:
            done = subprocess.run(
                command,
                env={**_environment(), "AIOZ_STREAM_JOURNALS": str(self._disk / "journals"), **trusted},
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except FileNotFoundError:
            raise ContenderError(f"there is no {command[0]}, which `make bench` sets up") from None
        except subprocess.TimeoutExpired:
            raise ContenderError(f"it was not over after {timeout:.0f} s") from None
        if done.returncode:
            raise ContenderError((done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1])
        cost: dict[str, Any] = json.loads(done.stdout)
        return cost


@contextmanager
def set_up(transports: list[str]) -> Generator[Stage]:
    """Servers for "http" and "https"."""
    with ExitStack() as stack:
        disk = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        shared = Path("/dev/shm")
        memory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None)))
        servers: dict[str, Server] = {}
        for transport in transports:
            certificate = _certificate(disk) if transport == "https" else None
            port = stack.enter_context(_serving(certificate and certificate.with_name("server.pem")))
            servers[transport] = Server(f"{transport}://127.0.0.1:{port}", certificate)
        yield Stage(servers, memory, disk)


def available() -> int:
    """Bytes of memory that can be had."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) * 1024


@contextmanager
def _serving(certificate: Path | None) -> Generator[int]:
    command = [sys.executable, "-m", "upload_bench.server"]
    if certificate:
        command += ["--certificate", str(certificate)]
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def _certificate(directory: Path) -> Path:
    """The certificate of an authority made for this run; beside it is what it signed for the server."""
    trustme: Any = import_module("trustme")  # of the group `bench`
    authority, path = trustme.CA(), directory / "authority.pem"
    authority.cert_pem.write_to_path(path)
    server = authority.issue_cert("127.0.0.1")
    server.private_key_and_cert_chain_pem.write_to_path(path.with_name("server.pem"))
    return path


def _environment() -> dict[str, str]:
    """Where these modules are found; without proxies, which nobody needs on the way to one's own machine."""
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**inherited, "PYTHONPATH": str(Path(__file__).parents[1])}
