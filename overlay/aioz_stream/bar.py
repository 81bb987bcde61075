"""The name under which programs import the progress bar; it stands in `aioz_stream.progress_bar`."""

from aioz_stream.progress_bar import progress_bar

__all__ = ["progress_bar"]
