"""What all requests to one server share: its settings, its contract, its state, and the workers on its media."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool

from aioz_stream_mock.errors import ApiError
from aioz_stream_mock.media.signing import Signer, load_or_create_key
from aioz_stream_mock.media.transcoder import Transcoder
from aioz_stream_mock.media.watchdog import Limits
from aioz_stream_mock.state.accounts import Accounts
from aioz_stream_mock.state.adjustable_clock import AdjustableClock
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


class Backend:
    """Settings, contract, accounts and store of one server.

    The store is opened when it is first needed. So an application works without a lifespan too, and nothing touches
    the disk before the first request.
    """

    def __init__(self, settings: Settings, contract: Contract) -> None:
        self.settings: Settings = settings
        self.contract: Contract = contract
        self.accounts: Accounts = Accounts(settings.accounts)
        self.clock: AdjustableClock = AdjustableClock(settings.clock)
        self.limits: RateLimits = RateLimits(settings.rate_limit, settings.rate_window)
        self.media_limits: Limits = Limits(
            settings.transcode_timeout, settings.min_free_disk, settings.transcode_memory
        )
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
        """Signs links to the media of the store."""
        store = self.store
        with self._lock:
            if self._signer is None:
                self._signer = Signer(load_or_create_key(store.folder), self.contract.prefix)
            return self._signer

    @property
    def transcoder(self) -> Transcoder:
        """Transcodes the videos of the store."""
        _ = self.store
        assert self._transcoder is not None
        return self._transcoder

    def now(self) -> int:
        """The present in microseconds since 1970."""
        return microseconds(self.clock.now())

    def check_rate(self, account: Account, scope: Scope) -> None:
        """Count a request of the account, or refuse it. Either way the answer says how many requests are left."""
        allowance = self.limits.take(account, self.now())
        if allowance is None:
            return
        remember_headers(scope, allowance)
        if allowance.retry_after is not None:
            raise ApiError(429, f"More than {allowance.limit} requests; wait {allowance.retry_after} s.")

    async def run(self, work: Callable[[Store], T]) -> T:
        """Do blocking work with the store in a thread, so that the event loop stays free for other requests."""
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
