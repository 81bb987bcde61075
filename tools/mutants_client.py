"""Makes mistakes in the client's `upload/` and `http/`, one at a time, and runs the tests on each: one has to fail.

Prints which test noticed each, and at the end the survivors with their places and differences. The tests beside a
module, from the table in CONTRIBUTING.md, are asked first, the others (`--everything`) only where those notice nothing.
Exits with 1 where, of 100 or more, fewer than 85 % are noticed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import quick
from mutation import report
from mutation.client_mutations import PACKAGE, Mutation, mutations
from mutation.forks import run_each
from mutation.mutants import Kill, Layer, Mutant, Verdict
from mutation.runner import examine, failures

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOMS = ("upload", "http")
WANTED = 0.85
ENOUGH = 100
"""So many mutants make a share that means something."""
FEW = 10
OPTIONS = ("--timeout=40", "-m", "not slow", "-W", "ignore")
EVERYTHING = ("tests/overlay", "tests/adversarial/test_lies.py", "tests/adversarial/test_retry_after.py")


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=30, help="how many are drawn (%(default)s); 0 is all")
    parser.add_argument("--seed", type=int, default=1, help="what they are drawn from")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only those with this in their place, such as http/retry.py"
    )
    parser.add_argument("--kind", default="", help="only comparison, condition, and/or, 'dropped call' or number")
    parser.add_argument(
        "--everything", action="store_true", help="ask all tests of the client where those beside notice nothing"
    )
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="processes (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="that the tests may take on one mutant (%(default)s)"
    )
    parser.add_argument("--list", action="store_true", help="only print what is drawn, with its differences")
    return parser.parse_args(arguments)


def drawn(options: argparse.Namespace) -> list[Mutation]:
    """The same for the same options and the same code, whatever else is there."""
    files = sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py"))
    found = [
        mutation
        for path in files
        for mutation in mutations(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8"))
        if options.only in mutation.place and options.kind in mutation.kind
    ]
    count = min(options.count or len(found), len(found))
    return random.Random(options.seed).sample(found, count)  # noqa: S311 - no secret


def beside(module: str) -> list[str]:
    """The test files that belong to a module, the nearest first."""
    row = quick.row_of(f"overlay/aioz_stream/{module}", quick.read_table())
    assert row is not None, module
    return [f"{quick.TESTS}{test}" for test in (*row.tests, *row.later)]


def failing_untouched(chosen: Sequence[Mutation], options: argparse.Namespace) -> list[str]:
    """What fails without any mistake says nothing about one, and is left out."""
    tests = {test for mutation in chosen for test in beside(mutation.module)}
    layers = [Layer(test, (test, *OPTIONS)) for test in sorted({*tests, *(EVERYTHING if options.everything else ())})]
    found = run_each(failures, layers, at_once=options.at_once, seconds=20 * options.seconds)
    return [test for layer, failed in found for test in ([layer.name] if failed is None else failed)]


def as_mutant(mutation: Mutation, left_out: Sequence[str], options: argparse.Namespace) -> Mutant:
    more = (*OPTIONS, *(f"--deselect={test}" for test in left_out))
    layers = [Layer("beside", (*beside(mutation.module), *more))]
    if options.everything:
        layers.append(Layer("everything", (*EVERYTHING, *more)))
    return Mutant(mutation.place, mutation.kind, mutation.diff, mutation.make, tuple(layers))


def examined(mutant: Mutant) -> Verdict:
    try:
        return examine(mutant)
    except Exception as error:  # noqa: BLE001 - a mistake may break the very program that runs the tests
        return Verdict((Kill("beside", "", repr(error)),), time.process_time())


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    chosen, begun = drawn(options), time.monotonic()
    if options.list:
        for mutation in chosen:
            print(f"{mutation.place}: {mutation.kind}\n{mutation.diff}\n")
        return 0
    results: list[tuple[Mutant, Verdict]] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as tempfile.tempdir:
        if left_out := failing_untouched(chosen, options):
            shown = [*left_out[:FEW], *(["..."] if len(left_out) > FEW else [])]
            print(f"{len(left_out)} tests fail without any mistake, and are left out:", *shown, sep="\n  ", flush=True)
        mutants = [as_mutant(mutation, left_out, options) for mutation in chosen]
        for mutant, verdict in run_each(examined, mutants, at_once=options.at_once, seconds=options.seconds):
            hangs = Verdict((Kill("beside", "", "took too long, or ended the process"),), options.seconds)
            results.append((mutant, verdict or hangs))
            print(report.line(*results[-1]), flush=True)
    print("", *report.table([Layer("beside", ()), Layer("everything", ())], results), sep="\n")
    share = sum(not verdict.survived for _, verdict in results) / max(1, len(results))
    print(f"{time.monotonic() - begun:.0f} s; again with --count {options.count} --seed {options.seed}")
    return 1 if len(results) >= ENOUGH and share < WANTED else 0


if __name__ == "__main__":
    sys.exit(main())
