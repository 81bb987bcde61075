"""The journal of an upload: a file that only this upload has, and that says after any crash what was acknowledged."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import warnings
import zlib
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioz_stream import JournalError, PartLimits, UploadInProgressError, plan
from aioz_stream.files import Disk, open_own
from aioz_stream.upload.journal import (
    Journal,
    JournalWarning,
    Record,
    default_directory,
    read_record,
)
from aioz_stream.upload.lock import Lock

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


def test_a_line_says_one_thing() -> None:
    record = Record(CALL, {}, None, 0.0)
    record.add({"unknown": True})
    record.add({"part": [0, 9, "md5"]})
    record.add({"video": "v", "duplicates": True})
    assert told(record) == told(Record(CALL, {}, None, 0.0, None, "v", True, {(0, 9): "md5"}))
    assert not record.is_complete
    record.add({"complete": True})
    assert record.is_complete


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
    with closing(Journal(folder / "a.journal", CALL)) as journal:
        known: list[History] = [()]
        for step in whole_life(journal):
            step()
            known.append(told(read_record(folder / "a.journal")[0]))
        return known


def struck(folder: Path, at: int, error: BaseException, *, half: bool) -> tuple[Failing, int]:
    """A life that ends at one of the disk's steps, and how many of its own steps were done before."""
    disk, done = Failing(folder, at, error, half=half), 0
    with closing(Journal(folder / "a.journal", CALL, disk)) as journal, suppress(PowerCutError):
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
        with closing(Journal(folder / "a.journal", CALL)) as journal:
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
        with closing(Journal(path, CALL, Hasty())) as journal:
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
        record, valid, _ = read_record(path)
        assert (valid, told(record)) == max(one for one in history if one[0] <= size)


def test_what_is_damaged_counts_no_more(tmp_path: Path) -> None:
    """One wrong byte of a line, whichever, and nothing from there on is believed."""
    path = tmp_path / "a.journal"
    with closing(Journal(path, CALL, Hasty())) as journal:
        journal.begin({"size": 40}, "marker")
        journal.add_video("video")
        begin, known = path.stat().st_size, told(journal.record)
        journal.add_part(PARTS[0], "0" * 32)
        end = path.stat().st_size
        journal.add_part(PARTS[1], "1" * 32)
    content = path.read_bytes()
    for position in range(begin, end):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        record, size, _ = read_record(path)
        assert (size, told(record)) == (begin, known), position


HOLDER = """
import sys
from pathlib import Path
from aioz_stream.upload.journal import Journal

journal = Journal(Path(sys.argv[1]), {})
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
            Journal(path, {})
        other.kill()
        other.wait(30)
        Journal(path, {}).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="locks are another call there")
def test_a_lock_that_is_released_is_closed(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "a.journal")
    descriptor = lock._descriptor
    os.fstat(descriptor)
    lock.release()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    lock.release()


def test_a_file_system_without_locks_is_not_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_: int, __: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(JournalError, match=r"can't be kept: No locks available\..*journal=False") as caught:
        Journal(tmp_path / "a.journal", {})
    assert not isinstance(caught.value, UploadInProgressError)


FORKING = """
import os, sys, time
from pathlib import Path
from aioz_stream.upload.journal import Journal

journal = Journal(Path(sys.argv[1]), {})
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
                Journal(path, {})
            parent.kill()
            parent.wait(30)
            Journal(path, {}).close()
        finally:
            os.killpg(parent.pid, signal.SIGKILL)


def planted(path: Path, kind: str) -> None:
    """Something that is no file of this user's."""
    if kind == "link":
        path.with_name("victim").write_text("precious")
        path.symlink_to(path.with_name("victim"))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files there")
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
@pytest.mark.parametrize("suffix", ["", ".lock", ".new"])
def test_nothing_else_in_its_place_is_used(kind: str, suffix: str, tmp_path: Path) -> None:
    """It would be written to, or waited for without end."""
    path = tmp_path / "a.journal"
    planted(path.with_name(path.name + suffix), kind)
    if suffix == ".new" and kind != "folder":
        with closing(Journal(path, CALL)) as journal:
            journal.begin({"size": 40}, "marker")
        assert told(read_record(path)[0]) == ("marker", None, [])
    else:
        with pytest.raises(JournalError, match="can't be"), closing(Journal(path, CALL, is_named=True)) as journal:
            journal.begin({"size": 40}, "marker")
    if kind == "link":
        assert (tmp_path / "victim").read_text() == "precious"


@pytest.mark.skipif(sys.platform == "win32", reason="files have no numbers of users there")
def test_a_file_of_another_user_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others write to the folder, too. A folder of the same other user is a file system's way to show owners."""
    path = tmp_path / "a.journal"
    path.write_bytes(line(HEAD))
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    assert read_record(path)[0] is not None
    real = os.stat

    def stat(place: Any, **options: Any) -> os.stat_result:
        status = real(place, **options)
        return os.stat_result([*status[:4], 4712, *status[5:]]) if Path(place) == tmp_path else status

    monkeypatch.setattr("os.stat", stat)
    with pytest.raises(JournalError, match="another user"):
        read_record(path)


def line(content: Any) -> bytes:
    """A line with its checksum."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


NO_TEXT: list[Any] = [[], {}, 1]
NO_OBJECT: list[Any] = [None, [], "call", 1]
HEAD: dict[str, Any] = {"format": 1, "call": CALL, "source": {"size": 40}, "marker": "0123", "begun": 0.0}


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 4096,
        b"\n",
        b"no journal",
        line([]),
        line("head"),
        line(b"[" * 100_000),
        line(b"{"),
        line({}),
        line({"format": 1}),
        line({**HEAD, "format": 2}),
        *(line({**HEAD, name: wrong}) for name in ("call", "source") for wrong in NO_OBJECT),
        *(line({**HEAD, name: wrong}) for name in ("marker", "account") for wrong in NO_TEXT),
        *(line({**HEAD, "begun": wrong}) for wrong in (None, "now", 1e300, float("inf"), float("nan"))),
        *(line(HEAD) + line({"part": wrong}) for wrong in (None, 1, [], [1, 2], ["a", 2, ""], [{}, 2, ""])),
    ],
    ids=lambda content: repr(content[:70]),
)
def test_what_has_another_form_is_no_journal(content: bytes, tmp_path: Path) -> None:
    """A later version's, another program's, or one that was edited."""
    path = tmp_path / "a.journal"
    path.write_bytes(content)
    with pytest.raises(JournalError, match="no journal that this version can read"):
        read_record(path)
    assert path.read_bytes() == content


def test_an_empty_journal_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.journal").write_bytes(b"")
    assert read_record(tmp_path / "a.journal")[:2] == (None, 0)


def test_a_huge_file_is_no_journal(tmp_path: Path) -> None:
    with (tmp_path / "a.journal").open("wb") as file:
        file.write(line(HEAD))
        file.truncate(2**40)
    with pytest.raises(JournalError, match="no journal"):
        read_record(tmp_path / "a.journal")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x" + line(HEAD)[1:] + line({"video": "old-one"}), "An older video may exist: old-one"),
        (b"x" + line(HEAD)[1:].replace(b": ", b":"), "its metadata has 0123"),
        (b"x", "may exist"),
    ],
)
def test_a_damaged_journal_says_which_video_may_exist(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.journal").write_bytes(content)
    with pytest.raises(JournalError, match=says):
        read_record(tmp_path / "a.journal")


class TestLost:
    """The journal's file is lost while its upload runs."""

    @pytest.fixture
    def journal(self, tmp_path: Path) -> Iterator[Journal]:
        with closing(Journal(tmp_path / "a.journal", CALL)) as journal:
            journal.begin({"size": 40}, "marker")
            journal.add_video("one")
            yield journal

    def test_that_it_resumes_is_read_from_the_disk(self, journal: Journal, tmp_path: Path) -> None:
        assert journal.resumes()
        (tmp_path / "a.journal").rename(tmp_path / "b.journal")
        assert not journal.resumes()
        (tmp_path / "a.journal").mkdir()
        assert not journal.resumes()
        (tmp_path / "a.journal").rmdir()
        (tmp_path / "b.journal").rename(tmp_path / "a.journal")
        assert journal.resumes()

    def test_another_run_in_its_place_is_not_this_one(self, journal: Journal, tmp_path: Path) -> None:
        """It is neither written to nor removed."""
        path = tmp_path / "a.journal"
        os.link(path, tmp_path / "kept")  # so that the system gives its number to no other file
        path.unlink()
        (tmp_path / "a.journal.lock").unlink()
        with closing(Journal(path, CALL)) as other:
            other.begin({"size": 40}, "other")
            other.add_video("other")
            content = path.read_bytes()
            assert not journal.resumes()
            with pytest.warns(JournalWarning, match="another file is in its place"):
                journal.add_part(PARTS[0], "0" * 32)
            journal.remove()
            journal.close()
            assert path.read_bytes() == content
            with pytest.raises(UploadInProgressError):
                Journal(path, CALL)

    def test_a_journal_that_can_not_be_removed_is_a_warning(
        self, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> None:
            raise OSError(errno.EROFS, "Read-only file system")

        monkeypatch.setattr("os.unlink", refuse)
        with pytest.warns(JournalWarning, match="can't be removed: Read-only file system"):
            journal.remove()


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EACCES])
def test_a_file_system_that_can_not_sync_keeps_journals(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", fsync)
    with closing(Journal(tmp_path / "a.journal", CALL)) as journal:
        journal.begin({"size": 40}, "marker")
        journal.add_video("one")
        assert journal.resumes()


def test_what_could_not_be_begun_leaves_nothing(tmp_path: Path) -> None:
    file = Journal(tmp_path / "a.journal", CALL, Failing(tmp_path, 1, OSError(), half=True), is_named=True)
    with closing(file) as journal, pytest.raises(JournalError):
        journal.begin({"size": 40}, "marker")
    assert list(tmp_path.iterdir()) == []


def test_a_named_journal_that_can_not_be_begun_is_an_error(tmp_path: Path) -> None:
    """Nothing was sent yet, and the caller can name another place."""
    file = Journal(tmp_path / "a.journal", CALL, Failing(tmp_path, 1, OSError(), half=False), is_named=True)
    with closing(file) as journal, pytest.raises(JournalError):
        journal.begin({"size": 40}, "marker")


@pytest.mark.parametrize("known", [None, "relative"])
def test_without_a_home_there_is_no_usual_place(known: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: str) -> Path:
        if known is None:
            raise RuntimeError("could not determine the home directory")
        return Path(known)

    monkeypatch.delenv("AIOZ_STREAM_JOURNALS", raising=False)
    monkeypatch.setattr("platformdirs.user_state_path", nowhere)
    with pytest.raises(JournalError, match="AIOZ_STREAM_JOURNALS"):
        default_directory()


def test_a_journal_stays_where_it_was_when_the_program_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(Journal(Path("a.journal"), CALL)) as journal:
        journal.begin({"size": 40}, "marker")
        monkeypatch.chdir("/")
        journal.add_video("one")
        assert journal.resumes()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists a process's open files there")
def test_a_refused_file_is_closed(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(OSError, match="no regular file"):
            open_own(pipe, os.O_RDWR)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
