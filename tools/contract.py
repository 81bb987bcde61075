"""Holds the mock server, or a real deployment, to openapi.yaml; says what differs, and writes it down.

Without --base-url, the contract tests run against the mock server of this project. They are the same each time, or
others with each --seed. A failure comes with a pytest command and a shell script of curl lines that show it again.

With --base-url, a deployment is asked: by requests that only read, and by ones that it has to refuse and that can do no
harm if it doesn't. With --write also by making, using and deleting videos, of its own only, which are gone afterwards.
Credentials come from the environment: TOKEN or AIOZ_STREAM_TOKEN, or PUBLIC_KEY and SECRET_KEY (or AIOZ_STREAM_ with
either). They show nowhere.

Examples:
  make contract                                     the fixed budget, in less than three minutes
  make contract SEED=random MINUTES=10              others, for ten minutes
  make contract SEED=1234                           those again
  make contract SEEDS=20                            a short run for each of twenty seeds
  TOKEN=… make contract BASE_URL=https://…/api      a deployment, reads and refusals only
  TOKEN=… make contract BASE_URL=https://…/api WRITE=1

The exit status is 0 if nothing differs, 1 if something does, and 2 if the deployment can't be reached or refuses the
credentials. The page and the JUnit file are in build/contract.

"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import page
from conformance.deployment import Credentials, CredentialsError, Deployment, UnreachableError
from conformance.inspection import Inspection
from conformance.reads import Reads
from conformance.records import Record, Tally
from conformance.result import Result
from conformance.run import ROOT
from conformance.stage import contract
from conformance.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

# Those that ask a server. The others in their folder test these tests.
TESTS = sorted(str(path) for path in (ROOT / "tests" / "contract").glob("test_contract_*.py"))
LARGEST = 10**6
NOT_INSPECTED, INTERRUPTED = 2, 130


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--report", metavar="FOLDER", type=Path, default=ROOT / "build" / "contract")
    mock = made.add_argument_group("against the mock server")
    mock.add_argument(
        "--seed", metavar="SEED", type=first_seed, help="a number, or `random`; without it, the cases that never change"
    )
    mock.add_argument("--minutes", metavar="M", type=float, help="go on with the next seeds for so long")
    mock.add_argument("--seeds", metavar="N", type=int, help="so many seeds, each on a short budget")
    mock.add_argument("--pytest", metavar="ARG", action="append", default=[], help="given to pytest as it is")
    real = made.add_argument_group("against a deployment")
    real.add_argument("--base-url", metavar="URL", help="such as https://…/api")
    real.add_argument("--write", action="store_true", help="make videos of its own too, and delete them again")
    real.add_argument("--per-second", metavar="N", type=float, default=5, help="requests at most (default: 5)")
    return made


def first_seed(text: str) -> int:
    return random.randrange(LARGEST) if text == "random" else int(text)  # noqa: S311 - no secret


def seeds(options: argparse.Namespace) -> Iterator[int | None]:
    """One after the other, for as long as it is wanted."""
    if options.seed is None and options.minutes is None and options.seeds is None:
        yield None
        return
    first = first_seed("random") if options.seed is None else options.seed
    count = options.seeds or (LARGEST if options.minutes else 1)
    deadline = time.monotonic() + 60 * (options.minutes or 0)
    for seed in range(first, first + count):
        yield seed
        if options.minutes and time.monotonic() > deadline:
            return


def tested(seed: int | None, options: argparse.Namespace) -> Record:
    """Run the contract tests in a process of their own."""
    name = "" if seed is None else f"-{seed}"
    path = options.report / f"run{name}.json"
    path.unlink(missing_ok=True)
    chosen = {"CONTRACT_RECORD": str(path), "CONTRACT_BUDGET": "short" if options.seeds else "full"}
    chosen |= {} if seed is None else {"CONTRACT_SEED": str(seed)}
    command = [sys.executable, "-m", "pytest", *TESTS, "-n", "2", "--dist", "loadgroup", "-q", "--no-header"]
    command += [f"--junitxml={options.report / f'junit{name}.xml'}", "-o", "junit_suite_name=contract", *options.pytest]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **chosen}, check=False)
    if not path.exists():
        raise SystemExit(done.returncode or 1)
    record = Record.read(path)
    path.unlink()
    if done.returncode and not record.failures:
        raise SystemExit(done.returncode)
    return record


def rehearse(options: argparse.Namespace) -> int:
    records: list[Record] = []
    for seed in seeds(options):
        if seed is not None:
            print(f"\nseed {seed}: make contract SEED={seed}{' SEEDS=1' if options.seeds else ''}", flush=True)
        records.append(tested(seed, options))
    tally = Tally(records)
    # A choice of tests has only a share of the requests.
    shortcomings = [] if options.pytest else tally.shortcomings()
    path = page.of_runs(records, shortcomings, options.report / "index.html")
    if len(records) > 1:
        for record in records:
            own = Tally([record])
            print(f"seed {record.seed:<8}{record.seconds:>6.1f} s{own.requests:>8} requests", end="")
            print(f"{len(record.failures):>5} failures  {own.digest}")
        print("\n".join(tally.lines()))
    failures = [failure for record in records for failure in record.failures]
    for failure in failures:
        print(f"FAILED {failure.test}\n  again: {failure.pytest}")
    print("\n".join(shortcomings))
    print(f"{len(failures)} failures. {path} has all of it.")
    return 1 if failures or shortcomings else 0


def inspect(options: argparse.Namespace) -> int:
    """Ask a deployment, and tell what it does differently."""
    try:
        credentials = Credentials.from_environment(os.environ)
    except CredentialsError as error:
        print(f"Not inspected: {error}.", file=sys.stderr)
        return NOT_INSPECTED
    deployment = Deployment(options.base_url, credentials, per_second=options.per_second)
    inspection = Inspection(deployment, contract())
    started, status = time.time(), 0
    what = "reads, refusals and videos of its own" if options.write else "reads and refusals only"
    print(f"{deployment.base_url}: {what}", flush=True)
    try:
        inspection.enter()
        Reads(inspection).run()
        if options.write:
            Visit(inspection).run()
    except (CredentialsError, UnreachableError) as error:
        print(f"Not inspected: {error}", file=sys.stderr)
        inspection.notes.append(f"ended early: {error}")
        status = NOT_INSPECTED
    except KeyboardInterrupt:
        inspection.notes.append("ended early: interrupted")
        status = INTERRUPTED
    finally:
        deployment.close()
    result = Result(deployment.base_url, what, started, time.time() - started, inspection)
    print(result.text())
    result.junit(options.report / "junit.xml")
    print(f"{page.of_a_deployment(result, options.report / 'index.html')} has all of it.")
    return status or int(bool(inspection.differences))


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    options = parser().parse_args()
    options.report.mkdir(parents=True, exist_ok=True)
    if not options.base_url:
        return rehearse(options)
    # Whoever ends this lets it put away what it made; a shell may have told it to ignore Ctrl-C.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, interrupt)
    return inspect(options)


if __name__ == "__main__":
    sys.exit(main())
