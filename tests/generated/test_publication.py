"""`make generate` that is killed leaves a whole package: the old one or the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
CONTRACT = """
openapi: 3.1.0
info: { title: T, version: VERSION }
paths:
  /x:
    get:
      operationId: getX
      responses:
        "200": { description: It., content: { application/json: { schema: { $ref: "#/components/schemas/X" } } } }
components: { schemas: { X: { type: object, properties: { a: { type: string } } } } }
"""


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("can_exchange", "all_steps"),
    [("yes", "no"), ("no", "no"), pytest.param("yes", "yes", marks=pytest.mark.slow)],
)
def test_killed_before_each_step(can_exchange: str, all_steps: str, tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_text(CONTRACT, encoding="utf-8")
    package = tmp_path / "generated" / "client"
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("kill_generation.py"), package, contract, can_exchange, all_steps],
        env={**os.environ, "PYTHONPATH": str(TOOLS)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert len(lines) > (30 if all_steps == "yes" else 6)
    assert {line.split()[1] for line in lines} == {"old", "new"}, lines
    assert lines[0].endswith("old")
    assert lines[-1] == "end new"
    # What replaces the old package is one step: before it all is old, after it all is new.
    names = [line.split()[1] for line in lines]
    assert names == sorted(names, reverse=True)
    assert [path.name for path in package.parent.iterdir()] == ["client"]
