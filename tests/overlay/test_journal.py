"""The journal of an upload: a file that only this upload has, and that says after any crash what was acknowledged."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioz_stream import JournalError, PartLimits, UploadInProgressError, plan
from aioz_stream.upload.journal import Disk, Journal, JournalFile, JournalWarning, Record, read_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aioz_stream import AiozStream


@pytest.mark.parametrize("names", [("talk.1", "talk.2"), ("talk.lock", "talk.new"), ("talk.new", "talk.lock")])
def test_journals_with_any_names_are_strangers(
    names: tuple[str, str], tmp_path: Path, stream: AiozStream, make_file: Callable[..., Path]
) -> None:
    """Each is kept, in a file of its own, while its upload runs."""
    outer, inner = (tmp_path / name for name in names)
    kept: list[bool] = []

    def on_created(_: str) -> None:
        stream.upload(make_file(b"inner", "inner.mp4"), journal=inner)
        kept.append(b'"video"' in outer.read_bytes())

    stream.upload(make_file(b"outer", "outer.mp4"), journal=outer, on_created=on_created)
    assert kept == [True]
    assert not outer.exists()
    assert not inner.exists()


CALL = {"base_url": "http://service.test", "new": {"title": "Talk"}, "source": "/talk.mp4", "part_size": 10}
PARTS = plan(40, 10, PartLimits(1, 10))
History = tuple[object, ...]


def told(record: Record | None) -> History:
    """What of a record counts when an upload goes on."""
    return () if record is None else (record.marker, record.video_id, sorted(record.parts.items()))


def whole_life(journal: Journal) -> list[Callable[[], None]]:
    """Every kind of step, each a call; the second beginning is that of a video that was gone."""
    return [
        lambda: journal.begin({"size": 40}, "first"),
        lambda: journal.add_video("one"),
        lambda: journal.add_part(PARTS[0], "0" * 32),
        lambda: journal.begin({"size": 40}, "second"),
        lambda: journal.add_video("two"),
        *(partial(journal.add_part, part, f"{part.index:032}") for part in PARTS),
    ]


class PowerCutError(BaseException):
    """Nothing after this happens."""


class Failing(Disk):
    """A disk on which one step goes wrong, after half of it if so told.

    It tells apart what is on the disk for certain and what may still be in the system's memory alone: a write is there
    after the sync of its file, a new name after that of its directory.
    """

    def __init__(self, folder: Path, at: int, error: BaseException, *, half: bool) -> None:
        self._folder, self._left, self._error, self._half = folder, at, error, half
        self.has_struck = False
        self._certain: dict[int, bytes] = {}
        self._names: dict[str, int] = {}

    def write(self, descriptor: int, content: bytes) -> None:
        self._step(lambda: os.write(descriptor, content[: len(content) // 2]))
        super().write(descriptor, content)

    def sync(self, descriptor: int) -> None:
        self._step()
        super().sync(descriptor)
        inode = os.fstat(descriptor).st_ino
        self._certain[inode] = self._cached(inode)

    def rename(self, old: Path, new: Path) -> None:
        self._step()
        if new.exists():
            # What it replaces may come back; so its number must not be given to another file.
            os.link(new, self._folder / f"replaced {new.stat().st_ino}")
        super().rename(old, new)

    def sync_directory(self, path: Path) -> None:
        self._step()
        super().sync_directory(path)
        self._names = self._present()

    def _step(self, half: Callable[[], object] = lambda: None) -> None:
        self._left -= 1
        if self._left == 0:
            self.has_struck = True
            if self._half:
                half()
            raise self._error

    def _present(self) -> dict[str, int]:
        return {path.name: path.stat().st_ino for path in self._folder.glob("*.journal")}

    def _cached(self, inode: int) -> bytes:
        return next(path.read_bytes() for path in self._folder.iterdir() if path.stat().st_ino == inode)

    def after_a_cut(self, name: str) -> Iterator[bytes | None]:
        """All that a file may be when the power is back; None where it is not there."""
        for names in (self._names, self._present()):
            if name not in names:
                yield None
                continue
            certain, cached = self._certain.get(names[name], b""), self._cached(names[name])
            yield certain
            same = next((at for at, (a, b) in enumerate(zip(certain, cached, strict=False)) if a != b), len(certain))
            # Of what was not synced, any beginning may be there; behind it is what was there before, or zeros.
            for size in {*range(same, len(cached), 7), *range(max(same, len(cached) - 3), len(cached) + 1)}:
                yield cached[:size] + certain[size:]
                yield cached[:size] + bytes(len(cached) - size)


def histories(folder: Path) -> list[History]:
    """What there is to tell after each step when nothing goes wrong, beginning with nothing."""
    with closing(Journal(JournalFile(folder / "a.journal", CALL))) as journal:
        known: list[History] = [()]
        for step in whole_life(journal):
            step()
            known.append(told(read_record(folder / "a.journal")[0]))
        return known


def struck(folder: Path, at: int, error: BaseException, *, half: bool) -> tuple[Failing, int]:
    """A life that ends at one of the disk's steps, and how many of its own steps were done before."""
    disk, done = Failing(folder, at, error, half=half), 0
    with closing(Journal(JournalFile(folder / "a.journal", CALL, disk))) as journal, suppress(PowerCutError):
        for step in whole_life(journal):
            step()
            done += 1
    return disk, done


@pytest.mark.parametrize("half", [False, True])
def test_a_power_cut_leaves_what_was_before_or_what_is_after(tmp_path: Path, *, half: bool) -> None:
    """At any step of the disk, and whatever of the rest the disk has kept."""
    (tmp_path / "whole").mkdir()
    known, looked_at = histories(tmp_path / "whole"), 0
    for at in range(1, 100):
        folder = tmp_path / str(at)
        folder.mkdir()
        disk, done = struck(folder, at, PowerCutError(), half=half)
        possible = known[done : done + 2] if disk.has_struck else known[-1:]
        for content in disk.after_a_cut("a.journal"):
            looked_at += 1
            left = tmp_path / "left.journal"
            left.unlink(missing_ok=True)
            if content is not None:
                left.write_bytes(content)
            assert told(read_record(left)[0]) in possible, (at, done, content)
        if not disk.has_struck:
            break
    assert at > 20
    assert looked_at > 300


@pytest.mark.parametrize("half", [False, True])
def test_a_disk_that_fails_ends_the_journal_and_not_the_upload(tmp_path: Path, *, half: bool) -> None:
    """There is one warning; what was written down stays, and the next run goes on from there."""
    (tmp_path / "whole").mkdir()
    known = histories(tmp_path / "whole")
    for at in range(1, 100):
        folder = tmp_path / str(at)
        folder.mkdir()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            disk, done = struck(folder, at, OSError(errno.ENOSPC, "No space left on device"), half=half)
        if not disk.has_struck:
            break
        assert done == len(known) - 1, "an error was raised"
        assert [one.category for one in caught] == [JournalWarning]
        with closing(Journal(JournalFile(folder / "a.journal", CALL))) as journal:
            assert told(journal.record) in known
            if journal.record is None:
                continue
            journal.add_part(PARTS[3], "f" * 32)
            assert told(read_record(folder / "a.journal")[0]) == told(journal.record)
    assert at > 20


class Hasty(Disk):
    """A disk of a test that cuts no power."""

    def sync(self, descriptor: int) -> None:
        """Not needed."""

    def sync_directory(self, path: Path) -> None:
        """Not needed."""


@given(st.lists(st.integers(0, 3), max_size=8), st.floats(0, 1), st.binary(max_size=30))
@settings(max_examples=40)
def test_any_prefix_reads_as_a_prefix_of_its_history(parts: list[int], cut: float, garbage: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.journal"
        with closing(Journal(JournalFile(path, CALL, Hasty()))) as journal:
            journal.begin({"size": 40}, "marker")
            history = [(path.stat().st_size, told(journal.record))]
            journal.add_video("video")
            history.append((path.stat().st_size, told(journal.record)))
            for number, index in enumerate(parts):
                journal.add_part(PARTS[index], f"{number:032}")
                history.append((path.stat().st_size, told(journal.record)))
        # The head was there whole before anything else was.
        size = history[0][0] + int(cut * (history[-1][0] - history[0][0]))
        path.write_bytes(path.read_bytes()[:size] + garbage)
        record, valid = read_record(path)
        assert (valid, told(record)) == max(one for one in history if one[0] <= size)


def test_what_is_damaged_counts_no_more(tmp_path: Path) -> None:
    """One wrong byte of a line, whichever, and nothing from there on is believed."""
    path = tmp_path / "a.journal"
    with closing(Journal(JournalFile(path, CALL, Hasty()))) as journal:
        journal.begin({"size": 40}, "marker")
        journal.add_video("video")
        begin, known = path.stat().st_size, told(journal.record)
        journal.add_part(PARTS[0], "0" * 32)
        end = path.stat().st_size
        journal.add_part(PARTS[1], "1" * 32)
    content = path.read_bytes()
    for position in range(begin, end):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        record, size = read_record(path)
        assert (size, told(record)) == (begin, known), position


HOLDER = """
import sys
from pathlib import Path
from aioz_stream.upload.journal import JournalFile

journal = JournalFile(Path(sys.argv[1]), {})
print("held", flush=True)
sys.stdin.read()
"""


def test_only_one_process_has_it_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UploadInProgressError, match="another process"):
            JournalFile(path, {})
        other.kill()
        other.wait(30)
        JournalFile(path, {}).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="locks are another call there")
def test_a_file_system_without_locks_is_not_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_: int, __: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(JournalError, match=r"can't be locked: No locks available\..*journal=False") as caught:
        JournalFile(tmp_path / "a.journal", {})
    assert not isinstance(caught.value, UploadInProgressError)


FORKING = """
import os, sys, time
from pathlib import Path
from aioz_stream.upload.journal import JournalFile

journal = JournalFile(Path(sys.argv[1]), {})
if os.fork() == 0:
    print("forked", flush=True)
    time.sleep(600)
time.sleep(600)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked there")
def test_a_forked_child_does_not_hold_it(tmp_path: Path) -> None:
    """A worker may outlive whoever uploads."""
    path = tmp_path / "a.journal"
    command = [sys.executable, "-c", FORKING, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as parent:
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() == "forked\n"
            with pytest.raises(UploadInProgressError):
                JournalFile(path, {})
            parent.kill()
            parent.wait(30)
            JournalFile(path, {}).close()
        finally:
            os.killpg(parent.pid, signal.SIGKILL)
