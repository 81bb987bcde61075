"""The command `aioz-stream-mock`."""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from aioz_stream_mock.account_files import load_accounts
from aioz_stream_mock.accounts import DEFAULT_ACCOUNTS, Account
from aioz_stream_mock.app import create_app
from aioz_stream_mock.contract import ContractError
from aioz_stream_mock.journal import CONTROL
from aioz_stream_mock.media import ffmpeg
from aioz_stream_mock.server import listen, server_url
from aioz_stream_mock.settings import Settings
from aioz_stream_mock.store import StoreError
from aioz_stream_mock.wire import CuttableProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from starlette.applications import Starlette

_DESCRIPTION = """\
A local AIOZ Stream: create, upload, complete, list, price, update and delete videos without an account, a
network or a bill. It answers as the API's contract says, and keeps what it is told.
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
      a server that can be reset, seeded, and told to misbehave, by requests under /_mock
  aioz-stream-mock --min-part-size 50000000 --transcode-seconds 30
      as strict about part sizes as the service, and slower

The credentials are the mock's own and open nothing else. Keep the server on a loopback address.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server until it is interrupted."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        settings = _settings(options)
        app = create_app(settings)
        # Opened here, before a port is taken, so that a folder in use is one sentence and not a traceback.
        folder = app.state.mock.store.folder
        listener = listen(options.host, options.port)
    except (ContractError, StoreError, ValueError, OSError, OverflowError) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    _announce(options, settings, app, folder, listener)
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        # The log configuration sets the levels; a level given here would hide the access log.
        log_level=None,
        access_log=True,
        timeout_graceful_shutdown=5,
        ssl_certfile=options.ssl_certfile,
        ssl_keyfile=options.ssl_keyfile,
        log_config=_log_config(),
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    finally:
        app.state.mock.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aioz-stream-mock",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8080, help="port to listen on; 0 takes a free one (default: %(default)s)")
    add("--data-dir", type=Path, metavar="DIR", help="keep the state here (default: a temporary folder)")
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
        metavar="S",
        help="length of the window (default: %(default)s)",
    )
    add(
        "--control",
        action="store_true",
        help="offer /_mock, by which anybody who reaches the server resets and steers it",
    )
    add(
        "--transcode-seconds",
        type=float,
        default=1.0,
        metavar="S",
        help="time until done, without transcoding (default: %(default)s)",
    )
    add(
        "--transcode",
        action=argparse.BooleanOptionalAction,
        help=f"really transcode (default: if {ffmpeg.EXTRA} is installed)",
    )
    add(
        "--transcode-timeout",
        type=float,
        default=Settings.transcode_timeout,
        metavar="S",
        help="a quality that takes longer fails (default: %(default)s)",
    )
    add(
        "--min-free-disk",
        type=int,
        default=Settings.min_free_disk,
        metavar="BYTES",
        help="transcoding leaves so much of the disk free, or fails (default: %(default)s)",
    )
    add("--min-part-size", type=int, default=0, metavar="BYTES", help="all parts but the last (default: 0)")
    add(
        "--max-part-size",
        type=int,
        default=Settings.max_part_size,
        metavar="BYTES",
        help="(default: %(default)s)",
    )
    add("--ssl-certfile", metavar="FILE", help="serve HTTPS with this certificate")
    add("--ssl-keyfile", metavar="FILE", help="the certificate's key")
    return parser


def _account(text: str) -> Account:
    name, _, balance = text.partition("=")
    try:
        amount = Decimal(balance or "0")
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{balance!r} is not an amount") from None
    if not name.isascii() or not name.isalnum() or not amount.is_finite():
        raise argparse.ArgumentTypeError("must be NAME=BALANCE with a name of letters and digits")
    return Account.named(name, amount)


def _settings(options: argparse.Namespace) -> Settings:
    from_file = load_accounts(options.accounts) if options.accounts else ()
    return Settings(
        accounts=(*from_file, *(options.account or ())) or DEFAULT_ACCOUNTS,
        data_dir=options.data_dir,
        contract=options.contract,
        public_url=options.public_url,
        transcode_seconds=options.transcode_seconds,
        transcode=ffmpeg.is_installed() if options.transcode is None else options.transcode,
        transcode_timeout=options.transcode_timeout,
        min_free_disk=options.min_free_disk,
        min_part_size=options.min_part_size,
        max_part_size=options.max_part_size,
        rate_limit=options.rate_limit,
        rate_window=options.rate_window,
        control=options.control,
    )


def _announce(
    options: argparse.Namespace, settings: Settings, app: Starlette, folder: Path, listener: socket.socket
) -> None:
    prefix = app.state.mock.contract.prefix
    url = server_url(listener, options.host, prefix, secure=bool(options.ssl_certfile))
    lines = [f"AIOZ Stream mock server on {url}", "", "accounts (of this mock only):"]
    lines += [f"  {_credentials(account)}  (balance {account.balance})" for account in settings.accounts]
    kept = "kept" if settings.data_dir else "temporary, removed at exit"
    lines += ["", f"data: {folder} ({kept})", f"media: {_media(settings)}", "", "point the client at it with"]
    first = settings.accounts[0]
    token = first.token if _is_public(first) else f"THE_TOKEN_OF_{first.name}"
    lines += [f"  AIOZ_STREAM_BASE_URL={url} AIOZ_STREAM_TOKEN={token}", ""]
    if settings.control:
        lines += [f"steer it by requests to {url.removesuffix(prefix)}{CONTROL}/", ""]
    print("\n".join(lines), flush=True)


def _media(settings: Settings) -> str:
    if settings.transcode:
        return "transcoded; the index page is at /"
    why = "as asked" if ffmpeg.is_installed() else f"{ffmpeg.EXTRA} is not installed"
    return f"not transcoded ({why}); a completed video is done after {settings.transcode_seconds:g} s"


def _credentials(account: Account) -> str:
    """What an account calls with. Those of a file are somebody's own, and are not printed."""
    if _is_public(account):
        return f"{account.token}  or  {account.public_key} with {account.secret_key}"
    return f"{account.name}: credentials as in the file"


def _is_public(account: Account) -> bool:
    """Whether the credentials follow from the name, so that nothing is given away by them."""
    return account.token == Account.named(account.name).token


def _log_config() -> dict[str, object]:
    """Warnings as they are, and one line for every request."""
    handler = {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"uvicorn.access": {"level": "INFO"}, "uvicorn.error": {"level": "WARNING"}},
    }


if __name__ == "__main__":
    sys.exit(main())
