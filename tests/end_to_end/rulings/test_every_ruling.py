"""Every ruling of docs/contract.md has a test: `test_u6_…` is the one of U6."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[2] / "docs" / "contract.md"
COUNTS = {"A": 6, "E": 8, "V": 10, "L": 6, "Q": 14, "C": 4, "U": 13, "X": 2}


def codes_in(path: Path) -> list[str]:
    """The codes of the tests in one file, in order."""
    names = re.findall(r"^def test_([a-z]\d+|assets)_", path.read_text(encoding="utf-8"), re.MULTILINE)
    return [name.capitalize() for name in names]


def test_every_ruling_is_written_down_and_has_a_test() -> None:
    expected = [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
    written = re.findall(r"^\| ([A-Z][0-9]+|Assets) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    tested = [code for path in FOLDER.glob("test_*.py") for code in codes_in(path)]
    assert written == [*expected, "Assets"]
    assert sorted(tested) == sorted(written)


def test_each_file_has_the_rulings_of_one_letter_in_order() -> None:
    files = [codes for path in sorted(FOLDER.glob("test_*.py")) if (codes := codes_in(path))]
    assert len(files) == len(COUNTS) + 1
    for codes in files:
        letter = codes[0][0]
        assert codes in ([f"{letter}{number}" for number in range(1, len(codes) + 1)], ["Assets"])
