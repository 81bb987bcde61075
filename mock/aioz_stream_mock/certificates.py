"""The certificate and the key of a server, checked before the server starts."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pathlib import Path


class CertificateError(ValueError):
    """The files can't be used for HTTPS. The message says what to change."""


def check_certificate(certificate: str | Path | None, key: str | Path | None) -> None:
    """Refuse files that can't be used. Found later, a mistake would leave an announced address without a server."""
    if certificate is None:
        if key is not None:
            raise CertificateError(f"the key {key} needs its certificate; give that too, or neither for plain HTTP")
        return
    for path in (certificate, key):
        if path is not None:
            _open(path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, _refuse_passphrase)
    except ssl.SSLError as error:
        raise CertificateError(_explained(certificate, key, error)) from None


def _open(path: str | Path) -> None:
    try:
        with open(path, "rb"):  # noqa: PTH123 - an empty text is no file, and Path would make it the working directory
            pass
    except OSError as error:
        raise CertificateError(f"the file {str(path)!r} can't be read ({error.strerror}); give one in PEM") from None


def _refuse_passphrase() -> NoReturn:
    # Without this, OpenSSL would ask for the passphrase on the terminal.
    raise CertificateError("the key is locked with a passphrase; give one without, openssl pkey writes it")


def _explained(certificate: str | Path, key: str | Path | None, error: ssl.SSLError) -> str:
    if key is None:
        return f"{certificate} does not hold both a certificate and its key in PEM; give the key too if it is elsewhere"
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{key} is the key of another certificate than {certificate}; give the two that belong together"
    return f"{certificate} and {key} are not a certificate and its key in PEM; give two that are"
