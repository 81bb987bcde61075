"""The programs from npm that read the contract are pinned, whole, and bound to no registry."""

from __future__ import annotations

import json
from pathlib import Path

READERS = Path(__file__).parents[2] / "tools" / "readers"


def test_the_lock_file_fits_any_registry() -> None:
    lock = json.loads((READERS / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((READERS / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all("integrity" in package and "resolved" not in package for package in packages.values())
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
