"""Hosts as requests name them, and the base URL that asset addresses start with."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?", re.ASCII)
_ORIGIN = re.compile(r"https?://(.+)", re.ASCII)


def base_url(request: Request, public_url: str | None, prefix: str) -> str:
    """The public URL if one was chosen, else the address that the request came to."""
    if public_url is not None:
        return public_url.rstrip("/")
    return f"{request.scope['scheme']}://{_host(request)}{prefix}"


def host_name(text: str) -> str | None:
    """The name or address in the value of a Host header, in its canonical form; None where it is no host."""
    found = _HOST.fullmatch(text)
    return canonical_name(found[1].strip("[]")) if found else None


def origin_host(origin: str) -> str | None:
    """The name or address that the page of an origin came from; None where it came from no web server."""
    found = _ORIGIN.fullmatch(origin)
    return host_name(found[1]) if found else None


def canonical_name(name: str) -> str:
    """One spelling for all that mean the same host."""
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return name.lower().removesuffix(".")
    # A socket that takes both families shows an IPv4 address so.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def is_loopback(name: str) -> bool:
    """Whether a canonical name always leads to the machine itself, whatever a name server says."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _host(request: Request) -> str:
    # The address ends up in responses and in HTML: a header that is no host does not get there.
    host = request.headers.get("host", "")
    if _HOST.fullmatch(host):
        return host
    address, port = request.scope.get("server") or ("localhost", None)
    name = f"[{address}]" if ":" in address else str(address)
    return name if port is None else f"{name}:{port}"
