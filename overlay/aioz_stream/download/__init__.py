"""Fetching the files of a video back."""

from typing import TYPE_CHECKING

from aioz_stream_api.lazy import lazy_names

if TYPE_CHECKING:
    from aioz_stream.download.assets import Asset
    from aioz_stream.download.download import Download, run_to_blocks, run_to_file
else:
    __getattr__, __dir__ = lazy_names(
        __name__, {".assets": ("Asset",), ".download": ("Download", "run_to_blocks", "run_to_file")}
    )

__all__ = ["Asset", "Download", "run_to_blocks", "run_to_file"]
