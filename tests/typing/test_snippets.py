"""What users write passes their type checkers, mypy and pyright, as these are without settings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # half a minute for both checkers

SNIPPETS = Path(__file__).with_name("snippets")
CHECKERS = {
    "mypy": [sys.executable, "-m", "mypy", "--config-file=", "--cache-dir=cache"],
    "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable],
}
MISTAKES = """
from aioz_stream import AiozStream, AsyncAiozStream, Sending

AiozStream(tokn="t")  # wrong
stream = AiozStream(token="t")
stream.upload("talk.mp4", titel="Talk")  # wrong
options: Sending = {"part_size": "50 MiB"}  # wrong
stream.videos.list(sort_by="date")  # wrong
stream.videos.get("an-id").titel  # wrong
stream.videos.get("an-id").created_at + 1  # wrong


async def ask(stream: AsyncAiozStream) -> None:
    (await stream.videos.get("an-id")).titel  # wrong
    stream.videos.get("an-id").title  # wrong
    await stream.videos.cost(["720p"])  # wrong
    await stream.videos.iter_bytes("an-id")  # wrong
"""
"""Where a type is lost, a checker says nothing."""


@pytest.mark.parametrize("checker", CHECKERS)
def test_snippets_pass_in_the_default_mode_and_mistakes_do_not(checker: str, tmp_path: Path) -> None:
    snippets = sorted(SNIPPETS.glob("*.py"))
    assert len(snippets) >= 20
    for snippet in snippets:
        text = snippet.read_text(encoding="utf-8")
        assert not [word for word in ("cast(", "type: ignore", "pyright: ignore", "Any") if word in text]
        shutil.copy(snippet, tmp_path)
    (tmp_path / "mistakes.py").write_text(MISTAKES, encoding="utf-8")
    done = subprocess.run([*CHECKERS[checker], "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if " error: " in line]
    assert not [line for line in lines if "mistakes.py" not in line], done.stdout + done.stderr
    found = {int(line.partition("mistakes.py:")[2].partition(":")[0]) for line in lines}
    assert found == {number for number, line in enumerate(MISTAKES.splitlines(), 1) if "# wrong" in line}, done.stdout
