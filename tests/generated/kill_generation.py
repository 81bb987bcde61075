"""Kills `generate` before each of its steps on the file system, one after the other, and looks at what is left.

Run as a program: the folder of the package, the contract, and whether the system can exchange two folders. Prints a
line for each step: what was about to happen, and which package was there afterwards.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import generate
from generation import publication
from generation.contract import Contract, ContractError

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
ELSEWHERE = {"subprocess.Popen", "ctypes.dlsym"}


def content(package: Path) -> dict[str, bytes]:
    paths = (path for path in package.rglob("*") if path.is_file())
    return {path.relative_to(package).as_posix(): path.read_bytes() for path in paths}


def is_step(event: str, arguments: tuple[object, ...], folder: Path) -> bool:
    """Whether it writes to the folder, or lets another program or the system's library do so."""
    if event in ELSEWHERE:
        return True
    reads = event == "open" and not int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR)
    return event in STEPS and not reads and str(folder) in repr(arguments)


def killed_before(step: int, package: Path, contract: Path) -> str:
    """What the step was; nothing where there are fewer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        seen = 0

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            if not is_step(event, arguments, package.parent):
                return
            seen += 1
            if seen == step:
                os.write(writing, event.encode())
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        generate.generate(package, contract)
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        return told.read()


def main() -> None:
    package, contract, can_exchange, whole = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "yes", sys.argv[4] == "yes"
    if not can_exchange:
        publication._exchange = lambda *_: False
    if not whole:
        generate.STEPS = (write_version,)
    text = contract.read_text(encoding="utf-8")
    trees: dict[str, dict[str, bytes]] = {}
    for version in ("new", "old"):
        contract.write_text(text.replace("VERSION", version), encoding="utf-8")
        generate.generate(package, contract)
        trees[version] = content(package)
    new = contract.with_name("new.yaml")
    new.write_text(text.replace("VERSION", "new"), encoding="utf-8")
    step, event = 1, "first"
    while event:
        generate.generate(package, contract)
        event = killed_before(step, package, new)
        left = content(package)
        if not can_exchange and not left:
            broken = contract.with_name("broken.yaml")
            broken.write_text("{", encoding="utf-8")
            try:
                generate.generate(package, broken)
            except ContractError:
                left = content(package)
        name = next((version for version, tree in trees.items() if tree == left), f"neither: {sorted(left)}")
        print(event or "end", name, flush=True)
        step += 1


def write_version(contract: Contract, folder: Path) -> None:
    folder.mkdir()
    for name in ("one.py", "two.py"):
        (folder / name).write_text(contract.tree["info"]["version"], encoding="utf-8")


if __name__ == "__main__":
    main()
