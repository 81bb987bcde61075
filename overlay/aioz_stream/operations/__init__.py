"""The API's operations as values: what each call sends, and what its answer means."""

from typing import TYPE_CHECKING

from aioz_stream_api.lazy import lazy_names

if TYPE_CHECKING:
    from aioz_stream.operations.paging import Pages
    from aioz_stream.operations.values import Metadata, OrderBy, Page, Qualities, SortBy, Status
    from aioz_stream.operations.waiting import Polling, is_settled
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".paging": ("Pages",),
            ".values": ("Metadata", "OrderBy", "Page", "Qualities", "SortBy", "Status"),
            ".waiting": ("Polling", "is_settled"),
        },
    )

__all__ = ["Metadata", "OrderBy", "Page", "Pages", "Polling", "Qualities", "SortBy", "Status", "is_settled"]
