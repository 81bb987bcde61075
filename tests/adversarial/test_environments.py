"""Odd machines: usable, or a typed error in a sentence; never a traceback, never a password.

All of `environments.yaml`, each in processes of its own: `make environments`. A small share is in `make test`.
One alone: `pytest tests/adversarial/test_environments.py -k NAME`.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from aioz_stream import AiozStreamError
from tests.adversarial import lies
from tests.adversarial.case import SMALL, World
from tests.adversarial.ledger import TOKEN
from tests.adversarial.service import Exchange, Lie, Service
from tests.adversarial.wire import Reply, failure

if TYPE_CHECKING:
    from pathlib import Path

HERE = pathlib.Path(__file__).parent
PATIENCE = 60.0
PASSWORD = "sesame"
CONTENT = bytes(number % 253 for number in range(9_500))


@dataclass(frozen=True)
class Environment:
    """One odd machine, as the table has it; see there."""

    name: str
    because: str
    expect: str
    env: dict[str, str | None] = field(default_factory=dict[str, str | None])
    before: str = ""
    program: str = ""
    during: str = ""
    python: tuple[str, ...] = ()
    tls: bool = False
    error: str = "AiozStreamError"
    names: str = ""
    warns: tuple[int, int] = (0, 0)
    small: bool = False
    file: str = "talk.mp4"
    may_be_half: bool = False
    """Whether a typed error may come after a video was made."""

    @property
    def ways(self) -> tuple[str, ...]:
        return ("library",) if self.program else ("library", "command")


def environments() -> list[Environment]:
    table = yaml.safe_load((HERE / "environments.yaml").read_text(encoding="utf-8"))
    return [Environment(**{**entry, "warns": tuple(entry.get("warns", (0, 0)))}) for entry in table]


def parameters() -> list[Any]:
    return [
        pytest.param(one, way, id=f"{one.name}-{way}", marks=() if one.small else pytest.mark.environments)
        for one in environments()
        for way in one.ways
    ]


@dataclass(frozen=True)
class Ended:
    """A process that has ended, and what it said."""

    status: int
    said: dict[str, Any]
    """What the library's program wrote down; empty for the command."""
    output: str


def run(environment: Environment, way: str, service: Service, folder: Path, certificates: Path) -> Ended:
    path = folder / environment.file
    path.write_bytes(CONTENT)
    filled = {
        "{folder}": str(folder),
        "{journals}": str(folder / "journals"),
        "{ca}": str(certificates / "authority.pem"),
        "{url}": service.url,
        "{port}": str(service.port),
        "{long}": "x" * 300,
    }
    variables: dict[str, str | None] = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder / "home"),
        "AIOZ_STREAM_TOKEN": TOKEN,
        "AIOZ_STREAM_BASE_URL": service.url,
        "AIOZ_STREAM_JOURNALS": str(folder / "journals"),
        "SSL_CERT_FILE": str(certificates / "authority.pem"),
        **environment.env,
    }
    specification = folder / "specification.json"
    described = {
        "way": way,
        "folder": str(folder),
        "journals": str(folder / "journals"),
        "path": str(path),
        "before": environment.before,
        "program": environment.program,
        "warnings_are_errors": "PYTHONWARNINGS" in environment.env or "-W" in environment.python,
    }
    specification.write_text(json.dumps(described), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, *environment.python, str(HERE / "environment_child.py"), str(specification)],
        env={name: _filled(value, filled) for name, value in variables.items() if value is not None},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    result = specification.with_suffix(".result")
    lines = result.read_text(encoding="utf-8").splitlines() if result.exists() else []
    output = (ended.stdout + ended.stderr).decode("utf-8", "replace")
    return Ended(ended.returncode, json.loads(lines[-1]) if lines else {}, output)


def _filled(value: str, filled: dict[str, str]) -> str:
    for name, text in filled.items():
        value = value.replace(name, text)
    return value


def _happens_during(environment: Environment, service: Service, folder: Path) -> None:
    def happen(exchange: Exchange) -> Reply:
        names = {"shutil": shutil, "pathlib": pathlib, "journals": str(folder / "journals")}
        exec(environment.during, names)  # the table's own text
        return exchange.truth()

    if environment.during:
        service.lie([Lie("part", happen, times=1)])


@pytest.mark.parametrize(("environment", "way"), parameters())
def test_environment(environment: Environment, way: str, tmp_path: Path, certificates: Path) -> None:
    print(environment.because)
    with Service(certificates / "server.pem" if environment.tls else None) as service:
        _happens_during(environment, service, tmp_path)
        ended = run(environment, way, service, tmp_path, certificates)
        print(ended)
        shown = ended.output + json.dumps(ended.said)
        assert PASSWORD not in shown, "a password shows"
        assert "Traceback" not in ended.output, "a traceback"
        assert "Fatal Python error" not in ended.output
        assert _is_foreseen(environment, ended.said), ended.said
        if way == "library":
            assert ended.said, "nothing came of it at all"
            _judge_library(environment, ended, service)
        else:
            _judge_command(environment, ended, service)


def _is_foreseen(environment: Environment, said: dict[str, Any]) -> bool:
    """Errors are this package's; a warning may be one where the caller made it so."""
    is_warning = environment.expect == "either-or-warning" and "JournalWarning" in said.get("untyped", "")
    return "untyped" not in said or is_warning


def _judge_library(environment: Environment, ended: Ended, service: Service) -> None:
    is_upload = environment.expect != "usable-without-upload"
    if "untyped" in ended.said:
        _check_unmade(environment, service)
        return
    if "error" in ended.said:
        assert environment.expect in {"typed", "either", "either-or-warning"}, ended.said["message"]
        assert environment.error in ended.said["error"], ended.said
        assert re.search(environment.names, ended.said["message"], re.IGNORECASE), ended.said["message"]
        _check_unmade(environment, service)
        return
    assert environment.expect != "typed", "there should be a typed error"
    warned = [text for text in ended.said["warnings"] if text.startswith("JournalWarning")]
    fewest, most = environment.warns
    assert fewest <= len(warned) <= most, warned
    if is_upload:
        _check_stored(service)


def _judge_command(environment: Environment, ended: Ended, service: Service) -> None:
    if ended.status == 0:
        assert environment.expect != "typed", "there should be a sentence and a status"
        _check_stored(service)
        return
    assert environment.expect in {"typed", "either", "either-or-warning"}, ended.output
    assert ended.status in range(1, 8), ended
    assert re.search(environment.names, " ".join(ended.output.split()), re.IGNORECASE), ended.output
    assert re.search(r"^(Error|Usage)", ended.output, re.MULTILINE), "there is no sentence"
    _check_unmade(environment, service)


def _check_stored(service: Service) -> None:
    assert service.ledger.ours, "nothing was uploaded"
    for video in service.ledger.ours:
        assert (video.content, video.status) == (CONTENT, "transcoding")


def _check_unmade(environment: Environment, service: Service) -> None:
    """What is wrong with the machine is said before a video is made."""
    left = [video.id for video in service.ledger.ours if video.status == "new"]
    assert environment.may_be_half or not left, "a video was made first, and is left behind"


def test_the_table() -> None:
    names = [one.name for one in environments()]
    assert len(names) == len(set(names)) >= 40
    assert 10 <= sum(one.small for one in environments()) <= 25


# What needs a first run to find out which files a call uses


def _journal_of(world: World) -> pathlib.Path:
    world.fails(Lie("part", lies.says(failure(400)), after=1))
    [journal] = world.journals.glob("*.journal")
    return journal


@pytest.mark.parametrize("suffix", ["", ".lock", ".new"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_planted_link_is_not_followed(suffix: str, is_there: bool, world: World) -> None:
    """Where other people write to the folder, a link in a journal's place would write to any file of the user's."""
    journal = _journal_of(world)
    victim = world.folder / "victim"
    journal.unlink()
    planted = journal.with_name(journal.name + suffix)
    planted.unlink(missing_ok=True)
    if is_there:
        victim.write_text("precious")
    planted.symlink_to(victim)
    world.service.ledger.videos = {
        key: video for key, video in world.service.ledger.videos.items() if video.is_stranger
    }
    video = _upload_with_any_warning(world)
    assert world.service.ledger.videos[video.id].content == world.content
    assert victim.exists() == is_there, "the link was followed"
    assert not is_there or victim.read_text() == "precious", "the link was followed"


def _upload_with_any_warning(world: World) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return world.upload()


def test_a_journal_is_its_owners_alone(world: World) -> None:
    mask = os.umask(0)
    try:
        journal = _journal_of(world)
    finally:
        os.umask(mask)
    assert journal.stat().st_mode & 0o077 == 0
    assert journal.parent.stat().st_mode & 0o077 == 0


def test_a_damaged_journal_says_which_video_may_exist(world: World) -> None:
    """Its head can't be read any more; the line that names the video can."""
    journal = _journal_of(world)
    [video] = world.service.ledger.ours
    content = journal.read_bytes()
    journal.write_bytes(b"x" + content[1:])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            world.upload()
            said = " ".join(str(one.message) for one in caught)
        except Exception as error:  # noqa: BLE001 - its text is what is judged
            said = str(error)
    assert video.id in said, said


def test_resuming_is_promised_only_while_it_is_true(world: World) -> None:
    """The journal is gone when the upload fails: the same call would not resume."""

    def loses(exchange: Exchange) -> Reply:
        shutil.rmtree(world.journals)
        world.journals.write_text("in its place")
        return exchange.truth()

    world.service.lie([Lie("part", loses, times=1, after=1), Lie("part", lies.says(failure(400)), after=1)])
    with warnings.catch_warnings(), world.client(max_retries=0) as stream:
        warnings.simplefilter("ignore")
        with pytest.raises(AiozStreamError) as caught:
            stream.upload(world.path, **{**SMALL, "concurrency": 1})
    notes = " ".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
    assert "same call resumes" not in notes, notes
