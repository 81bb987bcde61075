"""Holds the mock server, or a real deployment, to openapi.yaml; says what differs, and writes it down.

Without --base-url, the contract tests run against the mock server of this project. They are the same each time, or
others with each --seed. A failure comes with a pytest command and a shell script of curl lines that show it again.

With --base-url, a deployment is held to a table of statements: by requests that only read, and by ones that it has to
refuse and that can do no harm if it doesn't. With --write also by making, using and deleting videos, of its own only,
which are gone afterwards. Credentials come from the environment: TOKEN or AIOZ_STREAM_TOKEN, or PUBLIC_KEY and
SECRET_KEY (or AIOZ_STREAM_ with either); those of a second account end in _B. They show nowhere.

Examples:
  make contract                                     the fixed budget, in less than three minutes
  make contract SEED=random MINUTES=10              others, for ten minutes
  make contract SEED=1234                           those again
  make contract SEEDS=20                            a short run for each of twenty seeds
  TOKEN=… make contract BASE_URL=https://…/api      a deployment, reads and refusals only
  TOKEN=… make contract BASE_URL=https://…/api WRITE=1
  TOKEN=… TOKEN_B=… make contract BASE_URL=https://…/api WRITE=1 TRANSCODE=1 MEDIA=short.mp4

The exit status is 0 if nothing differs, 1 if something does, 2 if the deployment can't be reached or refuses the
credentials, and 130 after Ctrl-C. make has a status of its own: 2 for all of these but 0. The page and the JUnit file
are in build/contract.

"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.deployment import command
from conformance.mock_tests.results import FLOOR, RunResult, Summary
from conformance.shared.report_page import write_report
from contract_document import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

# These ask a server. The others in their folder test these tests.
TESTS = sorted(str(path) for path in (ROOT / "tests" / "contract").glob("test_contract_*.py"))
LARGEST = 10**6


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[command.deployment_options()],
    )
    made.add_argument("--report", metavar="FOLDER", type=Path, default=ROOT / "build" / "contract")
    mock = made.add_argument_group("against the mock server")
    mock.add_argument(
        "--seed", metavar="SEED", type=first_seed, help="a number, or `random`; without it, the cases that never change"
    )
    mock.add_argument("--minutes", metavar="M", type=float, help="go on with the next seeds for so long")
    mock.add_argument("--seeds", metavar="N", type=int, help="so many seeds, each on a short budget")
    mock.add_argument("--pytest", metavar="ARG", action="append", default=[], help="given to pytest as it is")
    return made


def first_seed(text: str) -> int:
    return random.randrange(LARGEST) if text == "random" else int(text)  # noqa: S311 - no secret


def seeds(options: argparse.Namespace) -> Iterator[int | None]:
    """The seeds of the runs, for as long as the options say."""
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


def run_tests(seed: int | None, options: argparse.Namespace) -> RunResult:
    """Run the contract tests in a process of their own."""
    name = "" if seed is None else f"-{seed}"
    path = options.report / f"run{name}.json"
    path.unlink(missing_ok=True)
    variables = {"CONTRACT_RECORD": str(path), "CONTRACT_BUDGET": "short" if options.seeds else "full"}
    variables |= {} if seed is None else {"CONTRACT_SEED": str(seed)}
    command = [sys.executable, "-m", "pytest", *TESTS, "-n", "2", "--dist", "loadgroup", "-q", "--no-header"]
    command += [f"--junitxml={options.report / f'junit{name}.xml'}", "-o", "junit_suite_name=contract", *options.pytest]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False)
    if not path.exists():
        raise SystemExit(done.returncode or 1)
    result = RunResult.read(path)
    path.unlink()
    if done.returncode and not result.failures:
        raise SystemExit(done.returncode)
    return result


def test_mock_server(options: argparse.Namespace) -> int:
    runs: list[RunResult] = []
    for seed in seeds(options):
        if seed is not None:
            print(f"\nseed {seed}: make contract SEED={seed}{' SEEDS=1' if options.seeds else ''}", flush=True)
        runs.append(run_tests(seed, options))
    summary = Summary(runs)
    # A choice of tests sends only a share of the requests.
    shortcomings = [] if options.pytest else summary.shortcomings()
    path = write_runs_page(runs, shortcomings, options.report / "index.html")
    if len(runs) > 1:
        for run in runs:
            own = Summary([run])
            print(f"seed {run.seed:<8}{run.seconds:>6.1f} s{own.requests:>8} requests", end="")
            print(f"{len(run.failures):>5} failures  {own.digest}")
        print("\n".join(summary.lines()))
    failures = [failure for run in runs for failure in run.failures]
    for failure in failures:
        print(f"FAILED {failure.test}\n  again: {failure.pytest}")
    print("\n".join(shortcomings))
    print(f"{len(failures)} failures. {path} has the details.")
    return 1 if failures or shortcomings else 0


def write_runs_page(runs: list[RunResult], shortcomings: list[str], path: Path) -> Path:
    summary = Summary(runs)
    # The page has a line for each run.
    runs_and_summaries = [(run, Summary([run])) for run in runs]
    content = {"runs": runs, "summaries": runs_and_summaries, "summary": summary, "shortcomings": shortcomings}
    return write_report("runs.html", path, summary.answers, floor=FLOOR, **content)


def main() -> int:
    options = parser().parse_args()
    options.report.mkdir(parents=True, exist_ok=True)
    if not options.base_url:
        return test_mock_server(options)
    command.end_cleanly()
    return command.inspect_deployment(options)


if __name__ == "__main__":
    sys.exit(main())
