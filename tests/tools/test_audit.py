"""No answer of the index is never taken for a clean bill."""

from __future__ import annotations

import json
import subprocess
from types import SimpleNamespace
from typing import Any

import audit
import pytest

CLEAN = {"name": "attrs", "version": "26.1.0", "vulns": []}
FAULTY = {"name": "idna", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1", "2.0"]}]}
HOPELESS = {"name": "six", "version": "1.0", "vulns": [{"id": "CVE-2", "fix_versions": []}]}
SKIPPED = {"name": "httpx", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([CLEAN], 0, "1 packages looked up, 0 known faults, 0 not audited"),
        ([CLEAN, FAULTY], 1, "idna 1.0: CVE-1, mended in 1.1, 2.0"),
        ([HOPELESS], 1, "six 1.0: CVE-2, mended in no version"),
        ([CLEAN, SKIPPED], 2, "NOT AUDITED, the index does not answer for them: httpx"),
        ([SKIPPED, FAULTY], 1, "NOT AUDITED, the index does not answer for them: httpx"),
        ([], 2, "0 packages looked up"),
    ],
)
def test_what_the_index_says(
    packages: list[Any], status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answers(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(stdout=json.dumps({"dependencies": packages}), stderr="")

    monkeypatch.setattr(subprocess, "run", answers)
    assert audit.main([]) == status
    assert said in capsys.readouterr().out


def test_no_connection_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(stdout="", stderr="a\nb\nc\nConnectionError: no route")

    monkeypatch.setattr(subprocess, "run", fails)
    assert audit.main([]) == 2
    shown = capsys.readouterr()
    assert "NOT AUDITED" in shown.out
    assert shown.err.splitlines()[-1] == "ConnectionError: no route"
