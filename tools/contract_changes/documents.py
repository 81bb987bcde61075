"""A contract as a document: where things stand in it, and what its references name."""

from __future__ import annotations

from typing import Any, TypeAlias

import contract_document
import yaml
from contract_document import Json, is_object

Steps: TypeAlias = tuple[str | int, ...]
"""A JSON Pointer, taken apart."""

_LONGEST_CHAIN = 16


class ContractError(Exception):
    """A contract can't be compared; the message says why."""


def pointer(steps: Steps) -> str:
    return contract_document.pointer(*steps)


class Document:
    """One OpenAPI document."""

    def __init__(self, tree: Json) -> None:
        self.tree = tree

    @classmethod
    def parse(cls, text: str) -> Document:
        try:
            tree = contract_document.parse(text)
        except (yaml.YAMLError, TypeError, ValueError) as error:
            raise ContractError(f"it can't be read: {error}") from error
        if not is_object(tree) or "info" not in tree or "paths" not in tree:
            raise ContractError("it is no OpenAPI document with info and paths")
        return cls(tree)

    @property
    def version(self) -> str:
        return str(self.tree["info"].get("version", ""))

    def components(self, group: str) -> Json:
        return self.tree.get("components", {}).get(group, {})

    def value(self, steps: Steps) -> Any:
        """What is written at a place, references as they stand."""
        try:
            return contract_document.find(self.tree, pointer(steps))
        except LookupError as error:
            raise ContractError(str(error)) from error

    def follow(self, steps: Steps) -> tuple[Steps, Any]:
        """Where references at a place lead, and what stands there."""
        for _ in range(_LONGEST_CHAIN):
            value = self.value(steps)
            if not (is_object(value) and isinstance(value.get("$ref"), str)):
                return steps, value
            steps = target(value["$ref"])
        raise ContractError(f"references run in a circle at {pointer(steps)}")


def target(reference: str) -> Steps:
    """The place that a reference names."""
    if not reference.startswith("#/"):
        raise ContractError(f"{reference}: only references inside the contract are followed")
    return contract_document.steps(reference.removeprefix("#"))
