"""The rules of the contract: what a finding says of them, on more than a thousand ladders and one by one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from conformance.shared.examples import ExampleMaker
from contract_document import load

from aioz_stream.encoding import Source, check, contract_rules
from aioz_stream.encoding.rules import RULES

if TYPE_CHECKING:
    from aioz_stream.encoding import Finding

Json = Any

OWN = {rule.code for rule in RULES}


LADDERS = [ladder for _, ladder in ExampleMaker(load()).ladders()]


def by_contract(ladder: Json) -> list[Finding]:
    return [finding for finding in check(ladder) if finding.code not in OWN]


def test_every_rule_of_the_contract_is_broken_alone(contract: Json) -> None:
    errors = [{finding.code for finding in by_contract(ladder)} for ladder in LADDERS]
    assert len(LADDERS) > 1000
    assert errors.count(set()) > 100
    alone = {code for found in errors if len(found) == 1 for code in found}
    assert alone == {*codes_in(contract), *contract_rules.SENTENCES}


def codes_in(value: Json) -> set[str]:
    if isinstance(value, list):
        return {code for one in value for code in codes_in(one)}
    if not isinstance(value, dict):
        return set()
    own = {value["x-rule"]["code"]} if "x-rule" in value else set[str]()
    return own | codes_in(list(value.values()))


def test_another_implementation_finds_the_same_places(contract: Json) -> None:
    """On a sample, since it takes a hundred times as long."""
    schema = {"$ref": "#/components/schemas/CreateVideoRequest", "components": contract["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    for ladder in random.Random(3).sample([one for one in LADDERS if one is not None], 700):
        errors = validator.iter_errors({"title": "t", "qualities": ladder})
        places = {"/" + "/".join(map(str, error.absolute_path)) for error in errors}
        assert {finding.pointer for finding in by_contract(ladder)} == places, ladder


QUALITY = {"type": "hls", "container_type": "mp4", "resolution": "720p", "video_config": {"codec": "h264"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"container_type": "fmp4"}, "container_type is 'fmp4'. HLS comes in mpegts or mp4."),
        ({"type": "cmaf"}, "type is 'cmaf'. The streaming format is hls or dash."),
        ({"resolution": ...}, "resolution is missing. A quality with a picture needs `resolution`."),
        ({"type": ...}, "type is missing in this quality."),
        ({"crf": 1}, "There is no field 'crf' in this quality; there are resolution, type, container_type, "),
        ({"video_config": None}, "video_config is null; it must be an object. Leave it out to have none."),
        ({"video_config": {"codec": "h264", "bitrate": "x"}}, "bitrate is 'x'; it must be an integer."),
        (
            {"video_config": {"codec": "h264", "bitrate": 4_000_001}},
            "bitrate is 4000001. 720p takes up to 4,000,000 bits per second.",
        ),
        (
            {"video_config": {"codec": "h264", "bitrate": 0}},
            "bitrate is 0. A bitrate is at least 1 bit per second.",
        ),
    ],
)
def test_messages(changes: Json, message: str) -> None:
    quality = {name: value for name, value in (QUALITY | changes).items() if value is not ...}
    [found] = [one for one in check([quality]) if one.severity == "error"]
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "?"}, "type is '?'. The streaming format is hls or dash."),
        ({"container_type": "?", "type": ...}, "container_type is '?'. The container is mpegts, mp4 or fmp4."),
        ({"container_type": "fmp4"}, "container_type is 'fmp4'. HLS comes in mpegts or mp4."),
        ({"type": "dash"}, "container_type is 'mp4'. DASH comes in fmp4."),
        (
            {"resolution": "?"},
            (
                "resolution is '?'. A height is 144p, 240p, 360p, 480p, 720p, 1080p, 1440p, 2160p or 4320p. "
                "Only a quality with audio_config alone may carry another label."
            ),
        ),
        ({"video_config": {"codec": "?"}}, "codec is '?'. Pictures are encoded with h264 or h265."),
        ({"audio_config": {"codec": "?"}}, "codec is '?'. Sound is encoded with aac."),
        (
            {"audio_config": {"codec": "aac", "channels": "?"}},
            "channels is '?'. The number of channels is a string, 1 or 2.",
        ),
        (
            {"audio_config": {"codec": "aac", "sample_rate": 1}},
            "sample_rate is 1. The sample rate is 8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200 or 96000.",
        ),
    ],
)
def test_the_words_of_the_guide(changes: Json, message: str) -> None:
    """Drawn by hand from the reference: no word more, and none less."""
    quality = {name: value for name, value in (QUALITY | changes).items() if value is not ...}
    assert message in [one.message for one in by_contract([quality])]


def test_integers_have_64_bits_where_code_is_generated(contract: Json) -> None:
    schemas = contract["components"]["schemas"]
    for config in ("VideoConfig", "AudioConfig"):
        for name in ("bitrate", "index"):
            assert schemas[config]["properties"][name]["format"] == "int64"


def test_messages_about_no_objects() -> None:
    [in_list] = check(["720p"])
    assert in_list.message == (
        "This quality is '720p'; it must be an object. A name alone says too little: see hls() and dash()."
    )
    [alone] = check({"type": "hls"})
    assert alone.message == "qualities is {'type': 'hls'}; it must be a list. Put this quality into a list."


def test_a_value_that_is_wrong_has_one_finding() -> None:
    """The most basic one: what kind of value, then which, then how large."""
    for bitrate in (0.5, float("-inf"), "0"):
        [found] = check([QUALITY | {"video_config": {"codec": "h264", "bitrate": bitrate}}], source=Source())[:1]
        assert found.code == "wrong-type"
    [found] = by_contract([QUALITY | {"type": "dash", "container_type": "webm"}])
    assert (found.code, found.suggestion) == ("unknown-container", "fmp4")
    assert found.message.endswith("The container is fmp4.")


def test_a_suggestion_holds_together_with_the_others() -> None:
    wrong = QUALITY | {"type": "HLS", "container_type": "fMP4", "video_config": {"codec": "h264", "bitrate": "5000000"}}
    found = {one.pointer.rpartition("/")[2]: one.suggestion for one in by_contract([wrong])}
    assert found == {"type": "hls", "container_type": "mp4", "bitrate": 4_000_000}
