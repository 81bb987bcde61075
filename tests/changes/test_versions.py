"""Which version a change needs, and whether a contract has it."""

from __future__ import annotations

import pytest
from contract_changes.changes import Weight
from contract_changes.documents import ContractError
from contract_changes.report import Verdict
from contract_changes.versions import asked, parse


@pytest.mark.parametrize(
    ("base", "weight", "expected"),
    [
        ("1.4.2", Weight.BREAKING, "2.0.0"),
        ("1.4.2", Weight.ADDITION, "1.5.0"),
        ("1.4.2", Weight.WORDING, "1.4.3"),
        ("1.4.2", None, "1.4.2"),
        ("0.4.2", Weight.BREAKING, "0.5.0"),
        ("0.4.2", Weight.ADDITION, "0.4.3"),
        ("0.4.2", Weight.WORDING, "0.4.3"),
    ],
)
def test_a_change_needs_the_next_version(base: str, weight: Weight | None, expected: str) -> None:
    assert asked(parse(base), weight) == parse(expected)


@pytest.mark.parametrize(
    ("weight", "version", "fits"),
    [
        (Weight.BREAKING, "1.9.9", False),
        (Weight.BREAKING, "2.0.0", True),
        (Weight.BREAKING, "3.1.0", True),
        (Weight.ADDITION, "1.0.1", False),
        (Weight.ADDITION, "1.1.0", True),
        (Weight.ADDITION, "2.0.0", True),
        (Weight.WORDING, "1.0.0", True),
        (Weight.WORDING, "0.9.0", False),
        (None, "1.0.0", True),
        (None, "0.9.9", False),
    ],
)
def test_a_version_fits_the_changes_or_not(weight: Weight | None, version: str, fits: bool) -> None:
    assert Verdict(parse("1.0.0"), weight, parse(version)).fits is fits


@pytest.mark.parametrize("version", ["2.0.0-rc.1", "2.0.0+build.7"])
def test_a_prerelease_may_break_as_much(version: str) -> None:
    assert Verdict(parse("1.0.0"), Weight.BREAKING, parse(version)).fits


@pytest.mark.parametrize("version", ["", "1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.x", "1.0.٣"])
def test_a_malformed_version_is_refused(version: str) -> None:
    with pytest.raises(ContractError, match=r"no version such as 1\.2\.3"):
        parse(version)
