"""Language codes, by the library langcodes of the extra [languages]. Without it nothing is said about them."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

is_available: bool = find_spec("langcodes") is not None


@lru_cache(maxsize=1024)
def meant(code: str) -> str | None:
    """The code itself if it is one of ISO 639; else the one that was probably meant, if that can be told.

    People write a country's code (`jp`) for its language's (`ja`).
    """
    if not is_available:
        return code
    from langcodes import Language, tag_is_valid  # noqa: PLC0415 - an extra

    if tag_is_valid(code):
        return code
    language = Language.make(territory=code.upper()).maximize().language if len(code) == len("jp") else "en"
    # For a country that it does not know, too, the library says English.
    return language if language != "en" else None
