"""Bars drawn with Rich, one or many, in lines that fit the terminal. Needs the extra [cli]."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import timedelta
from importlib import import_module
from typing import Any

from rich.console import Console, RenderableType
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column, Table

from aioz_stream.upload.progress import Progress

_CTRL_C = 3  # columns left for the ^C that a terminal writes: in a line of its own, it would shift the others
_LONGEST = 100 * 60 * 60  # seconds that are worth telling


class Bars(RichProgress):
    """A line for each file. They are drawn when they are told to, and not by a thread: the system may give none."""

    def __init__(self, console: Console, *, transient: bool = False) -> None:
        self._terminal = console  # Rich asks for a first table before it has its own
        self._output: Any = None  # of a notebook
        self.is_hidden = False
        super().__init__(
            console=console,
            disable=console.is_jupyter,  # there Rich would draw with ipywidgets only, and leave nothing in the notebook
            auto_refresh=False,
            transient=transient,
            # What is printed meanwhile appears above the bars, but output that goes to a file stays there.
            redirect_stdout=bool(sys.stdout and sys.stdout.isatty()),
        )

    def refresh(self) -> None:
        """Draws the bars. In a notebook they are one output of the cell, which changes and is saved with it."""
        if not self._terminal.is_jupyter:
            super().refresh()
        elif self._output is None:
            self._output = import_module("IPython.display").display(self, display_id=True)
        else:
            self._output.update(self)

    def get_renderables(self) -> Iterable[RenderableType]:
        """Nothing while hidden: Rich that is stopped and started again would erase what was printed meanwhile."""
        return () if self.is_hidden else super().get_renderables()

    def make_tasks_table(self, tasks: Iterable[Task]) -> Table:
        """The lines, in the width that the terminal has now."""
        width = self._terminal.width
        self.columns: tuple[str | ProgressColumn, ...] = _columns(width)
        table = super().make_tasks_table(tasks)
        table.width = width - _CTRL_C
        return table

    def add(self, label: str, *, total: int | None) -> TaskID:
        return self.add_task(label, total=total, speed="", left="", note="")

    def show(self, bar: TaskID, reading: Progress, note: str = "") -> None:
        """Takes how far an upload is, for the next time that the bars are drawn."""
        left, speed = reading.seconds_left, reading.speed
        has_all = 0 < reading.total <= reading.sent
        if has_all:  # a single part has no speed before it is there
            left, speed = 0, speed or (reading.sent - reading.resumed) / (reading.seconds or 1)
        safe = f"{decimal(reading.safe)} safe" if 0 < reading.safe < reading.total else ""
        retries = f"{reading.retries} tried again" if reading.retries else ""
        self.update(
            bar,
            completed=reading.sent,
            total=reading.total or None,
            speed="" if has_all and not speed else f"{decimal(int(speed))}/s",
            left=str(timedelta(seconds=round(left))) if left is not None and left < _LONGEST else "-:--:--",
            note=", ".join(filter(None, [note, safe, retries])),
        )


def _columns(width: int) -> tuple[ProgressColumn, ...]:
    """What a line has room for. The bar takes what the others leave; a name that is too long is cut off."""
    label = TextColumn(
        "{task.description}",
        markup=False,
        table_column=Column(max_width=max(width // 4, 20), no_wrap=True, overflow="ellipsis"),
    )
    percent = TextColumn("{task.percentage:>3.0f}%", table_column=Column(no_wrap=True))
    amount = DownloadColumn(table_column=Column(no_wrap=True, justify="right"))
    speed, left = (
        TextColumn(f"{{task.fields[{name}]}}", table_column=Column(no_wrap=True, justify="right"))
        for name in ("speed", "left")
    )
    note = TextColumn("{task.fields[note]}", style="yellow", markup=False, table_column=Column(no_wrap=True))
    bar = BarColumn(None)
    if width < 60:
        return label, percent, left
    if width < 80:
        return label, bar, percent, speed, left
    return label, bar, amount if width >= 100 else percent, speed, left, note
