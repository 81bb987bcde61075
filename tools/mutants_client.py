"""Makes mistakes in the client's `upload/` and `http/`, one at a time, and runs the tests on each: one has to fail.

Prints which test noticed each, and at the end the survivors with their places and differences. The tests beside a
module are asked first, the others (`--everything`) only where those notice nothing. Exits with 1 where, of 100 or
more, fewer than 85 % are noticed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from client_mutation.mutations import mutations
from client_mutation.neighbours import beside, everything
from client_mutation.trial import HELD_UP, PACKAGE, Verdict, failures, noticed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from client_mutation.mutations import Mutation

ROOMS = ("upload", "http")
WANTED = 0.85
ENOUGH = 100
"""So many mutants make a share that means something."""
FEW = 10


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


def failing_untouched(chosen: Sequence[Mutation], options: argparse.Namespace) -> list[str]:
    """What fails without any mistake says nothing about one, and is left out."""
    tests = {test for mutation in chosen for test in beside(mutation.module)}
    asked = [*sorted(tests), *(everything() if options.everything else [])]
    with tempfile.TemporaryDirectory() as folder:
        return failures(asked, Path(folder), 20 * options.seconds, first=False)


def examined(mutation: Mutation, left_out: Sequence[str], options: argparse.Namespace) -> Verdict:
    begun = time.monotonic()
    layers = [beside(mutation.module), *([everything()] if options.everything else [])]
    test = noticed(mutation, layers, left_out, options.seconds)
    verdict = Verdict(mutation, test, time.monotonic() - begun)
    print(f"{mutation.place:44} {mutation.kind:13} {test or 'SURVIVES':100.100} {verdict.seconds:5.0f} s", flush=True)
    return verdict


def report(verdicts: Sequence[Verdict]) -> None:
    survivors = sorted((one for one in verdicts if not one.noticed_by), key=lambda one: one.mutation.place)
    for one in survivors:
        print(f"\n{one.mutation.place}: {one.mutation.kind}\n{one.mutation.diff}")
    kinds, left = Counter(one.mutation.kind for one in verdicts), Counter(one.mutation.kind for one in survivors)
    print()
    for kind, count in sorted(kinds.items()):
        print(f"{kind:13} {count - left[kind]:4} of {count:4} noticed")
    print(f"{'all':13} {len(verdicts) - len(survivors):4} of {len(verdicts):4} noticed")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    chosen, begun = drawn(options), time.monotonic()
    if options.list:
        for mutation in chosen:
            print(f"{mutation.place}: {mutation.kind}\n{mutation.diff}\n")
        return 0
    left_out = failing_untouched(chosen, options)
    if HELD_UP in left_out:
        print("The tests take too long without any mistake: give more --seconds.")
        return 2
    if left_out:
        shown = [*left_out[:FEW], *(["..."] if len(left_out) > FEW else [])]
        print(f"{len(left_out)} tests fail without any mistake, and are left out:", *shown, sep="\n  ", flush=True)
    with ThreadPoolExecutor(options.at_once) as pool:
        verdicts = list(pool.map(partial(examined, left_out=left_out, options=options), chosen))
    report(verdicts)
    print(f"{time.monotonic() - begun:.0f} s; again with --count {options.count} --seed {options.seed}")
    share = sum(bool(one.noticed_by) for one in verdicts) / max(1, len(verdicts))
    return 1 if len(verdicts) >= ENOUGH and share < WANTED else 0


if __name__ == "__main__":
    sys.exit(main())
