"""Seeded faults: small mistakes in the mock server, switched on one at a time, for contract tests to notice.

`faults.yaml` has them as data. A fault changes one function or constant, by a piece of its source, or the server's copy
of the contract. The code of a function is exchanged in place, so it makes no difference who holds it already; but the
application must be made afterwards, because it compiles its contract then.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import json
import os
import sys
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import yaml

from aioz_stream_mock.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.shapes import Json

VARIABLE = "FAULT"
"""The environment variable that names the fault to switch on."""

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "openapi.yaml"
PACKAGE = "aioz_stream_mock"
SCHEMAS = ("Quality", "VideoConfig", "AudioConfig", "Resolution")
BOUNDS = {"minimum": -1, "maximum": 1, "minLength": -1, "maxLength": 1, "minItems": -1, "maxItems": 1}
"""Keywords with a number that bounds something, and the step that loosens them."""

NARROWED = "/components/schemas/Quality/properties/container_type/enum"
"""A list that can't be too wide: the conditions have one for each format, and refuse whatever else it may have."""

SETS = ("enum", "pattern", "required", "additionalProperties")
"""Keywords that say which values or names there may be."""


class FaultError(Exception):
    """A fault that doesn't fit the mock server (any more); the message says which and why."""


@dataclass(frozen=True)
class Fault:
    """One mistake."""

    name: str
    area: str
    breaks: str
    """What the server then does wrong."""
    place: str
    """A function, property or constant as `module:name`, or a JSON Pointer into the contract."""
    replace: str | None = None
    """The text that is replaced there; None in the contract."""
    by: Json = None
    """What is put there; in the contract, None takes out what is there."""

    @property
    def is_in_contract(self) -> bool:
        return self.place.startswith("/")

    def apply(self) -> Callable[[], None]:
        """Put the mistake in; the result takes it out again."""
        if self.is_in_contract:
            return _change_contract(self)
        module_name, _, path = self.place.partition(":")
        module = import_module(f"{PACKAGE}.{module_name}")
        target = _find(self, module, path)
        if isinstance(target, FunctionType):
            return _exchange_code(target, _changed_code(self, target))
        return _rebind(path, target, _changed_value(self, module, path))


def apply_from_environment() -> None:
    """Switch on the fault that the environment names, if it names one."""
    name = os.environ.get(VARIABLE)
    if name:
        find(name).apply()


def find(name: str) -> Fault:
    for fault in all_faults():
        if fault.name == name:
            return fault
    raise FaultError(f"there is no fault {name}")


@lru_cache
def all_faults() -> tuple[Fault, ...]:
    """Those of the list, and those that follow from the contract's rules about qualities."""
    contract = json.loads(json.dumps(yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))))
    return (*listed(), *quality_faults(contract))


def listed() -> Iterator[Fault]:
    areas = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8"))
    for area, entries in areas.items():
        for entry in entries:
            place = entry.get("in") or entry["contract"]
            yield Fault(entry["name"], area, entry["breaks"], place, entry.get("replace"), entry.get("with"))


def quality_faults(contract: Json) -> Iterator[Fault]:
    """For every condition of a quality: without it. For every bound and list of values: one step too wide."""
    schemas = contract["components"]["schemas"]
    for place, condition in enumerate(schemas["Quality"]["allOf"]):
        pointer = f"/components/schemas/Quality/allOf/{place}"
        yield Fault(f"condition-{place}", "encoding", f"does not hold to: {condition['$comment']}", pointer)
    for name in SCHEMAS:
        for pointer, keyword, value in _rules(schemas[name], f"/components/schemas/{name}"):
            if pointer == NARROWED:
                continue
            short = pointer.removeprefix("/components/schemas/").replace("/properties", "").replace("/", "-").lower()
            loose = value + BOUNDS[keyword] if keyword in BOUNDS else _loosened(keyword, value)
            yield Fault(short, "encoding", f"{keyword} {value} is {loose}", pointer, None, loose)
    pointer = "/components/schemas/CreateVideoRequest/properties/qualities/minItems"
    yield Fault("qualities-empty", "encoding", "the list of qualities may be empty", pointer, None, 0)


def _rules(schema: Json, pointer: str, *, is_conditional: bool = False) -> Iterator[tuple[str, str, Json]]:
    """Every bound, list of values, pattern and list of required fields in a schema, but not in its `if`.

    A list of values in a condition narrows another one down: it goes with the condition.
    """
    for keyword, value in schema.items():
        here = f"{pointer}/{keyword}"
        if keyword in {*BOUNDS, *SETS} and not (keyword == "enum" and is_conditional):
            yield here, keyword, value
        elif keyword == "properties":
            for name, inner in value.items():
                yield from _rules(inner, f"{here}/{name}", is_conditional=is_conditional)
        elif keyword == "allOf":
            for place, condition in enumerate(value):
                yield from _rules(condition["then"], f"{here}/{place}/then", is_conditional=True)


def _loosened(keyword: str, value: Json) -> Json:
    match keyword:
        case "enum":
            # A neighbour of the last value, which is what somebody might well send.
            return [*value, value[-1] + 1 if isinstance(value[-1], int) else f"{value[-1]}x"]
        case "pattern":
            return value.replace("$", "").removesuffix(r"(?!\n)")
        case "required":
            return value[:-1]
        case _:
            return True


def _change_contract(fault: Fault) -> Callable[[], None]:
    original = Contract.__init__

    def changed(self: Contract, document: Json) -> None:
        copy = json.loads(json.dumps(document))
        put(copy, fault.place, fault.by)
        original(self, copy)

    Contract.__init__ = changed  # type: ignore[method-assign]  # that is the point
    return lambda: setattr(Contract, "__init__", original)


def put(document: Json, pointer: str, value: Json = None) -> None:
    """Put a value at a place that is there, or take out what is there."""
    *path, last = (step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))
    holder = document
    for step in path:
        holder = holder[_key(holder, step)]
    key = _key(holder, last)
    if holder[key] == value:
        raise FaultError(f"{pointer} is {value} already")
    if value is None:
        del holder[key]
    else:
        holder[key] = value


def _key(holder: Json, step: str) -> Json:
    """A step of a pointer is a name in an object, and a number in a list."""
    return step if step in holder else int(step)


def _find(fault: Fault, module: ModuleType, path: str) -> Json:
    """The function behind a name; of a property the one that reads it. A constant is given as it is."""
    target: Any = module
    for step in path.split("."):
        # Not by attribute: that would call a property.
        target = inspect.getattr_static(target, step, None)
        if target is None:
            raise FaultError(f"{fault.name}: there is no {fault.place}")
    return target.fget if isinstance(target, property) else target


def _changed_text(fault: Fault, text: str) -> str:
    assert fault.replace is not None
    if text.count(fault.replace) != 1:
        raise FaultError(f"{fault.name}: {fault.replace!r} stands {text.count(fault.replace)} times in {fault.place}")
    return text.replace(fault.replace, str(fault.by))


def _changed_code(fault: Fault, function: FunctionType) -> CodeType:
    text = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(_changed_text(fault, text))
    if ast.dump(tree) == ast.dump(ast.parse(text)):
        raise FaultError(f"{fault.name} changes nothing")
    [definition] = tree.body
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef))
    # A decorator has done its work; what it made is looked through.
    definition.decorator_list.clear()
    flags = __future__.annotations.compiler_flag
    namespace: dict[str, Any] = {}
    code = compile(tree, function.__code__.co_filename, "exec", flags=flags, dont_inherit=True)
    exec(code, dict(function.__globals__), namespace)  # noqa: S102 - our own source, changed as our own data say
    changed: CodeType = namespace[definition.name].__code__
    return changed


def _changed_value(fault: Fault, module: ModuleType, name: str) -> Json:
    source = inspect.getsource(module)
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value: Any = statement  # an assignment, since it has targets, and so has a value
            text = _changed_text(fault, ast.get_source_segment(source, value.value) or "")
            return eval(text, dict(vars(module)))  # noqa: S307 - the text is this project's own
    raise FaultError(f"{fault.name}: {name} is no constant of {module.__name__}")


def _exchange_code(function: FunctionType, code: CodeType) -> Callable[[], None]:
    original = function.__code__
    function.__code__ = code
    return lambda: setattr(function, "__code__", original)


def _rebind(name: str, value: Json, changed: Json) -> Callable[[], None]:
    """Exchange a constant wherever a module of the mock server has it."""
    holders = [
        module
        for key, module in list(sys.modules.items())
        if key.startswith(PACKAGE) and getattr(module, "__dict__", {}).get(name) is value
    ]
    for holder in holders:
        setattr(holder, name, changed)

    def undo() -> None:
        for holder in holders:
            setattr(holder, name, value)

    return undo
