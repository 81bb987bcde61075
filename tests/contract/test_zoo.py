"""Services with one deviation each: the inspection finds them, by the statements that the zoo names."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from conformance.deployment.examination import DIFFERS, HELD
from conformance.deployment.findings import BEYOND, BREAKS
from conformance.deployment.statements import Mode, statements

from tests.contract.zoo import deviations
from tests.contract.zoo.zoo import Deviant, deviants, open_zoo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.contract.zoo.zoo import Zoo

ASKING = ("id-is-steady", "list-default-page", "cost-fractions", "get-unknown", "new-is-new")
FOUND = [one for one in deviants() if one.by]


@pytest.fixture(scope="module")
def zoo() -> Iterator[Zoo]:
    with open_zoo() as opened:
        yield opened


def needed_for(ids: Collection[str]) -> Collection[str]:
    """What answers look like is judged by the answers to other statements."""
    sends_nothing = {one.id for one in statements() if one.probe == "answers"}
    return ASKING if sends_nothing.intersection(ids) else ()


@pytest.mark.parametrize(
    "deviant",
    [
        # Each eighth is enough for every day, and those that were overlooked before there was a table.
        pytest.param(one, id=one.name, marks=() if number < 10 or number % 8 == 0 else pytest.mark.slow)
        for number, one in enumerate(FOUND)
    ],
)
def test_a_deviation_is_found(zoo: Zoo, deviant: Deviant) -> None:
    zoo.become(deviant)
    examination = zoo.inspect({*deviant.by, *needed_for(deviant.by)}, write=deviant.seen is not Mode.READ)
    outcomes = {one.statement.id: one.outcome for one in examination.results}
    assert {outcomes[name] for name in deviant.by} == {DIFFERS}, deviant.breaks
    for found in examination.inspection.differences:
        assert found.curl.startswith(("curl ", "printf "))
        assert found.client
        assert "token-a" not in found.curl + found.answer


@pytest.mark.parametrize("mode", Mode)
def test_an_untouched_server_differs_in_nothing(zoo: Zoo, mode: Mode) -> None:
    """Whatever finds a deviation finds nothing where there is none."""
    zoo.become(None)
    ids = {statement for one in FOUND if one.seen is mode for statement in one.by}
    assert ids
    examination = zoo.inspect({*ids, *ASKING}, write=True)
    assert examination.inspection.differences == []
    assert {one.outcome for one in examination.results} == {HELD}


def test_the_zoo_is_large_and_hardly_anything_in_it_is_overlooked() -> None:
    assert len(deviants()) >= 60
    assert len(FOUND) >= 0.95 * len(deviants())
    assert len({one.breaks for one in deviants()}) == len(deviants())
    known = {one.id for one in statements()}
    assert {statement for one in deviants() for statement in one.by} <= known


def test_every_way_to_deviate_is_in_the_zoo() -> None:
    own = {name for name, one in vars(deviations).items() if getattr(one, "__module__", "") == deviations.__name__}
    used = {one.do for one in deviants()}
    assert used <= own


EVERY_FAILURE = {"/reason", "/request_id", "/data"}
VENDOR_VIDEO = {
    *("/data/captions", "/data/subtitles", "/data/is_panoramic", "/data/type", "/data/view", "/data/summaries"),
    *("/data/crop_info", "/data/qualities/*/video_codec", "/data/qualities/*/audio_codec"),
    *("/data/qualities/*/video_bitrate", "/data/qualities/*/audio_bitrate"),
}
VENDOR_BREAKS = {
    ("listVideos", "/data/videos"),
    ("listVideos", "status for /status"),
    ("listVideos", "status for /metadata"),
    ("getTranscodeCost", "status for a plain request"),
    ("createVideo", "status for /qualities"),
}


@pytest.mark.timeout(300)
def test_answers_as_the_newest_clients_expect_them_differ_once_each(zoo: Zoo) -> None:
    """What a deployment may answer today: each difference is named by operation and field, and nothing follows."""
    zoo.become(Deviant("vendor", "", "answer_like_the_vendor", {}, Mode.READ, ()))
    inspection = zoo.inspect().inspection
    places = Counter((one.operation, one.where) for one in inspection.differences)
    assert places.most_common(1)[0][1] == 1
    breaks = {(one.operation, one.where) for one in inspection.differences if one.weight == BREAKS}
    assert breaks == VENDOR_BREAKS
    beyond = {(one.operation, one.where) for one in inspection.differences if one.weight == BEYOND}
    videos = {(operation, where) for operation in ("createVideo", "getVideo") for where in VENDOR_VIDEO}
    assert videos | {("listVideos", "/data/media")} <= beyond
    assert {where for _, where in beyond} == {*VENDOR_VIDEO, *EVERY_FAILURE, "/data/media"}
