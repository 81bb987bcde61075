"""Profiles: credentials that are kept under a name, each with the one base URL that they are sent to.

Each profile is a file that only its owner may read. It holds the credentials, or says that they are in the system's
keyring: there they are an entry of the base URL, so that another URL in the file finds none.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from attrs import frozen

from aioz_stream.errors import ConfigurationError, CredentialsError
from aioz_stream.files import Disk, open_own
from aioz_stream.http.credentials import NAMES, VARIABLES, Credentials, resolve
from aioz_stream.http.network import parse_base_url

PROFILE = "AIOZ_STREAM_PROFILE"
DEFAULT = "default"
"""The profile that is used when none is named, and neither arguments nor environment have credentials."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # it is part of a file's name, on systems that ignore case, too
_FORMAT = 1
_LARGEST = 2**16  # bytes
_SAFE = 1  # the priority below which a backend of the keyring is not recommended: a plain file, or nothing
_MALFORMED = (AttributeError, KeyError, TypeError, ValueError, RecursionError)

T = TypeVar("T")


class _Keyring(Protocol):
    """What is used of the library's backends."""

    @property
    def priority(self) -> float: ...

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


@frozen
class Profile:
    """A profile as its file describes it."""

    name: str
    base_url: str
    path: Path
    is_private: bool
    """Whether only its owner may read the file."""
    in_file: Credentials | None
    """None where the keyring has them."""

    @property
    def place(self) -> str:
        """Where the credentials are, for people."""
        return str(self.path) if self.in_file else "the system's keyring"

    def credentials(self) -> Credentials:
        """Raises CredentialsError when they can't be had, or may be had by others."""
        if not self.is_private:
            raise CredentialsError(
                f"Other users of this machine may read or change {self.path}, the file of the profile {self.name!r}. "
                "Log in again with new credentials; or, if they are still secret, take that right away (chmod 600)."
            )
        return self.in_file or self._from_keyring()

    def _from_keyring(self) -> Credentials:
        text = _ask_keyring(lambda keyring: keyring.get_password(_entry(self.base_url), self.name))
        with suppress(*_MALFORMED):
            return _credentials(json.loads(text or ""))
        raise CredentialsError(
            f"The system's keyring has no usable entry for the profile {self.name!r} and {self.base_url}. Log in again."
        )


def choose(name: str | None, given: tuple[str | None, ...]) -> Profile | None:
    """The profile to use; None where the arguments `given` or the environment have credentials, which replace it.

    A profile that is named, by argument or environment, replaces credentials in the environment. Raises
    CredentialsError.
    """
    if any(value is not None for value in given):
        if name is not None:
            raise CredentialsError(f"profile= is given, and so are credentials ({', '.join(NAMES)}). Pass one of them.")
        return None
    if (named := name if name is not None else os.environ.get(PROFILE) or None) is not None:
        return load(named)
    if any(os.environ.get(variable) for variable in VARIABLES):
        return None
    try:
        return read(DEFAULT)
    except CredentialsError as error:
        raise CredentialsError(f"Neither arguments nor environment have credentials. {error}") from None


def load(name: str) -> Profile:
    """The profile of this name. Raises CredentialsError where there is none, or its file can't be used."""
    if (profile := read(name)) is not None:
        return profile
    raise _unknown(name)


def read(name: str) -> Profile | None:
    """The same, but None where there is none."""
    path = _path(name)
    try:
        with open(open_own(path, os.O_RDONLY), "rb") as file:  # noqa: PTH123 - a descriptor
            is_private = os.name == "nt" or os.fstat(file.fileno()).st_mode & 0o077 == 0
            content = file.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    with suppress(*_MALFORMED):
        written = json.loads(content)
        if written["format"] == _FORMAT:
            values = written["credentials"]
            in_file = None if values is None else _credentials(values)
            return Profile(name, parse_base_url("base_url", written["base_url"]), path, is_private, in_file)
    # Outside of what was caught, whose traceback would show the file's content.
    raise CredentialsError(f"{path}, the file of the profile {name!r}, is damaged. Log in again, which replaces it.")


def names() -> list[str]:
    """The names of all profiles."""
    with suppress(OSError, CredentialsError):
        return sorted(path.name[len("profile-") : -len(".json")] for path in _folder().glob("profile-*.json"))
    return []


def save(name: str, base_url: str, values: Mapping[str, str], *, in_keyring: bool = True) -> tuple[Profile, str]:
    """Keeps credentials, in the system's keyring where it has one. Returns where, and why it is not the keyring.

    Raises CredentialsError when it fails.
    """
    path, previous = _path(name), None
    with suppress(CredentialsError):
        previous = read(name)
    _, reason = _find_keyring() if in_keyring else (None, "that was asked for")
    if not reason:
        _ask_keyring(lambda keyring: keyring.set_password(_entry(base_url), name, json.dumps(values)))
    content = {"format": _FORMAT, "base_url": base_url, "credentials": values if reason else None}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        Disk().create(path, json.dumps(content).encode())
    except OSError as error:
        raise _unusable(path, error) from error
    if previous and not previous.in_file and (reason or previous.base_url != base_url):
        with suppress(CredentialsError):  # a keyring that is locked must not keep one from using a file
            _remove_entry(previous)
    return Profile(name, base_url, path, is_private=True, in_file=_credentials(values) if reason else None), reason


def delete(name: str) -> None:
    """Forgets a profile, one with a damaged file, too. Raises CredentialsError when there is none, or it fails."""
    path, profile = _path(name), None
    with suppress(CredentialsError):
        profile = read(name)
    if profile and not profile.in_file:
        _remove_entry(profile)
    try:
        path.unlink()
    except FileNotFoundError:
        raise _unknown(name) from None
    except OSError as error:
        raise _unusable(path, error) from error


def check_name(name: object) -> str:
    """Raises ConfigurationError for what can't be the name of a profile."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(
            "The name of a profile is 1 to 64 of the characters a to z, 0 to 9, '.', '_' and '-', and begins with a "
            "letter or digit."  # without what was given: it may be a token
        )
    return name


def _path(name: str) -> Path:
    return _folder() / f"profile-{check_name(name)}.json"


def _folder() -> Path:
    try:
        import platformdirs  # noqa: PLC0415 - not for a client whose credentials are given

        folder = platformdirs.user_config_path("aioz-stream")
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():  # it would be another folder wherever the program runs
        raise CredentialsError(
            "There is no folder for profiles, since this user's home is not known. Set HOME or XDG_CONFIG_HOME to an "
            "absolute path."
        )
    return folder


def _credentials(values: Any) -> Credentials:
    token, public_key, secret_key = (values.get(name) for name in NAMES)
    return resolve(token, public_key, secret_key, environment={})


def _unusable(path: Path, error: OSError) -> CredentialsError:
    return CredentialsError(f"The profile in {path} can't be used: {error.strerror or error}.")


def _unknown(name: str) -> CredentialsError:
    others = ", ".join(names())
    return CredentialsError(
        f"There is no profile {name!r}. {f'There are: {others}.' if others else 'No profile is kept yet.'} "
        "`aioz-stream login` makes one."
    )


def _entry(base_url: str) -> str:
    """The name of the keyring's entries for this URL."""
    return f"aioz-stream {base_url}"


def _remove_entry(profile: Profile) -> None:
    service = _entry(profile.base_url)

    def remove(keyring: _Keyring) -> None:
        if keyring.get_password(service, profile.name) is not None:
            keyring.delete_password(service, profile.name)

    _ask_keyring(remove)


def _find_keyring() -> tuple[_Keyring | None, str]:
    """The system's keyring; or None, and why there is none to rely on."""
    if find_spec("keyring") is None:
        return None, "the extra [keyring] is not installed"
    try:
        import keyring  # noqa: PLC0415 - an extra, which few programs need

        backend = cast("_Keyring", keyring.get_keyring())
        is_safe = backend.priority >= _SAFE
    except Exception as error:  # noqa: BLE001 - a backend raises whatever its system does
        return None, f"the system's keyring can't be found ({type(error).__name__})"
    return (backend, "") if is_safe else (None, "this system has no safe keyring")


def _ask_keyring(ask: Callable[[_Keyring], T]) -> T:
    """Raises CredentialsError when there is no keyring, or it fails. What it says is not repeated: it may be secret."""
    backend, failure = _find_keyring()
    if backend is not None:
        try:
            return ask(backend)
        except Exception as error:  # noqa: BLE001 - a backend raises whatever its system does
            failure = f"it is locked, or has failed ({type(error).__name__})"
    raise CredentialsError(f"The system's keyring can't be used: {failure}.")
