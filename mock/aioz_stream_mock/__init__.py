"""A stateful AIOZ Stream for one's own machine, driven by the API's contract.

The names below are imported when they are first asked for: pytest loads this package for its plugin in every
project that has it installed, and a web server would be a lot to load for tests that never start one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aioz_stream_mock.app import create_app
    from aioz_stream_mock.contract import ContractError
    from aioz_stream_mock.control.control import Control, ControlError
    from aioz_stream_mock.server import MockServer
    from aioz_stream_mock.state.accounts import Account
    from aioz_stream_mock.state.clock import Clock, ManualClock, SystemClock
    from aioz_stream_mock.state.settings import Settings
    from aioz_stream_mock.state.store import StoreError

__all__ = [
    "Account",
    "Clock",
    "ContractError",
    "Control",
    "ControlError",
    "ManualClock",
    "MockServer",
    "Settings",
    "StoreError",
    "SystemClock",
    "create_app",
]

_MODULES = {
    "Account": "state.accounts",
    "Clock": "state.clock",
    "ContractError": "contract",
    "Control": "control.control",
    "ControlError": "control.control",
    "ManualClock": "state.clock",
    "MockServer": "server",
    "Settings": "state.settings",
    "StoreError": "state.store",
    "SystemClock": "state.clock",
    "create_app": "app",
}


LIBRARIES = {"jsonschema_rs", "python_multipart", "starlette", "uvicorn", "yaml"}
"""What the extra [mock] brings."""

NEEDED = "The mock server needs the extra [mock] of aioz-stream: pip install 'aioz-stream[mock]'"


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name not in LIBRARIES:
            raise
        raise ModuleNotFoundError(NEEDED, name=error.name) from error
    globals()[name] = value
    return value
