"""The table of statements drives the contract tests too: the mock server holds to every one that can be examined."""

from __future__ import annotations

import pytest
from conformance.deployment.examination import NOT_EXAMINED
from conformance.deployment.report import Report
from conformance.deployment.statements import statements
from conformance.mock_tests.run_options import RunOptions

from tests.contract.zoo.zoo import open_zoo

NEVER_EXAMINED = {one.id for one in statements() if one.probe == "nothing"}


@pytest.mark.timeout(300)
def test_the_mock_server_holds_to_every_statement() -> None:
    with open_zoo() as zoo:
        zoo.become(None)
        examination = zoo.inspect(seed=RunOptions.from_environment().seed or 0)
    report = Report("the mock server", "", 0, 0, examination)
    assert examination.inspection.differences == [], report.text()
    assert {one.statement.id for one in examination.results if one.outcome == NOT_EXAMINED} == NEVER_EXAMINED
    assert examination.inspection.notes == []
    assert examination.own.left_behind == []
