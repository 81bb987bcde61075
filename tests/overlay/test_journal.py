"""The journal of an upload: a file that only this upload has, and that says after any crash what was acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aioz_stream import Part
from aioz_stream.upload.journal import Journal, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def test_parts_are_on_the_disk_and_not_in_memory(tmp_path: Path) -> None:
    path, part = tmp_path / "talk.journal", Part(1, 0, 9, 10)
    journal = Journal(path, {"new": "talk"})
    journal.begin({"size": 10}, None)
    journal.created("one")
    journal.acknowledged(part, "0" * 32)
    journal.close()
    assert journal.record is not None
    assert (journal.record.video_id, journal.record.parts) == ("one", {})
    record, _ = read(path)
    assert record is not None
    assert (record.video_id, record.parts) == ("one", {(0, 9): "0" * 32})
