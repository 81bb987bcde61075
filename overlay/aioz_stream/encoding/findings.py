"""What a check of a ladder says."""

from __future__ import annotations

from aioz_stream.errors import Finding, Severity

__all__ = ["Finding", "LadderWarning", "Severity"]


class LadderWarning(UserWarning):
    """The service takes the ladder, but it may not do what was meant."""
