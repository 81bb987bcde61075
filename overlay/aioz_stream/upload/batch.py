"""What the uploads of one call have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from aioz_stream.upload.rate_limit import RateLimit


@frozen(kw_only=True)
class Batch:
    """What an upload shares with the others of its call. An upload that is alone shares nothing."""

    send_slots: threading.BoundedSemaphore | None = None
    """Held while a part is sent."""
    memory_slots: threading.BoundedSemaphore | None = None
    """Held while a part is in memory."""
    rate_limit: RateLimit | None = None
    executor: Executor | None = None
    """Sends the parts instead of this process."""
    keep_journal: Callable[[Path], object] | None = None
    """Called with the path of the journal when the upload is complete; the journal is then not removed."""
    has_default_journal: bool = True
    """Whether the upload may have the journal at the default path, which another one may already have."""
