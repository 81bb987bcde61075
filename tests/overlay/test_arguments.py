"""What is wrong is said before anything is sent, by name; and what the contract allows is allowed."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema_rs
import pytest
from dateutil import tz

from aioz_stream import (
    AiozStream,
    ArgumentError,
    ArgumentTypeError,
    MetadataPair,
    NotFoundError,
    SourceError,
    Video,
    VideoMetadataPair,
    arguments,
)
from aioz_stream.operations import calls, dates
from aioz_stream.upload.options import check_options
from aioz_stream_api.types import UNSET

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioz_stream.http.session import Call


@pytest.fixture
def silent() -> AiozStream:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"sent {request.method} {request.url}")

    return AiozStream(token="t", transport=httpx.MockTransport(refuse))


# The client is Any: what has the wrong type has it on purpose.
WRONG: list[tuple[str, Callable[[Any], object], str]] = [
    ("title", lambda s: s.videos.create(title=""), "title must not be empty"),
    ("title", lambda s: s.videos.create(title="x" * 256), "title has 256 characters; at most 255"),
    ("title", lambda s: s.videos.create(title=None), "title must be a string, not NoneType"),
    ("title", lambda s: s.videos.create(title="\ud800"), "lone surrogate"),
    ("description", lambda s: s.videos.create(title="t", description="x" * 1001), "description has 1,001"),
    ("is_public", lambda s: s.videos.create(title="t", is_public=1), "is_public must be True or False"),
    ("tags", lambda s: s.videos.create(title="t", tags="talk"), "tags must be a list, not str"),
    ("tags", lambda s: s.videos.create(title="t", tags=["x"] * 51), "tags has 51 items; at most 50"),
    ("tags[1]", lambda s: s.videos.create(title="t", tags=["x", "y" * 256]), r"tags\[1\] has 256"),
    ("tags[0]", lambda s: s.videos.create(title="t", tags=[5]), r"tags\[0\] must be a string"),
    ("metadata", lambda s: s.videos.create(title="t", metadata={str(n): "" for n in range(51)}), "51 items"),
    ("metadata[0].key", lambda s: s.videos.create(title="t", metadata={"x" * 256: ""}), "256 characters"),
    ("metadata[0].value", lambda s: s.videos.create(title="t", metadata={"x": "v" * 256}), "256 characters"),
    ("metadata[0].value", lambda s: s.videos.create(title="t", metadata={"x": 5}), "must be a string"),
    ("metadata[0]", lambda s: s.videos.create(title="t", metadata=[{"key": "x"}]), "value is missing"),
    (
        "metadata[0]",
        lambda s: s.videos.create(title="t", metadata=["x"]),
        "must be a mapping with key and value, not str",
    ),
    ("metadata", lambda s: s.videos.create(title="t", metadata="x"), "metadata must be a mapping"),
    ("qualities", lambda s: s.videos.create(title="t", qualities=[]), "at least 1 quality"),
    ("video_id", lambda s: s.videos.get(""), "video_id must not be empty"),
    ("video_id", lambda s: s.videos.get("."), "no video's id"),
    ("video_id", lambda s: s.videos.delete(".."), "no video's id"),
    ("video_id", lambda s: s.videos.complete("cost"), "no video's id"),
    ("video_id", lambda s: s.videos.update("create"), "no video's id"),
    ("video_id", lambda s: s.videos.get(5), "video_id must be a string, not int"),
    ("video_id", lambda s: s.videos.get("x" * 70_000), "no URL"),
    ("video_id", lambda s: s.videos.get(Video(id="x", title="t", status="new")), "pass its id"),
    ("offset", lambda s: s.videos.page(offset=10**5000), "an endless int"),
    ("duration", lambda s: s.videos.cost(["360p"], 10**400), "duration is 1000"),
    ("timeout", lambda s: s.videos.wait("x", timeout=10**400), "timeout is 1000"),
    ("offset", lambda s: s.videos.page(offset=-1), "offset is -1; it must be at least 0"),
    ("offset", lambda s: s.videos.page(offset=2**63), "offset is 9223372036854775808; it must be at most"),
    ("offset", lambda s: s.videos.page(offset=Decimal(1)), "offset must be an integer, not Decimal"),
    ("metadata[1].key", lambda s: s.videos.list(metadata={"x": "", 5: ""}), r"metadata\[1\].key must be a string"),
    ("metadata.x", lambda s: s.videos.list(metadata={"x": 5}), r"metadata.x must be a string, not int"),
    ("metadata[0].value", lambda s: s.videos.create(title="t", metadata={"x": "\ud800"}), "lone surrogate"),
    ("metadata[0]", lambda s: s.videos.list(metadata=[{"key": "k", "value": "v", "x": 1}]), "no field 'x'"),
    ("limit", lambda s: s.videos.page(limit=0), "limit is 0; it must be from 1 to 100"),
    ("limit", lambda s: s.videos.page(limit=101), "limit is 101"),
    ("limit", lambda s: s.videos.page(limit=None), "limit must be an integer, not NoneType"),
    ("limit", lambda s: s.videos.page(limit=True), "limit must be an integer, not bool"),
    ("limit", lambda s: s.videos.list(page_size=101), "limit is 101"),
    ("sort_by", lambda s: s.videos.list(sort_by="id"), "one of created_at, updated_at, title, size"),
    ("order_by", lambda s: s.videos.list(order_by="up"), "order_by is 'up'; it must be one of asc, desc"),
    ("order_by", lambda s: s.videos.list(order_by=1), "order_by must be a string"),
    ("status", lambda s: s.videos.list(status="ready"), "one of new, transcoding, done, fail, deleted"),
    ("tags", lambda s: s.videos.list(tags="music,mp4"), r'tags must be a list, not str; write \["music", "mp4"\]'),
    ("search", lambda s: s.videos.list(search=5), "search must be a string"),
    ("created_after", lambda s: s.videos.list(created_after="someday"), "which is no date"),
    ("created_before", lambda s: s.videos.list(created_before=5), "must be a date"),
    ("qualities", lambda s: s.videos.cost([], 60), "at least one"),
    ("qualities", lambda s: s.videos.cost("360p", 60), "qualities must be a list"),
    ("qualities[0]", lambda s: s.videos.cost(["4320p"], 60), "must be one of 144p, 240p"),
    ("duration", lambda s: s.videos.cost(["360p"], 0), "above 0"),
    ("duration", lambda s: s.videos.cost(["360p"], float("nan")), "above 0"),
    ("duration", lambda s: s.videos.cost(["360p"], float("inf")), "above 0"),
    ("duration", lambda s: s.videos.cost(["360p"], "60"), "a number of seconds"),
    ("timeout", lambda s: s.videos.wait("x", timeout=0), "timeout is 0"),
    ("description", lambda s: s.videos.update("x", description=5), "description must be a string, not int"),
    ("player_id", lambda s: s.videos.update("x", player_id=5), "player_id must be a string"),
]


@pytest.mark.parametrize(("name", "call", "says"), WRONG, ids=[f"{name}: {says}" for name, _, says in WRONG])
def test_nothing_is_sent(name: str, call: Callable[[AiozStream], object], says: str, silent: AiozStream) -> None:
    with pytest.raises(ArgumentError, match=says) as caught:
        call(silent)
    assert caught.value.argument == name
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, ArgumentTypeError) == (", not " in str(caught.value))


class Name(str, Enum):  # noqa: UP042 - the kind that shows its name in an f-string
    X = "x"


def test_an_enums_member_is_sent_as_its_text() -> None:
    seen: list[httpx.URL] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(404)

    with pytest.raises(NotFoundError):
        AiozStream(token="t", transport=httpx.MockTransport(take)).videos.get(Name.X)
    assert seen[0].path == "/api/videos/x"


def test_metadata_that_was_read_can_be_written() -> None:
    read = VideoMetadataPair(key="k", value="v")
    assert body(calls.update("x", **(SAME | {"metadata": [read]}))) == {"metadata": [{"key": "k", "value": "v"}]}


def test_what_a_video_says_can_be_given_back() -> None:
    """The service sends null for what a video does not have; given back, it is as if it were not given."""
    assert body(calls.update("x", **dict.fromkeys(SAME))) == {}
    assert body(calls.update("x", **(SAME | {"tags": [], "description": ""}))) == {"tags": [], "description": ""}


class TestPictures:
    @pytest.mark.parametrize("name", ["cover.gif", "cover", "cover.png.txt", ".png"])
    def test_wrong_names(self, name: str, silent: AiozStream, make_file: Any) -> None:
        with pytest.raises(ArgumentError, match=r"must be a \.png or \.jpg file"):
            silent.videos.upload_thumbnail("x", make_file(b"\x89PNG\r\n\x1a\n", name))

    def test_wrong_content(self, silent: AiozStream, make_file: Any) -> None:
        with pytest.raises(ArgumentError, match="not a PNG or JPEG"):
            silent.videos.upload_thumbnail("x", make_file(b"GIF89a", "cover.png"))
        with pytest.raises(SourceError, match="is empty"):
            silent.videos.upload_thumbnail("x", make_file(b"", "cover.png"))
        with pytest.raises(SourceError, match="no file"):
            silent.videos.upload_thumbnail("x", "no-such.png")
        with pytest.raises(ArgumentTypeError):
            silent.videos.upload_thumbnail("x", 5)  # type: ignore[arg-type]  # on purpose

    @pytest.mark.parametrize(
        ("name", "content", "sent"),
        [
            ("a.png", b"\x89PNG\r\n\x1a\n", ("a.png", "image/png")),
            ("a.PNG", b"\xff\xd8\xff\xe0", ("a.jpg", "image/jpeg")),
            ("a.jpeg", b"\xff\xd8\xff\xe0", ("a.jpg", "image/jpeg")),
            ("a.JPG", b"\x89PNG\r\n\x1a\n", ("a.png", "image/png")),
        ],
    )
    def test_how_they_are_sent(self, name: str, content: bytes, sent: tuple[str, str], make_file: Any) -> None:
        bodies: list[bytes] = []

        def take(request: httpx.Request) -> httpx.Response:
            bodies.append(request.read())
            return httpx.Response(200, json={"status": "success"})

        AiozStream(token="t", transport=httpx.MockTransport(take)).videos.upload_thumbnail(
            "x", make_file(content, name)
        )
        assert f'name="file"; filename="{sent[0]}"\r\nContent-Type: {sent[1]}\r\n\r\n'.encode() + content in bodies[0]


def body(call: Call[Any]) -> Any:
    return call.request()["json"]


class TestAgainstTheContract:
    """The client and the contract agree at each bound and beside it; the bounds are drawn by hand."""

    @pytest.fixture
    def accepts(self, contract: dict[str, Any]) -> Callable[[str, object], bool]:
        def check(schema: str, value: object) -> bool:
            document = {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
            return jsonschema_rs.Draft202012Validator(document).is_valid(value)

        return check

    @pytest.mark.parametrize(
        ("field", "inside", "outside"),
        [
            ("title", ["x", "x" * 255, "é" * 255, " "], ["", "x" * 256, "😀" * 256, 5, None, True]),
            ("description", ["", "x" * 1000], ["x" * 1001, 5]),
            ("is_public", [True, False], [0, 1, "true"]),
            ("tags", [[], ["x" * 255] * 50, [""]], [["x"] * 51, ["x" * 256], "x", [5], {"a": "b"}]),
            (
                "metadata",
                [[], [{"key": "k" * 255, "value": "v" * 255}] * 50, [{"key": "", "value": ""}]],
                [
                    [{"key": "k", "value": "v"}] * 51,
                    [{"key": "k" * 256, "value": ""}],
                    [{"key": "k", "value": "v" * 256}],
                    [{"key": "k"}],
                    [{"key": "k", "value": "v", "more": ""}],
                    [{"key": "k", "value": 5}],
                    ["k"],
                    5,
                ],
            ),
        ],
    )
    def test_create_and_update(
        self, field: str, inside: list[Any], outside: list[Any], accepts: Callable[[str, object], bool]
    ) -> None:
        for value in inside:
            created = body(calls.create(calls.new_video(**(NEW | {field: value}))))
            updated = body(calls.update("x", **(SAME | {field: value})))
            assert created[field] == updated[field] == value
            assert accepts("CreateVideoRequest", created)
            assert accepts("UpdateVideoRequest", updated)
        for value in outside:
            assert not accepts("CreateVideoRequest", {"title": "t", field: value})
            with pytest.raises(ArgumentError):
                calls.create(calls.new_video(**(NEW | {field: value})))
            assert not accepts("UpdateVideoRequest", {field: value})
            if value is not None:  # which is not given
                with pytest.raises(ArgumentError):
                    calls.update("x", **(SAME | {field: value}))

    @pytest.mark.parametrize(
        ("field", "inside", "outside"),
        [
            ("offset", [0, 10**6], [-1, "0", True]),
            ("limit", [1, 100], [0, 101, 1.5, None]),
            ("sort_by", ["created_at", "updated_at", "title", "size"], ["", "id", "Title"]),
            ("order_by", ["asc", "desc"], ["", "ASC"]),
            ("status", ["", "new", "transcoding", "done", "fail", "deleted"], ["ready"]),
            ("tags", [[], ["x"]], [[5]]),
            ("metadata", [{}, {"k": "v"}, [], [{"key": "k", "value": "v"}]], [{"k": 5}, [{"key": "k"}], "k"]),
            ("search", ["", "x"], [5]),
        ],
    )
    def test_list(
        self, field: str, inside: list[Any], outside: list[Any], accepts: Callable[[str, object], bool]
    ) -> None:
        for value in inside:
            sent = body(calls.page(**(PAGE | {field: value})))
            assert sent[field] == value
            assert accepts("ListVideosRequest", sent)
        for value in outside:
            assert not accepts("ListVideosRequest", {field: value})
            with pytest.raises(ArgumentError):
                calls.page(**(PAGE | {field: value}))

    def test_defaults(self, contract: dict[str, Any]) -> None:
        schemas = contract["components"]["schemas"]
        declared = {
            name: schema["default"]
            for name, schema in schemas["ListVideosRequest"]["properties"].items()
            if "default" in schema
        }
        assert body(calls.page(**PAGE)) == declared
        assert body(calls.update("x", **SAME)) == {}

    def test_cost(self, contract: dict[str, Any]) -> None:
        qualities, duration = contract["paths"]["/videos/cost"]["get"]["parameters"]
        pattern = jsonschema_rs.Draft202012Validator(qualities["schema"])
        every = ["144p", "240p", "360p", "480p", "720p", "1080p", "1440p", "2160p"]
        assert qualities["schema"]["x-separated"]["enum"] == every
        for name in (*every, "4320p", "audio", ""):
            assert pattern.is_valid(name) == (name in every)
        sent = calls.cost(every, 0.1).request()["params"]
        assert sent == {"qualities": ",".join(every), "duration": 0.1}
        assert pattern.is_valid(sent["qualities"])
        assert duration["schema"] == {"type": "number", "exclusiveMinimum": 0}

    def test_reserved_ids(self, contract: dict[str, Any]) -> None:
        literal = {path.split("/")[2] for path in contract["paths"] if path.count("/") == 2 and "{" not in path}
        assert literal | {".", ".."} == arguments.RESERVED_IDS


OPTIONAL = ("description", "metadata", "tags")
NEW: dict[str, Any] = {"title": "t", "is_public": True, **dict.fromkeys((*OPTIONAL, "qualities"))}
SAME: dict[str, Any] = dict.fromkeys((*OPTIONAL, "title", "is_public", "player_id"), UNSET)
DEFAULTS: dict[str, Any] = {"offset": 0, "limit": 25, "sort_by": "created_at", "order_by": "desc"}
PAGE: dict[str, Any] = {**DEFAULTS, **dict.fromkeys(("tags", "metadata", "status", "search"))}


class TestDates:
    NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("2026-11-03", datetime(2026, 11, 3, tzinfo=UTC)),
            ("2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
            ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
            ("Nov 3", datetime(2026, 11, 3, tzinfo=UTC)),
            ("2026-11-03T08:30:00+02:00", datetime(2026, 11, 3, 6, 30, tzinfo=UTC)),
            ("today", datetime(2026, 11, 23, tzinfo=UTC)),
            ("Yesterday", datetime(2026, 11, 22, tzinfo=UTC)),
            ("2 weeks ago", datetime(2026, 11, 9, 12, 30, tzinfo=UTC)),
            ("an hour ago", datetime(2026, 11, 23, 11, 30, tzinfo=UTC)),
            ("1 month ago", datetime(2026, 10, 23, 12, 30, tzinfo=UTC)),
        ],
    )
    def test_as_people_write_them(self, written: str, meant: datetime) -> None:
        assert dates.moment("since", written, lambda: self.NOW) == meant

    @pytest.mark.parametrize(
        "written",
        [
            *("", "soon", "99999 years ago", "2026-13-01", "2 fortnights ago", "2026-11-03 10:00 +99:99"),
            *("10:30", "3pm", "Monday", "12"),  # a time or a day of some month is no date
        ],
    )
    def test_no_dates(self, written: str) -> None:
        with pytest.raises(ArgumentError, match="since is"):
            dates.moment("since", written, lambda: self.NOW)

    def test_dates_and_datetimes(self) -> None:
        assert dates.moment("since", self.NOW) == self.NOW
        naive = self.NOW.replace(tzinfo=None)
        assert dates.moment("since", naive) == naive.replace(tzinfo=tz.tzlocal())
        assert dates.moment("since", date(2026, 11, 3)) == datetime(2026, 11, 3, tzinfo=tz.tzlocal())
        assert dates.moment("since", "1 minute ago") < datetime.now(UTC) + timedelta(seconds=1)


def test_pairs_are_taken_in_every_form() -> None:
    pair = MetadataPair("k", "v")
    for form in ({"k": "v"}, [{"key": "k", "value": "v"}], [pair], (pair,), iter([pair])):
        assert body(calls.update("x", **(SAME | {"metadata": form}))) == {"metadata": [{"key": "k", "value": "v"}]}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("part_limits", one) for one in ((1, 2), None)),
        *(("cancel", one) for one in (True, threading.Event())),
        *(("journal", one) for one in (1, None, "", "a\0b", b"journal")),
        *(("on_progress", one) for one in (1, "print")),
        *(("on_created", one) for one in (1, "print")),
        *(("concurrency", one) for one in (0, 65, True, None, "4", 1.5)),
        *(("max_speed", one) for one in (0, True, "fast", 1.5)),
        *(("deadline", one) for one in (-1, "soon", True)),
        *((name, one) for name in ("marker", "spool", "trust_times") for one in (1, None, "yes")),
    ],
)
def test_each_option_of_an_upload_is_checked(name: str, wrong: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        check_options({name: wrong})
    assert caught.value.argument == name
