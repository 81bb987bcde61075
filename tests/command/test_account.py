"""Credentials that the command keeps: login, logout and whoami, in a terminal and in a pipe."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import keyring
import pytest
from click.shell_completion import ShellComplete
from keyring.backends.fail import Keyring

from aioz_stream_cli.commands import cli

if TYPE_CHECKING:
    from tests.command.conftest import OpenTerminal, Run

KEYRING = """
import json
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

FILE = Path(__file__).with_name("entries.json")


class Working(KeyringBackend):
    priority = 5

    def get_password(self, service, username):
        return self.entries().get(f"{service} {username}")

    def set_password(self, service, username, password):
        FILE.write_text(json.dumps(self.entries() | {f"{service} {username}": password}))

    def delete_password(self, service, username):
        left = self.entries()
        del left[f"{service} {username}"]
        FILE.write_text(json.dumps(left))

    def entries(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}


class Locked(Working):
    def entries(self):
        raise KeyringLocked("token-a")
"""


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Without credentials."""
    del environment["AIOZ_STREAM_TOKEN"]
    return environment | {"XDG_CONFIG_HOME": f"{environment['HOME']}/config"}


@pytest.fixture
def quick(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """As `run`, but in this process, on a system without a keyring."""
    monkeypatch.setattr(keyring, "get_keyring", Keyring)
    for name in ("AIOZ_STREAM_TOKEN", "AIOZ_STREAM_PUBLIC_KEY", "AIOZ_STREAM_SECRET_KEY", "AIOZ_STREAM_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(*words: str, standard_input: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            for name, value in changes.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(standard_input.encode())))
            with pytest.raises(SystemExit) as ended:
                cli.main(words, "aioz-stream")
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, *capsys.readouterr())

    return call


@pytest.fixture
def file(environment: dict[str, str]) -> Path:
    """The file of the profile "default"."""
    return Path(environment["XDG_CONFIG_HOME"]) / "aioz-stream/profile-default.json"


@pytest.fixture
def entries(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A keyring; the file of its entries."""
    folder = tmp_path / "backend"
    folder.mkdir()
    (folder / "fake_keyring.py").write_text(KEYRING)
    environment |= {"PYTHONPATH": str(folder), "PYTHON_KEYRING_BACKEND": "fake_keyring.Working"}
    return folder / "entries.json"


def test_a_token_is_typed_unseen(terminal: OpenTerminal, quick: Run, url: str, file: Path) -> None:
    asked = terminal("login", columns=120)
    asked.expect("Token:")
    asked.type("token-a")
    assert asked.end() == 0
    shown = " ".join(asked.lines)
    assert "token-a" not in shown
    assert f"Profile 'default': a token for {url}, kept in {file}, readable by you only, because this system" in shown
    assert file.stat().st_mode & 0o777 == 0o600
    assert quick("list").returncode == 0


def test_a_pair_of_keys_is_typed_unseen(terminal: OpenTerminal, quick: Run) -> None:
    asked = terminal("login", "--public-key", "public-a", "--profile", "work", columns=120)
    asked.expect("Secret key:")
    asked.type("secret-a")
    assert asked.end() == 0
    assert "secret-a" not in "".join(asked.lines)
    assert "a pair of keys" in "".join(asked.lines)
    assert json.loads(quick("whoami", "--profile", "work", "--json").stdout)["credentials"] == "keys"


def test_a_life_without_a_terminal(quick: Run, url: str, file: Path) -> None:
    kept = {"profile": "default", "kept_in": str(file), "base_url": url, "credentials": "token"}
    done = quick("login", "--json", standard_input="token-a\nmore\n")
    assert (done.returncode, json.loads(done.stdout)) == (0, kept)
    assert f"kept in {file}, readable by you only" in done.stderr
    known = quick("whoami", "--json", AIOZ_STREAM_BASE_URL="")
    assert (known.returncode, json.loads(known.stdout)) == (0, kept | {"accepted": True})
    shown = quick("whoami", "--no-check").stdout
    assert shown == f"profile\tdefault\nkept_in\t{file}\nbase_url\t{url}\ncredentials\ttoken\n"
    gone = quick("logout", "--json")
    assert (gone.returncode, json.loads(gone.stdout)) == (0, {"profile": "default"})
    assert "is forgotten" in gone.stderr
    assert not file.exists()
    assert "There is no profile 'default'" in quick("logout").stderr
    assert "No credentials." in quick("whoami").stderr


@pytest.mark.parametrize(
    "words", [["token-a"], ["--token", "token-a"], ["--secret-key=token-a"], ["--profile", "work", "token-a"]], ids=str
)
def test_a_token_is_no_argument(words: list[str], quick: Run, file: Path) -> None:
    done = quick("login", *words, standard_input="token-a")
    assert done.returncode == 2
    assert "No token or secret key is an argument: the shell's history" in done.stderr
    assert "token-a" not in done.stderr
    assert not file.exists()
    assert "--token" not in quick("login", "--help").stdout
    assert "No such option" in quick("login", "--no-chek").stderr


@pytest.mark.parametrize(
    ("standard_input", "status", "says"),
    [
        ("", 2, "Standard input is empty; its first line is the token."),
        (" \n", 2, "Standard input is empty"),
        ("unknown-token", 3, "401"),
        ("two words", 3, "token has a space"),
        ("t\u00f6ken", 3, "another character that a header can't carry"),
    ],
)
def test_what_is_not_kept(standard_input: str, status: int, says: str, quick: Run, file: Path) -> None:
    done = quick("login", standard_input=standard_input)
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "unknown-token" not in done.stderr
    assert not file.exists()


def test_credentials_that_the_service_refuses(quick: Run) -> None:
    refused = quick("login", standard_input="unknown-token")
    assert "They are not kept. --no-check keeps them without asking the service." in refused.stderr
    assert quick("login", "--no-check", standard_input="unknown-token").returncode == 0
    known = quick("whoami", "--json")
    assert json.loads(known.stdout)["accepted"] is False
    assert known.returncode == 3
    assert "401" in known.stderr


@pytest.mark.slow
def test_a_service_that_does_not_answer(quick: Run) -> None:
    unreachable = {"AIOZ_STREAM_BASE_URL": "http://127.0.0.1:9/api"}
    assert quick("login", "--no-check", standard_input="token-a", **unreachable).returncode == 0
    known = quick("whoami", "--json", AIOZ_STREAM_BASE_URL="")
    assert json.loads(known.stdout)["accepted"] is None
    assert "no answer" in known.stderr
    assert known.returncode == 6


def test_profiles_are_named_before_and_after_the_command(quick: Run) -> None:
    assert quick("--profile", "rich", "login", standard_input="token-a").returncode == 0
    assert quick("login", "--profile", "poor", standard_input="token-b").returncode == 0
    price = ("cost", "360p", "--duration", "60")
    assert "covers it" in quick("--profile", "rich", *price).stdout
    assert "does not cover it" in quick(*price, "--profile", "poor").stdout
    assert "does not cover it" in quick("--profile", "rich", *price, "--profile", "poor").stdout
    assert "does not cover it" in quick(*price, AIOZ_STREAM_PROFILE="poor").stdout
    assert "covers it" in quick(*price, "--profile", "rich", AIOZ_STREAM_PROFILE="poor").stdout
    assert "covers it" in quick(*price, "--profile", "rich", AIOZ_STREAM_TOKEN="token-b").stdout
    assert "There are: poor, rich." in quick(*price, "--profile", "rihc").stderr
    assert "No credentials." in quick(*price).stderr
    assert quick("logout", AIOZ_STREAM_PROFILE="poor").returncode == 0
    assert "There are: rich." in quick("whoami", "--profile", "poor").stderr


def leaves(group: click.Group) -> list[click.Command]:
    commands = group.commands.values()
    return [leaf for one in commands for leaf in (leaves(one) if isinstance(one, click.Group) else [one])]


def test_every_command_takes_a_profile() -> None:
    commands = leaves(cli)
    assert len(commands) > 10
    assert [one.name for one in (cli, *commands) if not any("--profile" in known.opts for known in one.params)] == []


@pytest.mark.parametrize("name", ["../default", "Default", "", "Token-A"])
def test_names_that_are_none(name: str, quick: Run) -> None:
    for words in (("--profile", name, "list"), ("logout", "--profile", name)):
        done = quick(*words)
        assert done.returncode == 2
        assert "The name of a profile is" in done.stderr
        assert "Token-A" not in done.stderr
    if name:
        done = quick("login", standard_input="token-a", AIOZ_STREAM_PROFILE=name)
        assert done.returncode == 2
        assert "The name of a profile is" in done.stderr


def test_names_are_completed(quick: Run) -> None:
    for name in ("work", "walk", "home"):
        assert quick("login", "--no-check", "--profile", name, standard_input="t").returncode == 0
    completion = ShellComplete(cli, {}, "aioz-stream", "_AIOZ_STREAM_COMPLETE")
    assert [one.value for one in completion.get_completions(["list", "--profile"], "w")] == ["walk", "work"]


def test_new_credentials_are_for_the_address_of_the_old(quick: Run, url: str) -> None:
    no_address: dict[str, Any] = {"AIOZ_STREAM_BASE_URL": ""}
    assert quick("login", "--base-url", url, standard_input="token-a", **no_address).returncode == 0
    assert quick("login", standard_input="token-b", **no_address).returncode == 0
    assert url in quick("whoami", **no_address).stdout
    other = quick("list", AIOZ_STREAM_BASE_URL="http://127.0.0.1:9/api")
    assert "sent nowhere else" in other.stderr


def test_the_environment_is_said_to_stand_above_the_default(quick: Run) -> None:
    said = quick("login", standard_input="token-a", AIOZ_STREAM_TOKEN="token-b").stderr
    assert "The environment has credentials, too. They are used, unless you name the profile" in said
    known = json.loads(quick("whoami", "--json", AIOZ_STREAM_TOKEN="token-b").stdout)
    assert (known["profile"], known["kept_in"]) == (None, "the environment")
    for named in ({"AIOZ_STREAM_PROFILE": "default", "AIOZ_STREAM_TOKEN": "token-b"}, {}):
        assert "The environment has" not in quick("login", standard_input="token-a", **named).stderr


def test_the_keyring_is_used_where_there_is_one(run: Run, url: str, file: Path, entries: Path) -> None:
    said = run("login", standard_input="token-a").stderr
    assert said == f"Profile 'default': a token for {url}, kept in the system's keyring.\n"
    assert "token-a" not in file.read_text()
    assert "token-a" in entries.read_text()
    assert re.search(r"^kept_in\tthe system's keyring$", run("whoami").stdout, re.MULTILINE)
    locked = run("list", PYTHON_KEYRING_BACKEND="fake_keyring.Locked")
    assert "The system's keyring can't be used: it is locked, or has failed (KeyringLocked)." in locked.stderr
    assert "token-a" not in locked.stderr
    assert run("logout").returncode == 0
    assert entries.read_text() == "{}"


def test_a_file_is_used_where_the_keyring_is_locked(run: Run, file: Path, entries: Path) -> None:
    locked = {"PYTHON_KEYRING_BACKEND": "fake_keyring.Locked"}
    refused = run("login", standard_input="token-a", **locked)
    assert "They are not kept. --no-keyring keeps them in a file that only you can read." in refused.stderr
    assert "token-a" not in refused.stderr
    assert not file.exists()
    done = run("login", "--no-keyring", standard_input="token-a", **locked)
    assert f"kept in {file}, readable by you only, because that was asked for." in done.stderr
    assert run("list", **locked).returncode == 0
    assert not entries.exists()


@pytest.mark.parametrize(("content", "mode"), [("{", 0o600), (None, 0o644)])
def test_a_file_that_can_not_be_trusted(content: str | None, mode: int, quick: Run, file: Path) -> None:
    assert quick("login", standard_input="token-a").returncode == 0
    if content:
        file.write_text(content)
    file.chmod(mode)
    for words in (["list"], ["whoami"], ["list", "--profile", "default"]):
        done = quick(*words)
        assert done.returncode == 3
        assert str(file) in done.stderr
        assert "Traceback" not in done.stderr
        assert "token-a" not in done.stderr
    assert quick("login", standard_input="token-a").returncode == 0
    assert quick("list").returncode == 0
