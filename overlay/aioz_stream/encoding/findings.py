"""What a check of a ladder says."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Severity = Literal["error", "warning"]


@frozen
class Finding:
    """One thing that is wrong, or doubtful, with a ladder."""

    code: str
    """Stable; `docs/encoding.md` lists them all."""
    severity: Severity
    pointer: str
    """Where, as a JSON Pointer into the body of create: `/qualities/1/audio_config/sample_rate`."""
    message: str
    """A sentence that says what is wrong."""
    suggestion: str | int | None = None
    """What to write there instead, where one can say."""

    def __str__(self) -> str:
        instead = "" if self.suggestion is None else f" Write {self.suggestion!r} instead."
        return f"{self.pointer}: {self.message}{instead} [{self.code}]"


class LadderWarning(UserWarning):
    """The service takes the ladder, but it may not do what was meant."""
