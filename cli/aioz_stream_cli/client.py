"""The client that all commands use, and the profile that it takes its credentials from."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from aioz_stream import AiozStream, ConfigurationError
from aioz_stream.http import profiles

_NAMED = f"{__name__}.profile"


def open_client() -> AiozStream:
    """A client with the credentials of the profile that was named, or those that there are without."""
    return AiozStream(profile=named_profile())


def named_profile() -> str | None:
    """The profile that was named before or after the command."""
    name: str | None = click.get_current_context().meta.get(_NAMED)
    return name


def _remember(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
    if name is not None:
        try:
            ctx.meta[_NAMED] = profiles.check_name(name)
        except ConfigurationError as error:
            raise click.BadParameter(str(error)) from None


def _complete(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in profiles.names() if name.startswith(begun)]


def profile_option() -> click.Option:
    """Stands before the command, for all of them, and after it."""
    return click.Option(
        ["--profile"],
        metavar="NAME",
        help=f"Credentials that `aioz-stream login` keeps.  [env var: {profiles.PROFILE}]",
        expose_value=False,
        callback=_remember,
        shell_complete=_complete,
    )
