"""docs/encoding.md says what the rules say, and its examples do what it says."""

from __future__ import annotations

import json
import re

import pytest
import rules_page
from ladder_examples import EXAMPLES, Example

from aioz_stream.encoding import check

TEXT = rules_page.PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_the_rules_say() -> None:
    assert rules_page.page() == TEXT, "run `make docs`"


@pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_examples(code: str, example: Example) -> None:
    section = TEXT[TEXT.index(f"\n### {code}\n") :]
    breaks, mended = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)[:2])
    assert [finding.code for finding in check(breaks, source=example.source)] == [code]
    assert check(mended, source=example.source) == []


def test_the_printed_findings() -> None:
    example = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)[0]
    printed: list[str] = []
    exec(example, {"print": lambda finding: printed.append(str(finding))})
    claimed = [line.removeprefix("# ") for line in example.splitlines() if line.startswith("# ")]
    assert len(printed) == len(claimed)
    for line, claim in zip(printed, claimed, strict=True):
        beginning, _, end = claim.partition("... ")
        assert line.startswith(beginning)
        assert line.endswith(end)
