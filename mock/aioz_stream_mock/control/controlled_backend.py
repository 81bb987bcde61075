"""A backend with what the control adds to it: faults, a log of requests, and a count of resets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aioz_stream_mock.control.faults import FaultList
from aioz_stream_mock.control.request_log import RequestLog
from aioz_stream_mock.control.route_lookup import RouteLookup
from aioz_stream_mock.media.backend import Backend

if TYPE_CHECKING:
    from aioz_stream_mock.contract import Contract
    from aioz_stream_mock.state.settings import Settings


class ControlledBackend(Backend):
    """The backend of a server that can be controlled from a test."""

    def __init__(self, settings: Settings, contract: Contract) -> None:
        super().__init__(settings, contract)
        self.faults: FaultList = FaultList()
        self.request_log: RequestLog = RequestLog()
        self.route_lookup: RouteLookup = RouteLookup(contract)
        self.resets = 0
