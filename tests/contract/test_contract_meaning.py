"""What the operations mean, in short scenarios that are the same each time.

The state machine finds what nobody thought of; this is what somebody did. Each scenario takes a few requests.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from conformance.meaning import moment
from conformance.oracle import DEFAULTS
from conformance.samples import BEARER, JPEG, NO_PICTURES, PNG, STRANGER, md5, mp4
from conformance.stage import Stage, part_request
from conformance.tariff import BYTES_PER_SECOND, per_minute, price
from conformance.wire import Field, Request, video_path

from aioz_stream_mock import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

SECONDS = 2.0
NOBODY: dict[str, str] = {}
RICH, LEAN = {"Authorization": "Bearer token-rich"}, {"Authorization": "Bearer token-lean"}
MINUTE = price(["720p", "audio only"], 60)
"""What the one upload costs that the lean account has the money for, and then once more."""

LADDER = [
    {"type": "hls", "container_type": "mp4", "video_config": {"codec": "h264"}, "resolution": "720p"},
    {"type": "hls", "container_type": "mp4", "audio_config": {"codec": "aac"}},
]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    accounts = [Account.named("a", 1000), Account.named("b", 0), Account.named("rich", 10**9)]
    with Stage(accounts=[*accounts, Account.named("lean", MINUTE * 2)], transcode_seconds=SECONDS) as running:
        yield running


@pytest.fixture(autouse=True)
def _anew(stage: Stage) -> None:
    stage.begin()


class TestFields:
    def test_create_keeps_what_it_is_given(self, stage: Stage) -> None:
        pairs = [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}, {"key": "a", "value": ""}]
        given: dict[str, Any] = {
            "title": "  " + "x" * 251 + "  ",
            "description": "some words",
            "is_public": False,
            "metadata": pairs,
            "tags": ["b", "a", "b"],
        }
        made = stage.create(**given, qualities=LADDER)
        assert {name: made[name] for name in given} == given
        assert made["qualities"] == [
            {"name": "720p", "status": "new", "type": "hls"},
            {"name": "audio", "status": "new", "type": "hls"},
        ]
        assert stage.get(made["id"]) == made

    def test_what_is_not_given_has_a_default(self, stage: Stage) -> None:
        made = stage.create(title="t")
        expected: dict[str, Any] = {
            "title": "t",
            "description": "",
            "is_public": True,
            "status": "new",
            "player_theme_id": "",
            **dict.fromkeys(("metadata", "tags", "subtitles", "chapters", "player_theme")),
            "size": 0,
            "duration": 0,
            "is_mp4": False,
            "is_panoramic": False,
            "created_at": made["updated_at"],
        }
        assert {name: made[name] for name in expected} == expected
        assert [(one["name"], one["type"]) for one in made["qualities"]] == [
            (one["resolution"], one["type"]) for one in DEFAULTS
        ]
        assert not any(made["assets"].values())

    def test_the_service_chooses_the_height_that_is_not_said(self, stage: Stage) -> None:
        made = stage.create(qualities=[{"type": "dash", "container_type": "fmp4"}])
        assert [one["name"] for one in made["qualities"]] == ["720p"]

    def test_videos_of_one_account_have_one_owner(self, stage: Stage) -> None:
        mine, also_mine, other = stage.create(), stage.create(), stage.create(STRANGER)
        assert mine["user_id"] == also_mine["user_id"] != other["user_id"]

    def test_update_changes_what_it_is_given(self, stage: Stage) -> None:
        pair = {"key": "k", "value": "v"}
        before = stage.create(title="t", description="d", is_public=False, metadata=[pair], tags=["a"])
        for changes in (
            {"title": "other"},
            {"tags": ["b"]},
            {"metadata": [pair, pair]},
            {"player_id": "dark"},
            {"is_public": True},
            {"description": "", "is_public": False, "tags": [], "metadata": [], "player_id": ""},
        ):
            stage.pass_time(1)
            after = stage.update(before["id"], **changes)
            shown = {{"player_id": "player_theme_id"}.get(name, name): value for name, value in changes.items()}
            assert {**after, "updated_at": ""} == {**before, **shown, "updated_at": ""}, changes
            assert moment(after["updated_at"]) > moment(before["updated_at"])
            before = after

    def test_an_update_of_nothing_changes_nothing(self, stage: Stage) -> None:
        before = stage.create(tags=["a"], is_public=False)
        stage.pass_time(1)
        assert stage.update(before["id"]) == before


class TestLife:
    def test_statuses_come_in_order(self, stage: Stage) -> None:
        video = stage.create(title="t", qualities=LADDER)["id"]
        assert seen(stage, video) == ("new", 0, 0)
        source = mp4(60)
        stage.upload(video, source)
        assert seen(stage, video) == ("new", 0, 0)
        assert stage.get(video)["assets"]["source_url"] is None
        stage.complete(video)
        assert seen(stage, video) == ("transcoding", len(source), 0)
        stage.pass_time(SECONDS / 2)
        assert seen(stage, video) == ("transcoding", len(source), 0)
        stage.pass_time(SECONDS / 2)
        assert seen(stage, video) == ("done", len(source), 60)
        done = stage.get(video)
        assert done["is_mp4"] is False
        assert done["assets"]["source_url"]
        stage.complete(video)
        assert stage.get(video) == done

    def test_a_complete_upload_takes_no_part(self, stage: Stage) -> None:
        video = stage.create()["id"]
        stage.upload(video)
        stage.complete(video)
        for data in (b"hello world", b"HELLO WORLD"):
            stage.ask("uploadVideoPart", part_request(video, data), [400])
        assert source(stage, video).content == b"hello world"

    def test_a_deleted_video_is_only_listed_to_who_asks_for_it(self, stage: Stage) -> None:
        video = stage.create()["id"]
        stage.ask("deleteVideo", Request("DELETE", video_path(video)))
        stage.ask("getVideo", Request("GET", video_path(video)), [404])
        assert ids(stage) == []
        assert ids(stage, status="new") == []
        assert ids(stage, status="deleted") == [video]
        [shown] = stage.list(status="deleted")["videos"]
        assert shown["status"] == "deleted"

    def test_everybody_lists_their_own(self, stage: Stage) -> None:
        mine, other = stage.create()["id"], stage.create(STRANGER)["id"]
        assert ids(stage) == [mine]
        assert [one["id"] for one in stage.list(STRANGER)["videos"]] == [other]


class TestSources:
    @pytest.mark.parametrize("is_public", [True, False])
    def test_who_may_fetch(self, is_public: bool, stage: Stage) -> None:
        video = stage.create(is_public=is_public)["id"]
        stage.upload(video)
        stage.complete(video)
        address = stage.get(video)["assets"]["source_url"]
        mine, nobodys, others = (stage.fetch(address, who).status_code for who in (BEARER, NOBODY, STRANGER))
        assert (mine, nobodys, others) == ((200, 200, 200) if is_public else (200, 401, 404))

    def test_parts_lie_where_their_ranges_say(self, stage: Stage) -> None:
        """Several blocks long, uploaded from the end, numbered against the order."""
        whole = bytes(range(256)) * 40
        video = stage.create()["id"]
        borders = [(6000, len(whole), "1"), (10, 6000, "5"), (0, 10, "12")]
        for start, end, index in borders:
            stage.ask("uploadVideoPart", part_request(video, whole[start:end], start, len(whole), index))
        stage.complete(video)
        assert source(stage, video).content == whole
        for first, last in ((0, 0), (5, 5999), (20, 30), (6100, len(whole) - 1)):
            answer = source(stage, video, Range=f"bytes={first}-{last}")
            assert (answer.status_code, answer.content) == (206, whole[first : last + 1])

    def test_newer_bytes_replace_older_ones(self, stage: Stage) -> None:
        video = stage.create()["id"]
        for data in (b"hello world", b"hello world", b"HELLO WORLD"):
            stage.ask("uploadVideoPart", part_request(video, data))
        stage.complete(video)
        assert source(stage, video).content == b"HELLO WORLD"


class TestParts:
    DATA = b"hello world"

    @pytest.mark.parametrize(
        ("said", "data", "claimed"),
        [
            ("bytes 0-10/11", DATA[:-1], None),
            ("bytes 0-10/11", DATA + b"!", None),
            ("bytes 0-9/11", DATA, None),
            ("bytes 0-11/11", DATA + b"!", None),
            ("bytes 1-0/11", b"", None),
            ("bytes 0-10/11", DATA, md5(b"other")),
            ("bytes 0-2047/2048", b"x" * 2048, md5(b"x" * 1024 + b"y" * 1024)),
        ],
    )
    def test_lies_are_refused(self, said: str, data: bytes, claimed: str | None, stage: Stage) -> None:
        video = stage.create()["id"]
        request = part_request(video, data, said=said, claimed=claimed or md5(data))
        stage.ask("uploadVideoPart", request, [400])
        # Nothing of it is kept, so the right part fits.
        stage.upload(video, self.DATA)
        stage.complete(video)
        assert source(stage, video).content == self.DATA

    def test_a_long_hash_covers_all(self, stage: Stage) -> None:
        data = b"x" * 2048
        video = stage.create()["id"]
        stage.ask("uploadVideoPart", part_request(video, data, claimed=md5(data).upper()))

    @pytest.mark.parametrize(
        ("start", "size", "index", "length", "status"),
        [
            (5, 20, "2", 5, 200),
            (5, 20, "1", 5, 200),
            (10, 20, "2", 5, 200),
            (5, 21, "2", 5, 400),
            (4, 20, "2", 5, 400),
            (0, 20, "2", 5, 400),
            (0, 20, "1", 6, 400),
            (1, 20, "2", 2, 400),
            (0, 20, "1", 5, 200),
        ],
    )
    def test_a_second_part(self, start: int, size: int, index: str, length: int, status: int, stage: Stage) -> None:
        """Beside one of five bytes at the beginning, which has the index 1."""
        video = stage.create()["id"]
        stage.ask("uploadVideoPart", part_request(video, b"first", 0, 20, "1"))
        stage.ask("uploadVideoPart", part_request(video, b"x" * length, start, size, index), [status])

    @pytest.mark.parametrize(
        ("stored", "missing"),
        [
            ([], []),
            ([(0, 5)], ["5-10"]),
            ([(5, 6)], ["0-4"]),
            ([(0, 5), (6, 5)], ["5-5"]),
            ([(1, 4), (6, 4)], ["0-0", "5-5", "10-10"]),
            ([(0, 10)], ["10-10"]),
        ],
    )
    def test_missing_bytes_are_named(self, stored: list[tuple[int, int]], missing: list[str], stage: Stage) -> None:
        video = stage.create()["id"]
        for start, length in stored:
            stage.ask("uploadVideoPart", part_request(video, b"x" * length, start, 11, str(start + 1)))
        answer = stage.ask("completeVideoUpload", Request("GET", video_path(video, "/complete")), [400])
        named = answer.json()["message"]
        assert all(one in named for one in missing), named
        assert named.count("-") == len(missing), named

    def test_forms(self, stage: Stage) -> None:
        """Order means nothing, what comes twice must be the same, and files have names."""
        video = stage.create()["id"]
        right = part_request(video, self.DATA)
        index, digest, file = right.form
        for form, status in {
            (file, digest, index): 200,
            (index, digest, file, index): 200,
            (index, digest, file, file): 200,
            (index, digest, file, Field("index", b"2")): 400,
            (index, digest, file, Field("file", b"HELLO WORLD", "part.bin")): 400,
            (index, digest, Field("file", self.DATA)): 400,
            (index, digest, Field("file", self.DATA, "")): 400,
        }.items():
            stage.ask("uploadVideoPart", replace(right, form=form), [status], f"a form of {form}")

    def test_a_form_may_not_stop(self, stage: Stage) -> None:
        video = stage.create()["id"]
        fields = [("index", "", b"1"), ("hash", "", md5(self.DATA).encode()), ("file", '; filename="f"', self.DATA)]
        pieces = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
            for name, more, content in fields
        ]
        headers = {"Content-Range": "bytes 0-10/11", "Content-Type": "multipart/form-data; boundary=b"}
        for end, status in ((b"--b-", 400), (b"--b\r\n", 400), (b"--b--\r\n", 200)):
            content = b"".join(pieces) + end
            request = Request("POST", video_path(video, "/part"), headers=headers, content=content)
            stage.ask("uploadVideoPart", request, [status], f"a form that ends with {end!r}")


class TestLists:
    """Of videos with names to tell them by: each line is a question, and the names that answer it."""

    MADE: ClassVar[tuple[dict[str, Any], ...]] = (
        {"title": "banana", "tags": ["a", "b"], "metadata": [{"key": "k", "value": "1"}, {"key": "l", "value": "2"}]},
        {"title": "Apple", "tags": ["a"], "description": "In the HARBOUR", "metadata": [{"key": "k", "value": "2"}]},
        {"title": "cherry harbour", "tags": ["b"], "metadata": [{"key": "k", "value": "1"}]},
        {"title": "Date"},
    )
    SIZES = (9, 10, 100, 0)

    FILTERS: ClassVar[list[tuple[dict[str, Any], str]]] = [
        ({}, "Date cherry Apple banana"),
        ({"order_by": "asc"}, "banana Apple cherry Date"),
        ({"order_by": "desc", "sort_by": "title"}, "Date cherry banana Apple"),
        ({"order_by": "asc", "sort_by": "title"}, "Apple banana cherry Date"),
        ({"order_by": "asc", "sort_by": "size"}, "Date banana Apple cherry"),
        ({"order_by": "asc", "sort_by": "updated_at"}, "Date Apple cherry banana"),
        ({"tags": ["a"]}, "Apple banana"),
        ({"tags": ["a", "b"]}, "banana"),
        ({"tags": "a,b"}, "banana"),
        ({"tags": " b , a "}, "banana"),
        ({"tags": ""}, "Date cherry Apple banana"),
        ({"tags": []}, "Date cherry Apple banana"),
        ({"tags": [""]}, "Date cherry Apple banana"),
        ({"metadata": {"k": "1"}}, "cherry banana"),
        ({"metadata": [{"key": "k", "value": "1"}]}, "cherry banana"),
        ({"metadata": {"k": "1", "l": "2"}}, "banana"),
        ({"metadata": {"k": "3"}}, ""),
        ({"metadata": {}}, "Date cherry Apple banana"),
        ({"search": "HARB"}, "cherry Apple"),
        ({"search": "apple"}, "Apple"),
        ({"search": "an"}, "banana"),
        ({"search": ""}, "Date cherry Apple banana"),
        ({"status": "new"}, "Date"),
        ({"status": "done"}, "cherry Apple banana"),
        ({"status": "transcoding"}, ""),
        ({"status": ""}, "Date cherry Apple banana"),
    ]
    PAGES: ClassVar[list[tuple[dict[str, Any], str]]] = [
        ({"limit": 2}, "Date cherry"),
        ({"limit": 1, "offset": 1}, "cherry"),
        ({"limit": 2, "offset": 1}, "cherry Apple"),
        ({"offset": 3}, "banana"),
        ({"offset": 4}, ""),
    ]

    def test_filters_and_orders(self, stage: Stage) -> None:
        self._fill(stage)
        for asked, titles in self.FILTERS:
            self._asked(stage, asked, titles, total=len(titles.split()))

    def test_pages(self, stage: Stage) -> None:
        self._fill(stage)
        for asked, titles in self.PAGES:
            self._asked(stage, asked, titles, total=len(self.MADE))

    def _asked(self, stage: Stage, asked: dict[str, Any], titles: str, total: int) -> None:
        page = stage.list(**asked)
        shown = [one["title"].split()[0] for one in page["videos"]]
        stage.check(shown == titles.split(), f"{asked} gives {shown}")
        stage.check(page["total"] == total, f"{asked}: the total is {page['total']}")

    def test_a_page_has_25_unless_it_is_told_otherwise(self, stage: Stage) -> None:
        for _ in range(26):
            stage.create()
        assert (len(stage.list()["videos"]), stage.list()["total"]) == (25, 26)

    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_ties_are_broken_by_id(self, order: str, stage: Stage) -> None:
        """Whichever way the rest is ordered, and titles tie whatever their case."""
        made = [stage.create(title="aA"[number % 2])["id"] for number in range(6)]
        assert ids(stage, sort_by="title", order_by=order) == sorted(made)

    def _fill(self, stage: Stage) -> None:
        """Each a second after the other; those with a size are done; the first is updated last."""
        made: list[str] = []
        for fields, size in zip(self.MADE, self.SIZES, strict=True):
            made.append(stage.create(**fields)["id"])
            if size:
                stage.upload(made[-1], b"x" * size)
            stage.pass_time(1)
        for video in (*made[1:3], made[0]):
            stage.complete(video)
            stage.pass_time(SECONDS)


class TestPrices:
    @pytest.mark.parametrize("seconds", ["60", "0.5", "61.5", "3601"])
    def test_each_name_has_its_price(self, seconds: str, stage: Stage) -> None:
        for name in per_minute():
            if name[0].isdigit() and name != "4320p":
                assert cost(stage, name, seconds)["price"] == float(price([name], Decimal(seconds)))

    def test_each_name_counts_once(self, stage: Stage) -> None:
        both = cost(stage, "720p,144p,720p", "60")
        assert both["price"] == float(price(["720p", "144p"], 60))

    def test_a_price_is_rounded_up(self, stage: Stage) -> None:
        assert cost(stage, "144p", "0.000001")["price"] == 0.000001

    def test_an_upload_is_paid_once(self, stage: Stage) -> None:
        """And what is left can be spent to the last millionth."""
        stage.check(can_pay(stage, MINUTE * 2), "the whole balance is not enough")
        first = self._uploaded(stage, mp4(60, padding=5000))
        for _ in range(2):
            stage.complete(first, LEAN)
            stage.check(can_pay(stage, MINUTE), "it was charged too much")
            stage.check(not can_pay(stage, MINUTE + Decimal("0.000001")), "it was charged too little")
        stage.complete(self._uploaded(stage, mp4(60)), LEAN)
        last = self._uploaded(stage, mp4(60))
        stage.ask("completeVideoUpload", Request("GET", video_path(last, "/complete"), who=LEAN), [402])
        stage.check(stage.get(last, LEAN)["status"] == "new", "it is not as it was")

    def test_what_is_no_video_is_billed_by_its_size(self, stage: Stage) -> None:
        data = bytes(3000)
        stage.complete(self._uploaded(stage, data), LEAN)
        left = MINUTE * 2 - price(["720p", "audio only"], Decimal(len(data)) / BYTES_PER_SECOND)
        stage.check(can_pay(stage, left), "it was charged too much")
        stage.check(not can_pay(stage, left + Decimal("0.000001")), "it was charged too little")

    def test_bytes_are_looked_at_before_money(self, stage: Stage) -> None:
        video = stage.create(STRANGER)["id"]
        stage.ask("uploadVideoPart", part_request(video, b"half", 0, 8, who=STRANGER))
        stage.ask("completeVideoUpload", Request("GET", video_path(video, "/complete"), who=STRANGER), [400])

    @staticmethod
    def _uploaded(stage: Stage, data: bytes) -> str:
        video: str = stage.create(LEAN, qualities=LADDER)["id"]
        stage.upload(video, data, LEAN)
        return video


class TestThumbnails:
    @pytest.mark.parametrize(
        ("name", "data", "status"),
        [
            ("cover.png", PNG, 200),
            ("COVER.PNG", PNG, 200),
            ("cover.jpg", JPEG, 200),
            ("cover.jpg", PNG, 200),
            ("cover.png", JPEG, 200),
            ("cover.jpeg", JPEG, 400),
            ("cover.gif", PNG, 400),
            ("cover", PNG, 400),
            ("cover.png", PNG[:8] + b"no header", 400),
            ("cover.png", PNG[:20], 400),
            *(("cover.png", data, 400) for data in NO_PICTURES),
        ],
        # The bytes make no names that one can read.
        ids=lambda value: "" if isinstance(value, bytes) else str(value),
    )
    def test_names_and_bytes(self, name: str, data: bytes, status: int, stage: Stage) -> None:
        video = stage.create()["id"]
        self._give(stage, video, name, data, status)
        address = stage.get(video)["assets"]["thumbnail_url"]
        assert bool(address) == (status == 200)
        if address:
            shown = stage.fetch(address)
            kind = "image/png" if data == PNG else "image/jpeg"
            assert (shown.status_code, shown.content, shown.headers["Content-Type"]) == (200, data, kind)

    def test_a_second_picture_replaces_the_first(self, stage: Stage) -> None:
        video = stage.create()["id"]
        self._give(stage, video, "one.png", PNG)
        self._give(stage, video, "two.jpg", JPEG)
        assert stage.fetch(stage.get(video)["assets"]["thumbnail_url"]).content == JPEG

    @staticmethod
    def _give(stage: Stage, video: str, name: str, data: bytes, status: int = 200) -> None:
        request = Request("POST", video_path(video, "/thumbnail"), form=[Field("file", data, name)])
        stage.ask("uploadVideoThumbnail", request, [status], name)


def seen(stage: Stage, video: str) -> tuple[str, int, float]:
    """Status, size and length; the qualities have the status of their video."""
    shown = stage.get(video)
    assert {one["status"] for one in shown["qualities"]} == {shown["status"]}
    return shown["status"], shown["size"], shown["duration"]


def source(stage: Stage, video: str, **headers: str) -> httpx.Response:
    return stage.fetch(stage.get(video)["assets"]["source_url"], BEARER, **headers)


def ids(stage: Stage, **asked: Any) -> list[str]:
    return [one["id"] for one in stage.list(**asked)["videos"]]


def cost(stage: Stage, names: str, seconds: str, who: dict[str, str] = RICH) -> Any:
    request = Request("GET", "/videos/cost", query=(("qualities", names), ("duration", seconds)), who=who)
    return stage.ask("getTranscodeCost", request).json()["data"]


def can_pay(stage: Stage, amount: Decimal) -> bool:
    """Whether the lean account has so much."""
    # Half a millionth less, because a double may be a little more than what is meant, and prices are rounded up.
    seconds = (amount - Decimal("0.0000005")) / per_minute()["144p"] * 60
    shown = cost(stage, "144p", f"{seconds:f}", LEAN)
    assert shown["price"] == float(amount)
    return bool(shown["is_enough"])
