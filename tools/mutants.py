"""Takes each encoding rule out of the overlay, and each part of a quality's schema out of the contract, one at a time.

After each, the tests of the encoding room run; one of them must fail. Prints a table, and exits with 1 if anything can
be taken out unnoticed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from aioz_stream.encoding.catalogue import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
TESTS = ("tests/encoding/test_rules.py", "tests/encoding/test_differential.py")
SCHEMAS = ("Quality", "VideoConfig", "AudioConfig", "Resolution")

# What says nothing about what is accepted.
_SILENT = {"description", "$comment", "default", "format"}
# What can't be taken out by itself: the parts of a condition go with the condition, and a property with its schema.
_WHOLE = {"if", "then"}


def removals(contract: dict[str, Any]) -> Iterator[str]:
    """JSON Pointers to everything in the schemas of a quality that can be taken out."""
    for name in SCHEMAS:
        pointer = f"/components/schemas/{name}"
        yield from _inside(contract["components"]["schemas"][name], pointer)
    yield "/components/schemas/CreateVideoRequest/properties/qualities/minItems"
    yield "/components/schemas/CreateVideoRequest/properties/qualities/type"
    yield "/components/schemas/CreateVideoRequest/properties/qualities/items"


def _inside(schema: Any, pointer: str) -> Iterator[str]:
    for keyword, value in schema.items():
        here = f"{pointer}/{keyword}"
        if keyword == "allOf":
            for place, condition in enumerate(value):
                yield f"{here}/{place}"
                yield from (f"{here}/{place}/then/{word}" for word in condition["then"] if len(condition["then"]) > 1)
        elif keyword == "properties":
            for name, inner in value.items():
                yield f"{here}/{name}"
                yield from _inside(inner, f"{here}/{name}")
        elif keyword in {"required", "enum"}:
            yield from (f"{here}/{place}" for place in range(len(value)))
            yield here
        elif keyword == "type" and "enum" in schema:
            continue  # it is for the generators: the enum's values are all of that type, so it refuses nothing more
        elif keyword not in _SILENT | _WHOLE:
            yield here


def run(mutant: dict[str, str]) -> str | None:
    """The first test that fails, or None when none does."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0", *TESTS]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **mutant}, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return lines[0].split(" - ")[0] if lines else f"exit status {done.returncode}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="try only N, drawn by --seed")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    contract: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    mutants = [{"WITHOUT_RULE": rule.code} for rule in RULES]
    mutants += [{"WITHOUT_CONDITION": pointer} for pointer in removals(contract)]
    if arguments.sample:
        mutants = random.Random(arguments.seed).sample(mutants, arguments.sample)  # noqa: S311 - no secret
    if run({}) is not None:
        print("The tests fail with everything in place.")
        return 1
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, noticed in zip(mutants, pool.map(run, mutants), strict=True):
            [(kind, name)] = mutant.items()
            survivors += noticed is None
            print(f"{kind.removeprefix('WITHOUT_').lower():10} {name:75} {noticed or 'NOT NOTICED'}", flush=True)
    print(f"{len(mutants)} taken out one at a time, {survivors} unnoticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
