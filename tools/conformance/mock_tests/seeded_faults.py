"""Seeded faults: small mistakes in the mock server, switched on one at a time, for contract tests to notice.

`faults.yaml` has them as data. A fault changes one function, by a piece of its source, or the server's copy of the
contract. It exchanges the code of a function in place, so modules that imported the function have the fault too. The
application must be made afterwards, because it compiles its contract then.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import os
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from contract_document import REMOVED, changed, find, load, parse

from aioz_stream_mock.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_document import Json

VARIABLE = "FAULT"
"""The environment variable that names the fault to switch on."""

PACKAGE = "aioz_stream_mock"


class FaultError(Exception):
    """A fault that doesn't fit the mock server (any more); the message says which and why."""


@dataclass(frozen=True)
class SeededFault:
    """One mistake."""

    name: str
    area: str
    breaks: str
    """What the server then does wrong."""
    place: str
    """A function or property as `module:name`, or a JSON Pointer into the contract."""
    replace: str | None = None
    """The text that is replaced there; None in the contract."""
    by: Json = REMOVED
    """The new text; in the contract the new value, or nothing."""

    @property
    def is_in_contract(self) -> bool:
        return self.place.startswith("/")

    def apply(self) -> Callable[[], None]:
        """Make the mistake; the result undoes it."""
        if self.is_in_contract:
            return _change_contract(self)
        function = self.function()
        original = function.__code__
        function.__code__ = _changed_code(self, function)
        return lambda: setattr(function, "__code__", original)

    def function(self) -> FunctionType:
        """The function at the place of the fault, or the getter of the property there."""
        module_name, _, path = self.place.partition(":")
        target: Any = import_module(f"{PACKAGE}.{module_name}")
        for step in path.split("."):
            # Not by attribute: that would call a property.
            target = inspect.getattr_static(target, step, None)
        target = target.fget if isinstance(target, property) else target
        if not isinstance(target, FunctionType):
            raise FaultError(f"{self.name}: {self.place} is no function")
        return target


def apply_from_environment() -> None:
    """Switch on the fault that the environment names, if it names one."""
    name = os.environ.get(VARIABLE)
    if name:
        named(name).apply()


def named(name: str) -> SeededFault:
    for fault in all_faults():
        if fault.name == name:
            return fault
    raise FaultError(f"there is no fault {name}")


@lru_cache
def all_faults() -> tuple[SeededFault, ...]:
    """The faults of `faults.yaml`."""
    areas = parse((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
    return tuple(
        SeededFault(
            entry["name"],
            area,
            entry["breaks"],
            entry.get("in") or entry["contract"],
            entry.get("replace"),
            entry.get("with", REMOVED),
        )
        for area, entries in areas.items()
        for entry in entries
    )


def _change_contract(fault: SeededFault) -> Callable[[], None]:
    original = Contract.__init__
    if find(load(), fault.place) == fault.by:
        raise FaultError(f"{fault.place} is {fault.by} already")

    def init(self: Contract, document: Json) -> None:
        original(self, changed(document, fault.place, fault.by))

    Contract.__init__ = init  # type: ignore[method-assign]  # that is the point
    return lambda: setattr(Contract, "__init__", original)


def _changed_code(fault: SeededFault, function: FunctionType) -> CodeType:
    text = textwrap.dedent(inspect.getsource(function))
    assert fault.replace is not None
    if text.count(fault.replace) != 1:
        raise FaultError(f"{fault.name}: {fault.replace!r} stands {text.count(fault.replace)} times in {fault.place}")
    tree = ast.parse(text.replace(fault.replace, str(fault.by)))
    if ast.dump(tree) == ast.dump(ast.parse(text)):
        raise FaultError(f"{fault.name} changes nothing")
    [definition] = tree.body
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef))
    # The decorators have been applied already.
    definition.decorator_list.clear()
    flags = __future__.annotations.compiler_flag
    namespace: dict[str, Any] = {}
    code = compile(tree, function.__code__.co_filename, "exec", flags=flags, dont_inherit=True)
    exec(code, dict(function.__globals__), namespace)  # noqa: S102 - our own source, changed as our own data say
    made: FunctionType = namespace[definition.name]
    return made.__code__
