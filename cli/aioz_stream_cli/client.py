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
    ctx = click.get_current_context(silent=True)  # a thread that warns has none
    name: str | None = ctx.meta.get(_NAMED) if ctx else None
    return name


def _remember(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
    if name is not None:
        try:
            ctx.meta[_NAMED] = profiles.check_name(name)
        except ConfigurationError as error:
            raise click.BadParameter(str(error)) from None


def _complete(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in profiles.names() if name.startswith(begun)]


_HELP = {"login": "The name to keep them under.", "logout": "The profile to forget."}


def profile_option(command: str = "") -> click.Option:
    """Stands before the command, for all of them, and after it."""
    said = _HELP.get(command, "Use the credentials that `aioz-stream login` keeps under this name.")
    return click.Option(
        ["--profile"],
        metavar="NAME",
        help=f"{said}  [env var: {profiles.PROFILE}]",
        expose_value=False,
        callback=_remember,
        shell_complete=_complete,
    )
