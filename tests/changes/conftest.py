"""The contract, and the corpus of its changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import yaml
from contract_changes.changes import Weight
from contract_changes.documents import Document

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus.yaml"


class Case:
    """A change as the corpus has it."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self.name: str = entry["name"]
        self.kind: str = entry["kind"]
        self.edit: list[dict[str, Any]] = entry["edit"]
        self.is_breaking: bool = {"breaking": True, "safe": False}[entry["expected"]]
        self.weight: Weight = {"minor": Weight.ADDITION, "patch": Weight.WORDING, None: Weight.BREAKING}[
            entry.get("asks")
        ]
        assert self.is_breaking == (self.weight is Weight.BREAKING), self.name
        self.why: str = entry["why"]
        self.elsewhere: set[str] = set(entry.get("elsewhere", ()))
        self._given: list[dict[str, Any]] = entry.get("given", [])

    def documents(self, contract: Document) -> tuple[Document, Document]:
        """The contract before the change and after it."""
        before = jsonpatch.apply_patch(contract.tree, self._given)
        return Document(before), Document(jsonpatch.apply_patch(before, self.edit))


CASES = [Case(entry) for entry in yaml.safe_load(CORPUS.read_text(encoding="utf-8"))]


@pytest.fixture(scope="session")
def contract() -> Document:
    return Document.parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
    if "condition" in metafunc.fixturenames:
        conditions = [case for case in CASES if case.kind == "conditions"]
        metafunc.parametrize("condition", conditions, ids=lambda case: case.name.replace(" ", "-"))


@pytest.fixture(scope="session")
def corpus() -> list[Case]:
    return CASES
