"""A change of the contract changes what the client takes, with no edit of the overlay; and the check itself.

Each change is played as `make generate` would write it.
"""

from __future__ import annotations

import copy
import importlib
import json
import subprocess
import sys
import warnings
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import request_schemas as writer

from aioz_stream import AiozStream, ArgumentError, encoding
from aioz_stream.arguments import schemas
from aioz_stream.arguments.json_values import as_json
from aioz_stream.arguments.schemas import RequestSchema
from aioz_stream.encoding import check, hls, ladder
from aioz_stream.operations import calls, waiting
from aioz_stream.operations.waiting import is_settled
from aioz_stream_api.models import Video

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Json = dict[str, Any]
Play = Any

CACHES: tuple[Any, ...] = (schemas.request_schema, schemas._library)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    for cache in CACHES:
        cache.cache_clear()


@pytest.fixture
def play(contract: Json, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Json], None]], None]:
    def changed(change: Callable[[Json], None]) -> None:
        edited: Json = json.loads(json.dumps(contract))
        change(edited["components"]["schemas"])
        for reader in (schemas, waiting):
            monkeypatch.setattr(reader, "contract", lambda: writer.extract(edited))
        for cache in CACHES:
            cache.cache_clear()

    return changed


NEW: Json = {"description": None, "is_public": True, "metadata": None, "tags": None, "qualities": None}
QUALITY: Json = {
    "type": "hls",
    "container_type": "mp4",
    "resolution": "720p",
    "video_config": {"codec": "h264", "bitrate": 4_000_000},
    "audio_config": {"codec": "aac", "sample_rate": 8000},
}


def codes(**changes: Any) -> list[str]:
    return [finding.code for finding in check([QUALITY | changes])]


def test_a_lower_maximum(play: Play) -> None:
    assert codes() == []

    def change(schemas: Json) -> None:
        [maximum] = [
            condition["then"]["properties"]["video_config"]["properties"]["bitrate"]
            for condition in schemas["Quality"]["allOf"]
            if condition["if"].get("properties", {}).get("resolution") == {"const": "720p"}
        ]
        maximum["maximum"] = 3_000_000

    play(change)
    [found] = check([QUALITY])
    assert (found.code, found.suggestion) == ("bitrate-too-high", 3_000_000)
    assert "720p takes up to 3,000,000 bits per second." in found.message
    assert hls("720p").to_dict()["video_config"]["bitrate"] == 2_250_000


def test_a_new_resolution(play: Play) -> None:
    assert codes(resolution="900p") == ["unknown-resolution"]

    def change(schemas: Json) -> None:
        schemas["Resolution"]["enum"].append("900p")
        condition: Json = copy.deepcopy(schemas["Quality"]["allOf"][-1])
        condition["if"]["properties"]["resolution"]["const"] = "900p"
        condition["then"]["properties"]["video_config"]["properties"]["bitrate"]["maximum"] = 5_000_000
        schemas["Quality"]["allOf"].append(condition)

    play(change)
    assert codes(resolution="900p") == []
    assert [one.resolution for one in ladder(source_height=1000)][-2:] == ["720p", "900p"]
    assert hls("900p").to_dict()["video_config"]["bitrate"] == 3_750_000
    assert [
        one.code for one in check([QUALITY | {"resolution": "900p"}, QUALITY], source=encoding.Source(height=800))
    ] == ["above-source"]


def test_longer_titles(play: Play) -> None:
    with pytest.raises(ArgumentError, match="title has 256 characters; at most 255 are allowed"):
        calls.new_video("x" * 256, **NEW)
    play(lambda schemas: schemas["Title"].update(maxLength=300))
    assert calls.new_video("x" * 300, **NEW).title == "x" * 300
    assert calls.longest_title() == 300
    with pytest.raises(ArgumentError, match="title has 301 characters; at most 300 are allowed"):
        calls.new_video("x" * 301, **NEW)


def test_a_new_container(play: Play) -> None:
    assert codes(type="dash", container_type="webm") == ["unknown-container"]

    def change(schemas: Json) -> None:
        schemas["Quality"]["properties"]["container_type"]["enum"].append("webm")
        schemas["Quality"]["allOf"][1]["then"]["properties"]["container_type"]["enum"].append("webm")

    play(change)
    assert codes(type="dash", container_type="webm") == []
    assert codes(container_type="webm") == ["container-mismatch"]


def test_a_sample_rate_less(play: Play) -> None:
    play(lambda schemas: schemas["AudioConfig"]["properties"]["sample_rate"]["enum"].remove(8000))
    [found] = check([QUALITY])
    assert (found.code, found.suggestion) == ("unknown-sample-rate", 11025)
    assert "is 8000. The sample rate is 11025, 16000" in found.message


def test_a_new_field_with_a_range(play: Play) -> None:
    """Without a rule beside it, the contract's own numbers make the sentence."""
    assert codes(audio_config={"codec": "aac", "gain": 3}) == ["unknown-field"]
    play(
        lambda schemas: schemas["AudioConfig"]["properties"].update(
            gain={"type": "integer", "minimum": -10, "maximum": 10}
        )
    )
    assert codes(audio_config={"codec": "aac", "gain": -10}) == []
    [found] = check([QUALITY | {"audio_config": {"codec": "aac", "gain": 11}}])
    assert (found.code, found.suggestion) == ("out-of-range", 10)
    assert found.pointer == "/qualities/0/audio_config/gain"
    assert found.message == "gain is 11; it must be from -10 to 10."


def test_another_page_and_another_status_that_ends_waiting(play: Play) -> None:
    def change(schemas: Json) -> None:
        schemas["ListVideosRequest"]["properties"]["limit"]["maximum"] = 500
        schemas["VideoStatus"]["x-settled"].append("rejected")

    assert [is_settled(Video("x", "t", status)) for status in ("new", "transcoding", "done", "fail", "deleted")] == [
        *(False, False, True, True, True)
    ]
    play(change)
    assert calls.largest_page() == 500
    assert is_settled(Video("x", "t", "rejected"))


# --- without the library ------------------------------------------------------------------------------------------


@pytest.fixture
def _no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    for cache in CACHES:
        cache.cache_clear()


@pytest.mark.usefixtures("_no_library")
def test_one_warning_says_that_nothing_is_checked() -> None:
    with pytest.warns(RuntimeWarning, match="jsonschema-rs is not installed") as warned:
        made = calls.new_video("x" * 256, **NEW)
    assert [one.filename for one in warned] == [__file__]
    assert made.title == "x" * 256
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert calls.page(0, 1000, "title", "asc", None, None, None, None).request()["json"]["limit"] == 1000
        assert codes(type="cmaf", container_type="fmp4") == []
        assert codes(video_config={"codec": "h265"}, container_type="mpegts") == ["h265-in-mpegts"]


@pytest.mark.usefixtures("_no_library")
@pytest.mark.filterwarnings("ignore")
def test_what_python_needs_is_checked_all_the_same() -> None:
    for wrong in ({"tags": "a,b"}, {"metadata": "x"}, {"metadata": [5]}, {"metadata": [{"key": "k"}]}):
        with pytest.raises(ArgumentError):
            calls.new_video("t", **(NEW | wrong))
    for qualities in ([{"type": "hls"}], [5]):
        with pytest.raises(ArgumentError):
            calls.new_video("t", **(NEW | {"qualities": qualities}))


@pytest.mark.usefixtures("_no_library")
@pytest.mark.filterwarnings("ignore:jsonschema-rs is not installed")
def test_builders_let_the_service_choose_the_bitrate() -> None:
    assert "bitrate" not in hls("720p").to_dict()["video_config"]
    assert [one.resolution for one in ladder(source_height=300)] == ["144p", "240p"]


def test_importing_a_client_imports_no_library() -> None:
    code = (
        "import sys; from aioz_stream import AiozStream; AiozStream(token='t'); "
        "assert 'jsonschema_rs' not in sys.modules; from aioz_stream.encoding import hls; hls('720p'); "
        "assert 'jsonschema_rs' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- the check itself ---------------------------------------------------------------------------------------------


def test_of_alternatives_the_one_with_the_right_type_is_meant() -> None:
    schema = RequestSchema(
        {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string", "maxLength": 1}]}
    )
    assert [(one.path, one.keyword) for one in schema.breaches(["a", 5])] == [((1,), "type")]
    assert [(one.path, one.keyword) for one in schema.breaches("ab")] == [((), "maxLength")]
    assert [(one.path, one.keyword) for one in schema.breaches(5)] == [((), "anyOf")]


def test_enums_at_one_place_are_intersected() -> None:
    schema = RequestSchema({"enum": [1, 2, 3], "allOf": [{"enum": [3, 2, 5]}, {"enum": [2, 3]}]})
    [breach] = schema.breaches(9)
    assert breach.schema["enum"] == [2, 3]


def test_the_most_basic_condition_is_said() -> None:
    schema = RequestSchema({"minimum": 10, "allOf": [{"type": "integer", "enum": [20]}]})
    assert [one.keyword for one in schema.breaches(0.5)] == ["type"]
    assert [one.keyword for one in schema.breaches(5)] == ["enum"]


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        (10**5000, ["maximum"]),
        (-(10**5000), ["minimum"]),
        (2**70, ["maximum"]),
        (float("nan"), ["type"]),
        (Decimal(5), ["type"]),
        ("\ud800", ["type"]),
        ({5: 1}, ["type"]),
        (b"", ["type"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_can_not_hold(value: object, broken: list[str]) -> None:
    schema = RequestSchema({"type": "integer", "minimum": 0, "maximum": 10**6})
    assert [one.keyword for one in schema.breaches(as_json(value)[0])] == broken


def test_something_inside_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)
    schema = RequestSchema({"type": "object"})
    assert [one.keyword for one in schema.breaches(as_json(endless)[0])] == ["type"]
    with pytest.raises(ArgumentError, match="title must be a string, not list"):
        calls.new_video(endless, **NEW)  # type: ignore[arg-type]  # on purpose


def test_the_generated_data_is_what_the_contract_says(contract: Json) -> None:
    generated = importlib.import_module("aioz_stream_api.contract")
    assert generated.contract() == writer.extract(contract)
    assert set(generated.contract()["requests"]) == {
        operation["operationId"]
        for route in contract["paths"].values()
        for operation in route.values()
        if isinstance(operation, dict)
    }


def test_a_field_may_be_called_like_a_keyword(contract: Json) -> None:
    """`description` is prose beside a type, and a field of a video among the properties."""
    fields = writer.extract(contract)["requests"]["createVideo"]["body"]["$defs"]["CreateVideoRequest"]["properties"]
    assert "description" in fields
    assert "description" not in fields["is_public"]


def test_nothing_is_sent_when_a_check_fails() -> None:
    with AiozStream(token="t", base_url="http://127.0.0.1:1") as stream, pytest.raises(ArgumentError):
        stream.videos.page(limit=101)
