"""Mistakes in the client's own code: other comparisons, conditions, numbers, `and` for `or`, calls left out."""

from __future__ import annotations

import ast
import difflib
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_document import ROOT

from mutation.runner import forget_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = ROOT / "overlay" / "aioz_stream"
OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Mutation:
    """One mistake in one module."""

    module: str
    """Its path, from the folder of the package on."""
    line: int
    kind: str
    before: str
    number: int
    """Which one it is of all that can be made in the module."""

    @property
    def place(self) -> str:
        return f"{self.module}:{self.line}"

    @property
    def after(self) -> str:
        tree = ast.parse(self.before)
        _, node, field, value = list(_changes(tree))[self.number]
        setattr(node, field, value)
        return ast.unparse(tree)

    @property
    def diff(self) -> str:
        before = ast.unparse(ast.parse(self.before))
        lines = difflib.unified_diff(before.splitlines(), self.after.splitlines(), lineterm="", n=1)
        return "\n".join(list(lines)[2:])

    def make(self) -> None:
        """Give this process, and all that it starts, a copy of the client with the mistake in it."""
        folder = tempfile.mkdtemp()
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / self.module).write_text(self.after, encoding="utf-8")
        sys.path.insert(0, folder)
        os.environ["PYTHONPATH"] = folder
        # A shell's background jobs ignore interrupts, and tests of Ctrl-C would then fail.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        forget_modules(PACKAGE, ROOT / "tests", ROOT / "cli")


def mutations(module: str, text: str) -> list[Mutation]:
    """All mistakes of a module."""
    changes = enumerate(_changes(ast.parse(text)))
    return [Mutation(module, node.lineno, kind, text, number) for number, (kind, node, _, _) in changes]


def _changes(tree: ast.AST) -> Iterator[tuple[str, Any, str, Any]]:
    """The kind, and the node whose field gets another value."""
    for node in _nodes(tree):
        match node:
            case ast.Compare(ops=operators):
                for index, one in enumerate(operators):
                    changed = [*operators[:index], OTHER[type(one)](), *operators[index + 1 :]]
                    yield "comparison", node, "ops", changed
            case ast.BoolOp(op=operator):
                yield "and/or", node, "op", OTHER[type(operator)]()
            case ast.Constant(value=bool(value)):
                yield "number", node, "value", not value
            case ast.Constant(value=int(value) | float(value)):
                yield "number", node, "value", value + 1
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield "condition", node, "operand", ast.UnaryOp(ast.Not(), operand)
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                yield "condition", node, "test", ast.UnaryOp(ast.Not(), test)
            # What is logged is for people.
            case ast.Expr(value=ast.Call() | ast.Await()) if not ast.unparse(node).startswith("logger."):
                yield "dropped call", node, "value", ast.Constant(None)
            case _:
                pass


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All that runs: no annotations, and nothing that only type checkers read."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    unread = {getattr(node, name, None) for name in ("annotation", "returns")}
    for child in ast.iter_child_nodes(node):
        if child not in unread:
            yield from _nodes(child)
