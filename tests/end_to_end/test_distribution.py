"""The wheel, installed where nothing of the checkout is, and the README followed word for word."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.xdist_group("distribution"), pytest.mark.timeout(240)]


def build(source: Path, folder: Path, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory, environment_of_the_machine: Mapping[str, str]) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder, environment_of_the_machine)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    [made] = dist.glob("*.whl")
    return made


def files_of_the_project() -> set[str]:
    """As git knows them; ignored files are left out."""
    listing = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    return {name for name in names if (ROOT / name).is_file()}


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


PACKAGES = {
    "aioz_stream": "overlay",
    "aioz_stream_api": "generated",
    "aioz_stream_cli": "cli",
    "aioz_stream_mock": "mock",
}
NOTICES = {
    "LICENSE",
    "mock/aioz_stream_mock/static/shaka-player/LICENSE",
    "mock/aioz_stream_mock/static/swagger-ui/LICENSE",
    "mock/aioz_stream_mock/static/swagger-ui/NOTICE",
    "mock/aioz_stream_mock/static/swagger-ui/swagger-ui-bundle.js.LICENSE.txt",
}
KINDS = {".css", ".js", ".json", ".py", ".svg", ".txt", ".typed", ".yaml", ""}
"""Of files in the wheel, by their endings: anything else got in by mistake."""


@pytest.mark.slow
def test_what_the_wheel_holds(wheel: Path) -> None:
    """The packages, file for file, the contract, and what belongs to a distribution. Nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        contract = archive.read("aioz_stream_mock/openapi.yaml")
    [info] = {name.partition("/")[0] for name in names if ".dist-info/" in name}
    sources = {
        name.partition("/")[2]
        for name in files_of_the_project()
        if any(name.startswith(f"{folder}/{package}/") for package, folder in PACKAGES.items())
    }
    assert {f"{package}/py.typed" for package in PACKAGES} <= sources
    assert {Path(name).suffix for name in sources} <= KINDS
    about = {*("METADATA", "WHEEL", "RECORD", "entry_points.txt"), *(f"licenses/{name}" for name in NOTICES)}
    assert names == {*sources, "aioz_stream_mock/openapi.yaml", *(f"{info}/{name}" for name in about)}
    assert contract == (ROOT / "openapi.yaml").read_bytes()


@pytest.mark.slow
def test_what_the_wheel_says_of_itself(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("METADATA")]
        said = HeaderParser().parsestr(archive.read(name).decode())
        notice = archive.read(name.replace("METADATA", "licenses/mock/aioz_stream_mock/static/shaka-player/LICENSE"))
    without_extra = [one for one in said.get_all("Requires-Dist", []) if ";" not in one]
    required = sorted(re.findall(r"^[\w-]+", one)[0] for one in without_extra)
    assert required == ["attrs", "h11", "httpx", "platformdirs", "python-dateutil"]
    assert said["License-Expression"] == "MIT AND Apache-2.0"
    assert set(said.get_all("License-File", [])) == NOTICES
    assert b"Apache License" in notice
    assert not [one for one in said.get_all("Classifier", []) if one.startswith("License ::")]
    assert {one.partition(",")[0] for one in said.get_all("Project-URL", [])} >= {
        "Documentation",
        "Source",
        "Changelog",
    }
    page = str(said.get_payload())
    links = re.findall(r"\]\(([^)]+)\)", page)
    assert len(links) > 10
    assert [link for link in links if not re.match(r"https?://|#", link)] == []
    for path in re.findall(r"/(?:blob/)?main/([^)#]+)", page):
        assert (ROOT / path).exists(), path


@pytest.mark.slow
def test_what_the_source_distribution_holds(dist: Path) -> None:
    [made] = dist.glob("*.tar.gz")
    with tarfile.open(made) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    left_out = {name for name in files_of_the_project() if name.startswith((".ci/", ".github/"))}
    assert names == {*files_of_the_project(), "PKG-INFO"} - left_out


@pytest.mark.slow
def test_two_builds_are_equal_bit_for_bit(
    dist: Path, tmp_path: Path, environment_of_the_machine: Mapping[str, str]
) -> None:
    """In another folder, from files of another age and other rights, in another order, elsewhere in the world."""
    copy, other = tmp_path / "copy", tmp_path / "other"
    for number, name in enumerate(sorted(files_of_the_project(), reverse=True)):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
        (copy / name).chmod(0o700 if os.access(ROOT / name, os.X_OK) else 0o600)
        os.utime(copy / name, (10**9 + number, 10**9 + number))
    build(copy, other, {**environment_of_the_machine, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"})
    assert {path.name: sha256(path) for path in other.iterdir()} == {path.name: sha256(path) for path in dist.iterdir()}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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


def test_the_table_of_operations_names_all_nine() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
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
