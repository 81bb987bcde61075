"""Faults that the generator's own code has, and that must not come back with a new version or another template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_JSON_ELSEWHERE = r"def (?!parse_response|parse_success)\w+\((?:(?!\n\n\n)[\s\S])*?response\.json\("

FAULTS = (
    ("api/**/*.py", r"boundary=", "a fixed boundary lets a file's own bytes end the part"),
    ("**/*.py", r"HTTPStatus\(", "proxies answer codes that http.HTTPStatus refuses"),
    ("api/**/*.py", r"(?<!@errors\.typed\n)def parse_response\(", "a failure with another body must not raise"),
    ("api/**/*.py", _JSON_ELSEWHERE, "a failure with another body must not raise"),
    ("client.py", r"^    (token|_cookies|_headers|_httpx_args): (?!.*repr=False)", "a secret must not show"),
    ("client.py", r"timeout: .*default=None", "without a timeout a dead connection hangs for ever"),
    ("models/*.py", r"factory=dict\)", "a bare dict has no types"),
    ("models/*.py", r"isinstance\(", "reading and writing is done in one place, by type"),
)


def find_faults(package: Path) -> list[str]:
    return [
        f"{path.relative_to(package)}, line {text.count(chr(10), 0, match.start()) + 1}: {why}"
        for files, pattern, why in FAULTS
        for path in sorted(package.glob(files))
        for text in [path.read_text(encoding="utf-8")]
        for match in re.finditer(pattern, text, re.MULTILINE)
    ]
