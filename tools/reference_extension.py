"""What the reference pages need beyond griffe, which reads sources: signatures and texts that are made at run time.

zensical.toml names this module to mkdocstrings.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from typing import Any

import griffe

OURS = re.compile(r"aioz_stream(_api|_mock)?\.")
NAME = re.compile(r"`([A-Z]\w+(?:\.\w+)?)`|(?<![`\w.])([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b")
"""A class or a member of one in backquotes, or a name of several words, such as NotFoundError."""


class ReferenceExtension(griffe.UnpackTypedDictExtension):
    """Shows what our decorators make of a method, and leads from names in texts to where they are described."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring and OURS.match(f"{obj.path}."):
            obj.docstring.value = with_links(obj.docstring.value, obj.package.path)

    def on_function(self, *, func: griffe.Function, **kwargs: Any) -> None:
        if any(OURS.match(decorator.callable_path) for decorator in func.decorators):
            self._read_made(func)
        super().on_function(func=func, **kwargs)

    def _read_made(self, func: griffe.Function) -> None:
        module = func.module.path
        made = pkgutil.resolve_name(f"{module}:{func.path.removeprefix(f'{module}.')}")
        written = inspect.unwrap(made)
        if (origin := f"{written.__module__}.{written.__qualname__}") != func.path:
            other = func.modules_collection[origin]
            self.on_function(func=other)
            func.parameters, func.returns, func.docstring = other.parameters, other.returns, other.docstring
            if inspect.iscoroutinefunction(made):
                func.labels.add("async")
        elif not any(one.kind is griffe.ParameterKind.var_keyword for one in func.parameters):
            text = with_links(inspect.getdoc(made) or "", func.package.path)
            func.docstring = griffe.Docstring(text, parent=func)


def with_links(text: str, package: str) -> str:
    """A docstring with its names as links. Samples, which are indented, stay as they are."""

    def link(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        shown = f"<code>{name}</code>" if found[1] else name
        return f'<autoref identifier="{package}.{name}" optional>{shown}</autoref>'

    return "\n".join(line if line.startswith("    ") else NAME.sub(link, line) for line in text.split("\n"))
