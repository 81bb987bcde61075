"""A contract as a document: where things stand in it, and what its references name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

import yaml

Json: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]

_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LONGEST_CHAIN = 16


def is_object(value: Any) -> TypeGuard[Json]:
    return isinstance(value, dict)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


class ContractError(Exception):
    """A contract can't be compared; the message says why."""


def pointer(path: Path) -> str:
    """A path as a JSON Pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@dataclass(frozen=True)
class Place:
    """Something in a document, where it really stands once references are followed."""

    path: Path
    value: Any


class Document:
    """One OpenAPI document."""

    def __init__(self, tree: Json) -> None:
        self.tree = tree

    @classmethod
    def parse(cls, text: str) -> Document:
        try:
            # By way of JSON: what YAML knows beyond it (dates, one object in two places) has no place in a contract.
            tree = json.loads(json.dumps(yaml.load(text, Loader=_LOADER)))  # noqa: S506 - both are safe ones
        except (yaml.YAMLError, TypeError, ValueError) as error:
            raise ContractError(f"it can't be read: {error}") from error
        if not is_object(tree) or "info" not in tree or "paths" not in tree:
            raise ContractError("it is no OpenAPI document with info and paths")
        return cls(tree)

    @property
    def version(self) -> str:
        return str(self.tree["info"].get("version", ""))

    @property
    def schemas(self) -> list[str]:
        return list(self.tree.get("components", {}).get("schemas", {}))

    def raw(self, path: Path) -> Any:
        """What is written at a path, references as they stand."""
        node: Any = self.tree
        for step in path:
            try:
                node = node[int(step)] if is_list(node) else node[step]
            except (LookupError, TypeError, ValueError) as error:
                raise ContractError(f"nothing stands at {pointer(path)}") from error
        return node

    def target(self, reference: str) -> Path:
        """The path that a reference names."""
        if not reference.startswith("#/"):
            raise ContractError(f"{reference}: only references inside the contract are followed")
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))

    def place(self, *path: str | int) -> Place:
        """What a path leads to."""
        for _ in range(_LONGEST_CHAIN):
            value = self.raw(path)
            if not (is_object(value) and isinstance(value.get("$ref"), str)):
                return Place(path, value)
            path = self.target(value["$ref"])
        raise ContractError(f"references run in a circle at {pointer(path)}")
