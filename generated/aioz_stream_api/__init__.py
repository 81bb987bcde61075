# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""A client library for accessing AIOZ Stream Videos"""

from typing import TYPE_CHECKING

from .lazy import lazy_names

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
else:
    __getattr__, __dir__ = lazy_names(__name__, {".client": ("AuthenticatedClient", "Client")})

__all__ = (
    "AuthenticatedClient",
    "Client",
)
