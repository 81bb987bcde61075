"""Any operations in any order, against a server and beside an oracle that knows the right answers."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule

from aioz_stream_mock import Account
from conformance.mock_tests.oracle import Oracle
from conformance.mock_tests.part_plans import CHANGES, PartPlan
from conformance.shared import qualities
from conformance.shared.listing import moment
from conformance.shared.requests import Request, part_request, request_to, thumbnail_request, valid_request
from conformance.shared.sample_data import BEARER, JPEG, NO_PICTURES, PNG, STRANGER, mp4

if TYPE_CHECKING:
    from contract_document import Json

    from conformance.mock_tests.oracle import Video
    from conformance.mock_tests.part_plans import Part
    from conformance.mock_tests.test_server import TestServer

BALANCES = {"a": Decimal("1.5"), "b": Decimal(0)}
OWNERS = {"a": BEARER, "b": STRANGER}
SECONDS = 2.0
"""How long a video stays in transcoding."""

SETTINGS: dict[str, Any] = {
    "accounts": [Account.named(name, balance) for name, balance in BALANCES.items()],
    "transcode_seconds": SECONDS,
}
CROWD = 30
"""More videos than a page has by default."""

TITLES = st.one_of(
    st.text("aAbB %_'é", min_size=1, max_size=4),
    st.sampled_from(["Harbour", "harbour", "HARBOUR walk", " spaced ", "x" * 255, "\N{GRINNING FACE}" * 255]),
)
TAGS = st.lists(st.sampled_from(["b", "a", "B", "c d", "a,b", ""]), max_size=3)
KEYS, VALUES = st.sampled_from(["k", "l", "K"]), st.sampled_from(["1", "2", ""])
PAIRS = st.lists(st.fixed_dictionaries({"key": KEYS, "value": VALUES}), max_size=3)
TEXTS = st.one_of(st.just(""), st.sampled_from(["At dawn", "in the harbour", "x" * 1000]))


def some_qualities(seed: int) -> list[Json]:
    pick = random.Random(seed)  # noqa: S311 - repeatable is the point
    return [qualities.valid(pick) for _ in range(1 + seed % 3)]


COMMON: dict[str, st.SearchStrategy[Any]] = {
    "description": TEXTS,
    "is_public": st.booleans(),
    "metadata": PAIRS,
    "tags": TAGS,
}
BODIES = st.fixed_dictionaries(
    {"title": TITLES}, optional={**COMMON, "qualities": st.integers(0, 9999).map(some_qualities)}
)
UPDATES = st.fixed_dictionaries({}, optional={**COMMON, "title": TITLES, "player_id": st.sampled_from(["", "dark"])})
LISTS = st.fixed_dictionaries(
    {},
    optional={
        "offset": st.integers(0, 6),
        "limit": st.sampled_from([1, 2, 3, 5, 25, 100]),
        "sort_by": st.sampled_from(["created_at", "updated_at", "title", "size"]),
        "order_by": st.sampled_from(["asc", "desc"]),
        "tags": st.one_of(st.lists(st.sampled_from(["a", "b", ""]), max_size=2), st.sampled_from(["", "a,b", "b"])),
        "metadata": st.one_of(PAIRS, st.dictionaries(KEYS, VALUES, max_size=2)),
        "status": st.sampled_from(["", "new", "transcoding", "done", "deleted"]),
        "search": st.sampled_from(["", "a", "HARB", "walk", "%", "dawn", "_"]),
    },
)
# Longer than what a server reads at once; of another byte at each place that could be taken for another.
LONG = b"".join(number.to_bytes(3) for number in range(700_000))
SOURCES = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.binary(min_size=10, max_size=40),
    st.builds(mp4, st.sampled_from([30, 600])),
    st.just(LONG),
)
PICTURES = st.tuples(
    st.sampled_from(["cover.png", "cover.jpg", "COVER.PNG", "a.b.JPG", "cover.jpeg", "cover.gif", "png", "cover.png "]),
    st.sampled_from([PNG, JPEG, PNG, JPEG, *NO_PICTURES]),
)
SOME_CHANGES = st.sampled_from([*("none",) * 3, *CHANGES])


@st.composite
def plans(draw: st.DrawFn) -> PartPlan:
    source = draw(SOURCES)
    cuts = sorted(draw(st.sets(st.integers(1, len(source) - 1), max_size=3))) if len(source) > 1 else []
    indexes = draw(st.lists(st.sampled_from(["1", "2", "9", "10", "11", "100"]), min_size=4, max_size=4, unique=True))
    return PartPlan(source, cuts, indexes)


MADE = st.tuples(st.sampled_from("aaab"), BODIES, plans())


class VideoStateMachine(RuleBasedStateMachine):
    """One scenario. The server's clock stands still but for what a rule lets pass."""

    videos = Bundle("videos")

    def __init__(self, server: TestServer) -> None:
        super().__init__()
        self._server = server
        server.reset()
        self._start = server.clock.now()
        self._oracle = Oracle(dict(BALANCES), SECONDS)
        self._plans: dict[str, PartPlan] = {}
        self._seen: dict[str, Json] = {}
        """The last answer of the server about each video."""

    @initialize(target=videos, crowded=st.sampled_from("nny"), wanted=st.lists(MADE, min_size=2, max_size=3))
    def begin(self, crowded: str, wanted: list[tuple[str, Json, PartPlan]]) -> Any:
        """Some videos to do all the rest with; now and then more than a page takes."""
        for number in range(CROWD if crowded == "y" else 0):
            self._create("a", {"title": f"{'Ab'[number % 2]}{number % 7}"}, PartPlan(b"crowd", [], ["1"]))
        made = [self._create(*one) for one in wanted]
        for video in made:
            self.get(video)
        return multiple(*made)

    @rule(target=videos, wanted=MADE)
    def create(self, wanted: tuple[str, Json, PartPlan]) -> str:
        video = self._create(*wanted)
        self.get(video)
        return video

    @rule(video=videos, body=UPDATES)
    def update(self, video: str, body: Json) -> None:
        model = self._oracle.videos[video]
        request = request_to("updateVideo", video, json=body, who=OWNERS[model.owner])
        self._ask("updateVideo", model, request, 200)
        if not model.is_deleted:
            self._oracle.update(model, body)
            self._look(model, has_changed=bool(body))

    @rule(video=videos, place=st.integers(0, 3), change=SOME_CHANGES)
    def upload_part(self, video: str, place: int, change: str) -> None:
        model, plan = self._oracle.videos[video], self._plans[video]
        part = plan.changed(place % len(plan.parts()), change)
        self._send(model, part, change)
        if change == "other bytes" and model.parts.get(part.start) == part:
            plan.replace(part)
        self._look(model)

    @rule(video=videos, order=st.permutations(range(4)), how=st.sampled_from(["all", "all", "all", "parts", "end"]))
    def upload(self, video: str, order: list[int], how: str) -> None:
        """Upload all parts in any order, or complete the upload whatever is stored, or both."""
        model, parts = self._oracle.videos[video], self._plans[video].parts()
        if how != "end" and not model.is_complete and not model.is_deleted:
            for place in order:
                if place < len(parts):
                    self._send(model, parts[place], "all parts")
        if how != "parts":
            self._complete(model)

    def _complete(self, model: Video) -> None:
        was_complete = model.is_complete
        status = 404 if model.is_deleted else self._oracle.complete(model)
        request = request_to("completeVideoUpload", model.id, who=OWNERS[model.owner])
        answer = self._server.ask("completeVideoUpload", request, [status])
        if status == 400 and model.parts:
            for first, last in model.missing():
                named = f"{first}-{last}" in answer.json()["message"]
                assert named, f"the missing range {first}-{last} is not named"
        self._look(model, has_changed=status == 200 and not was_complete)

    @rule(video=videos, picture=PICTURES)
    def thumbnail(self, video: str, picture: tuple[str, bytes]) -> None:
        model = self._oracle.videos[video]
        name, data = picture
        request = thumbnail_request(video, name, data, who=OWNERS[model.owner])
        is_taken = not model.is_deleted and self._oracle.thumbnail(model, name, data)
        self._ask("uploadVideoThumbnail", model, request, 200 if is_taken else 400, name)
        self._look(model, has_changed=is_taken)

    @rule(video=videos, is_meant=st.sampled_from([False, False, True]))
    def delete(self, video: str, *, is_meant: bool) -> None:
        """Seldom, since there is little to be done afterwards."""
        model = self._oracle.videos[video]
        if not is_meant and not model.is_deleted:
            return
        request = request_to("deleteVideo", video, who=OWNERS[model.owner])
        self._ask("deleteVideo", model, request, 200)
        model.is_deleted, model.picture = True, None

    @rule(video=videos, operation=st.sampled_from(["getVideo", "updateVideo", "deleteVideo", "completeVideoUpload"]))
    def by_a_stranger(self, video: str, operation: str) -> None:
        model = self._oracle.videos[video]
        stranger = OWNERS["b" if model.owner == "a" else "a"]
        self._server.ask(operation, valid_request(operation, video, stranger), [404], "by a stranger")
        self._look(model)

    @rule(owner=st.sampled_from("aaab"), asked=LISTS)
    def list_videos(self, owner: str, asked: Json) -> None:
        request = request_to("listVideos", json=asked, who=OWNERS[owner])
        page = self._server.ask("listVideos", request).json()["data"]
        for shown in page["videos"]:
            model = self._oracle.videos.get(shown["id"])
            assert model is not None, f"{shown['id']} was never created"
            assert model.owner == owner, f"{shown['id']} belongs to another account"
            self._compare(model, shown)
            self._seen[model.id] = shown
        ids, wanted = [shown["id"] for shown in page["videos"]], self._oracle.page(owner, asked, self._seen)
        assert ids == wanted, f"the list should be {wanted}, and is {ids}"
        total = len(self._oracle.listed(owner, asked))
        assert page["total"] == total, f"the total should be {total}, and is {page['total']}"

    @rule(video=videos, asset=st.sampled_from(["source_url", "thumbnail_url"]), viewer=st.sampled_from(["", "a", "b"]))
    def fetch(self, video: str, asset: str, viewer: str) -> None:
        model = self._oracle.videos[video]
        address = self._seen[video]["assets"][asset]
        if address is None:
            return
        wanted = model.picture if asset == "thumbnail_url" else model.source
        answer = self._server.send(Request("GET", address, who=OWNERS.get(viewer, {})))
        status = self._fetchable(model, viewer)
        assert answer.status_code == status, f"{asset} for {viewer!r}: {answer.status_code}, not {status}"
        if status == 200 and wanted is not None:
            assert answer.content == wanted, f"{asset} has other bytes than were uploaded"
            if asset == "thumbnail_url":
                kind = "image/png" if wanted == PNG else "image/jpeg"
                assert answer.headers["Content-Type"] == kind, f"{asset} is no {kind}"

    @rule(seconds=st.sampled_from([0.5, 1.0, SECONDS]))
    def pass_time(self, seconds: float) -> None:
        self._server.pass_time(seconds)
        self._oracle.now = (self._server.clock.now() - self._start).total_seconds()

    @rule(video=videos)
    def get(self, video: str) -> None:
        self._look(self._oracle.videos[video])

    def _create(self, owner: str, body: Json, plan: PartPlan) -> str:
        request = request_to("createVideo", json=body, who=OWNERS[owner])
        created = self._server.ask("createVideo", request).json()["data"]
        model = self._oracle.create(owner, body, created)
        others = [video for video in self._oracle.videos.values() if video.owner == owner]
        same = all(video.created["user_id"] == created["user_id"] for video in others)
        assert same, "two videos of one account have different owners"
        self._plans[model.id], self._seen[model.id] = plan, created
        self._compare(model, created)
        return model.id

    def _send(self, model: Video, part: Part, about: str) -> None:
        request = part_request(
            model.id,
            part.data,
            index=part.index,
            range_header=f"bytes {part.start}-{part.end}/{part.size}",
            hash_field=part.hash,
            who=OWNERS[model.owner],
        )
        is_taken = not model.is_deleted and self._oracle.part(model, part)
        self._ask("uploadVideoPart", model, request, 200 if is_taken else 400, about)

    def _ask(self, operation: str, model: Video, request: Request, status: int, about: str = "") -> None:
        self._server.ask(operation, request, [404 if model.is_deleted else status], about)

    def _look(self, model: Video, *, has_changed: bool = False) -> None:
        """Ask for a video, and compare it with what it should be, and with what it was."""
        request = request_to("getVideo", model.id, who=OWNERS[model.owner])
        answer = self._server.ask("getVideo", request, [404 if model.is_deleted else 200])
        if model.is_deleted:
            return
        shown, before = answer.json()["data"], self._seen[model.id]
        self._compare(model, shown)
        moved = moment(shown["updated_at"]) > moment(before["updated_at"])
        assert moved == has_changed, f"updated_at: {before['updated_at']} became {shown['updated_at']}"
        self._seen[model.id] = shown

    def _compare(self, model: Video, shown: Json) -> None:
        wrong = self._oracle.differences(model, shown)
        assert not wrong, f"a video should have {wrong}, and is {shown}"

    def _fetchable(self, model: Video, viewer: str) -> int:
        if model.is_deleted:
            return 404
        if model.fields["is_public"] or viewer == model.owner:
            return 200
        return 404 if viewer else 401
