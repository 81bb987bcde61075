"""Warnings that name the line of the caller of this package, however deep the call is that issues them."""

from __future__ import annotations

import inspect
import warnings


def warn(message: str, category: type[Warning]) -> None:
    # warnings.warn(skip_file_prefixes=...) comes with Python 3.12.
    frame, level = inspect.currentframe(), 1
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == "aioz_stream":
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
