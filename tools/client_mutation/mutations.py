"""Which mistakes can be made in a module. Pure: source in, altered sources out.

Kinds: a comparison is another one, a condition is reversed, `and` is `or`, a call is left out, a number is another.
"""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: (r"<", "<="),
    ast.LtE: (r"<=", "<"),
    ast.Gt: (r">", ">="),
    ast.GtE: (r">=", ">"),
    ast.Eq: (r"==", "!="),
    ast.NotEq: (r"!=", "=="),
    ast.Is: (r"\bis\b", "is not"),
    ast.IsNot: (r"\bis\s+not\b", "is"),
    ast.In: (r"\bin\b", "not in"),
    ast.NotIn: (r"\bnot\s+in\b", "in"),
}
SILENT = {"logger"}
"""Calls of these change what is logged, which is for people."""


@dataclass(frozen=True)
class Mutation:
    """One mistake in one module."""

    module: str
    """Its path, from the folder of the package on."""
    line: int
    kind: str
    before: str
    after: str

    @property
    def place(self) -> str:
        return f"{self.module}:{self.line}"

    @property
    def diff(self) -> str:
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), lineterm="", n=1)
        return "\n".join(list(lines)[2:])


class _Source:
    """A text that nodes of its tree can be found in and replaced in."""

    def __init__(self, text: str) -> None:
        self._content = text.encode()
        self._starts = [0]
        for line in self._content.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def between(self, start: int, end: int) -> str:
        return self._content[start:end].decode()

    def of(self, node: ast.expr | ast.stmt) -> str:
        return self.between(self.start(node), self.end(node))

    def with_(self, start: int, end: int, text: str) -> str:
        return (self._content[:start] + text.encode() + self._content[end:]).decode()


@cache
def mutations(module: str, text: str) -> tuple[Mutation, ...]:
    """All mistakes of a module, in the order of its lines; each is still a program."""
    source, found = _Source(text), list[Mutation]()
    for node in _nodes(ast.parse(text)):
        for kind, line, after in _of(node, source):
            if after != text and _is_program(after):
                found.append(Mutation(module, line, kind, text, after))
    return tuple(sorted(found, key=lambda one: one.line))


def _is_program(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All that runs: no annotations, and nothing that only type checkers read."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name not in {"annotation", "returns", "type_params"}:
            children = cast("list[object]", value if isinstance(value, list) else [value])
            for child in children:
                if isinstance(child, ast.AST):
                    yield from _nodes(child)


def _of(node: ast.AST, source: _Source) -> Iterator[tuple[str, int, str]]:
    """The kind, the line, and the altered text."""
    if isinstance(node, ast.Compare):
        yield from _comparisons(node, source)
    elif isinstance(node, ast.BoolOp):
        yield "and/or", node.lineno, _other_junction(node, source)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "condition", node.lineno, source.with_(source.start(node), source.start(node.operand), "")
    elif isinstance(node, ast.Constant):
        yield from _constants(node, source)
    elif isinstance(node, ast.Expr):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Call) and not _is_silent(call):
            yield "dropped call", node.lineno, source.with_(source.start(node), source.end(node), "pass")
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        test = node.test
        yield "condition", test.lineno, source.with_(source.start(test), source.end(test), f"not ({source.of(test)})")


def _comparisons(node: ast.Compare, source: _Source) -> Iterator[tuple[str, int, str]]:
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        pattern, other = COMPARISONS[type(operator)]
        start, end = source.end(left), source.start(right)
        gap = source.between(start, end)
        yield (
            "comparison",
            left.end_lineno or left.lineno,
            source.with_(start, end, re.sub(pattern, other, gap, count=1)),
        )
        left = right


def _other_junction(node: ast.BoolOp, source: _Source) -> str:
    word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    pieces: list[str] = []
    for left, right in zip(node.values, node.values[1:], strict=False):
        gap = source.between(source.end(left), source.start(right))
        pieces += [source.of(left), re.sub(rf"\b{word}\b", other, gap, count=1)]
    return source.with_(source.start(node), source.end(node), "".join([*pieces, source.of(node.values[-1])]))


def _constants(node: ast.Constant, source: _Source) -> Iterator[tuple[str, int, str]]:
    value = node.value
    if isinstance(value, bool):
        yield "number", node.lineno, source.with_(source.start(node), source.end(node), str(not value))
    elif isinstance(value, int | float):
        yield "number", node.lineno, source.with_(source.start(node), source.end(node), repr(value + 1))


def _is_silent(call: ast.Call) -> bool:
    function = call.func
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in SILENT
