"""The files for a public forge and for containers, as far as they can be tried where neither is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import yaml

ROOT = Path(__file__).parents[2]
CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")


def test_the_workflow_runs_what_exists() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    commands = "\n".join(step.get("run", "") for step in steps)
    assert "bash .ci/run" in commands
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", commands, re.MULTILINE)) <= targets
    for path in re.findall(r"(?:tools/\S+|Containerfile)", commands):
        assert (ROOT / path).exists(), path
    assert {"ubuntu", "macos", "windows"} == {
        system.partition("-")[0] for system in jobs["core"]["strategy"]["matrix"]["system"]
    }
    assert all(job["timeout-minutes"] <= 60 for job in jobs.values())


def instruction(name: str) -> Any:
    """The last one of that name, as a list of words."""
    return json.loads(re.findall(rf"^{name} (\[.*\])$", CONTAINER, re.MULTILINE)[-1])


def test_the_containers_command_serves_and_its_check_sees_that(tmp_path: Path) -> None:
    entry = [word.replace("8080", "0") for word in instruction("ENTRYPOINT")]
    options = [word.replace("/data", str(tmp_path / "data")) for word in instruction("CMD")]
    program = str(Path(sys.executable).with_name(entry[0]))
    with subprocess.Popen([program, *entry[1:], *options], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            [port] = re.findall(r":(\d+)/api", server.stdout.readline())
            python, *check = [word.replace("8080", port) for word in instruction("HEALTHCHECK .* CMD")]
            assert python == "python"
            assert ends_with(check) == 0
            assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
        finally:
            server.terminate()
            assert server.wait(30) == 0
    assert ends_with(check) != 0  # no server listens any more
    assert (tmp_path / "data").is_dir()


def ends_with(check: list[str]) -> int:
    return subprocess.run([sys.executable, *check], check=False, capture_output=True, timeout=60).returncode


def test_what_the_container_installs_is_there() -> None:
    extras = set(re.findall(r"\[([a-z,]+)\]", CONTAINER)[0].split(","))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extras <= set(project["optional-dependencies"])
    assert instruction("ENTRYPOINT")[0] in project["scripts"]
    for source in re.findall(r"/source/(\S+)", CONTAINER):
        assert (ROOT / source).exists(), source
