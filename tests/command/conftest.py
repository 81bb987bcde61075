"""The command as people use it: in a pipe, and in a terminal of so many columns."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pexpect
import pyte
import pytest

from aioz_stream_mock import MockServer, Settings
from tests.command.forked import run_forked

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

USUAL_COLUMNS = 80
_ROWS = 50
T = TypeVar("T")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Narrower and wider terminals than the usual one are looked at by `make slow`."""
    for item in items:
        call: Any = getattr(item, "callspec", None)  # pytest has no type for it
        columns = call.params.get("columns") if call else None
        if columns not in {None, USUAL_COLUMNS} and item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


class Run(Protocol):
    """Runs a command in a pipe to its end."""

    def __call__(
        self, *words: str, standard_input: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]: ...


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(self, program: Sequence[str], columns: int, environment: dict[str, str]) -> None:
        self._screen = pyte.HistoryScreen(columns, _ROWS, history=1000)
        self._stream = pyte.Stream(self._screen)
        self.child = pexpect.spawn(
            program[0],
            [*program[1:]],
            env=environment | {"TERM": "xterm-256color"},
            dimensions=(_ROWS, columns),
            encoding="utf-8",
            timeout=60,
        )
        self.text = ""
        """All that the program has written."""
        self.child.logfile_read = self

    def write(self, text: str) -> None:
        """Takes what the program writes."""
        self.text += text
        self._stream.feed(text)

    def flush(self) -> None:
        """A file has one."""

    def type(self, line: str) -> None:
        """Types a line of input."""
        self.child.sendline(line)

    def interrupt(self) -> None:
        """Types Ctrl-C, which the terminal turns into a signal for all that runs in it."""
        self.child.sendintr()

    def expect(self, pattern: str) -> None:
        """Waits until the command has written text that matches the pattern."""
        self.child.expect(pattern)

    def read_until(self, seen: Callable[[], T | None]) -> T:
        """Takes what the program writes until something is seen: a program whose terminal is full would wait."""
        while (found := seen()) is None:
            self.child.expect([pexpect.TIMEOUT], timeout=0.05)
        return found

    def end(self) -> int | None:
        """Waits for the command's end. The result is its exit status; below 0, the signal that ended it."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus if self.child.signalstatus is None else -self.child.signalstatus

    @property
    def lines(self) -> list[str]:
        """The lines that the terminal shows, as wide as it is, those that scrolled away included."""
        above = [
            "".join(row[column].data for column in range(self._screen.columns)) for row in self._screen.history.top
        ]
        return [line.rstrip() for line in (*above, *self._screen.display)]


class OpenTerminal(Protocol):
    """Starts a command in a pseudo-terminal."""

    def __call__(self, *words: str, columns: int = USUAL_COLUMNS, **environment: str) -> Terminal: ...


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    """The address of a mock server that transcodes at once."""
    with MockServer(Settings(transcode_seconds=0)) as server:
        yield server.url


@pytest.fixture
def environment(url: str, journals: Path) -> dict[str, str]:
    """All environment variables of a command: the mock server, its first account, and a folder for journals."""
    return {
        "AIOZ_STREAM_BASE_URL": url,
        "AIOZ_STREAM_TOKEN": "token-a",
        "AIOZ_STREAM_JOURNALS": str(journals),
        "HOME": str(journals.parent),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",  # and not the developer's
        "PATH": os.environ["PATH"],
    }


_OF_THE_INTERPRETER = ("PYTHONPATH", "PYTHONWARNINGS", "PYTHONUTF8", "PYTHONIOENCODING", "LC_", "LANG")
"""What it reads when it starts."""


@pytest.fixture
def run(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Run:
    def call(*words: str, standard_input: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        if not any(name.startswith(_OF_THE_INTERPRETER) for name in environment | changes):
            return run_forked(words, standard_input, environment | changes, tmp_path_factory.mktemp("pipe"))
        return subprocess.run(
            [sys.executable, "-m", "aioz_stream", *words],
            input=standard_input,
            capture_output=True,
            text=True,
            env=environment | changes,
            check=False,
        )

    return call


@pytest.fixture
def terminal(environment: dict[str, str]) -> Iterator[OpenTerminal]:
    opened: list[Terminal] = []

    def call(*words: str, columns: int = USUAL_COLUMNS, **changes: str) -> Terminal:
        opened.append(Terminal([sys.executable, "-m", "aioz_stream", *words], columns, environment | changes))
        return opened[-1]

    yield call
    for one in opened:
        one.child.close(force=True)
