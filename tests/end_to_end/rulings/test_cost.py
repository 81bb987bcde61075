"""The price of a transcode (rulings C of docs/contract.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import pytest

from aioz_stream import ArgumentError, PaymentRequiredError, UnexpectedResponseError
from tests.end_to_end.rulings.examples import HELLO, RESOLUTIONS
from tests.end_to_end.rulings.world import refused

if TYPE_CHECKING:
    from tests.end_to_end.rulings.examples import Json
    from tests.end_to_end.rulings.world import World


def test_c1_priced_qualities_are_joined_names(world: World) -> None:
    schema = world.contract.parameter("getTranscodeCost", "qualities")["schema"]
    assert schema["type"] == "string"
    assert world.contract.parameter("getTranscodeCost", "qualities")["required"] is True
    priced = RESOLUTIONS[:-1]
    for names, taken in (
        *((name, True) for name in priced),
        (",".join(priced), True),
        ("360p,1080p", True),
        ("4320p", False),
        ("360p,4320p", False),
        ("", False),
        ("360p,", False),
        (",360p", False),
        ("360p, 1080p", False),
        ("360P", False),
        ("audio", False),
        ("360p\n", False),
    ):
        assert world.contract.takes(schema, names) is taken, names
        answer = world.rich.http.get("/videos/cost", params={"qualities": names, "duration": "60"})
        assert answer.status_code == (200 if taken else 400), names
    refused(world.rich.http.get("/videos/cost?duration=60"), 400)
    refused(world.rich.http.get("/videos/cost?qualities=360p&qualities=720p&duration=60"), 400)
    price = httpx.Response(200, json={"status": "success", "data": {"price": 1, "is_enough": True}})
    service = world.service(price)
    with service.client() as client:
        client.videos.cost(["360p", "1080p"], 60)
        sent = service.requests[0].url.params
        assert sorted(sent.multi_items()) == [("duration", "60"), ("qualities", "360p,1080p")]
        for wrong in ([], ["4320p"], ["360p", ""], "360p", ["360p,720p"]):
            with pytest.raises(ArgumentError):
                client.videos.cost(wrong, 60)
    assert len(service.requests) == 1
    assert world.client.videos.cost(priced, 60).price > 0


def test_c2_priced_duration_is_above_zero(world: World) -> None:
    parameter = world.contract.parameter("getTranscodeCost", "duration")
    assert parameter["required"] is True
    for seconds, taken in ((60, True), (0.001, True), (0, False), (-1, False), ("60", False), (True, False)):
        assert world.contract.takes(parameter["schema"], seconds) is taken, seconds
    for text, status in (
        ("60", 200),
        ("0.001", 200),
        ("60.5", 200),
        *((odd, 400) for odd in ("0", "-1", "NaN", "Infinity", "1e400", "one", "")),
    ):
        answer = world.rich.http.get("/videos/cost", params={"qualities": "360p", "duration": text})
        assert answer.status_code == status, text
    refused(world.rich.http.get("/videos/cost?qualities=360p"), 400)
    for wrong in (0, -1, float("nan"), float("inf"), True, "60"):
        with pytest.raises(ArgumentError):
            world.client.videos.cost(["360p"], wrong)  # type: ignore[arg-type] # on purpose
    assert world.client.videos.cost(["360p"], 0.5).price > 0


def test_c3_price_is_number_or_decimal_text(world: World) -> None:
    assert set(world.contract.schemas["TranscodeCost"]["properties"]) == {"price", "is_enough"}
    for value, exact in ((1.23, "1.23"), ("1.23", "1.23"), ("0.000100", "0.000100"), (0, "0"), (0.1, "0.1")):
        data: Json = {"price": value, "is_enough": True}
        assert world.contract.takes("TranscodeCost", data)
        with world.service(httpx.Response(200, json={"status": "success", "data": data})).client() as client:
            said = client.videos.cost(["360p"], 60).price
        assert isinstance(said, Decimal)
        assert str(said) == exact
    for wrong in ("much", "NaN", "", None, True):
        data = {"price": wrong, "is_enough": True}
        assert not world.contract.takes("TranscodeCost", data)
        nonsense = world.service(httpx.Response(200, json={"status": "success", "data": data}))
        with nonsense.client() as client, pytest.raises(UnexpectedResponseError):
            client.videos.cost(["360p"], 60)
    shown = world.rich.http.get("/videos/cost?qualities=360p,1080p&duration=60").json()["data"]
    assert set(shown) == {"price", "is_enough"}
    assert type(shown["price"]) is float
    assert world.client.videos.cost(["360p", "1080p"], 60).price == Decimal(str(shown["price"]))


def test_c4_is_enough_compares_price_and_balance(world: World) -> None:
    paid = [name for name, one in world.contract.operations.items() if "402" in one["responses"]]
    assert paid == ["completeVideoUpload"]
    assert world.client.videos.cost(["360p"], 60).is_enough is True
    assert world.poor_client.videos.cost(["144p"], 0.001).is_enough is False
    assert world.client.videos.cost(["2160p"], 1e12).is_enough is False
    identifier = world.poor.create()
    assert world.poor.part(identifier, HELLO).status_code == 200
    before = world.poor.get(identifier)
    assert "balance" in refused(world.poor.complete(identifier), 402)
    assert world.poor.get(identifier) == before
    assert before["status"] == "new"
    with pytest.raises(PaymentRequiredError) as caught:
        world.poor_client.upload(world.file())
    assert caught.value.video_id is not None
    assert world.poor.get(caught.value.video_id)["status"] == "new"
