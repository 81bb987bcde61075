"""The way to a host: through which proxy, and which certificates are trusted; by arguments or the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import httpx

from aioz_stream.arguments import shown
from aioz_stream.errors import ConfigurationError

CERTIFICATES = "SSL_CERT_FILE"
CERTIFICATE_FOLDERS = "SSL_CERT_DIR"
KEY_LOG = "SSLKEYLOGFILE"

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.:-]+")
_EXCEPTION = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?")

SOCKS_ERRORS: tuple[type[Exception], ...] = (
    (import_module("socksio").ProtocolError,) if find_spec("socksio") is not None else ()
)
"""What an answer of a SOCKS proxy that can't be read raises, since httpx lets it through."""

Transport = TypeVar("Transport", httpx.HTTPTransport, httpx.AsyncHTTPTransport)
Verify = str | os.PathLike[str] | ssl.SSLContext
Proxy = str | httpx.Proxy


def refuse_httpx2(name: str, value: object, instead: str) -> None:
    """Raises ConfigurationError for an object of httpx2, which looks like one of httpx and fails when it is used."""
    is_of_httpx2 = any(kind.__module__.startswith("httpx2") for kind in type(value).__mro__)
    if is_of_httpx2 and httpx.__name__ != "httpx2":  # it can take the place of httpx in a whole program
        raise ConfigurationError(
            f"{name} is httpx2's {type(value).__name__}. This client sends through httpx, which is another library: "
            f"pass {instead}."
        )


class Network:
    """Makes transports. Raises ConfigurationError, by the name of the argument or variable, before anything is sent."""

    def __init__(self, proxy: Proxy | None = None, verify: Verify | None = None) -> None:
        if verify == "" or not isinstance(verify, str | os.PathLike | ssl.SSLContext | None):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ConfigurationError(
                "verify must be the path of a file of certificates in PEM form, or an ssl.SSLContext, not "
                f"{shown(verify)}."
            )
        refuse_httpx2("proxy", proxy, "a URL or an httpx.Proxy")
        self._proxy, self._verify = proxy, verify
        self.has_proxy: bool = proxy is not None
        """Whether the caller said which; variables are read by others, too."""
        self.can_be_pickled: bool = not isinstance(verify, ssl.SSLContext)

    def __reduce__(self) -> tuple[object, ...]:
        return Network, (self._proxy, self._verify)

    def check(self, url: str) -> None:
        """Raises ConfigurationError when the host of this URL can't be reached as it is said."""
        self.transport(httpx.HTTPTransport, httpx.URL(url)).close()

    def transport(self, kind: Callable[..., Transport], url: httpx.URL, **options: Any) -> Transport:
        """A transport for the host of this URL."""
        proxy = self._find_proxy(url)
        # Reading the certificates takes longer than everything else about a client. This one trusts nothing.
        needs_tls = "https" in (url.scheme, proxy and proxy.url.scheme)
        tls = self._tls if needs_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            return kind(verify=tls, proxy=proxy, **options)
        except (AttributeError, ImportError) as error:
            # What httpx needs does not load here: trio, where it is installed, under eventlet's patches.
            raise ConfigurationError(f"httpx can't be used in this process: {error}") from error

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Shared by all connections."""
        if isinstance(self._verify, ssl.SSLContext):
            return self._verify
        name, file, folders = "verify", self._verify, None
        if file is None:
            name, file = CERTIFICATES, os.environ.get(CERTIFICATES) or None
        if file is None:
            name, folders = CERTIFICATE_FOLDERS, os.environ.get(CERTIFICATE_FOLDERS) or None
        try:
            if folders is not None:
                _check_folders(folders)
            if file is not None or folders is not None:
                return ssl.create_default_context(cafile=file, capath=folders)
            return httpx.create_ssl_context()
        except (OSError, ValueError, TypeError) as error:
            if getattr(error, "filename", None):  # only the file of keys is opened by Python itself
                raise ConfigurationError(f"{KEY_LOG} names a file that can't be written: {_said(error)}.") from None
            raise ConfigurationError(
                f"{name} names no certificates in PEM form that can be read: {_said(error)}."
            ) from None

    def _find_proxy(self, url: httpx.URL) -> httpx.Proxy | None:
        found = proxy_from_environment(url) if self._proxy is None else ("proxy", self._proxy)
        return self._make_proxy(*found) if found else None

    def _make_proxy(self, name: str, value: Proxy) -> httpx.Proxy:
        proxy = value if isinstance(value, httpx.Proxy) else self._parse_proxy(name, value)
        if proxy.url.scheme.startswith("socks") and find_spec("socksio") is None:
            raise ConfigurationError(
                f"{name} is a SOCKS proxy, which needs another package: pip install 'aioz-stream[socks]'."
            )
        return proxy

    def _parse_proxy(self, name: str, value: object) -> httpx.Proxy:
        # No part of the value is shown, since any part of one that can't be read may be a password.
        if isinstance(value, str):
            url = parse_url(value if "://" in value else f"http://{value}")
            if url and url.scheme == "socks5h":
                url = url.copy_with(scheme="socks5")  # the same to httpx, which knew only this name before 0.28
            tls = self._tls if url and url.scheme == "https" else None
            with suppress(ValueError):  # of a scheme that httpx does not know
                return httpx.Proxy(url or "", ssl_context=tls)
        raise ConfigurationError(
            f"{name} can't be used: write it as http://host:port, or with https, socks5 or socks5h in front. User and "
            "password stand before the host, as user:password@host, with %40 for an @ in them."
        )


def parse_url(value: str) -> httpx.URL | None:
    """A URL that something can be sent to; None for what is none."""
    try:
        url = httpx.URL(value)
        url.raw_host.decode().encode("idna")  # as the system does when it looks for the host
        has_host = _HOST.fullmatch(url.host)  # it may raise, too
    except (httpx.InvalidURL, ValueError):
        return None
    return url if has_host and (url.port is None or 0 < url.port < 65_536) else None


def parse_base_url(name: str, value: object) -> str:
    """The URL that all paths are added to, without a slash at its end. Raises ConfigurationError, by that name."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a string, not {type(value).__name__}.")
    if "@" in value:
        raise ConfigurationError(
            f"{name} has an @ in it. Credentials in it would show in logs. In Python, pass them as arguments."
        )
    if any(character in "?#" or character.isspace() for character in value):
        raise ConfigurationError(f"{name} must end with its path: no ?, no # and no space.")
    url = parse_url(value)
    if url is None or url.scheme not in {"http", "https"}:
        raise ConfigurationError(
            f"{name} is {value!r}; it must be https:// (or http://), a host, a port from 1 to 65535 if need be, and a "
            "path."
        )
    return str(url).rstrip("/")


def proxy_from_environment(url: httpx.URL) -> tuple[str, str] | None:
    """The variable that names the proxy for a URL, and its value; None where there is none, or NO_PROXY says so."""
    proxies = urllib.request.getproxies()
    scheme = url.scheme if proxies.get(url.scheme) else "all"
    value = proxies.get(scheme)
    if not value or any(is_exempt(url, entry) for entry in re.split(r"[,\s]+", proxies.get("no", ""))):
        return None
    names = (name for name, text in os.environ.items() if name.lower() == f"{scheme}_proxy" and text == value)
    return next(names, f"the system's proxy for {scheme}"), value


def is_exempt(url: httpx.URL, entry: str) -> bool:
    """Whether an entry of NO_PROXY is for this URL: `*`, or a host, address or range, with or without a port.

    A name is also that of all its subdomains; one that begins with a dot is that of its subdomains alone. An entry that
    is not understood is for nothing.
    """
    if entry == "*":
        return True
    scheme, _, place = entry.lower().rpartition("://")
    match = _EXCEPTION.fullmatch(place)  # an IPv6 address without brackets does not match
    name, port = (match[1], match[2]) if match else (place, None)
    if scheme not in ("", "all", url.scheme) or (port and int(port) != (url.port or _PORTS.get(url.scheme))):
        return False
    host, coded = (one.lower().rstrip(".") for one in (url.host, url.raw_host.decode("ascii")))
    name = name.strip("[]").removeprefix("*").rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        end = name if name.startswith(".") else f".{name}"
        return bool(name) and any(one == name or one.endswith(end) for one in (host, coded))
    try:
        return address in ipaddress.ip_network(name, strict=False)
    except ValueError:
        return False


class RoutingTransport(httpx.BaseTransport):
    """For requests that may go, or be redirected, to any host: each host has a transport of its own."""

    def __init__(self, network: Network, **options: Any) -> None:
        self._network, self._options = network, options
        self._transports: dict[tuple[str, bytes], httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        origin = request.url.scheme, request.url.netloc
        with self._lock:
            if origin not in self._transports:
                self._transports[origin] = self._network.transport(httpx.HTTPTransport, request.url, **self._options)
        return self._transports[origin].handle_request(request)

    def close(self) -> None:
        for transport in self._transports.values():
            transport.close()


def _check_folders(paths: str) -> None:
    if not any(Path(path).is_dir() for path in paths.split(os.pathsep)):
        raise NotADirectoryError("there is no such folder")


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
