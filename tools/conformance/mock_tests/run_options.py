"""The options of one run of the contract tests: what the seed chooses, and how much of it.

They come from the environment, because a seed has to reach all processes that the tests run in.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import schemathesis
from contract_document import load
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

if TYPE_CHECKING:
    from schemathesis.specs.openapi.schemas import OpenApiSchema

VARIABLES = ("CONTRACT_SEED", "CONTRACT_BUDGET", "FAULT")
"""The variables that decide which requests are sent, and what comes of them."""


@dataclass(frozen=True)
class RunOptions:
    """The options of one run. By default it is the same each time, and short."""

    seed: int | None = None
    """Each seed gives other cases; None the ones that never change."""
    is_full: bool = False
    """All that `make contract` has time for, and not only a share."""
    shrinks: bool = True
    """Whether a failing case is made as small as possible, which takes a while."""
    result_file: str = ""
    """Where to write the results of the run."""

    @classmethod
    def from_environment(cls) -> RunOptions:
        seed = os.environ.get("CONTRACT_SEED")
        return cls(
            seed=int(seed) if seed else None,
            is_full=os.environ.get("CONTRACT_BUDGET") == "full",
            shrinks=os.environ.get("CONTRACT_SHRINK") != "no",
            result_file=os.environ.get("CONTRACT_RECORD", ""),
        )

    @staticmethod
    def replay_command(test: str) -> str:
        """A shell command that runs a test again with these options."""
        # The operation that Schemathesis puts behind a test's name is one that pytest does not find it by.
        test = re.sub(r"\[[A-Z]+ /.*\]", "", test)
        chosen = {name: os.environ[name] for name in VARIABLES if os.environ.get(name)}
        return " ".join([*(f"{name}={value}" for name, value in chosen.items()), f".venv/bin/pytest {test!r}"])

    def amount(self, short: int, full: int) -> int:
        return full if self.is_full else short

    def schema(self) -> OpenApiSchema:
        """The contract with the configuration of this run."""
        settings = tomllib.loads((Path(__file__).parent / "schemathesis.toml").read_text(encoding="utf-8"))
        config = schemathesis.Config.from_dict(settings)  # pyright: ignore[reportUnknownMemberType] - it takes a bare dict
        schema = schemathesis.openapi.from_dict(load(), config=config)
        generation = schema.config.generation
        generation.update(no_shrink=not self.shrinks)
        for each in (generation, *(operation.generation for operation in schema.config.operations.operations)):
            each.update(max_examples=self.amount(1, 2) * (each.max_examples or 0))
        if self.seed is not None:
            generation.update(deterministic=False)
            schema.config.seed = self.seed
        return schema


def forget_own_source() -> None:
    """Keep Hypothesis from drawing literals that it finds in the source of our own modules.

    Which of these it knows depends on what happens to be imported, so on which tests ran before in the same process:
    two runs were never sure to send the same requests. And literals of the server that is tested steer the cases to
    what the server knows, around its faults. There is no setting for it.
    """
    nothing = Constants()
    providers._get_local_constants = lambda: nothing  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - Hypothesis has no setting
