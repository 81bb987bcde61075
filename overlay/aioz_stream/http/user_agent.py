"""What the client calls itself. The build reads the distribution's version from here."""

from __future__ import annotations

import platform

import httpx

__version__ = "0.1.0"

USER_AGENT = f"aioz-stream-python/{__version__} (Python {platform.python_version()}; httpx {httpx.__version__})"
