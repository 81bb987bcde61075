"""The commands for credentials that are kept: login, logout and whoami."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from aioz_stream import (
    AiozStream,
    AiozStreamError,
    APIError,
    AuthenticationError,
    CredentialsError,
    PermissionDeniedError,
)
from aioz_stream.http import profiles
from aioz_stream.http.options import BASE_URL, Options
from aioz_stream_cli.client import named_profile, open_client
from aioz_stream_cli.parameters import as_json
from aioz_stream_cli.records import print_record
from aioz_stream_cli.terminal import print_json, wrap

if TYPE_CHECKING:
    from collections.abc import Generator

_LONGEST = 2**16  # bytes of a line

_check = click.option(
    "--check/--no-check", default=True, help="Ask the service whether it takes them.  [default: check]"
)


_NO_ARGUMENT = """\
No token or secret key is an argument: the shell's history would keep it, and other users of this machine could see \
it. Type it when it is asked for, or send it on standard input: aioz-stream login < token.txt"""


class _Login(click.Command):
    """Says why a token is no argument, and does not repeat it."""

    allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name not in {"--token", "--secret-key"}:
                raise
            ctx.args = [error.option_name]
        if ctx.args:
            raise click.UsageError(_NO_ARGUMENT, ctx)
        return ctx.args


@click.command(cls=_Login)
@click.option("--public-key", metavar="KEY", help="The public key of a pair; then the secret key is asked for.")
@click.option("--base-url", metavar="URL", help=f"The only service that they are sent to.  [env var: {BASE_URL}]")
@click.option(
    "--keyring/--no-keyring",
    default=True,
    help="Keep them in the system's keyring, or in a file.  [default: the keyring, where it can be used]",
)
@_check
@as_json
def login(public_key: str | None, base_url: str | None, keyring: bool, check: bool, as_json: bool) -> None:
    """Keep a token or a pair of keys, for this command and programs.

    At a terminal the token is asked for and not shown. Without one, a line of standard input is the token; with
    --public-key, the secret key.
    """
    name = _name()
    secret = _read_secret("Token" if public_key is None else "Secret key")
    token, secret_key = (secret, None) if public_key is None else (None, secret)
    address = base_url or os.environ.get(BASE_URL) or _kept_address(name)
    options = Options.from_arguments(token, public_key, secret_key, address)
    if check:
        with (
            AiozStream(token=token, public_key=public_key, secret_key=secret_key, base_url=options.base_url) as stream,
            _unkept("--no-check keeps them without asking the service."),
        ):
            stream.videos.page(limit=1)
    with _unkept("--no-keyring keeps them in a file that only you can read." if keyring else ""):
        values = {"token": secret} if public_key is None else {"public_key": public_key, "secret_key": secret}
        profile, reason = profiles.save(name, options.base_url, values, in_keyring=keyring)
    because = f", readable by you only, because {reason}" if reason else ""
    kind = "a token" if public_key is None else "a pair of keys"
    _say(f"Profile {name!r}: {kind} for {profile.base_url}, kept in {profile.place}{because}.")
    if profiles.choose(None, (None, None, None)) is None:
        _say(f"The environment has credentials, too. They are used, unless you name the profile: --profile {name}.")
    if as_json:
        print_json(_fields(options, profile))


@contextmanager
def _unkept(advice: str) -> Generator[None]:
    try:
        yield
    except AiozStreamError as error:
        error.add_note(f"They are not kept. {advice}".rstrip())
        raise


@click.command()
@as_json
def logout(as_json: bool) -> None:
    """Forget the credentials of a profile."""
    name = _name()
    profiles.delete(name)
    _say(f"Profile {name!r} is forgotten. The service still takes its credentials, until they are taken back there.")
    if as_json:
        print_json({"profile": name})


@click.command()
@_check
@as_json
def whoami(check: bool, as_json: bool) -> None:
    """Show which credentials are used. Also where they are and whether the service takes them; not their values."""
    options = Options.from_arguments(profile=named_profile())
    fields = _fields(options, options.profile)
    failure: APIError | None = None
    if check:
        try:
            with open_client() as stream:
                stream.videos.page(limit=1)
            fields["accepted"] = True
        except APIError as error:
            failure = error
            fields["accepted"] = False if isinstance(error, AuthenticationError | PermissionDeniedError) else None
    print_record(fields, as_json)
    if failure:
        raise failure


def _name() -> str:
    """The profile to keep or forget."""
    return profiles.check_name(named_profile() or os.environ.get(profiles.PROFILE) or profiles.DEFAULT)


def _kept_address(name: str) -> str | None:
    """New credentials of a profile are for the same service, unless another one is named."""
    with suppress(CredentialsError):  # what can't be read is replaced
        kept = profiles.read(name)
        return kept.base_url if kept else None
    return None


def _read_secret(what: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, err=True)).strip()
    # Replaced characters are refused later, by the name of the credential.
    line = sys.stdin.buffer.readline(_LONGEST).decode("ascii", "replace").strip()
    if not line:
        raise click.UsageError(f"Standard input is empty; its first line is the {what.lower()}.")
    return line


def _fields(options: Options, profile: profiles.Profile | None) -> dict[str, object]:
    return {
        "profile": profile.name if profile else None,
        "kept_in": profile.place if profile else "the environment",
        "base_url": options.base_url,
        "credentials": options.credentials.kind,
    }


def _say(text: str) -> None:
    """Also in a pipe: a program that keeps credentials says where."""
    wrap(text)
