"""The contract as it was written: its content, and the line of each place in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import yaml
from contract_changes.documents import pointer
from contract_document import find, is_list, is_object, operations, steps
from openapi_spec_validator import OpenAPIV31SpecValidator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract_changes.documents import Steps
    from contract_document import Json

_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(Exception):
    """The contract can't become a client. The message names the place and says what to write instead."""


class Contract:
    """A contract that is valid by itself. Raises ContractError where it is not."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines: dict[str, int] = {}
        self.tree: Json = self._parse(file)
        self._check_references()
        self._check_operations()
        self._check_openapi()

    def error(self, path: Steps, message: str) -> ContractError:
        """A sentence about a place, or about the nearest thing above it that was written."""
        known = next((path[:end] for end in range(len(path), 0, -1) if pointer(path[:end]) in self._lines), ())
        line = self._lines.get(pointer(known), 1)
        return ContractError(f"{self._file.name}, line {line}, {pointer(path) or 'the whole document'}: {message}")

    def find(self, value: Any, within: Steps = (), ending: Steps = ()) -> Steps:
        """The first place with this content, under a path and with this end; the path itself where there is none."""
        places = (path for path, found in walk(self.tree) if path[: len(within)] == within and found == value)
        return next((path for path in places if path[len(path) - len(ending) :] == ending), within)

    def _parse(self, file: Path) -> Json:
        text = ""
        try:
            text = file.read_text(encoding="utf-8")
            node = yaml.compose(text, Loader=_LOADER)
            if node is not None:
                self._note_lines(node, ())
            # By way of JSON: keys such as 200, and dates, are text in a contract.
            tree = json.loads(json.dumps(yaml.load(text, Loader=_LOADER), default=str))  # noqa: S506 - both are safe
        except yaml.MarkedYAMLError as error:
            line = min(error.problem_mark.line + 1, len(text.splitlines())) if error.problem_mark else 1
            raise ContractError(f"{file.name}, line {line}: it is no YAML: {error.problem}.") from error
        except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
            raise ContractError(f"{file.name}, line 1: it can't be read: {error}") from error
        if (
            not is_object(tree)
            or not str(tree.get("openapi", "")).startswith("3.1")
            or not is_object(tree.get("paths"))
        ):
            raise self.error((), "it is no OpenAPI 3.1. Begin with `openapi: 3.1.0`, and describe `info` and `paths`.")
        return tree

    def _note_lines(self, node: yaml.Node, path: Steps) -> None:
        self._lines.setdefault(pointer(path), node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                place = (*path, str(key.value))
                if (first := self._lines.get(pointer(place))) and key.value != "<<":
                    self._lines[pointer(place)] = key.start_mark.line + 1
                    raise self.error(place, f"the key stands in line {first} already. Write it once.")
                self._lines[pointer(place)] = key.start_mark.line + 1
                self._note_lines(value, place)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._note_lines(value, (*path, index))

    def _check_references(self) -> None:
        for path, value in walk(self.tree):
            if path and path[-1] == "$ref" and isinstance(value, str):
                try:
                    resolve(self.tree, value)
                except LookupError:
                    raise self.error(
                        path, f"{value} leads nowhere. Write `#/…` and the path of something in this file."
                    ) from None
        for path, value in walk(self.tree):
            if path and path[-1] == "$ref" and isinstance(value, str):
                self._check_circle(path, value, set())

    def _check_circle(self, path: Steps, reference: str, seen: set[str]) -> None:
        """What a schema is must not depend on what it is; its fields and items may be like itself."""
        if reference in seen:
            raise self.error(
                path, f"{reference} leads back to itself. Let one of the schemas on the way say what it is."
            )
        node = resolve(self.tree, reference)
        if not is_object(node):
            return
        parts = [node, *(part for word in ("allOf", "anyOf", "oneOf") for part in node.get(word, ()))]
        for part in parts:
            if is_object(part) and isinstance(inner := part.get("$ref"), str):
                self._check_circle(path, inner, {*seen, reference})

    def _check_operations(self) -> None:
        seen: dict[str, Steps] = {}
        for operation in operations(self.tree):
            path, name = steps(operation.pointer), operation.id
            if not name:
                raise self.error(
                    path, "it has no operationId. Give it one, since the client's function is named after it."
                )
            first = seen.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), path)
            if first != path:
                raise self.error(
                    (*path, "operationId"),
                    f"{name} is the operationId of {pointer(first)}, or reads like it. Give each operation its own.",
                )

    def _check_openapi(self) -> None:
        for error in OpenAPIV31SpecValidator(self.tree).iter_errors():
            said, ending = error.message.splitlines()[0], tuple(error.absolute_path)
            place = self.find(error.instance, ending=ending) or self._find_named(said)
            raise self.error(place, f"it is no OpenAPI 3.1: {said.rstrip('.')}.")

    def _find_named(self, message: str) -> Steps:
        """The place that a message is about, by the names in its quotes: as a value, or else as a key."""
        for name in reversed(re.findall(r"'([^']+)'", message)):
            places = [path for path, value in walk(self.tree) if value == name]
            places += [path for path, _ in walk(self.tree) if path and path[-1] == name]
            if places:
                return places[0]
        return ()


def walk(node: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """All places of a document, the whole first."""
    yield path, node
    inside = node.items() if is_object(node) else enumerate(node) if is_list(node) else ()
    for key, value in inside:
        yield from walk(value, (*path, key))


def resolve(tree: Any, reference: str) -> Any:
    """What a reference leads to. Raises LookupError where that is nothing."""
    return find(tree, unquote(reference).removeprefix("#"))
