"""The command `aioz-stream-mock`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import textwrap
import webbrowser
from contextlib import closing, contextmanager
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from aioz_stream_mock.app import create_app
from aioz_stream_mock.certificates import check_certificate
from aioz_stream_mock.contract import ContractError
from aioz_stream_mock.control.connections import Connection, Server
from aioz_stream_mock.control.route_lookup import CONTROL_PATH
from aioz_stream_mock.sample import SAMPLE_ID, add_sample
from aioz_stream_mock.server import ListenError, listen, server_url
from aioz_stream_mock.state.account_files import load_accounts
from aioz_stream_mock.state.accounts import DEFAULT_ACCOUNTS, Account
from aioz_stream_mock.state.settings import MEDIA_EXTRA, Settings, has_ffmpeg
from aioz_stream_mock.state.store import StoreError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Sequence

    from starlette.applications import Starlette

    Add = Callable[..., argparse.Action]

_DESCRIPTION = """\
A local AIOZ Stream: create, upload, complete, list, price, update and delete videos without an account, a \
network or a bill. It answers as the API's contract says, and keeps what it is told. At its start it says the \
base URL and the credentials to call it with; then it writes a line for each request, until Ctrl-C.
"""

_EPILOG = """\
examples:
  aioz-stream-mock
      a server on port 8080 whose state goes when it stops
  aioz-stream-mock --port 9000 --data-dir ./videos
      state that survives a restart, the parts of unfinished uploads included
  aioz-stream-mock --account rich=1000000 --account poor=0
      accounts of your own: token-rich, or public-rich with secret-rich, and so on
  aioz-stream-mock --accounts accounts.yaml --rate-limit 100
      accounts from a file, each with at most 100 requests a minute
  aioz-stream-mock --control
      a server that can be reset, seeded, and told to fail, by requests under /_mock
  aioz-stream-mock --min-part-size 50000000 --transcode-seconds 30
      as strict about part sizes as the service, and slower
  aioz-stream-mock --ssl-certfile certificate.pem --ssl-keyfile key.pem
      HTTPS

try it:
  curl -X POST http://127.0.0.1:8080/api/videos/create \\
    -H 'Authorization: Bearer token-a' -H 'Content-Type: application/json' -d '{"title": "My first"}'

Ctrl-C, SIGTERM and SIGHUP stop the server, with exit status 0; what it can't start with is said in a sentence, with \
exit status 2. What is in a data folder outlives even SIGKILL. One server at a time can have a folder open.

The credentials are the mock's own and open nothing else. Keep the server on a loopback address.
"""

_OF_COMMANDS = (2, 4)
"""The indentation of lines to copy."""

MAX_PORT = 65535


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server until it is interrupted."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        check_certificate(options.ssl_certfile, options.ssl_keyfile)
        settings = _settings(options)
        if options.sample and not settings.transcode:
            raise ValueError(f"--sample needs transcoding, which needs {MEDIA_EXTRA}")  # noqa: TRY301 - one place says all of it
        app = create_app(settings)
    except (ContractError, ValueError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    server = Server(_config(options, app))
    with _ended_by_signals(server), closing(app.state.mock):
        try:
            # Opened here, before a port is taken, so that a folder in use is one sentence and not a traceback.
            folder = app.state.mock.store.folder
            listener = listen(options.host, options.port)
        except (StoreError, ListenError) as error:
            parser.exit(2, f"{parser.prog}: {error}\n")
        _announce(options, settings, app, folder, listener)
        if options.sample:
            add_sample(app.state.mock)
        if options.open and _has_screen():
            webbrowser.open(_index_url(options, listener))
        server.run(sockets=[listener])
    _say_stopped()
    return 0


def _say_stopped() -> None:
    try:
        print("Stopped.", flush=True)
    except OSError:  # the terminal may be closed
        # Python would try to write it again at its end, and turn the failure into exit status 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _config(options: argparse.Namespace, app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Connection,
        host=options.host,
        # The log configuration sets the levels; a level given here would hide the access log.
        log_level=None,
        access_log=True,
        timeout_graceful_shutdown=5,
        ssl_certfile=options.ssl_certfile,
        ssl_keyfile=options.ssl_keyfile,
        log_config=_log_config(),
    )


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Generator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal end the server alike, with its files removed.

    A signal during the start lets the server start, and stop at once.
    """
    signals = [signal.SIGINT, signal.SIGTERM]
    # nohup asks for a hangup to be ignored.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    before = {number: signal.signal(number, server.handle_exit) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _HelpFormatter(argparse.HelpFormatter):
    """Wraps the sentences of the introduction and the end for the terminal; commands stay whole, to be copied."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(_wrapped(line, width, indent) for line in text.splitlines())


def _wrapped(line: str, width: int, indent: str) -> str:
    own = indent + line[: len(line) - len(line.lstrip())]
    if len(own) in _OF_COMMANDS:
        return indent + line
    return textwrap.fill(line.strip(), width, initial_indent=own, subsequent_indent=own, break_on_hyphens=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aioz-stream-mock",
        # Without it, each mistake would be answered with the list of all options.
        usage="%(prog)s [options]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=_HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('aioz-stream')}")
    _add_listening(parser.add_argument_group("where it listens").add_argument)
    _add_storage(parser.add_argument_group("what it keeps and shows").add_argument)
    _add_accounts(parser.add_argument_group("who may call").add_argument)
    behaviour = parser.add_argument_group("how it behaves").add_argument
    _add_behaviour(behaviour)
    _add_limits(behaviour)
    _add_https(parser.add_argument_group("HTTPS").add_argument)
    return parser


def _add_listening(add: Add) -> None:
    add("--host", type=_host, default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=8080, help="port to listen on; 0 takes a free one (default: %(default)s)")


def _add_storage(add: Add) -> None:
    add(
        "--data-dir",
        type=_folder,
        metavar="DIR",
        help="keep the state here, in a folder of its own (default: a temporary folder, removed at the end)",
    )
    add(
        "--contract",
        type=Path,
        metavar="FILE",
        help="serve this OpenAPI document instead of the built-in one",
    )
    add(
        "--public-url",
        metavar="URL",
        help="base URL of asset addresses (default: the address that is called)",
    )


def _add_accounts(add: Add) -> None:
    add(
        "--account",
        action="append",
        type=_account,
        metavar="NAME=BALANCE",
        help="an account; may be repeated (default: a=1000 and b=0)",
    )
    add(
        "--accounts",
        type=Path,
        metavar="FILE",
        help="accounts from a YAML or JSON file: a list of {name, token, public_key, secret_key, balance, rate_limit}",
    )
    add("--rate-limit", type=int, metavar="N", help="requests per account and window (default: any number)")
    add(
        "--rate-window",
        type=float,
        default=Settings.rate_window,
        metavar="SECONDS",
        help="length of the window (default: %(default)s)",
    )


def _add_behaviour(add: Add) -> None:
    add(
        "--control",
        action="store_true",
        help="offer /_mock, which resets and controls the server for every caller that reaches it",
    )
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which /_mock may be reached, such as a container's; may be repeated "
        "(localhost, the loopback addresses and the one that is listened on always are)",
    )
    add(
        "--transcode-seconds",
        type=float,
        default=1.0,
        metavar="SECONDS",
        help="time until done, without transcoding (default: %(default)s)",
    )
    add(
        "--transcode",
        action=argparse.BooleanOptionalAction,
        help=f"really transcode (default: if {MEDIA_EXTRA} is installed)",
    )
    add(
        "--sample",
        action="store_true",
        help=f"begin with a sample video, made and transcoded at the start (needs {MEDIA_EXTRA})",
    )
    add("--open", action="store_true", help="open the index page in a browser, the sample video playing")


def _add_limits(add: Add) -> None:
    add("--omit-optional", action="store_true", help="leave the optional fields of the contract out of answers")
    add(
        "--transcode-timeout",
        type=float,
        default=Settings.transcode_timeout,
        metavar="SECONDS",
        help="a quality that takes longer fails (default: %(default)s)",
    )
    add(
        "--transcode-memory",
        type=int,
        default=Settings.transcode_memory,
        metavar="BYTES",
        help="a quality that takes more memory fails (default: %(default)s)",
    )
    add(
        "--min-free-disk",
        type=int,
        default=Settings.min_free_disk,
        metavar="BYTES",
        help="transcoding leaves so much of the disk free, or fails (default: %(default)s)",
    )
    add(
        "--cors",
        action="append",
        metavar="ORIGIN",
        help="pages of this origin may call the API from a browser; * for any "
        "(default: those of localhost and the loopback addresses)",
    )
    add("--min-part-size", type=int, default=0, metavar="BYTES", help="of all parts but the last (default: 0)")
    add(
        "--max-part-size",
        type=int,
        default=Settings.max_part_size,
        metavar="BYTES",
        help="of any part (default: %(default)s)",
    )


def _add_https(add: Add) -> None:
    add("--ssl-certfile", metavar="FILE", help="serve HTTPS with this certificate (PEM)")
    add("--ssl-keyfile", metavar="FILE", help="the certificate's key (PEM, without a passphrase), if it is elsewhere")


def _host(text: str) -> str:
    # Nothing would mean all addresses, which is nothing to choose by accident.
    if not text.strip() or "\0" in text:
        raise argparse.ArgumentTypeError("must be an address or a name of this machine; 0.0.0.0 stands for all")
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {MAX_PORT}; 0 takes a free port")
    return int(text)


def _folder(text: str) -> Path:
    # Nothing would mean the working directory, and a variable that is not set is no choice of that.
    if not text.strip():
        raise argparse.ArgumentTypeError("must name a folder; leave the option out for a temporary one")
    return Path(text)


def _account(text: str) -> Account:
    name, separator, balance = text.partition("=")
    if not separator or not name.isascii() or not name.isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=BALANCE, such as rich=1000")
    try:
        amount = Decimal(balance)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        raise argparse.ArgumentTypeError(f"{balance!r} is not an amount; {name}=1000 would have one")
    return Account.named(name, amount)


def _has_screen() -> bool:
    """Whether a browser could show anything: without a screen, some systems would start one in the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _index_url(options: argparse.Namespace, listener: socket.socket) -> str:
    play = f"?play={SAMPLE_ID}" if options.sample else ""
    return server_url(listener, options.host, "/", secure=bool(options.ssl_certfile)) + play


def _settings(options: argparse.Namespace) -> Settings:
    from_file = load_accounts(options.accounts) if options.accounts else ()
    return Settings(
        accounts=(*from_file, *(options.account or ())) or DEFAULT_ACCOUNTS,
        data_dir=options.data_dir,
        contract=options.contract,
        public_url=options.public_url,
        transcode_seconds=options.transcode_seconds,
        transcode=has_ffmpeg() if options.transcode is None else options.transcode,
        transcode_timeout=options.transcode_timeout,
        transcode_memory=options.transcode_memory,
        min_free_disk=options.min_free_disk,
        min_part_size=options.min_part_size,
        max_part_size=options.max_part_size,
        omit_optional=options.omit_optional,
        cors=options.cors,
        rate_limit=options.rate_limit,
        rate_window=options.rate_window,
        control=options.control,
        allow_hosts=options.allow_host,
    )


def _announce(
    options: argparse.Namespace, settings: Settings, app: Starlette, folder: Path, listener: socket.socket
) -> None:
    prefix = app.state.mock.contract.prefix
    url = server_url(listener, options.host, prefix, secure=bool(options.ssl_certfile))
    lines = [f"AIOZ Stream mock server on {url}", "", "accounts (of this mock only):"]
    lines += [f"  {_credentials(account)}  (balance {account.balance})" for account in settings.accounts]
    kept = "kept" if settings.data_dir else "temporary, removed at exit"
    lines += ["", f"data: {folder} ({kept})", f"media: {_media(settings)}"]
    lines += [
        f"videos, players and documentation: {_index_url(options, listener)}",
        "",
        "point the client at it with",
    ]
    first = settings.accounts[0]
    token = first.token if _is_public(first) else f"THE_TOKEN_OF_{first.name}"
    lines += [f"  AIOZ_STREAM_BASE_URL={url} AIOZ_STREAM_TOKEN={token}", ""]
    if settings.control:
        lines += [f"control it by requests to {url.removesuffix(prefix)}{CONTROL_PATH}/", ""]
    print("\n".join(lines), flush=True)


def _media(settings: Settings) -> str:
    if settings.transcode:
        return "transcoded"
    why = "as asked" if has_ffmpeg() else f"{MEDIA_EXTRA} is not installed"
    return f"not transcoded ({why}); a completed video is done after {settings.transcode_seconds:g} s"


def _credentials(account: Account) -> str:
    """The credentials of an account, as the command shows them. Those from a file are secrets and are not printed."""
    if _is_public(account):
        return f"{account.token}  or  {account.public_key} with {account.secret_key}"
    return f"{account.name}: credentials as in the file"


def _is_public(account: Account) -> bool:
    """Whether the credentials follow from the name, so that they are no secrets."""
    return account.token == Account.named(account.name).token


class _WithoutCancelled(logging.Filter):
    """Leaves out requests that are broken off when the server ends: they are no failure of the application."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _log_config() -> dict[str, object]:
    """Warnings as they are, and one line for every request."""
    handler = {
        "class": "logging.StreamHandler",
        "formatter": "plain",
        "stream": "ext://sys.stderr",
        "filters": ["not ended"],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"not ended": {"()": _WithoutCancelled}},
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"uvicorn.access": {"level": "INFO"}, "uvicorn.error": {"level": "WARNING"}},
    }


if __name__ == "__main__":
    sys.exit(main())
