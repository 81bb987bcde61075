"""Language codes, by the library langcodes of the extra [languages]. Without it nothing is said about them."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

is_available = find_spec("langcodes") is not None


@lru_cache(maxsize=1024)
def is_known(code: str) -> bool:
    """Whether ISO 639 has this primary code. True when the library is not there to ask."""
    if not is_available:
        return True
    from langcodes import tag_is_valid  # noqa: PLC0415 - an extra

    return tag_is_valid(code)


@lru_cache(maxsize=1024)
def likely(code: str) -> str | None:
    """The language that was probably meant: people write a country's code (`jp`) for its language's (`ja`)."""
    if not is_available or len(code) != len("jp"):
        return None
    from langcodes import Language  # noqa: PLC0415 - an extra

    language = Language.make(territory=code.upper()).maximize().language
    # For a country that it does not know, too, the library says English.
    return language if language != "en" else None
