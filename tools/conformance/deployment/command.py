"""Works through the table of statements against a deployment; says what held, what differs, what was not examined."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from contract_document import load

from conformance.deployment import lists, requests, scenarios
from conformance.deployment.client import Credentials, CredentialsError, DeploymentClient, UnreachableError
from conformance.deployment.examination import Examination
from conformance.deployment.inspection import Inspection
from conformance.deployment.own_videos import OwnVideos
from conformance.deployment.report import Report
from conformance.deployment.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.deployment.statements import Statement

NOT_INSPECTED, INTERRUPTED = 2, 130
PROBES: Mapping[str, Callable[..., None]] = {
    probe.__name__: probe
    for probe in (
        *(requests.asks, requests.examples, requests.unknown_video, requests.prices, requests.answers),
        *(requests.nothing, lists.pages, lists.windows, lists.own_filters, lists.same_everywhere, lists.promised_files),
        *(lists.filters, lists.walks, scenarios.scenario),
    )
}
"""By name, the functions that examine statements."""


def deployment_options() -> argparse.ArgumentParser:
    """What may be said about a deployment, as a parent of parsers."""
    parent = argparse.ArgumentParser(add_help=False)
    group = parent.add_argument_group("against a deployment")
    group.add_argument("--base-url", metavar="URL", help="such as https://…/api")
    group.add_argument("--write", action="store_true", help="make videos of its own too, and delete them again")
    group.add_argument(
        "--transcode", action="store_true", help="transcode one of them, which costs money; needs --write and --media"
    )
    group.add_argument("--media", metavar="FILE", type=Path, help="a short video to transcode")
    group.add_argument("--per-second", metavar="N", type=float, default=5, help="requests at most (default: 5)")
    group.add_argument("--only", metavar="ID", action="append", help="examine this statement; again for more")
    return parent


def inspect_deployment(options: argparse.Namespace) -> int:
    """Ask a deployment, and report what held and what differs."""
    try:
        own, second = credentials_from(os.environ)
    except CredentialsError as error:
        print(f"Not inspected: {error}.", file=sys.stderr)
        return NOT_INSPECTED
    seed = random.randrange(10**6) if options.seed is None else options.seed  # noqa: S311 - no secret
    client = DeploymentClient(options.base_url, own, second, per_second=options.per_second)
    inspection = Inspection(client, load(), statements(), wait=time.sleep)
    media = options.media.read_bytes() if options.media else b""
    examination = Examination(
        inspection, OwnVideos(inspection), own, second, options.write, options.write and options.transcode, media, seed
    )
    what = "reads, refusals and videos of its own" if options.write else "reads and refusals only"
    what += f", {'two accounts' if second else 'one account'}, seed {seed}"
    print(f"{client.base_url}: {what}", flush=True)
    started = time.time()
    table = [one for one in statements() if not options.only or one.id in options.only]
    status = examine(examination, table)
    client.close()
    report = Report(client.base_url, what, started, time.time() - started, examination)
    print(report.text())
    options.report.mkdir(parents=True, exist_ok=True)
    print(f"{report.write(options.report)} has the details.")
    return status or int(bool(inspection.differences))


def credentials_from(environment: Mapping[str, str]) -> tuple[Credentials, Credentials | None]:
    """The credentials of the first account and, where there are any, of the second."""
    own = Credentials.from_environment(environment)
    names = [f"{prefix}{name}_B" for prefix in ("", "AIOZ_STREAM_") for name in ("TOKEN", "PUBLIC_KEY", "SECRET_KEY")]
    has_second = any(environment.get(name) for name in names)
    if not has_second:
        return own, None
    second = Credentials.from_environment(environment, "_B")
    for secret, name in second.variables.items():
        if secret in own.variables:
            raise CredentialsError(
                f"{own.variables[secret]} and {name} are the same; the second account must be another"
            )
    return own, second


def examine(examination: Examination, table: Sequence[Statement]) -> int:
    """Work through the table; the result is an exit status for what ended it early, else 0."""
    notes = examination.inspection.notes
    try:
        examination.inspection.connect()
        examination.run(table, PROBES)
    except (CredentialsError, UnreachableError) as error:
        print(f"Not inspected: {error}", file=sys.stderr)
        notes.append(f"ended early: {error}")
        return NOT_INSPECTED
    except KeyboardInterrupt:
        notes.append("ended early: interrupted")
        return INTERRUPTED
    return 0


def end_cleanly() -> None:
    """However the program is ended, it deletes its videos first; a shell may have told it to ignore Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, interrupt)
