"""The wheel, installed where nothing of the checkout is, and the README followed word for word."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.xdist_group("distribution"), pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, environment_of_the_machine: Mapping[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, env=environment_of_the_machine, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory, environment_of_the_machine: Mapping[str, str]
) -> Path:
    """The `bin` of a clean environment with the wheel and its [mock] extra."""
    environment = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin" / "pip"), "--disable-pip-version-check", "--quiet", "install"]
    pinned = ["--constraint", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, *pinned, f"{wheel}[mock]"], env=environment_of_the_machine, check=True)
    return environment / "bin"


@pytest.mark.slow
def test_what_the_wheel_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith("METADATA"))
        requirements = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", archive.read(metadata).decode(), re.MULTILINE)
        contract = archive.read("aioz_stream_mock/openapi.yaml")
    packages = {"aioz_stream", "aioz_stream_api", "aioz_stream_cli", "aioz_stream_mock"}
    assert {name.partition("/")[0] for name in names if "dist-info" not in name} == packages
    assert {f"{package}/py.typed" for package in packages} <= names
    static = {f"aioz_stream_mock/static/{name}" for name in ("player.js", "shaka-player/LICENSE", "swagger-ui/NOTICE")}
    assert static <= names
    assert contract == (ROOT / "openapi.yaml").read_bytes()
    assert sorted(requirements) == ["attrs", "h11", "httpx", "platformdirs", "python-dateutil"]


def readme_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.slow
def test_the_readme_works_as_printed(installed: Path, tmp_path: Path) -> None:
    """Every Python example, against the server that the README starts."""
    (tmp_path / "talk.mp4").write_bytes(os.urandom(100_000))
    shell = [line for block in readme_blocks("sh") for line in block.splitlines()]
    [start] = [line for line in shell if line.startswith("aioz-stream-mock ")]
    [export] = [line for line in shell if line.startswith("export ")]
    port = str(free_port())
    environment = {"PATH": f"{installed}:/usr/bin:/bin"}
    server = subprocess.Popen(
        start.replace("8080", port).split(), cwd=tmp_path, env=environment, executable=installed / "aioz-stream-mock"
    )
    try:
        exported = [pair.split("=") for pair in export.replace("8080", port).split()[1:]]
        environment |= {name: value for name, value in exported}  # noqa: C416 - the types are clearer than dict()'s
        wait_for(environment["AIOZ_STREAM_BASE_URL"])
        blocks = readme_blocks("python")
        assert len(blocks) >= 4
        outputs: list[str] = []
        for block in blocks:
            python = [str(installed / "python"), "-W", "error", "-c", block]
            done = subprocess.run(python, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), block
            outputs.append(done.stdout)
        assert outputs[0].startswith("done VideoAssets(source_url='http://127.0.0.1:")
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(10) in {0, 130, -signal.SIGINT}


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing answers at {url}")


def test_the_readmes_table_names_the_nine_operations() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| operation | code |") : text.index("And what one does")]
    rows = re.findall(r"^\| ([a-z ]+) \| `.*stream\.videos\.(\w+)\(", table, re.MULTILINE)
    assert dict(rows[1:] if rows[0][0] == "operation" else rows) == {
        **{name: name for name in ("create", "list", "get", "cost", "complete", "update", "delete")},
        "upload part": "upload_part",
        "upload thumbnail": "upload_thumbnail",
    }


def test_the_makefile_explains_itself() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in done.stdout.splitlines()}
    assert {
        *("setup", "generate", "check-generated", "lint", "types", "check"),
        *("test", "contract", "demo", "mock", "build", "clean"),
    } <= listed
