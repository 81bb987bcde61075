"""What all requests to one server share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool

from aioz_stream_mock.control.faults import Rulebook
from aioz_stream_mock.control.request_log import Journal
from aioz_stream_mock.control.route_lookup import Directory
from aioz_stream_mock.errors import ApiError
from aioz_stream_mock.media.signing import Signer, key_of
from aioz_stream_mock.media.transcoder import Transcoder
from aioz_stream_mock.media.watch import Limits
from aioz_stream_mock.state.accounts import Accounts
from aioz_stream_mock.state.adjustable_clock import SteeredClock
from aioz_stream_mock.state.clock import microseconds
from aioz_stream_mock.state.rate_limits import RateLimits, remember_headers
from aioz_stream_mock.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

    from aioz_stream_mock.contract import Contract
    from aioz_stream_mock.state.accounts import Account
    from aioz_stream_mock.state.settings import Settings

T = TypeVar("T")


class State:
    """Settings, contract, accounts and store of one server.

    The store is opened when it is first needed, so that an application works without a lifespan too, and
    nothing touches the disk before somebody calls.
    """

    def __init__(self, settings: Settings, contract: Contract) -> None:
        self.settings, self.contract = settings, contract
        self.accounts = Accounts(settings.accounts)
        self.clock = SteeredClock(settings.clock)
        self.limits = RateLimits(settings.rate_limit, settings.rate_window)
        self.media_limits = Limits(settings.transcode_timeout, settings.min_free_disk)
        self.directory = Directory(contract)
        self.rules = Rulebook()
        self.journal = Journal()
        self.resets = 0
        self._store: Store | None = None
        self._transcoder: Transcoder | None = None
        self._signer: Signer | None = None
        self._lock = threading.Lock()

    @property
    def store(self) -> Store:
        with self._lock:
            if self._store is None:
                self._store = Store(self.settings.data_dir, self.settings.accounts)
                self._transcoder = Transcoder(self._store, self.now, self.media_limits)
                if self.settings.transcode:
                    self._transcoder.resume()
            return self._store

    @property
    def signer(self) -> Signer:
        """Whoever signs links into the store's media."""
        store = self.store
        with self._lock:
            if self._signer is None:
                self._signer = Signer(key_of(store.folder), self.contract.prefix)
            return self._signer

    @property
    def transcoder(self) -> Transcoder:
        """Whoever works on the videos of the store."""
        _ = self.store
        assert self._transcoder is not None
        return self._transcoder

    def now(self) -> int:
        """The present in microseconds since 1970."""
        return microseconds(self.clock.now())

    def check_rate(self, account: Account, scope: Scope) -> None:
        """Count a request of the account's, or refuse it; either way its answer will say what is left."""
        allowance = self.limits.take(account, self.now())
        if allowance is None:
            return
        remember_headers(scope, allowance)
        if allowance.retry_after is not None:
            raise ApiError(429, f"More than {allowance.limit} requests; wait {allowance.retry_after} s.")

    async def run(self, work: Callable[[Store], T]) -> T:
        """Do blocking work with the store in a thread, so that the event loop stays free for others."""
        return await run_in_threadpool(lambda: work(self.store))

    def close(self) -> None:
        """Stop transcoding and close the store; a temporary folder goes with it."""
        with self._lock:
            if self._transcoder is not None:
                self._transcoder.close()
                self._transcoder = None
            if self._store is not None:
                self._store.close()
                self._store = None
