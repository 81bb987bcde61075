"""Retry-After: never a shorter wait than the jittered one, dates by the answer's own clock, any number of digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aioz_stream import RateLimitError, RetryPolicy
from tests.adversarial import lies
from tests.adversarial.service import Lie
from tests.adversarial.wire import failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.adversarial.case import World

JITTER = 7.0
"""What the jittered wait would have been."""
POLICY = RetryPolicy(first_delay=8.0, longest_delay=8.0, longest_retry_after=120.0)
GIVES_UP = None
THEN = "Sun, 06 Nov 2011 08:49:37 GMT"
THEN_30 = "Sun, 06 Nov 2011 08:50:07 GMT"
THEN_600 = "Sun, 06 Nov 2011 08:59:37 GMT"
LATER = "Thu, 01 Jan 2099 00:00:00 GMT"
LATER_30 = "Thu, 01 Jan 2099 00:00:30 GMT"
LATER_BEFORE = "Wed, 31 Dec 2098 23:59:00 GMT"

WAITS: dict[str, tuple[dict[str, str], float | None]] = {
    "a number": ({"Retry-After": "30"}, 30.0),
    "a fraction": ({"Retry-After": "30.5"}, 30.5),
    "spaces around": ({"Retry-After": "  30  "}, 30.0),
    "zero": ({"Retry-After": "0"}, JITTER),
    "tiny": ({"Retry-After": "0.001"}, JITTER),
    "less than the jitter": ({"Retry-After": "3"}, JITTER),
    "negative": ({"Retry-After": "-5"}, JITTER),
    "too long": ({"Retry-After": "121"}, GIVES_UP),
    "ten digits": ({"Retry-After": "9999999999"}, GIVES_UP),
    "thirty digits": ({"Retry-After": "1" + "0" * 30}, GIVES_UP),
    "five thousand digits": ({"Retry-After": "9" * 5000}, GIVES_UP),
    "leading zeros": ({"Retry-After": "0" * 40 + "30"}, 30.0),
    "many decimals": ({"Retry-After": "30." + "0" * 40}, 30.0),
    "words": ({"Retry-After": "soon"}, JITTER),
    "nan": ({"Retry-After": "nan"}, JITTER),
    "infinity": ({"Retry-After": "inf"}, JITTER),
    "an exponent": ({"Retry-After": "1e3"}, JITTER),
    "a unit": ({"Retry-After": "30s"}, JITTER),
    "nothing": ({"Retry-After": ""}, JITTER),
    "absent": ({}, JITTER),
    "a date by a clock that is years behind": ({"Date": THEN, "Retry-After": THEN_30}, 30.0),
    "a date by a clock that is years ahead": ({"Date": LATER, "Retry-After": LATER_30}, 30.0),
    "a date that is too far by the answer's clock": ({"Date": THEN, "Retry-After": THEN_600}, GIVES_UP),
    "a date before the answer's own": ({"Date": LATER, "Retry-After": LATER_BEFORE}, JITTER),
    "a date that is past, without a clock": ({"Retry-After": THEN}, JITTER),
    "a date that is far, without a clock": ({"Retry-After": LATER}, GIVES_UP),
    "a date that there is not": ({"Date": THEN, "Retry-After": "Sun, 99 Nov 2011 08:49:37 GMT"}, JITTER),
    "a date in the year 99999": ({"Date": THEN, "Retry-After": "Sun, 06 Nov 99999 08:49:37 GMT"}, JITTER),
    "a clock that is garbage": ({"Date": "today", "Retry-After": LATER}, GIVES_UP),
    "the other header": ({"X-RateLimit-Retry-After": "30"}, 30.0),
    "garbage, then the other header": ({"Retry-After": "soon", "X-RateLimit-Retry-After": "30"}, 30.0),
    "both": ({"Retry-After": "20", "X-RateLimit-Retry-After": "30"}, 20.0),
}


@pytest.mark.parametrize(("headers", "wait"), WAITS.values(), ids=[name.replace(" ", "-") for name in WAITS])
def test_wait(headers: Mapping[str, str], wait: float | None, world: World) -> None:
    world.service.lie([Lie("get", lies.says(failure(429, headers=headers)))])
    with world.client(max_retries=0) as stream, pytest.raises(RateLimitError) as caught:
        stream.videos.get("video-00001")
    assert POLICY.delay(caught.value, 0, draw=lambda _low, _high: JITTER) == wait


@pytest.mark.parametrize("said", ["0", "-1", "0.0000001"])
def test_a_service_that_asks_for_no_wait_is_asked_as_often_as_ever(said: str, world: World) -> None:
    world.service.lie([Lie("get", lies.says(failure(429, headers={"Retry-After": said})))])
    with world.client() as stream, pytest.raises(RateLimitError):
        stream.videos.get("video-00001")
    assert world.service.counts["get"] == 1 + RetryPolicy().max_retries


def test_an_upload_waits_as_well(world: World) -> None:
    """A date of a service whose clock stands decades back is a wait, and not an error."""
    headers = {"Date": THEN, "Retry-After": "Sun, 06 Nov 2011 08:49:38 GMT"}
    world.service.lie([Lie("part", lies.says(failure(429, headers=headers)), times=1)])
    assert world.service.ledger.videos[world.upload().id].content == world.content
