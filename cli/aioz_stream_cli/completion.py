"""The command that sets up completion in a shell, by Click's protocol."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from aioz_stream_cli.parameters import as_json
from aioz_stream_cli.terminal import print_json, say

_PROGRAM = "aioz-stream"
_VARIABLE = f"_{_PROGRAM}_complete".replace("-", "_").upper()  # as Click has it
_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(_SHELLS))
@click.option("--install", is_flag=True, help="Write it where the shell finds it, instead of printing it.")
@as_json
@click.pass_context
def completion(ctx: click.Context, shell: str, install: bool, as_json: bool) -> None:
    """Print what completes commands, options and files in a SHELL. That is bash, zsh or fish."""
    kind = get_completion_class(shell)
    assert kind is not None, "Click knows these shells"
    script = kind(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source().rstrip("\n") + "\n"
    if not install:
        if as_json:
            print_json({"shell": shell, "script": script})
        else:
            click.echo(script, nl=False)
        return
    path = _place(shell)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script, encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from None
    if as_json:
        print_json({"shell": shell, "path": str(path)})
        return
    say(f"{path} is written; a new {shell} has it.{_HINTS.get(shell, '')}")


_HINTS = {
    "bash": " It needs the package bash-completion.",
    "zsh": " The folder must be in fpath, before compinit: fpath+=(~/.local/share/zsh/site-functions)",
}


def _place(shell: str) -> Path:
    """Where the shell looks for completions of a user's own."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    configuration = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return {
        "bash": data / "bash-completion/completions" / _PROGRAM,
        "zsh": data / "zsh/site-functions" / f"_{_PROGRAM}",
        "fish": configuration / "fish/completions" / f"{_PROGRAM}.fish",
    }[shell]
