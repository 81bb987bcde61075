"""The effects of the operations, in short scenarios that are the same each time."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

import pytest
from conformance.mock_tests.test_server import TestServer
from conformance.shared.requests import Field, part_request, request_to, thumbnail_request
from conformance.shared.sample_data import BEARER, JPEG, NO_PICTURES, PNG, STRANGER, md5, mp4

from aioz_stream_mock import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

SECONDS = 2.0
ANONYMOUS: dict[str, str] = {}
RICH, LEAN = {"Authorization": "Bearer token-rich"}, {"Authorization": "Bearer token-lean"}
BYTES_PER_SECOND = 1_000_000
MILLIONTH = Decimal("0.000001")
PER_MINUTE = {
    name: Decimal(rate)
    for name, rate in {
        "144p": "0.001",
        "240p": "0.002",
        "360p": "0.003",
        "480p": "0.004",
        "720p": "0.006",
        "1080p": "0.010",
        "1440p": "0.016",
        "2160p": "0.032",
        "audio only": "0.0005",
    }.items()
}
"""As docs/mock-server.md has them, which another test compares with the server's."""


def price(outputs: list[str], seconds: float | Decimal) -> Decimal:
    exact = sum(PER_MINUTE[name] for name in outputs) * Decimal(seconds) / 60
    return exact.quantize(MILLIONTH, rounding=ROUND_CEILING)


MINUTE = price(["720p", "audio only"], 60)
"""What the one upload costs that the lean account has the money for, and then once more."""

QUALITIES = [
    {"type": "hls", "container_type": "mp4", "video_config": {"codec": "h264"}, "resolution": "720p"},
    {"type": "hls", "container_type": "mp4", "audio_config": {"codec": "aac"}},
]


@pytest.fixture(scope="module")
def server() -> Iterator[TestServer]:
    accounts = [Account.named("a", 1000), Account.named("b", 0), Account.named("rich", 10**9)]
    with TestServer(accounts=[*accounts, Account.named("lean", MINUTE * 2)], transcode_seconds=SECONDS) as running:
        yield running


@pytest.fixture(autouse=True)
def _reset(server: TestServer) -> None:
    server.reset()


class TestFields:
    def test_a_new_video_has_the_qualities_that_were_asked_for(self, server: TestServer) -> None:
        made = server.create(qualities=QUALITIES)
        assert made["qualities"] == [
            {"name": "720p", "status": "new", "type": "hls"},
            {"name": "audio", "status": "new", "type": "hls"},
        ]

    def test_what_is_not_given_has_a_default(self, server: TestServer) -> None:
        made = server.create(title="t")
        empty = ("metadata", "tags", "subtitles", "chapters", "player_theme")
        assert [made[name] for name in empty] == [None] * len(empty)
        assert (made["is_panoramic"], made["updated_at"]) == (False, made["created_at"])
        assert [one["name"] for one in made["qualities"]] == ["360p", "720p", "1080p"]
        assert {one["type"] for one in made["qualities"]} == {"hls"}
        assert not any(made["assets"].values())

    def test_the_service_chooses_the_height_that_is_not_said(self, server: TestServer) -> None:
        made = server.create(qualities=[{"type": "dash", "container_type": "fmp4"}])
        assert [one["name"] for one in made["qualities"]] == ["720p"]

    def test_videos_of_one_account_have_one_owner(self, server: TestServer) -> None:
        mine, also_mine, other = server.create(), server.create(), server.create(STRANGER)
        assert mine["user_id"] == also_mine["user_id"] != other["user_id"]


class TestStatuses:
    def test_statuses_come_in_order(self, server: TestServer) -> None:
        video = server.create(title="t", qualities=QUALITIES)["id"]
        assert seen(server, video) == ("new", 0, 0)
        source = mp4(60)
        server.upload(video, source)
        assert seen(server, video) == ("new", 0, 0)
        assert server.get(video)["assets"]["source_url"] is None
        server.complete(video)
        assert seen(server, video) == ("transcoding", len(source), 0)
        server.pass_time(SECONDS / 2)
        assert seen(server, video) == ("transcoding", len(source), 0)
        server.pass_time(SECONDS / 2)
        assert seen(server, video) == ("done", len(source), 60)
        done = server.get(video)
        assert done["is_mp4"] is False
        assert done["assets"]["source_url"]
        server.complete(video)
        assert server.get(video) == done


class TestSources:
    def test_parts_lie_where_their_ranges_say(self, server: TestServer) -> None:
        """Several blocks long, uploaded from the end, numbered against the order."""
        whole = bytes(range(256)) * 40
        video = server.create()["id"]
        parts = [(6000, len(whole), "1"), (10, 6000, "5"), (0, 10, "12")]
        for start, end, index in parts:
            server.ask("uploadVideoPart", part_request(video, whole[start:end], start, len(whole), index))
        server.complete(video)
        assert source(server, video).content == whole
        for first, last in ((0, 0), (5, 5999), (20, 30), (6100, len(whole) - 1)):
            answer = source(server, video, Range=f"bytes={first}-{last}")
            assert (answer.status_code, answer.content) == (206, whole[first : last + 1])


class TestParts:
    DATA = b"hello world"

    @pytest.mark.parametrize(
        ("range_header", "data", "hash_field"),
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
    def test_a_wrong_range_or_hash_is_refused(
        self, range_header: str, data: bytes, hash_field: str | None, server: TestServer
    ) -> None:
        video = server.create()["id"]
        request = part_request(video, data, range_header=range_header, hash_field=hash_field or md5(data))
        server.ask("uploadVideoPart", request, [400])
        # Nothing of it is kept, so the right part fits.
        server.upload(video, self.DATA)
        server.complete(video)
        assert source(server, video).content == self.DATA

    def test_a_long_part_is_hashed_as_a_whole(self, server: TestServer) -> None:
        data = b"x" * 2048
        video = server.create()["id"]
        server.ask("uploadVideoPart", part_request(video, data, hash_field=md5(data).upper()))

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
    def test_a_second_part_has_to_fit(
        self, start: int, size: int, index: str, length: int, status: int, server: TestServer
    ) -> None:
        """Beside one of five bytes at the beginning, which has the index 1."""
        video = server.create()["id"]
        server.ask("uploadVideoPart", part_request(video, b"first", 0, 20, "1"))
        server.ask("uploadVideoPart", part_request(video, b"x" * length, start, size, index), [status])

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
    def test_missing_bytes_are_named(
        self, stored: list[tuple[int, int]], missing: list[str], server: TestServer
    ) -> None:
        video = server.create()["id"]
        for start, length in stored:
            server.ask("uploadVideoPart", part_request(video, b"x" * length, start, 11, str(start + 1)))
        answer = server.ask("completeVideoUpload", request_to("completeVideoUpload", video), [400])
        named = answer.json()["message"]
        assert all(one in named for one in missing), named
        assert named.count("-") == len(missing), named

    def test_form_fields_come_in_any_order(self, server: TestServer) -> None:
        """Order means nothing, what comes twice must be the same, and files have names."""
        video = server.create()["id"]
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
            server.ask("uploadVideoPart", replace(right, form=form), [status], f"a form of {form}")

    def test_a_form_needs_its_end(self, server: TestServer) -> None:
        video = server.create()["id"]
        fields = [("index", "", b"1"), ("hash", "", md5(self.DATA).encode()), ("file", '; filename="f"', self.DATA)]
        pieces = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
            for name, more, content in fields
        ]
        headers = {"Content-Range": "bytes 0-10/11", "Content-Type": "multipart/form-data; boundary=b"}
        for end, status in ((b"--b-", 400), (b"--b\r\n", 400), (b"--b--\r\n", 200)):
            content = b"".join(pieces) + end
            request = replace(request_to("uploadVideoPart", video), headers=headers, content=content)
            server.ask("uploadVideoPart", request, [status], f"a form that ends with {end!r}")


class TestPrices:
    @pytest.mark.parametrize("seconds", ["60", "0.5", "61.5", "3601"])
    def test_each_name_has_its_price(self, seconds: str, server: TestServer) -> None:
        for name in PER_MINUTE:
            if name != "audio only":
                assert cost(server, name, seconds)["price"] == float(price([name], Decimal(seconds)))

    def test_each_name_counts_once(self, server: TestServer) -> None:
        both = cost(server, "720p,144p,720p", "60")
        assert both["price"] == float(price(["720p", "144p"], 60))

    def test_a_price_is_rounded_up(self, server: TestServer) -> None:
        assert cost(server, "144p", "0.000001")["price"] == 0.000001

    def test_an_upload_is_paid_once(self, server: TestServer) -> None:
        """And what is left can be spent to the last millionth."""
        assert can_pay(server, MINUTE * 2), "the whole balance is not enough"
        first = self._uploaded(server, mp4(60, padding=5000))
        for _ in range(2):
            server.complete(first, LEAN)
            assert can_pay(server, MINUTE), "it was charged too much"
            assert not can_pay(server, MINUTE + Decimal("0.000001")), "it was charged too little"
        server.complete(self._uploaded(server, mp4(60)), LEAN)
        last = self._uploaded(server, mp4(60))
        server.ask("completeVideoUpload", request_to("completeVideoUpload", last, who=LEAN), [402])
        assert server.get(last, LEAN)["status"] == "new", "it is not as it was"

    def test_a_source_without_duration_is_billed_by_its_size(self, server: TestServer) -> None:
        data = bytes(3000)
        server.complete(self._uploaded(server, data), LEAN)
        left = MINUTE * 2 - price(["720p", "audio only"], Decimal(len(data)) / BYTES_PER_SECOND)
        assert can_pay(server, left), "it was charged too much"
        assert not can_pay(server, left + Decimal("0.000001")), "it was charged too little"

    def test_missing_bytes_are_reported_before_a_missing_balance(self, server: TestServer) -> None:
        video = server.create(STRANGER)["id"]
        server.ask("uploadVideoPart", part_request(video, b"half", 0, 8, who=STRANGER))
        server.ask("completeVideoUpload", request_to("completeVideoUpload", video, who=STRANGER), [400])

    @staticmethod
    def _uploaded(server: TestServer, data: bytes) -> str:
        video: str = server.create(LEAN, qualities=QUALITIES)["id"]
        server.upload(video, data, LEAN)
        return video


class TestThumbnails:
    @pytest.mark.parametrize(
        ("name", "data", "status"),
        [
            ("cover.png", PNG, 200),
            ("COVER.PNG", PNG, 200),
            ("cover.jpg", JPEG, 200),
            ("cover.jpg", PNG, 400),
            ("cover.png", JPEG, 400),
            ("cover.jpeg", JPEG, 400),
            ("cover.gif", PNG, 400),
            ("cover", PNG, 200),
            ("cover", JPEG, 200),
            ("cover", NO_PICTURES[0], 400),
            ("cover.png", PNG[:8] + b"no header", 400),
            ("cover.png", PNG[:20], 400),
            *(("cover.png", data, 400) for data in NO_PICTURES),
        ],
        # The bytes make no names that one can read.
        ids=lambda value: "" if isinstance(value, bytes) else str(value),
    )
    def test_a_thumbnail_needs_a_right_name_and_content(
        self, name: str, data: bytes, status: int, server: TestServer
    ) -> None:
        video = server.create()["id"]
        self._give(server, video, name, data, status)
        address = server.get(video)["assets"]["thumbnail_url"]
        assert bool(address) == (status == 200)
        if address:
            shown = server.fetch(address)
            kind = "image/png" if data == PNG else "image/jpeg"
            assert (shown.status_code, shown.content, shown.headers["Content-Type"]) == (200, data, kind)

    @staticmethod
    def _give(server: TestServer, video: str, name: str, data: bytes, status: int = 200) -> None:
        server.ask("uploadVideoThumbnail", thumbnail_request(video, name, data), [status], name)


def seen(server: TestServer, video: str) -> tuple[str, int, float]:
    """Status, size and length; the qualities have the status of their video."""
    shown = server.get(video)
    assert {one["status"] for one in shown["qualities"]} == {shown["status"]}
    return shown["status"], shown["size"], shown["duration"]


def source(server: TestServer, video: str, **headers: str) -> httpx.Response:
    return server.fetch(server.get(video)["assets"]["source_url"], BEARER, **headers)


def ids(server: TestServer, **asked: Any) -> list[str]:
    return [one["id"] for one in server.list(**asked)["videos"]]


def cost(server: TestServer, names: str, seconds: str, who: dict[str, str] = RICH) -> Any:
    request = request_to("getTranscodeCost", query=(("qualities", names), ("duration", seconds)), who=who)
    return server.ask("getTranscodeCost", request).json()["data"]


def can_pay(server: TestServer, amount: Decimal) -> bool:
    """Whether the lean account has so much."""
    # Half a millionth less, because a double may be a little more than what is meant, and prices are rounded up.
    seconds = (amount - Decimal("0.0000005")) / PER_MINUTE["144p"] * 60
    shown = cost(server, "144p", f"{seconds:f}", LEAN)
    assert shown["price"] == float(amount)
    return bool(shown["is_enough"])
