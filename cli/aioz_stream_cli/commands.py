"""The command `aioz-stream`: all its commands in one group."""

from __future__ import annotations

import click

from aioz_stream import __version__
from aioz_stream_cli import account, builder, completion, download, ladders, unfinished, upload, verbosity, videos
from aioz_stream_cli.client import profile_option
from aioz_stream_cli.examples import epilog
from aioz_stream_cli.failures import ErrorGroup
from aioz_stream_cli.help_text import HelpContext


@click.group(cls=ErrorGroup, epilog=epilog("aioz-stream"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Upload videos to AIOZ Stream and look after them.

    `aioz-stream login` keeps credentials. Or they come from the environment: AIOZ_STREAM_TOKEN, or
    AIOZ_STREAM_PUBLIC_KEY and AIOZ_STREAM_SECRET_KEY. AIOZ_STREAM_BASE_URL points at another server, such as a local
    one: aioz-stream-mock --help.
    """


cli.context_class = HelpContext
cli.params += [profile_option(), *verbosity.options()]
for _module in (upload, unfinished, videos, download, ladders, builder, account, completion):
    for _command in vars(_module).values():
        if isinstance(_command, click.Command):
            _command.params += [profile_option(str(_command.name)), *verbosity.options()]
            _command.context_class = HelpContext
            _command.epilog = epilog(str(_command.name))
            cli.add_command(_command)
