"""How one run of the contract tests is set up: what is chosen by seed, and how much of it.

The environment says it, because a seed has to reach the processes that tests are shared out to.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis.specs.openapi.schemas import OpenApiSchema

T = TypeVar("T", bound="Callable[..., object]")

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "openapi.yaml"

LAYERS = ("built-in", "meaning")
"""The checks of a case: those of schemathesis, and those of our own that know what an operation means."""

CHOICES = ("CONTRACT_SEED", "CONTRACT_BUDGET", "CONTRACT_CHECKS", "FAULT")
"""What of the environment decides which requests are sent, and what comes of them."""


@dataclass(frozen=True)
class Run:
    """The choices of one run. By default it is the same each time, and short."""

    seed: int | None = None
    """Other cases with each seed; None for the ones that never change."""
    is_full: bool = False
    """All that `make contract` has time for, and not only a share."""
    shrinks: bool = True
    """Whether a failing case is made as small as it can be, which takes a while."""
    layers: tuple[str, ...] = LAYERS
    record: str = ""
    """Where to write down what the run came to."""

    @classmethod
    def from_environment(cls) -> Run:
        seed = os.environ.get("CONTRACT_SEED")
        layers = os.environ.get("CONTRACT_CHECKS")
        return cls(
            seed=int(seed) if seed else None,
            is_full=os.environ.get("CONTRACT_BUDGET") == "full",
            shrinks=os.environ.get("CONTRACT_SHRINK") != "no",
            layers=tuple(layers.split(",")) if layers else LAYERS,
            record=os.environ.get("CONTRACT_RECORD", ""),
        )

    @staticmethod
    def command() -> str:
        """What a shell is told to make this run again; a test goes behind it."""
        chosen = {name: os.environ[name] for name in CHOICES if os.environ.get(name)}
        return " ".join([*(f"{name}={value}" for name, value in chosen.items()), ".venv/bin/pytest"])

    def amount(self, short: int, full: int) -> int:
        return full if self.is_full else short

    def seeded(self, test: T) -> T:
        """A test that draws by this run's seed, if it has one."""
        return test if self.seed is None else hypothesis.seed(self.seed)(test)

    def settings(self, max_examples: int, steps: int = 50) -> hypothesis.settings:
        """What Hypothesis needs to know where schemathesis does not tell it."""
        phases = [Phase.explicit, Phase.generate, Phase.target, *([Phase.shrink] if self.shrinks else [])]
        return hypothesis.settings(
            max_examples=max_examples,
            stateful_step_count=steps,
            derandomize=self.seed is None,
            database=None,
            deadline=None,
            phases=phases,
            # Real requests are slow to a tool that is used to functions.
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            print_blob=False,
        )

    def schema(self) -> OpenApiSchema:
        """The contract with the configuration of this run."""
        with (Path(__file__).parent / "schemathesis.toml").open("rb") as file:
            settings = tomllib.load(file)
        config = schemathesis.Config.from_dict(settings)  # pyright: ignore[reportUnknownMemberType] - it takes a bare dict
        contract = json.loads(json.dumps(yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))))
        schema = schemathesis.openapi.from_dict(contract, config=config)
        generation = schema.config.generation
        generation.update(no_shrink=not self.shrinks)
        operations = [operation.generation for operation in schema.config.operations.operations]
        for each in (generation, schema.config.phases.stateful.generation, *operations):
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
    providers._get_local_constants = lambda: nothing  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
