"""What a create makes after its upload is over: which of it a later upload looks for, and how long."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from aioz_stream import APIConnectionError, UploadTimeoutError, Video
from aioz_stream.http.credentials import resolve
from aioz_stream.http.options import Options
from aioz_stream.http.retry import RetryPolicy
from aioz_stream.operations.matching import MARKER, Claim
from aioz_stream.operations.values import Page
from aioz_stream.upload import lookup
from aioz_stream_api.models import VideoMetadataPair

if TYPE_CHECKING:
    from pathlib import Path

    from aioz_stream.http.session import Call

T = TypeVar("T")

DAY = 24 * 3600


def options(token: str = "token-a", base_url: str = "http://service.test/api") -> Options:
    return Options(base_url, resolve(token, None, None), RetryPolicy(), None)


class Service:
    """Has some videos, all of which its lists show, and notes what is deleted."""

    def __init__(self, *videos: Video) -> None:
        self.videos = {video.id: video for video in videos}
        self.asked: list[str] = []
        self.error: Exception | None = None

    def send(self, call: Call[T]) -> T:
        request = call.request()
        self.asked.append(str(request["method"]))
        if self.error:
            raise self.error
        identifier = str(request["url"]).rpartition("/")[2]
        answer: Any = Page(list(self.videos.values()), len(self.videos))
        if request["method"] == "get":
            answer = self.videos[identifier]
        elif request["method"] == "delete":
            answer = self.videos.pop(identifier, None)
        return answer  # type: ignore[no-any-return] # the answer to the call, whichever it is


def video(name: str, marker: str, **fields: Any) -> Video:
    made: dict[str, Any] = {"id": name, "title": "Talk", "status": "new", **fields}
    return Video(metadata=[VideoMetadataPair(MARKER, marker)], **made)


def files(journals: Path) -> list[str]:
    return sorted(path.name for path in journals.glob("late/*"))


def test_only_what_is_a_duplicate_is_deleted(journals: Path) -> None:
    lookup.remember_late(Claim("m", "Talk"), "own", options())
    service = Service(
        video("own", "m"),
        video("late", "m"),
        video("done", "m", status="done"),
        video("titled", "m", title="Another"),
        video("sent", "m", size=1000),
        video("other", "another marker"),
    )
    lookup.delete_late(service.send, options())
    assert sorted(service.videos) == ["done", "other", "own", "sent", "titled"]
    assert files(journals) == ["m.json"], "another one may still come"


@pytest.mark.parametrize("others", [{"token": "token-b"}, {"base_url": "http://other.test/api"}], ids=str)
def test_another_account_or_service_is_not_asked(journals: Path, others: dict[str, str]) -> None:
    lookup.remember_late(Claim("m", "Talk"), None, options())
    service = Service(video("late", "m"))
    lookup.delete_late(service.send, options(**others))
    assert service.asked == []
    assert files(journals) == ["m.json"]


def test_a_few_are_looked_after_at_once_and_each_in_its_turn(journals: Path) -> None:
    names = [f"m{number}" for number in range(7)]
    for number, name in enumerate(names):
        lookup.remember_late(Claim(name, "Talk"), None, options())
        os.utime(journals / "late" / f"{name}.json", (number, number))
    service = Service(*(video(f"late-{name}", name) for name in names))
    left = []
    for _ in range(3):
        lookup.delete_late(service.send, options())
        left.append(len(service.videos))
    assert left == [4, 1, 0]


@pytest.mark.parametrize("damage", ["too old", "no JSON", "other JSON", "a list", "half", "account", "deep"])
def test_what_is_too_old_or_damaged_is_removed(journals: Path, damage: str) -> None:
    lookup.remember_late(Claim("m", "Talk"), None, options())
    path = journals / "late" / "m.json"
    content = json.loads(path.read_text())
    ago = {**content, "ended": content["ended"] - DAY}
    half = {"ended": content["ended"]}
    written = {"account": {**content, "account": 5}, "too old": ago, "other JSON": 5, "a list": ["ended"], "half": half}
    path.write_text({"no JSON": "{", "deep": "[" * 50_000}.get(damage) or json.dumps(written[damage]))
    service = Service(video("late", "m"))
    lookup.delete_late(service.send, options())
    assert (service.asked, files(journals)) == ([], [])


def test_what_can_not_be_read_or_asked_for_stands_in_no_others_way(journals: Path) -> None:
    lookup.remember_late(Claim("m", "Talk"), None, options())
    kept = journals / "late" / "m.json"
    for number in range(3):
        (kept.parent / f"folder{number}.json").mkdir()
        os.utime(kept.parent / f"folder{number}.json", (number, number))
    edited = kept.parent / "edited.json"
    edited.write_text(json.dumps({**json.loads(kept.read_text()), "marker": 5}))
    os.utime(edited, (4, 4))
    service = Service(video("late", "m"))
    lookup.delete_late(service.send, options())
    assert service.videos == {}


def test_what_is_written_has_no_credentials_and_is_its_owners(journals: Path) -> None:
    lookup.remember_late(Claim("m", "Talk"), "own", options())
    path = journals / "late" / "m.json"
    assert "token-a" not in path.read_text()
    assert os.name == "nt" or (path.stat().st_mode | path.parent.stat().st_mode) & 0o077 == 0


def test_an_upload_does_not_fail_over_it(journals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup.remember_late(Claim("m", "Talk"), None, options())
    service = Service()
    service.error = APIConnectionError("no answer")
    lookup.delete_late(service.send, options())
    assert files(journals) == ["m.json"]
    (journals / "file").write_text("")
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(journals / "file"))
    lookup.remember_late(Claim("n", "Talk"), None, options())
    lookup.delete_late(service.send, options())


def test_the_end_of_an_upload_ends_it(journals: Path) -> None:
    """A deadline is an OSError by its kind, and none of the disk's."""
    lookup.remember_late(Claim("m", "Talk"), None, options())
    service = Service()
    service.error = UploadTimeoutError("late")
    with pytest.raises(UploadTimeoutError):
        lookup.delete_late(service.send, options())
    assert files(journals) == ["m.json"]
