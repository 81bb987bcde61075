"""A small share of `make mutants`: what is taken out must be noticed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_sample_is_noticed() -> None:
    command = [sys.executable, "tools/mutants.py", "--kind", "encoding", "--sample", "2", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "in all 2 of 2 100.0%" in " ".join(done.stdout.split())
