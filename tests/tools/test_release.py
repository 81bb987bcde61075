"""What keeps a release back."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import release

if TYPE_CHECKING:
    from pathlib import Path

METADATA = (
    "Metadata-Version: 2.4\nName: aioz-stream\nVersion: 1.2.3\n\n# aioz-stream\n[docs](https://example.com/docs)\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One that is ready to be released as 1.2.3."""
    (tmp_path / "overlay/aioz_stream/http").mkdir(parents=True)
    (tmp_path / "overlay/aioz_stream/http/user_agent.py").write_text('"""Doc."""\n\n__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## 1.2.3 – 2026-11-30\n\n- A.\n\n## 1.2.2 – unreleased\n")
    for name in ("openapi.yaml", "contract-released.yaml"):
        (tmp_path / name).write_text("openapi: 3.1.0\n")
    return tmp_path


def problems(project: Path, version: str = "1.2.3", metadata: str = METADATA) -> str:
    return "\n".join(release.find_problems(project, version, metadata))


def test_nothing_is_wrong(project: Path) -> None:
    assert release.read_version(project) == "1.2.3"
    assert problems(project) == ""


def test_the_version(project: Path) -> None:
    assert "not of the form" in problems(project, "1.2")
    assert "begins with 1.2.3, not with 1.2.4" in problems(project, "1.2.4")
    assert "The wheel calls itself 1.2.3, not 1.2.4" in problems(project, "1.2.4")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with no version"),
        ("## 1.2.3 – unreleased\n", "write the day, as in"),
        ("## 1.2.4 – 2026-12-01\n", "1.2.4"),
    ],
)
def test_the_changelog(project: Path, text: str, said: str) -> None:
    (project / "CHANGELOG.md").write_text(text)
    assert said in problems(project)


def test_the_contract(project: Path) -> None:
    (project / "openapi.yaml").write_text("openapi: 3.1.1\n")
    assert problems(project) == (
        "openapi.yaml is not the released contract: run `make release-contract` and commit what it writes."
    )


def test_links_that_lead_nowhere(project: Path) -> None:
    assert "lead nowhere on an index: ](docs/contract.md)" in problems(
        project, metadata=METADATA + "[c](docs/contract.md)"
    )


def test_the_tree(tmp_path: Path) -> None:
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    as_somebody = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    release.git(tmp_path, *as_somebody, "commit", "--allow-empty", "-qm", "first")
    assert list(release.find_problems_of_the_tree(tmp_path, "v1")) == []
    release.git(tmp_path, "tag", "v1")
    (tmp_path / "left").touch()
    assert list(release.find_problems_of_the_tree(tmp_path, "v1")) == [
        "There are changes that are not committed.",
        "The tag v1 exists already.",
    ]


@pytest.mark.parametrize(("wrong", "arguments", "tags"), [([], ["--tag"], 1), ([], [], 0), (["Bad."], ["--tag"], 0)])
def test_only_what_is_ready_is_tagged(
    wrong: list[str], arguments: list[str], tags: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(release, "build", lambda _: METADATA)
    monkeypatch.setattr(release, "find_problems", lambda *_: wrong)

    def git(_: Path, *command: str) -> str:
        calls.append(command)
        return ""

    monkeypatch.setattr(release, "git", git)
    assert release.main(arguments) == bool(wrong)
    assert len([call for call in calls if call[:2] == ("tag", "--annotate")]) == tags
