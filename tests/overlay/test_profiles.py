"""Credentials that are kept: which of them decide, where they are, and what happens when they can't be read."""

from __future__ import annotations

import builtins
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from aioz_stream import AiozStream, AsyncAiozStream, ConfigurationError, CredentialsError
from aioz_stream.files import Disk
from aioz_stream.http import profiles
from aioz_stream.http.credentials import HEADERS
from aioz_stream.http.options import DEFAULT_BASE_URL, Options

if TYPE_CHECKING:
    from collections.abc import Mapping

URL, OTHER = "http://kept.test/api", "http://other.test/api"
VALUES = {
    "token": {"token": "hush-token"},
    "keys": {"public_key": "hush-public", "secret_key": "hush-secret"},
}
SENT = {"token": ("Bearer hush-token", None, None), "keys": (None, "hush-public", "hush-secret")}


class Entries:
    """A keyring that works."""

    priority = 1.0  # the lowest that is recommended

    def __init__(self, entries: dict[tuple[str, str], str] | None = None) -> None:
        self.entries = entries or {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class Locked(Entries):
    """A keyring that is not opened, and whose errors show too much."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(super().get_password(service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked(service, username)


class Plain(Entries):
    """A backend that is not recommended, since it writes plain files."""

    priority = 0.5


def fail_and_tell() -> Entries:
    """In the place of a backend that can't even be loaded."""
    raise RuntimeError("hush-token")


SetKeyring = Callable[[Callable[[], Any]], None]


@pytest.fixture
def set_keyring(monkeypatch: pytest.MonkeyPatch) -> SetKeyring:
    return lambda find: monkeypatch.setattr(keyring, "get_keyring", find)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_keyring: SetKeyring) -> Path:
    """The folder of profiles, of a system without a keyring."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("AIOZ_STREAM_PROFILE", raising=False)
    set_keyring(fail.Keyring)
    return tmp_path / "config" / "aioz-stream"


@pytest.fixture
def entries(set_keyring: SetKeyring) -> Entries:
    backend = Entries()
    set_keyring(lambda: backend)
    return backend


def keep(name: str = "work", kind: str = "token", url: str = URL, *, in_keyring: bool = True) -> profiles.Profile:
    return profiles.save(name, url, VALUES[kind], in_keyring=in_keyring)[0]


def sent_by(**arguments: Any) -> tuple[str, tuple[str | None, ...]]:
    """The address, and the headers of credentials."""
    options = Options.from_arguments(**arguments)
    return options.base_url, tuple(map(options.credentials.headers.get, HEADERS))


@pytest.mark.parametrize("kind", ["token", "keys"])
@pytest.mark.parametrize("find", [fail.Keyring, null.Keyring, Plain, fail_and_tell, Entries])
def test_what_is_kept_is_sent(kind: str, find: Callable[[], Any], set_keyring: SetKeyring) -> None:
    set_keyring(cache(find))
    keep(kind=kind)
    assert sent_by(profile="work") == (URL, SENT[kind])
    keep(kind="keys" if kind == "token" else "token")
    assert sent_by(profile="work") != (URL, SENT[kind])
    profiles.delete("work")
    with pytest.raises(CredentialsError, match="There is no profile 'work'"):
        sent_by(profile="work")


@pytest.mark.parametrize("face", [AiozStream, AsyncAiozStream])
def test_a_client_takes_a_profile(face: type[AiozStream | AsyncAiozStream]) -> None:
    keep()
    assert repr(face(profile="work")) == f"{face.__name__}(base_url='{URL}', credentials='token')"
    assert repr(face(token="t")) == f"{face.__name__}(base_url='{DEFAULT_BASE_URL}', credentials='token')"


def test_the_service_takes_what_was_kept(server: Any) -> None:
    profiles.save("here", server.url, {"token": "token-a"})
    with AiozStream(profile="here") as stream:
        assert stream.videos.create(title="By a profile").title == "By a profile"


ENVIRONMENT = {"AIOZ_STREAM_TOKEN": "environment"}
BY_TOKEN = ("Bearer argument", None, None)
BY_ENVIRONMENT = ("Bearer environment", None, None)


@pytest.mark.parametrize(
    ("arguments", "environment", "used"),
    [
        # arguments stand above everything, and take nothing from a profile, not its address either
        ({"token": "argument"}, {}, (DEFAULT_BASE_URL, BY_TOKEN)),
        ({"token": "argument"}, ENVIRONMENT, (DEFAULT_BASE_URL, BY_TOKEN)),
        ({"token": "argument"}, {"AIOZ_STREAM_PROFILE": "work"}, (DEFAULT_BASE_URL, BY_TOKEN)),
        ({"token": "argument", "base_url": OTHER}, {"AIOZ_STREAM_PROFILE": "work"}, (OTHER, BY_TOKEN)),
        ({"token": "argument"}, {"AIOZ_STREAM_PROFILE": "none"}, (DEFAULT_BASE_URL, BY_TOKEN)),
        # a profile that is named stands above the credentials of the environment
        ({"profile": "work"}, ENVIRONMENT, (URL, SENT["token"])),
        ({"profile": "work"}, {"AIOZ_STREAM_PROFILE": "default"}, (URL, SENT["token"])),
        ({}, {"AIOZ_STREAM_PROFILE": "work", **ENVIRONMENT}, (URL, SENT["token"])),
        ({"profile": "work", "base_url": f"{URL}/"}, {}, (URL, SENT["token"])),
        ({"profile": "work"}, {"AIOZ_STREAM_BASE_URL": URL}, (URL, SENT["token"])),
        # the credentials of the environment stand above the profile that was not named
        ({}, ENVIRONMENT, (DEFAULT_BASE_URL, BY_ENVIRONMENT)),
        ({}, {**ENVIRONMENT, "AIOZ_STREAM_PROFILE": ""}, (DEFAULT_BASE_URL, BY_ENVIRONMENT)),
        ({"base_url": OTHER}, ENVIRONMENT, (OTHER, BY_ENVIRONMENT)),
        ({}, {"AIOZ_STREAM_BASE_URL": OTHER, **ENVIRONMENT}, (OTHER, BY_ENVIRONMENT)),
        ({}, {}, (OTHER, SENT["keys"])),
    ],
)
def test_which_credentials_decide(
    arguments: dict[str, str],
    environment: dict[str, str],
    used: tuple[str, tuple[str | None, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep()
    keep("default", "keys", OTHER)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert sent_by(**arguments) == used


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        ({"profile": "work", "token": "t"}, {}, "profile= is given, and so are credentials"),
        ({"profile": "work", "public_key": "p", "secret_key": "s"}, {}, "Pass one of them"),
        ({"profile": "work", "base_url": OTHER}, {}, f"base_url is {OTHER}, but .* are for {URL} and sent nowhere"),
        ({"profile": "work"}, {"AIOZ_STREAM_BASE_URL": OTHER}, f"AIOZ_STREAM_BASE_URL is {OTHER}, but"),
        ({}, {"AIOZ_STREAM_BASE_URL": OTHER, "AIOZ_STREAM_PROFILE": "work"}, f"AIOZ_STREAM_BASE_URL is {OTHER}, but"),
        ({}, {"AIOZ_STREAM_BASE_URL": OTHER}, "the profile 'default' are for"),
        ({"profile": "wrok"}, ENVIRONMENT, "There is no profile 'wrok'. There are: default, work."),
        ({}, {"AIOZ_STREAM_PROFILE": "none"} | ENVIRONMENT, "There is no profile 'none'"),
        ({}, {"AIOZ_STREAM_PUBLIC_KEY": "p"}, "AIOZ_STREAM_SECRET_KEY is not"),
    ],
)
def test_what_contradicts_is_refused(
    arguments: dict[str, Any], environment: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    keep("default")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CredentialsError, match=says):
        Options.from_arguments(**arguments)


def test_nothing_is_kept_yet() -> None:
    with pytest.raises(CredentialsError, match=r"No credentials\..*aioz-stream login"):
        AiozStream()
    with pytest.raises(CredentialsError, match="No profile is kept yet"):
        AiozStream(profile="work")
    with pytest.raises(CredentialsError, match="There is no profile 'work'"):
        profiles.delete("work")


@pytest.mark.parametrize("name", ["", "Work", "../work", "a/b", "a\\b", ".hidden", "a" * 65, "ä", "a\n", "a b", 5])
def test_names_that_are_none(name: Any, folder: Path) -> None:
    for call in (profiles.load, profiles.delete, keep, lambda given: AiozStream(profile=given)):
        with pytest.raises(ConfigurationError, match=r"The name of a profile is"):
            call(name)
    assert not folder.exists()


def test_a_name_that_is_a_token_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        AiozStream(profile="HushToken")
    assert "Hush" not in str(caught.value)


def test_files_are_their_owners(folder: Path) -> None:
    profile = keep()
    assert profile.path == folder / "profile-work.json"
    assert profile.place == str(profile.path)
    assert (profile.path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert json.loads(profile.path.read_text()) == {"format": 1, "base_url": URL, "credentials": VALUES["token"]}
    assert os.listdir(folder) == ["profile-work.json"]  # noqa: PTH208 - nothing else, hidden or not


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602])
def test_a_file_that_others_may_use_is_refused(mode: int) -> None:
    keep().path.chmod(mode)
    with pytest.raises(CredentialsError, match=r"Other users .*chmod 600"):
        AiozStream(profile="work")
    keep()
    assert sent_by(profile="work") == (URL, SENT["token"])


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    keep().path.rename(elsewhere)
    (folder / "profile-work.json").symlink_to(elsewhere)
    with pytest.raises(CredentialsError, match="symbolic link"):
        AiozStream(profile="work")
    keep(kind="keys")
    assert "hush-token" in elsewhere.read_text(), "a login replaces the link, and not what it leads to"
    assert sent_by(profile="work") == (URL, SENT["keys"])


def test_a_file_of_another_user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    real = os.stat

    def stat(place: Any, **options: Any) -> os.stat_result:
        status = real(place, **options)
        return os.stat_result([*status[:4], 4712, *status[5:]]) if Path(place) == folder else status

    monkeypatch.setattr("os.geteuid", lambda: 4711)
    monkeypatch.setattr("os.stat", stat)
    with pytest.raises(CredentialsError, match="belongs to another user"):
        AiozStream(profile="work")


GOOD = {"format": 1, "base_url": URL, "credentials": {"token": "hush-token"}}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hush-token",
        '{"format": 1, "credentials": {"token": "hush-token"',
        json.dumps([GOOD]),
        json.dumps(GOOD | {"format": 2}),
        json.dumps(GOOD | {"credentials": {}}),
        json.dumps(GOOD | {"credentials": "hush-token"}),
        json.dumps(GOOD | {"credentials": {"token": 5}}),
        json.dumps(GOOD | {"credentials": {"token": "hush-token\n"}}),
        json.dumps(GOOD | {"credentials": {"secret_key": "hush-token"}}),
        json.dumps(GOOD | {"base_url": "hush-token"}),
        json.dumps(GOOD | {"base_url": None}),
        json.dumps({"format": 1}),
        "[" * 60_000,
        " " * 70_000 + json.dumps(GOOD),  # no login writes that much
        b"\xff\xfe".decode("latin-1"),
    ],
)
def test_a_damaged_file_is_a_sentence(content: str) -> None:
    path = keep("default").path
    path.write_text(content, encoding="latin-1")
    for name in ("default", None):
        with pytest.raises(CredentialsError, match=r"is damaged\. Log in again") as caught:
            AiozStream(profile=name)
        assert "hush" not in "".join(traceback.format_exception(caught.value))
        assert "hush" not in repr(caught.value.__context__)
    assert profiles.names() == ["default"]
    profiles.delete("default")
    assert not path.exists()


def test_a_folder_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(CredentialsError, match="No credentials"):
        AiozStream()
    with pytest.raises(CredentialsError, match=r"can't be used: (Not a directory|File exists)"):
        keep()


def test_a_home_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: str) -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr("platformdirs.user_config_path", nowhere)
    with pytest.raises(CredentialsError, match=r"Neither arguments nor .* There is no folder"):
        AiozStream()
    with pytest.raises(CredentialsError, match="XDG_CONFIG_HOME"):
        AiozStream(profile="work")
    assert profiles.names() == []
    AiozStream(token="t").close()


def test_a_disk_that_is_full_leaves_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: object) -> None:
        raise OSError(28, "No space left on device")

    keep()
    monkeypatch.setattr(Disk, "write", write)
    with pytest.raises(CredentialsError, match="No space left on device"):
        keep(kind="keys")
    assert sent_by(profile="work") == (URL, SENT["token"])


def test_the_keyring_has_the_credentials_and_the_file_has_none(entries: Entries) -> None:
    profile = keep()
    assert profile.place == "the system's keyring"
    assert "hush" not in profile.path.read_text()
    assert json.loads(entries.entries[f"aioz-stream {URL}", "work"]) == VALUES["token"]


def test_what_is_replaced_does_not_stay_in_the_keyring(entries: Entries) -> None:
    keep()
    keep(url=OTHER)
    assert list(entries.entries) == [(f"aioz-stream {OTHER}", "work")]
    assert keep(in_keyring=False).in_file is not None
    assert entries.entries == {}
    keep()
    assert "hush" not in keep().path.read_text()
    profiles.delete("work")
    assert entries.entries == {}
    assert profiles.names() == []


def test_an_entry_is_for_its_address_alone(entries: Entries) -> None:
    path = keep().path
    path.write_text(path.read_text().replace(URL, OTHER))
    with pytest.raises(CredentialsError, match=f"no usable entry for the profile 'work' and {OTHER}"):
        AiozStream(profile="work")
    assert entries.entries


@pytest.mark.parametrize("entry", ["", "hush-token", "{}", "[]", '{"token": 5}', '{"public_key": "hush"}'])
def test_a_damaged_entry_is_a_sentence(entry: str, entries: Entries) -> None:
    keep()
    entries.entries = dict.fromkeys(entries.entries, entry)
    with pytest.raises(CredentialsError, match=r"no usable entry .* Log in again") as caught:
        AiozStream(profile="work")
    assert "hush" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("find", "says"),
    [
        (Locked, "it is locked, or has failed \\(KeyringLocked\\)"),
        (fail.Keyring, "this system has no safe keyring"),
        (null.Keyring, "this system has no safe keyring"),
        (fail_and_tell, "can't be found \\(RuntimeError\\)"),
    ],
)
def test_a_keyring_that_fails_is_a_sentence(
    find: Callable[..., Any], says: str, entries: Entries, set_keyring: SetKeyring, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keep("default")
    set_keyring(partial(Locked, entries.entries) if find is Locked else find)
    for call in (lambda: AiozStream(profile="default"), AiozStream, lambda: profiles.delete("default")):
        with pytest.raises(CredentialsError, match=says) as caught:
            call()
        assert "hush" not in "".join(traceback.format_exception(caught.value)) + caplog.text
    assert profiles.names() == ["default"], "what the keyring still has is not forgotten"
    set_keyring(lambda: entries)
    assert sent_by() == (URL, SENT["token"])


@pytest.mark.usefixtures("entries")
def test_a_locked_keyring_refuses_a_login_and_does_not_prevent_a_file(set_keyring: SetKeyring) -> None:
    keep(kind="keys")
    set_keyring(Locked)
    with pytest.raises(CredentialsError, match="KeyringLocked") as caught:
        keep()
    assert "hush" not in "".join(traceback.format_exception(caught.value))
    keep(in_keyring=False)
    assert sent_by(profile="work") == (URL, SENT["token"])


@pytest.mark.usefixtures("entries")
def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("before")
    monkeypatch.setattr(profiles, "find_spec", lambda _: None)
    with pytest.raises(CredentialsError, match=r"the extra \[keyring\] is not installed"):
        AiozStream(profile="before")
    profile, reason = profiles.save("work", URL, VALUES["token"])
    assert (profile.place, reason) == (str(profile.path), "the extra [keyring] is not installed")
    assert sent_by(profile="work") == (URL, SENT["token"])


@pytest.mark.parametrize("environment", [{}, ENVIRONMENT])
def test_the_keyring_is_imported_only_for_a_profile_in_it(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported: list[str] = []
    usual = builtins.__import__

    def note(name: str, *rest: Any) -> Any:
        imported.append(name)
        return usual(name, *rest)

    keep("default", in_keyring=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(builtins, "__import__", note)
    AiozStream().close()
    assert "keyring" not in imported


def test_no_repr_shows_them() -> None:
    profile = keep()
    stream = AiozStream(profile="work")
    shown = repr((profile, stream, stream._session.options, profile.credentials()))
    assert "hush" not in shown
    assert "keyring" in sys.modules
