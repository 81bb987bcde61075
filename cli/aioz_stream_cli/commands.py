"""The command `aioz-stream`: all its commands in one group."""

from __future__ import annotations

import click

from aioz_stream import __version__
from aioz_stream_cli import account, ladders, unfinished, upload, videos
from aioz_stream_cli.client import profile_option
from aioz_stream_cli.failures import ErrorGroup


@click.group(cls=ErrorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Upload videos to AIOZ Stream and look after them.

    `aioz-stream login` keeps credentials. Or they come from the environment: AIOZ_STREAM_TOKEN, or
    AIOZ_STREAM_PUBLIC_KEY and AIOZ_STREAM_SECRET_KEY. AIOZ_STREAM_BASE_URL points at another server, such as a local
    one: aioz-stream-mock --help.

    \b
      aioz-stream upload talk.mp4 --title "My talk" --tag talk --wait
      aioz-stream list --tag talk --since "2 weeks ago"
      aioz-stream get VIDEO_ID --json
      aioz-stream check ladder.json --source talk.mp4
    """  # noqa: D301 - click wants the backspace character itself


cli.params.append(profile_option())
for _module in (upload, unfinished, videos, ladders, account):
    for _command in vars(_module).values():
        if isinstance(_command, click.Command):
            _command.params.append(profile_option())
            cli.add_command(_command)
