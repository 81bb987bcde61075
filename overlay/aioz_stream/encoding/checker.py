"""Checks a ladder against the contract and against the rules that no schema can say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from aioz_stream.arguments import fill, shown
from aioz_stream.arguments.json_values import LARGEST_READABLE, Originals, as_json
from aioz_stream.encoding import contract_rules
from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.encoding.rules import RULES, Ladder, Quality
from aioz_stream.errors import EncodingError, Finding, warn
from aioz_stream_api import models


class LadderWarning(UserWarning):
    """The service takes the ladder, but it may not do what was meant."""


def check(
    qualities: object, *, source: MediaInfo | str | os.PathLike[str] | None = None, strict: bool = False
) -> list[Finding]:
    """Everything that is wrong or doubtful with a ladder: errors, which the service refuses, and warnings.

    `qualities` are objects of the generated types or plain JSON, or both. `source` is the file that is to be
    transcoded, as a path to look into (needs the extra [probe]) or as a `Source` that says what is known; with it,
    qualities above the source and missing tracks are found too. `strict` makes errors of warnings. None, which lets
    the service choose, has no findings.
    """
    return judge(qualities, source, strict)[2]


def judge(
    qualities: object, source: MediaInfo | str | os.PathLike[str] | None, strict: bool = False
) -> tuple[Any, Originals, list[Finding]]:
    """The ladder as JSON has it, what JSON can't carry of it, and its findings."""
    if qualities is None:
        return [], {}, []
    items: Any = qualities
    is_listed = isinstance(qualities, Iterable) and not isinstance(qualities, str | bytes | Mapping)
    given, originals = as_json(list(items) if is_listed else items)
    if any(isinstance(one, list | tuple | Mapping) for one in originals.values()):
        raise EncodingError("The qualities are nested too deeply, or contain themselves.")
    findings = contract_rules.findings(given, originals)
    objects = [Quality(place, item) for place, item in enumerate(given if is_listed else ()) if type(item) is dict]
    ladder = Ladder(objects, originals, MediaInfo.of(source))
    # A value that is refused needs no warning too. An object may be wrong in one way and doubtful in another.
    refused = {one.pointer for one in findings} - {quality.pointer for quality in objects}
    findings += [
        Finding(rule.code, rule.severity, pointer, message, suggestion)
        for rule in RULES
        for pointer, message, suggestion in rule.look(ladder)
        if rule.severity == "error" or pointer not in refused
    ]
    return given, originals, [attrs.evolve(one, severity="error") for one in findings] if strict else findings


def accepted(qualities: object, source: MediaInfo | None, strict: bool) -> list[models.Quality]:
    """The ladder as it is sent. Raises EncodingError for errors, and issues an LadderWarning for each warning."""
    given, originals, findings = judge(qualities, source, strict)
    for warning in without_errors(findings):
        warn(str(warning), LadderWarning)
    for path, value in originals.items():
        if isinstance(value, int) and abs(value) > LARGEST_READABLE:
            raise EncodingError(f"The qualities can't be used: {shown(value)} at {list(path)} is too large to be sent.")
    return [fill(models.Quality.from_dict, item) for item in given]


def without_errors(findings: list[Finding]) -> list[Finding]:
    """The findings, which are only warnings. Raises EncodingError when there is an error among them."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        lines = "".join(f"\n  {finding}" for finding in errors)
        raise EncodingError(f"The qualities can't be used:{lines}", findings=findings)
    return findings
