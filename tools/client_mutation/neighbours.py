"""Which tests stand beside a module. They are asked first; the others only where those notice nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
OVERLAY = ROOT / "tests" / "overlay"
LIES = ROOT / "tests" / "adversarial"

BESIDE: dict[str, tuple[str, ...]] = {
    "http/cancel_signal": ("cancel",),
    "http/connections": ("client", "cancel", "executors"),
    "http/credentials": ("credentials", "client"),
    "http/options": ("client", "credentials", "arguments"),
    "http/session": ("client", "retry", "responses", "videos"),
    "upload/batch": ("many",),
    "upload/creation": ("creation", "late_creation"),
    "upload/lookup": ("late_creates", "late_creation", "creation"),
    "upload/duplicates": ("creation", "late_creation"),
    "upload/earlier_run": ("resume", "creation"),
    "upload/failure": ("upload", "resume"),
    "upload/engine": ("engine", "upload", "resume"),
    "upload/cancellation": ("cancel",),
    "upload/journal": ("journal", "resume"),
    "upload/many": ("many",),
    "upload/options": ("upload", "arguments"),
    "upload/plan": ("upload", "arguments"),
    "upload/progress": ("progress",),
    "upload/rate_limit": ("progress", "upload"),
    "upload/single_part": ("upload",),
    "upload/sources": ("sources", "remote"),
    "upload/threads": ("engine", "cancel"),
    "upload/upload": ("upload", "resume", "creation"),
    "upload/uploads": ("resume", "creation"),
    "upload/workers": ("executors",),
}
"""By the module's path, or its folder's: the parts of test files' names. Any other: files that are named like it."""

LYING: dict[str, str] = {
    "http/retry": "test_retry_after.py",
    "http/responses": "test_lies.py",
    "upload": "test_lies.py",
}


def beside(module: str) -> list[str]:
    """As pytest takes them, the nearest first."""
    stem = module.removesuffix(".py")
    names = _entry(BESIDE, stem) or (stem.rpartition("/")[2],)
    tests = [OVERLAY / f"test_{name}.py" for name in names]
    lying = _entry(LYING, stem)
    tests += [LIES / lying] if lying else []
    return [str(test.relative_to(ROOT)) for test in tests if test.exists()] or [str(OVERLAY.relative_to(ROOT))]


def _entry(table: dict[str, T], stem: str) -> T | None:
    """Of the longest path in the table that the module is, or is below."""
    fitting = [path for path in table if stem == path or stem.startswith(f"{path}/")]
    return table[max(fitting, key=len)] if fitting else None


def everything() -> list[str]:
    return ["tests/overlay", "tests/adversarial/test_lies.py", "tests/adversarial/test_retry_after.py"]
