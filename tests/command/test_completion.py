"""Completion in a shell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest

if TYPE_CHECKING:
    from tests.command.conftest import Run

PLACES = {
    "bash": ".local/share/bash-completion/completions/aioz-stream",
    "zsh": ".local/share/zsh/site-functions/_aioz-stream",
    "fish": ".config/fish/completions/aioz-stream.fish",
}


def test_bash_completes_commands_options_values_and_files(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "ladder of mine.json").write_text("[]")
    (tmp_path / "recording.mov").write_text("")
    words = {
        "thumb": "nail ",
        "upload --qual": "ities ",
        "completion ba": "sh ",
        "check lad": r"der\\ of\\ mine\.json ",
        "upload --qualities lad": r"der\\ of\\ mine\.json ",
        "upload rec": r"ording\.mov ",
    }
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    bash = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        cwd=str(tmp_path),
        env=environment | {"PATH": path, "TERM": "dumb", "PS1": "READY> "},
        encoding="utf-8",
        timeout=60,
    )
    try:
        bash.sendline('eval "$(aioz-stream completion bash)"; echo is-$((1))-set-up')
        bash.expect("is-1-set-up")
        for typed, completed in words.items():
            bash.expect("READY> ")
            bash.send(f"aioz-stream {typed}\t")
            bash.expect(completed)
            bash.sendcontrol("u")  # Ctrl-C would end the completion where it is still at work
            bash.sendline()
    finally:
        bash.close(force=True)


@pytest.mark.parametrize("shell", sorted(PLACES))
def test_it_is_installed_where_the_shell_looks(shell: str, run: Run, tmp_path: Path) -> None:
    script = run("completion", shell, HOME=str(tmp_path)).stdout
    assert "_AIOZ_STREAM_COMPLETE" in script
    assert not (tmp_path / PLACES[shell]).exists()
    for _ in range(2):
        assert run("completion", shell, "--install", HOME=str(tmp_path)).returncode == 0
    assert (tmp_path / PLACES[shell]).read_text() == script


def test_what_can_not_be_installed(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".local").write_text("in its place")
    done = run("completion", "bash", "--install", HOME=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert run("completion", "csh").returncode == 2
