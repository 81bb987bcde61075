"""What the reference pages need beyond griffe, which reads sources: signatures and texts that are made at run time.

zensical.toml names this module to mkdocstrings.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from typing import Any

import attrs
import griffe

OURS = re.compile(r"aioz_stream(_api|_mock)?\.")
NAME = re.compile(r"`([A-Z]\w+(?:\.\w+)?)`|(?<![`\w.])([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b")
"""A class or a member of one in backquotes, or a name of several words, such as NotFoundError."""


class ReferenceExtension(griffe.UnpackTypedDictExtension):
    """Shows what decorators make of methods and classes, and leads from names in texts to where they are described."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring and OURS.match(f"{obj.path}."):
            obj.docstring.value = with_links(obj.docstring.value, obj.package.path)

    def on_class(self, *, cls: griffe.Class, **kwargs: Any) -> None:
        super().on_class(cls=cls, **kwargs)
        if OURS.match(cls.path) and any(one.callable_path.startswith("attrs.") for one in cls.decorators):
            show_constructor(cls)

    def on_function(self, *, func: griffe.Function, **kwargs: Any) -> None:
        if OURS.match(func.path):
            if any(OURS.match(decorator.callable_path) for decorator in func.decorators):
                self._show_decorated(func)
            show_constants(func)
        super().on_function(func=func, **kwargs)

    def _show_decorated(self, func: griffe.Function) -> None:
        """Shows a method in place of another one with that one's arguments and text, any other with the text it has."""
        made = at_run_time(func)
        written = inspect.unwrap(made)
        if (origin := f"{written.__module__}.{written.__qualname__}") != func.path:
            other = func.modules_collection[origin]
            self.on_function(func=other)
            func.parameters, func.returns, func.docstring = other.parameters, other.returns, other.docstring
            if inspect.iscoroutinefunction(made):
                func.labels.add("async")
        elif func.docstring and not any(one.kind is griffe.ParameterKind.var_keyword for one in func.parameters):
            func.docstring.value = with_links(str(inspect.getdoc(made)), func.package.path)


def at_run_time(obj: griffe.Object) -> Any:
    return pkgutil.resolve_name(f"{obj.module.path}:{obj.path.removeprefix(f'{obj.module.path}.')}")


def show_constants(func: griffe.Function) -> None:
    """Shows a default that a private constant has as its value."""
    named = [one for one in func.parameters if isinstance(one.default, griffe.ExprName)]
    for parameter in named:
        default = inspect.signature(at_run_time(func)).parameters[parameter.name].default
        if isinstance(default, int | float | str):
            parameter.default = repr(default)


def show_constructor(cls: griffe.Class) -> None:
    """Gives a class the constructor that attrs makes, and its fields the values that they have without it."""
    made = at_run_time(cls)
    names = {one.alias: one.name for one in attrs.fields(made)}
    shown = [griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword)]
    for name, parameter in inspect.signature(made).parameters.items():
        field: Any = cls.all_members[names[name]]
        if parameter.default is not parameter.empty:
            field.value = repr(parameter.default) if parameter.default is not attrs.NOTHING else "..."
        kind = griffe.ParameterKind(parameter.kind.description)
        shown.append(griffe.Parameter(name, annotation=field.annotation, kind=kind, default=field.value))
    cls.set_member("__init__", griffe.Function("__init__", parameters=griffe.Parameters(*shown), returns="None"))


def with_links(text: str, package: str) -> str:
    """A docstring with its names as links. Samples, which are indented, stay as they are."""

    def link(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        shown = f"<code>{name}</code>" if found[1] else name
        return f'<autoref identifier="{package}.{name}" optional>{shown}</autoref>'

    return "\n".join(line if line.startswith("    ") else NAME.sub(link, line) for line in text.split("\n"))
