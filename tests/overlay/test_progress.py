"""What people see of an upload, and how fast it may go."""

from __future__ import annotations

import asyncio
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioz_stream import AiozStream, AsyncAiozStream, ConfigurationError, PartLimits, Progress, plan
from aioz_stream.bar import progress_bar
from aioz_stream.upload.progress import Meter
from aioz_stream.upload.rate_limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream_mock import MockServer

ANY = PartLimits(1, 10**9)
SMALL: dict[str, Any] = {"part_size": 100, "part_limits": ANY, "concurrency": 3}


class Clock:
    """A time that passes only when it is told to, or when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


class TestMeter:
    def test_a_part_that_was_acknowledged_and_is_missing(self) -> None:
        """It counts as tried again, what is shown never decreases, and the end is the whole."""
        meter = Meter(20, 2)
        for index in (1, 2):
            meter.add_part(index, 10)
        meter.take_back(10)
        now = meter.reading()
        assert (now.sent, now.safe, now.parts_done, now.retries, now.resent) == (20, 10, 1, 1, 10)
        meter.set_sent(2, 5)
        assert meter.reading().sent == 20
        meter.add_part(2, 10)
        assert meter.reading() == Progress(20, 20, resent=10, retries=1, parts_done=2, parts_total=2, safe=20)

    @given(
        st.integers(1, 60),
        st.lists(
            st.tuples(
                st.integers(0, 5), st.sampled_from(["sent", "sent", "failed", "done", "earlier"]), st.floats(0, 1)
            ),
            max_size=25,
        ),
    )
    @settings(max_examples=60)
    def test_any_order_of_events_never_decreases_and_ends_whole(
        self, size: int, events: list[tuple[int, str, float]]
    ) -> None:
        """Whatever the workers do at a time: begin, go on, fail, begin again, be done, or be done by an earlier run."""
        waiting = {part.index: part for part in plan(size, 10, ANY)}
        count, sent = len(waiting), dict.fromkeys(waiting, 0)
        meter = Meter(size, count)
        seen, retries, resent, resumed = [meter.reading()], 0, 0, 0
        for number, kind, fraction in [*events, *((index - 1, "done", 1.0) for index in sent)]:
            index = number % count + 1
            if index not in waiting:
                continue
            if kind == "sent":
                sent[index] += int((waiting[index].size - sent[index]) * fraction)
                meter.set_sent(index, sent[index])
            elif kind == "failed":
                retries, resent, sent[index] = retries + 1, resent + sent[index], 0
                meter.add_retry(index)
            else:
                part, before = waiting.pop(index), meter.reading().safe
                meter.add_part(index, part.size, earlier=kind == "earlier")
                assert meter.reading().safe == before + part.size
                resumed += part.size if kind == "earlier" else 0
            seen.append(meter.reading())
        counts = [reading.sent for reading in seen]
        assert counts == sorted(counts)
        assert all(0 <= reading.sent <= size for reading in seen)
        assert (seen[-1].sent, seen[-1].fraction, seen[-1].parts_done) == (size, 1, count)
        assert all(reading.safe <= reading.sent for reading in seen)
        assert seen[-1].safe == size
        assert (seen[-1].retries, seen[-1].resent, seen[-1].resumed) == (retries, resent, resumed)

    def test_speed_and_time_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock()
        monkeypatch.setattr("aioz_stream.upload.progress.time", clock)
        meter = Meter(100_000, 2)
        assert (meter.reading().speed, meter.reading().seconds_left) == (0, None)
        for second in range(1, 31):
            clock.now += 1
            meter.set_sent(1, second * 1000 if second <= 15 else 15_000 + (second - 15) * 3000)
            reading = meter.reading()
            if second <= 15:
                assert reading.speed == pytest.approx(1000)
        assert reading.speed == pytest.approx(3000), "of the last ten seconds"
        assert reading.seconds_left == pytest.approx((100_000 - 60_000) / 3000)
        assert reading.seconds == 30

    def test_what_an_earlier_run_sent_is_no_speed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = Clock()
        monkeypatch.setattr("aioz_stream.upload.progress.time", clock)
        meter = Meter(10**9, 2)
        meter.reading()
        clock.now += 1
        meter.add_part(1, 9 * 10**8, earlier=True)
        assert meter.reading().speed == 0


class TestCallbacks:
    def test_they_come_on_the_calling_thread(self, stream: AiozStream, make_file: Callable[..., Path]) -> None:
        threads: set[int] = set()

        def hear(_: object) -> None:
            threads.add(threading.get_ident())

        stream.upload(make_file(bytes(1000)), on_progress=hear, on_created=hear, **SMALL)
        assert threads == {threading.get_ident()}

    def test_those_of_many_files_come_on_the_threads_of_the_files(self, stream: AiozStream, clips: Any) -> None:
        threads: set[str] = set()

        def hear(_: object) -> None:
            threads.add(threading.current_thread().name)

        how: dict[str, Any] = {"journal": False, "on_progress": hear, "on_created": hear}
        assert all(result.video for result in stream.upload_many(clips(4), **SMALL, **how))
        assert threads
        assert all(name.startswith("aioz-stream-file") for name in threads)

    @pytest.mark.anyio
    async def test_those_of_asyncio_come_on_the_loop(
        self, async_stream: AsyncAiozStream, make_file: Callable[..., Path]
    ) -> None:
        loops: set[object] = set()

        async def hear(_: object) -> None:
            loops.add(asyncio.get_running_loop())

        await async_stream.upload(make_file(bytes(1000)), on_progress=hear, on_created=hear, **SMALL)
        assert loops == {asyncio.get_running_loop()}

    @pytest.mark.parametrize("name", ["on_progress", "on_created"])
    @pytest.mark.parametrize("error", [RuntimeError("enough"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
    def test_a_callback_that_raises_ends_the_upload(
        self,
        stream: AiozStream,
        server: MockServer,
        make_file: Callable[..., Path],
        stored: Callable[[str, str], bytes],
        noise: Callable[[int], bytes],
        journals: Path,
        working: Callable[[], list[str]],
        name: str,
        error: BaseException,
    ) -> None:
        path, title = make_file(noise(2000)), f"{name} raises {error!r}"

        def fail(_: object) -> None:
            raise error

        with pytest.raises(type(error)) as caught:
            stream.upload(path, title=title, **SMALL | {name: fail})
        assert caught.value is error
        assert working() == []
        assert list(journals.glob("*.journal"))
        [left] = stream.videos.list(search=title)
        assert (left.status, left.id in "".join(error.__notes__)) == ("new", True)
        video = stream.upload(path, title=title, **SMALL)
        assert (video.id, stored(server.url, video.id)) == (left.id, noise(2000))

    def test_a_slow_callback_holds_up_no_part(self, stream: AiozStream, make_file: Callable[..., Path]) -> None:
        """It waits for the last part, which comes all the same."""
        seen: list[Progress] = []
        is_done = threading.Event()

        def watch(reading: Progress) -> None:
            seen.append(reading)
            assert is_done.wait(30) or reading.fraction == 1

        original = Meter.add_part

        def done(meter: Meter, index: int, size: int, *, earlier: bool = False) -> None:
            original(meter, index, size, earlier=earlier)
            if meter.reading().parts_done == 20:
                is_done.set()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Meter, "add_part", done)
            stream.upload(make_file(bytes(2000)), on_progress=watch, journal=False, **SMALL)
        assert is_done.is_set()
        assert seen[-1].fraction == 1


class TestBar:
    def test_the_bar_shows_how_far_the_upload_is(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "120")
        with progress_bar("[b]talk.mp4[/b]") as bar:
            assert capsys.readouterr().err == "", "nothing before there is progress"
            bar(Progress(500, 1000))
            bar(Progress(1000, 1000, resent=100, retries=2, safe=400))
        shown = capsys.readouterr().err
        assert "400 bytes safe" in shown
        assert "[b]talk.mp4[/b]" in shown
        assert "1.0/1.0 kB" in shown
        assert "2 tried again" in shown

    def test_at_its_end_it_shows_the_speed_of_the_run(self, capsys: pytest.CaptureFixture[str]) -> None:
        """One part has no speed before it is there, so no time was left to tell either."""
        with progress_bar("talk.mp4") as bar:
            bar(Progress(0, 4_000_000))
            bar(Progress(4_000_000, 4_000_000, seconds=2.0))
        last = capsys.readouterr().err.splitlines()[-1]
        assert "2.0 MB/s" in last
        assert "0:00:00" in last

    def test_with_nothing_to_send_it_shows_no_speed(self, capsys: pytest.CaptureFixture[str]) -> None:
        with progress_bar("talk.mp4") as bar:
            bar(Progress(4_000_000, 4_000_000, resumed=4_000_000, seconds=2.0))
        assert "/s" not in capsys.readouterr().err

    def test_an_error_that_comes_first_has_the_screen_to_itself(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(RuntimeError), progress_bar("talk.mp4"):
            raise RuntimeError
        assert capsys.readouterr().err == ""

    def test_in_a_notebook_the_bar_is_one_output_that_changes(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outputs: list[list[str]] = []

        class Output:
            """What IPython shows below a cell."""

            def __init__(self, bars: Any, *, display_id: bool = False) -> None:
                if not display_id:
                    assert bars.text == "\n", "else it can't change"  # Rich 13.0 ends with an empty line
                    return
                outputs.append([])
                self._shown = outputs[-1]
                self.update(bars)

            def update(self, bars: Any) -> None:
                self._shown.append(bars._repr_mimebundle_([], [])["text/html"])

        monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=Output))
        monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
        with progress_bar("talk.mp4") as bar:
            bar(Progress(500, 1000))
            bar(Progress(1000, 1000))
        [shown] = outputs
        assert len(shown) >= 3
        assert "talk.mp4" in shown[-1]
        assert "500/1000 bytes" not in shown[-1]
        assert "1.0/1.0 kB" in shown[-1]
        assert capsys.readouterr() == ("", "")

    def test_the_bar_needs_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("rich.console", "rich.progress"):
            monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(ConfigurationError, match=r"aioz-stream\[cli\]"), progress_bar():
            pass


class TestRateLimit:
    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> Clock:
        clock = Clock()
        monkeypatch.setattr("aioz_stream.upload.rate_limit.time", clock)
        return clock

    @settings(max_examples=50)
    @given(st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 5)), min_size=1, max_size=20), st.integers(1, 10**7))
    def test_bytes_are_sent_no_faster_than_the_rate(self, blocks: list[tuple[int, float]], rate: int) -> None:
        """Also after a pause: what was not sent then is not made up for."""
        clock = Clock()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("aioz_stream.upload.rate_limit.time", clock)
            limit, signal = RateLimit(rate), uncancelled(clock)
            free_at = clock.now
            for size, idle in blocks:
                clock.now += idle
                asked_at = clock.now
                limit.take(size, signal)
                assert clock.now >= free_at - 1e-6
                assert clock.now <= max(asked_at, free_at) + 1e-6, "and no slower"
                free_at = clock.now + size / rate

    @settings(max_examples=30)
    @given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=10))
    def test_sending_begins_after_the_longest_hold(self, holds: list[tuple[float, float]]) -> None:
        clock = Clock()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("aioz_stream.upload.rate_limit.time", clock)
            limit = RateLimit()
            over = clock.now
            for seconds, later in holds:
                limit.hold(seconds)
                over = max(over, clock.now + seconds)
                clock.now += later
            expected = max(over, clock.now)
            limit.wait(uncancelled(clock))
            assert clock.now == pytest.approx(expected)

    def test_without_a_speed_there_is_no_wait(self, clock: Clock) -> None:
        RateLimit().take(10**9, uncancelled(clock))
        assert clock.now == 1000

    @pytest.mark.parametrize(("rate", "block"), [(None, 2**20), (10**9, 2**20), (80_000, 10_000), (10, 1024)])
    def test_blocks_are_small_at_a_low_speed(self, rate: float | None, block: int) -> None:
        """A block at a time: a connection that says nothing for a minute is given up by proxies."""
        assert RateLimit(rate).block_size == block


def uncancelled(clock: Clock) -> Any:
    """A cancel signal that is never set; a pause moves the clock."""
    return SimpleNamespace(pause=clock.pause)
