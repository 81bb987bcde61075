"""Keyword arguments that several methods have in common: they are spelled in a TypedDict, and shown by each method."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., object])

_FIELD = re.compile(r'^    (\w+): .+\n    """([\s\S]+?)"""$', re.MULTILINE)


class _Default:
    """What an option has that is left out; its description says it."""

    def __repr__(self) -> str:
        return "..."


def showing(keywords: Any) -> Callable[[F], F]:
    """Lets a method with `**how: Unpack[keywords]` show each of them in its signature and docstring.

    Type checkers and editors read them from the TypedDict itself.
    """
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_Default(), annotation=_written(kind))
        for name, kind in keywords.__annotations__.items()
    ]
    said = _meanings(keywords)
    lines = [
        "",
        "Options, of which each may be left out:",
        *(f"    {name}: {meaning}" for name, meaning in said.items()),
    ]

    def show(method: F) -> F:
        signature = inspect.signature(method)
        own = [
            one.replace(annotation=_written(one.annotation))
            for one in signature.parameters.values()
            if one.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        shown: Any = method
        shown.__signature__ = signature.replace(
            parameters=[*own, *parameters], return_annotation=_written(signature.return_annotation)
        )
        shown.__doc__ = (
            "\n".join([inspect.cleandoc(method.__doc__), *lines]) if method.__doc__ and said else method.__doc__
        )
        return method

    return show


def like(other: Callable[..., object], **more: str) -> Callable[[F], F]:
    """Continues a method's docstring with that of another one, whose last section describes the arguments."""

    def continued(method: F) -> F:
        lines = [f"    {name}: {meaning}" for name, meaning in more.items()]
        if method.__doc__ and other.__doc__:
            method.__doc__ = "\n".join([inspect.cleandoc(method.__doc__), "", inspect.cleandoc(other.__doc__), *lines])
        return method

    return continued


@lru_cache(maxsize=8)
def _meanings(keywords: Any) -> dict[str, str]:
    """What is said below each field. Python forgets it, so it is read from the source, where there is one."""
    module: Any = sys.modules[keywords.__module__]
    loader: Any = module.__spec__ and module.__spec__.loader
    source = loader.get_source(module.__name__) if hasattr(loader, "get_source") else None
    body = (source or "").partition(f"\nclass {keywords.__name__}(")[2].partition("\n\n\n")[0]
    return {name: re.sub(r"\n +", "\n        ", meaning) for name, meaning in _FIELD.findall(body)}


def _written(kind: Any) -> Any:
    """A type as a signature shows it: without the modules that its parts come from."""
    written = getattr(kind, "__forward_arg__", kind)
    return re.sub(r"\b[a-z_]+\.", "", written) if isinstance(written, str) else written
