"""Checks a ladder against the contract and against the rules that no schema can say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import attrs

from aioz_stream.arguments import fill
from aioz_stream.encoding import contract_rules, resolutions
from aioz_stream.encoding.findings import Finding, LadderWarning
from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.encoding.rules import RULES, Ladder, Quality
from aioz_stream.errors import EncodingError, warn
from aioz_stream.request_schemas import LARGEST, presentable
from aioz_stream_api import models
from aioz_stream_api.types import Unset

if TYPE_CHECKING:
    import os

_PLAIN = frozenset({str, float, bool, type(None)})
_TYPED = (models.Quality, models.VideoConfig, models.AudioConfig)

_IN_QUALITY = [(rule, rule.in_quality) for rule in RULES if rule.in_quality]
_IN_LADDER = [(rule, rule.in_ladder) for rule in RULES if rule.in_ladder]


class _Report:
    """Collects what the rules report. One object for all of them: making one each time doubles the time of a check."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.rule = RULES[0]
        self.prefix = "/qualities"
        self._refused = {one.pointer for one in findings}

    def __call__(self, pointer: str, message: str, suggestion: str | int | None = None) -> None:
        place = self.prefix + pointer
        # A value that is refused needs no warning too. An object may be wrong in one way and doubtful in another.
        if pointer and self.rule.severity == "warning" and place in self._refused and self.rule.in_quality:
            return
        self.findings.append(Finding(self.rule.code, self.rule.severity, place, message, suggestion))


def check(
    qualities: object, *, source: MediaInfo | str | os.PathLike[str] | None = None, strict: bool = False
) -> list[Finding]:
    """Everything that is wrong or doubtful with a ladder: errors, which the service refuses, and warnings.

    `qualities` are objects of the generated types or plain JSON, or both. `source` is the file that is to be
    transcoded, as a path to look into (needs the extra [probe]) or as a `Source` that says what is known; with it,
    qualities above the source and missing tracks are found too. `strict` makes errors of warnings. None, which lets
    the service choose, has no findings.
    """
    if qualities is None:
        return []
    given = _plain_or_too_deep(qualities)
    report = _Report(_by_contract(given, given is qualities))
    looked_at: list[tuple[int, Quality]] = []
    for place, item in enumerate(cast("list[object]", given) if isinstance(given, list) else ()):
        if not isinstance(item, dict):
            continue
        quality = Quality(cast("dict[str, Any]", item))
        looked_at.append((place, quality))
        report.prefix = f"/qualities/{place}"
        for report.rule, look_at_quality in _IN_QUALITY:
            look_at_quality(quality, report)
    report.prefix = "/qualities"
    ladder = Ladder(looked_at, MediaInfo.of(source))
    for report.rule, look_at_ladder in _IN_LADDER:
        look_at_ladder(ladder, report)
    if strict:
        return [attrs.evolve(one, severity="error") for one in report.findings]
    return report.findings


def _by_contract(given: object, is_json: bool) -> list[Finding]:
    schema = resolutions.qualities()
    breaches = schema.breaches(given if is_json else presentable(given))
    return contract_rules.findings(schema, given, breaches) if breaches else []


def accepted(qualities: object, source: MediaInfo | None, strict: bool) -> list[models.Quality]:
    """The ladder as it is sent. Raises EncodingError for errors, and issues an LadderWarning for each warning."""
    given = _plain_or_too_deep(qualities)
    for warning in without_errors(check(given, source=source, strict=strict)):
        warn(str(warning), LadderWarning)
    return typed(given)


def without_errors(findings: list[Finding]) -> list[Finding]:
    """The findings, which are only warnings. Raises EncodingError when there is an error among them."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        lines = "".join(f"\n  {finding}" for finding in errors)
        raise EncodingError(f"The qualities can't be used:{lines}", findings=findings)
    return findings


def typed(qualities: object) -> list[models.Quality]:
    """A ladder without errors as the generated client has it."""
    return [fill(models.Quality, item) for item in cast("list[dict[str, Any]]", plain(qualities))]


def _plain_or_too_deep(qualities: object) -> object:
    try:
        return plain(qualities)
    except RecursionError:
        raise EncodingError("The qualities are nested too deeply, or contain themselves.") from None


def plain(value: object) -> object:
    """As JSON has it: typed objects become mappings, and what can be gone through becomes a list."""
    if _is_plain(value):
        return value
    if isinstance(value, _TYPED):
        named = {one.name.rstrip("_"): getattr(value, one.name) for one in attrs.fields(type(value))}
        return {name: plain(item) for name, item in named.items() if not isinstance(item, Unset)}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return value
    return [plain(item) for item in cast("Iterable[object]", value)]


def _is_plain(value: object) -> bool:
    """Whether it is JSON already: the usual case, in which copying would cost a fifth of the whole check."""
    if type(value) in _PLAIN:
        return True
    if type(value) is int:
        return -LARGEST <= value <= LARGEST
    if isinstance(value, dict):
        return all(map(_is_plain, cast("dict[str, object]", value).values()))
    return isinstance(value, list) and all(map(_is_plain, cast("list[object]", value)))
