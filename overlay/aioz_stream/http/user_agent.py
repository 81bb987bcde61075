"""What the client calls itself. The build reads the distribution's version from here."""

from __future__ import annotations

import sys

import httpx

__version__ = "0.1.0"

USER_AGENT = f"aioz-stream-python/{__version__} (Python {sys.version.split()[0]}; httpx {httpx.__version__})"
