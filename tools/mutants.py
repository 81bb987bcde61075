"""Makes mistakes on purpose, one at a time, and runs the tests on each: one of them has to fail.

The mistakes: small faults of the mock server, loosened or missing rules of the contract, and encoding rules taken out.
Each gets a process of its own, in which the cheapest tests run first, until one fails. Prints tables and rates, and
exits with 1 if anything survives that `tools/conformance/survivors.yaml` does not explain.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import sys
import tempfile
import time
from functools import partial
from typing import TYPE_CHECKING

from mutation import contract_mutants, encoding_rules, report, server_faults
from mutation.forks import run_each
from mutation.mutants import Mutant, Verdict, share
from mutation.runner import examine, warm_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mutation.mutants import Kind

KINDS = (server_faults.KIND, contract_mutants.KIND, encoding_rules.KIND)
LONGEST = 900.0
"""Seconds that one mutant may take on a busy machine."""


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [kind.name for kind in KINDS]
    parser.add_argument("--kind", action="append", choices=names, help="only these; may be given again")
    parser.add_argument("--share", type=fraction, metavar="N/M", help="every M-th mutant, from the N-th on")
    parser.add_argument("--sample", type=int, metavar="N", help="only N of a kind, drawn by --seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", metavar="TEXT", help="only those with this in their area or name")
    parser.add_argument("--layers", action="store_true", help="ask all layers of each, not only until one notices")
    parser.add_argument(
        "--tested", action="store_true", help="the tests have just passed without any mistake: begin with the first"
    )
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (%(default)s)")
    parser.add_argument("--verbose", action="store_true", help="a line for each mutant: which test noticed, and what")
    return parser.parse_args(arguments)


def fraction(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    return int(number), int(of)


def chosen(kind: Kind, arguments: argparse.Namespace) -> list[Mutant]:
    only = arguments.only or [""]
    mutants = [one for one in kind.mutants() if any(text in f"{one.area} {one.name}" for text in only)]
    if arguments.share:
        mutants = share(mutants, *arguments.share)
    if arguments.sample:
        mutants = random.Random(arguments.seed).sample(mutants, min(arguments.sample, len(mutants)))  # noqa: S311 - no secret
    return mutants


def failures_without_mutant(kind: Kind, at_once: int) -> list[str]:
    """What the layers notice where there is nothing to notice."""
    untouched = [Mutant(layer.name, "untouched", "", partial(bool), (layer,)) for layer in kind.layers]
    verdicts = run_each(examine, untouched, at_once=at_once, seconds=LONGEST)
    return [
        f"{mutant.name}: {verdict.kills[0].test} fails with everything in place"
        if verdict
        else f"{mutant.name} hangs, or ends its process"
        for mutant, verdict in verdicts
        if verdict is None or not verdict.survived
    ]


def examine_kind(kind: Kind, arguments: argparse.Namespace) -> list[str]:
    """Examine the mutants of a kind, and print what comes of it; the result is what is not as it should be."""
    begin = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()):
        warm_up([test for layer in kind.layers for test in layer.tests])
    if not arguments.tested and (failures := failures_without_mutant(kind, arguments.at_once)):
        return failures
    mutants, results, late = chosen(kind, arguments), list[tuple[Mutant, Verdict]](), list[str]()
    work = partial(examine, in_all_layers=arguments.layers)
    for mutant, verdict in run_each(work, mutants, at_once=arguments.at_once, seconds=LONGEST):
        if verdict is None:
            late.append(
                f"{mutant.name} is not decided: its process ended early, or took more than {LONGEST:.0f} seconds"
            )
            continue
        results.append((mutant, verdict))
        if arguments.verbose or verdict.survived:
            print(report.line(mutant, verdict), flush=True)
    print(f"\n{kind.title}: {len(mutants)}", *report.table(kind.layers, results), sep="\n")
    spent = sum(verdict.seconds for _, verdict in results)
    print(f"{time.monotonic() - begin:.0f} s, of processors {spent:.0f} s\n", flush=True)
    explained = report.explanations(kind.name)
    names = {mutant.name for mutant in kind.mutants()}
    wanted = kind.wanted if len(mutants) > 99 else 0.0  # of a few, one would be a large share
    return [*late, *report.findings(results, wanted, explained), *report.unknown(explained, names)]


def main(arguments: Sequence[str] | None = None, kinds: Sequence[Kind] = KINDS) -> int:
    options = parsed(arguments)
    os.environ.update(server_faults.ENVIRONMENT)
    findings: list[str] = []
    if options.share:
        print("Share {} of {}".format(*options.share))
    with tempfile.TemporaryDirectory() as folder:
        # What a process leaves that had to be ended.
        tempfile.tempdir = folder
        for kind in kinds:
            if not options.kind or kind.name in options.kind:
                findings += examine_kind(kind, options)
    for finding in dict.fromkeys(findings):
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
