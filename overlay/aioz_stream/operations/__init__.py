"""The API's operations as values: what each call sends, and what its answer means."""

from typing import TYPE_CHECKING

from aioz_stream_api.lazy import lazy_names

if TYPE_CHECKING:
    from aioz_stream.operations.paging import Pages
    from aioz_stream.operations.waiting import Polling, is_settled
else:
    __getattr__, __dir__ = lazy_names(__name__, {".paging": ("Pages",), ".waiting": ("Polling", "is_settled")})

__all__ = ["Pages", "Polling", "is_settled"]
