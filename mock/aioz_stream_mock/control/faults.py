"""Faults: their options, and which requests they strike. Pure decisions; `fault_middleware` carries them out."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

from aioz_stream_mock.errors import ControlError

PART = "uploadVideoPart"
ANY = "*"
LONGEST = 3600.0
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,1000}", re.ASCII)

OPTIONS: Mapping[str, frozenset[str]] = {
    "status": frozenset({"status", "json", "empty", "headers", "effect"}),
    "html": frozenset({"status", "headers", "effect"}),
    "rate_limit": frozenset({"retry_after", "as_date"}),
    "delay": frozenset({"seconds", "effect"}),
    "slow_read": frozenset({"bytes_per_second"}),
    "cut_before": frozenset(),
    "cut_during": frozenset({"after_bytes"}),
    "cut_after": frozenset(),
    "lost_answer": frozenset(),
    "truncated_json": frozenset(),
    "malformed_json": frozenset(),
    "wrong_hash": frozenset(),
}
"""The kinds of fault, and what can be chosen about each."""

_NEEDED = {"delay": "seconds", "slow_read": "bytes_per_second", "cut_during": "after_bytes"}
_STATUS = {"status": 503, "html": 502}


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and for which requests.

    A fault looks at the requests for its operation, lets the first `after` of them pass, and strikes the others with
    its probability until it has struck as often as it may. Only the first fault that strikes a request has an effect,
    and the faults after it don't count that request.
    """

    kind: str
    operation: str = ANY
    """An operationId of the contract, `asset` for the files of a video's addresses, or `*` for every request to the
    API: the pages for people are none."""
    times: int | None = 1
    """How often it strikes; None for any number of times."""
    probability: float = 1.0
    seed: int = 0
    """The same seed makes the same choices in the same order."""
    after: int = 0

    status: int | None = None
    json: Any = None
    empty: bool = False
    headers: Mapping[str, str] | None = None
    effect: bool = False
    """Whether the request has its effect before the fault answers it."""
    retry_after: int | None = None
    as_date: bool = False
    seconds: float | None = None
    bytes_per_second: int | None = None
    after_bytes: int | None = None

    def __post_init__(self) -> None:
        if not _text(self.kind) or self.kind not in OPTIONS:
            raise ControlError(f"kind: must be one of {', '.join(OPTIONS)}")
        for name, (fits, wanted) in _CHECKS.items():
            if not fits(getattr(self, name)):
                raise ControlError(f"{name}: must be {wanted}")
        self._check_options()

    def _check_options(self) -> None:
        possible = OPTIONS[self.kind]
        for option in _ALL_OPTIONS:
            # Identity: 0 == False, and a 0 that was given is not left out.
            if getattr(self, option) is not _DEFAULTS[option] and option not in possible:
                raise ControlError(f"{option}: means nothing to a fault of the kind {self.kind}")
        needed = _NEEDED.get(self.kind)
        if needed and getattr(self, needed) is None:
            raise ControlError(f"{needed}: is needed for a fault of the kind {self.kind}")
        if self.empty and self.json is not None:
            raise ControlError("empty: goes without json")
        if self.kind == "wrong_hash" and self.operation not in (PART, ANY):
            raise ControlError(f"operation: must be {PART} for a fault of the kind wrong_hash")

    @property
    def answer_status(self) -> int:
        """The status that is answered, chosen or usual."""
        return _STATUS[self.kind] if self.status is None else self.status

    def concerns(self, operation: str | None) -> bool:
        if self.kind == "wrong_hash":
            return operation == PART
        return self.operation in (ANY, operation)


class ActiveFault:
    """A fault, and how many requests it has seen and struck."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen: int = 0
        self.struck: int = 0
        # Chosen to be repeatable, not to be secret.
        self._random = random.Random(fault.seed)  # noqa: S311 - repeatable is the point

    def strikes(self, operation: str | None) -> bool:
        """Count a request, and decide whether the fault strikes it."""
        fault = self.fault
        if not fault.concerns(operation) or (fault.times is not None and self.struck >= fault.times):
            return False
        self.seen += 1
        if self.seen <= fault.after or self._random.random() >= fault.probability:
            return False
        self.struck += 1
        return True


class FaultList:
    """All faults of one server, oldest first."""

    def __init__(self) -> None:
        self._faults: list[ActiveFault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> ActiveFault:
        active = ActiveFault(fault)
        with self._lock:
            self._faults.append(active)
        return active

    def list_all(self) -> list[ActiveFault]:
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def strike(self, operation: str | None) -> Fault | None:
        """The fault for one request."""
        with self._lock:
            return next((active.fault for active in self._faults if active.strikes(operation)), None)


def make_fault(options: Mapping[str, object]) -> Fault:
    """A fault from names and values of any type, such as JSON has them."""
    unknown = sorted(set(options) - set(_DEFAULTS) - {"kind"})
    if unknown:
        raise ControlError(f"{unknown[0][:50]}: is no option of a fault")
    if "kind" not in options:
        raise ControlError(f"kind: must be one of {', '.join(OPTIONS)}")
    return Fault(**cast("dict[str, Any]", dict(options)))


def describe(active: ActiveFault) -> dict[str, Any]:
    """A fault as `/_mock` shows it: the options of its kind, and its counts."""
    skipped = _ALL_OPTIONS - OPTIONS[active.fault.kind]
    shown = {name: value for name, value in asdict(active.fault).items() if name not in skipped}
    return {**shown, "seen": active.seen, "struck": active.struck}


def _whole(least: int, most: int = 2**63) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(least: float, most: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _or_none(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _are_headers(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return all(
        isinstance(name, str)
        and isinstance(text, str)
        and _HEADER_NAME.fullmatch(name)
        and _HEADER_VALUE.fullmatch(text)
        # The server sets these two itself, to match the body.
        and name.lower() not in ("content-length", "transfer-encoding")
        for name, text in cast("Mapping[object, object]", value).items()
    )


_CHECKS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "operation": (_text, "a text"),
    "times": (_or_none(_whole(1)), "a whole number from 1, or null for always"),
    "probability": (_number(0, 1), "a number from 0 to 1"),
    "seed": (_whole(-(2**63)), "a whole number"),
    "after": (_whole(0), "a whole number from 0"),
    "status": (_or_none(_whole(200, 599)), "a whole number from 200 to 599"),
    "empty": (_flag, "true or false"),
    "headers": (_or_none(_are_headers), "names and values of headers, neither Content-Length nor Transfer-Encoding"),
    "effect": (_flag, "true or false"),
    "retry_after": (_or_none(_whole(0, 10**9)), "a whole number of seconds from 0"),
    "as_date": (_flag, "true or false"),
    "seconds": (_or_none(_number(0, LONGEST)), f"a number from 0 to {LONGEST:.0f}"),
    "bytes_per_second": (_or_none(_whole(1)), "a whole number from 1"),
    "after_bytes": (_or_none(_whole(0)), "a whole number from 0"),
}
_DEFAULTS = {field.name: field.default for field in fields(Fault) if field.name != "kind"}
_ALL_OPTIONS = frozenset(option for options in OPTIONS.values() for option in options)
