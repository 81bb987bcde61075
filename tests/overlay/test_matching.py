"""Whether an answer is about what was asked for, and which of many videos is the upload's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aioz_stream import UnexpectedResponseError, Video
from aioz_stream.operations.matching import MARKER, Claim, OtherVideoError, check_asked_for, check_made
from aioz_stream_api.models import VideoMetadataPair

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioz_stream import AiozStream

CLAIM = Claim("m", "Talk")
OURS = [VideoMetadataPair("genre", "rock"), VideoMetadataPair(MARKER, "m")]
ANOTHERS = [VideoMetadataPair(MARKER, "n"), VideoMetadataPair("m", MARKER)]


def video(**fields: Any) -> Video:
    return Video(**{"id": "v", "title": "Talk", "status": "new", **fields})


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({"metadata": OURS}, True),
        ({"metadata": OURS, "size": 1000}, True),
        ({"metadata": OURS, "status": "transcoding"}, False),
        ({"metadata": OURS, "status": "NEW"}, False),
        ({"metadata": OURS, "title": "talk"}, False),
        ({"metadata": ANOTHERS}, False),
        ({"metadata": []}, False),
        ({"metadata": None}, False),
    ],
)
def test_which_video_an_upload_made(fields: dict[str, Any], *, fits: bool) -> None:
    assert CLAIM.fits(video(**fields)) is fits


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({"metadata": OURS, "title": "Another"}, True),
        ({"metadata": ANOTHERS}, False),
        ({"metadata": []}, False),
        ({"metadata": None}, True),
        ({"metadata": None, "title": "Another"}, False),
    ],
)
def test_which_listed_videos_are_looked_at(fields: dict[str, Any], *, may: bool) -> None:
    assert CLAIM.may_be_held_by(video(**fields)) is may


@pytest.mark.parametrize("shown", ["V", "v ", "w"])
def test_another_id(shown: str) -> None:
    assert check_asked_for(video(), "v").id == "v"
    with pytest.raises(OtherVideoError) as caught:
        check_asked_for(video(id=shown), "v")
    assert caught.value.video.id == shown


@pytest.mark.parametrize(
    ("fields", "claim"),
    [
        ({"title": "Another"}, None),
        ({"title": "Another", "metadata": OURS}, CLAIM),
        ({"metadata": ANOTHERS}, CLAIM),
        ({"metadata": []}, CLAIM),
    ],
)
def test_another_video_made(fields: dict[str, Any], claim: Claim | None) -> None:
    with pytest.raises(OtherVideoError):
        check_made(video(**fields), "Talk", claim)


@pytest.mark.parametrize(
    ("fields", "claim"),
    [
        ({"metadata": OURS}, CLAIM),
        ({"metadata": None}, CLAIM),
        ({"metadata": ANOTHERS}, None),
        ({"status": "done"}, CLAIM),
    ],
)
def test_the_video_made(fields: dict[str, Any], claim: Claim | None) -> None:
    assert check_made(video(**fields), "Talk", claim).id == "v"


@pytest.mark.parametrize("identifier", ["..", "../create", "create"])
def test_an_id_that_no_path_can_have(identifier: str) -> None:
    with pytest.raises(ValueError, match="no video's id"):
        check_made(video(id=identifier), "Talk", None)


def test_a_title_that_was_sent_beyond_the_contract(answering: Callable[..., AiozStream]) -> None:
    """What `extra_body` overwrites is what was asked for."""
    said = '{"status": "success", "data": {"id": "v", "title": "Sent", "status": "new"}}'
    assert answering(said).videos.create("Given", extra_body={"title": "Sent"}).id == "v"
    with pytest.raises(UnexpectedResponseError, match="'Given' was to be made"):
        answering(said).videos.create("Given", extra_body={"novel": True})
