"""The comparison of contracts against a corpus of changes whose meaning was written down before."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from contract_changes.changes import Weight
from contract_changes.operations import compare

if TYPE_CHECKING:
    from contract_changes.documents import Document

    from tests.changes.conftest import Case

KINDS = {"conditions", "operations", "parameters", "requests", "answers", "names", "access"}
BOUNDS = (700_000, 1_200_000, 2_000_000, 4_000_000, 6_000_000, 12_000_000, 30_000_000, 60_000_000)
NAMES = (None, "144p", "240p", "360p", "480p", "720p", "1080p", "1440p", "2160p", "4320p", "540p", "audio", "draft")


def test_the_corpus_is_large_and_spread(corpus: list[Case]) -> None:
    assert len(corpus) >= 40
    assert len({case.name for case in corpus}) == len(corpus)
    assert sum(not case.is_breaking for case in corpus) >= 15
    kinds = Counter((case.kind, case.is_breaking) for case in corpus)
    assert set(kinds) == {(kind, breaking) for kind in KINDS for breaking in (True, False)}
    assert kinds["conditions", True] + kinds["conditions", False] >= 15


def test_an_unchanged_contract_has_no_changes(contract: Document) -> None:
    assert all(not subject.changes for subject in compare(contract, contract))


def test_each_change_has_its_weight(case: Case, contract: Document) -> None:
    """No miss and no false alarm; a change that can't be judged without one would have to be marked as such here."""
    found = [change for subject in compare(*case.documents(contract)) for change in subject.changes]
    assert max(change.weight for change in found) is case.weight, case.why
    if case.is_breaking:
        edited = {step[key].removesuffix("/-") for step in case.edit for key in ("path", "from") if key in step}
        edited |= case.elsewhere
        named = [change.pointer for change in found if change.weight is Weight.BREAKING]
        assert any(one.startswith(other) or other.startswith(one) for one in edited for other in named), named


def make_qualities() -> list[dict[str, Any]]:
    """Qualities of all sorts, at the bounds of the contract and beside them."""
    bitrates = (None, *(bound + step for bound in BOUNDS for step in (-100_000, 0, 1)))
    videos = [None, {"codec": "h265"}, *({"codec": "h264"} | ({"bitrate": b} if b else {}) for b in bitrates)]
    made = itertools.product(("hls", "dash"), ("mpegts", "mp4", "fmp4"), NAMES, videos, (None, {"codec": "aac"}))
    fields = ("type", "container_type", "resolution", "video_config", "audio_config")
    return [{k: v for k, v in zip(fields, values, strict=True) if v is not None} for values in made]


QUALITIES = make_qualities()


def accepted(document: Document) -> list[bool]:
    root = {"$ref": "#/components/schemas/Quality", "components": document.tree["components"]}
    validator = jsonschema_rs.Draft202012Validator(root)
    return [validator.is_valid(quality) for quality in QUALITIES]


@pytest.fixture(scope="module")
def taken(contract: Document) -> list[bool]:
    return accepted(contract)


def test_the_corpus_is_right_about_conditions(condition: Case, contract: Document, taken: list[bool]) -> None:
    """By trying: a change breaks something if a quality that was taken is not, and no canonical form is asked."""
    after = accepted(condition.documents(contract)[1])
    lost = [quality for quality, was, now in zip(QUALITIES, taken, after, strict=True) if was and not now]
    assert sum(taken) > 500
    assert bool(lost) == condition.is_breaking, lost[:1]
