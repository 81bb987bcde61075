"""Controls a server: its state, its clock, its faults, and its request log.

The routes under `/_mock` do the same over HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from aioz_stream_mock.control.faults import ANY, make_fault
from aioz_stream_mock.control.route_lookup import ASSET
from aioz_stream_mock.errors import ControlError
from aioz_stream_mock.state import seeds, snapshots
from aioz_stream_mock.state.clock import from_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aioz_stream_mock.control.controlled_backend import ControlledBackend
    from aioz_stream_mock.control.faults import ActiveFault
    from aioz_stream_mock.control.request_log import LoggedRequest
    from aioz_stream_mock.state.adjustable_clock import AdjustableClock

__all__ = ["Control", "ControlError", "FaultKind"]

FaultKind: TypeAlias = Literal[
    "status",
    "html",
    "rate_limit",
    "delay",
    "slow_read",
    "cut_before",
    "cut_during",
    "cut_after",
    "lost_answer",
    "truncated_json",
    "malformed_json",
    "wrong_hash",
]


class Control:
    """Controls one server, from any thread. What can't be done raises `ControlError`."""

    def __init__(self, backend: ControlledBackend) -> None:
        self._backend = backend

    def reset(self) -> None:
        """Start again: no videos, no parts, first balances, no faults, no requests, the clock as it was at first.

        Snapshots stay.
        """
        # First, so that requests delayed by a fault don't go on in the new state.
        self._backend.resets += 1
        self._backend.store.reset(self._backend.settings.accounts)
        self._backend.faults.clear()
        self._backend.clock.reset()
        self._backend.limits.reset()
        self._backend.request_log.clear()

    def seed(self, videos: Sequence[Mapping[str, object]]) -> list[str]:
        """Add videos without the requests that would make them, and without a price; returns their ids.

        Each has the fields of a create request, and optionally `account` (a name; the first account by default),
        `id`, `status` (`new`, `transcoding`, `done`, `deleted`), and `source` (bytes, or a text in base64) or `size`
        (so many bytes of a test pattern).
        """
        return seeds.add_videos(
            self._backend.store, self._backend.contract, self._backend.settings, self._backend.now(), videos
        )

    def snapshot(self, name: str) -> None:
        """Keep videos, parts, balances and the time under a name. Faults and requests are not kept."""
        snapshots.save(self._backend.store, name, self._backend.now())

    def restore(self, name: str) -> None:
        """Make videos, parts, balances and the time what they were."""
        moment = snapshots.restore(self._backend.store, name, self._backend.settings.accounts)
        self._backend.clock.set(from_microseconds(moment))

    def snapshots(self) -> list[str]:
        """The names of all snapshots."""
        return snapshots.names(self._backend.store)

    def now(self) -> datetime:
        """The present by the server's clock."""
        return self._backend.clock.now()

    @property
    def clock(self) -> AdjustableClock:
        """The clock itself."""
        return self._backend.clock

    def advance(self, seconds: float) -> None:
        """Let seconds pass on the server's clock."""
        try:
            self._backend.clock.advance(seconds)
        except ValueError as error:
            raise ControlError(f"advance: {error}") from None

    def freeze(self) -> None:
        """Let time stand still; it can still be advanced."""
        self._backend.clock.freeze()

    def unfreeze(self) -> None:
        """Let time go on from where it was held."""
        self._backend.clock.unfreeze()

    def fault(
        self,
        kind: FaultKind,
        *,
        operation: str = ANY,
        times: int | None = 1,
        probability: float = 1.0,
        seed: int = 0,
        after: int = 0,
        status: int | None = None,
        json: object = None,
        empty: bool = False,
        headers: Mapping[str, str] | None = None,
        effect: bool = False,
        retry_after: int | None = None,
        as_date: bool = False,
        seconds: float | None = None,
        bytes_per_second: int | None = None,
        after_bytes: int | None = None,
    ) -> ActiveFault:
        """Let requests go wrong from now on. The result counts the requests that it has `seen` and `struck`.

        The options up to `after` choose the requests. The others say how they go wrong; each kind takes some of them.
        """
        chosen = {name: value for name, value in locals().items() if name != "self"}
        return self.add_fault(chosen)

    def add_fault(self, options: Mapping[str, Any]) -> ActiveFault:
        """Add a fault whose options are in a mapping, as in JSON."""
        fault = make_fault(options)
        if fault.operation not in {ANY, ASSET, *self._backend.route_lookup.names}:
            raise ControlError(f"operation: must be {ANY}, {ASSET}, or an operationId of the contract")
        return self._backend.faults.add(fault)

    def faults(self) -> list[ActiveFault]:
        """All faults, oldest first, including those that strike no more."""
        return self._backend.faults.list_all()

    def clear_faults(self) -> None:
        self._backend.faults.clear()

    def requests(self) -> list[LoggedRequest]:
        """The last thousand requests, oldest first."""
        return self._backend.request_log.entries()

    def clear_requests(self) -> None:
        self._backend.request_log.clear()
