"""What an upload holds on to while it runs: connections, and the journal beside it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from aioz_stream import AiozStream, PartLimits, UploadCancelledError
from aioz_stream.upload.journal import Journal
from aioz_stream.upload.stop import Stop
from aioz_stream.upload.upload import Setting, Upload, UploadOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from aioz_stream_mock import MockServer

PATIENCE = 30


def test_who_waits_for_a_connection_hears_that_the_upload_is_over(
    stream: AiozStream, make_file: Callable[[bytes], Path]
) -> None:
    """Another upload may have all of them for minutes."""
    connections, stop, is_created = threading.BoundedSemaphore(1), Stop(), threading.Event()
    options = UploadOptions(on_created=lambda _: is_created.set())
    upload = Upload(stream._session, make_file(b"bytes"), options, stop, Setting(connections))
    ended: list[BaseException] = []

    def run() -> None:
        try:
            upload.to_new_video("Waits", None, False, description=None, is_public=True, metadata=None, tags=None)
        except UploadCancelledError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    with connections:
        thread.start()
        assert is_created.wait(PATIENCE)
        stop.set()
        thread.join(PATIENCE)
        assert ended
    thread.join(PATIENCE)


def test_a_part_is_on_its_way_until_the_journal_has_it(
    bad_server: MockServer,
    misbehaving: Any,
    make_file: Callable[[bytes], Path],
    any_size: PartLimits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So a kill at any moment has no more parts sent twice than there are connections."""
    written, sent_before_the_first = Journal.acknowledged, list[int]()

    def parts() -> int:
        return sum(request.endswith("/part") for request in misbehaving.requests)

    def slowly(journal: Journal, *part: Any) -> None:
        if not sent_before_the_first:
            pause = threading.Event()
            for _ in range(50):
                pause.wait(0.02)  # time enough for a third part, if one may be sent
            sent_before_the_first.append(parts())
        written(journal, *part)

    monkeypatch.setattr(Journal, "acknowledged", slowly)
    with AiozStream(token="token-a", base_url=bad_server.url) as stream:
        stream.upload(make_file(b"0123456789"), part_size=1, part_limits=any_size, concurrency=2)
    [at_once] = sent_before_the_first
    assert at_once <= 2
    assert parts() == 10
