"""Probes with videos of their own: what is kept, what is found, and who sees it."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from contract_document import SCHEMAS, find, load

from conformance.deployment.findings import parsed
from conformance.deployment.inspection import SUCCESSES, NotExaminedError, page_in, video_in
from conformance.deployment.reading import chosen, fits, listed, request_of, wrong_with_page
from conformance.shared.listing import ORDERS, moment
from conformance.shared.requests import request_to, valid_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_document import Json

    from conformance.deployment.examination import Examination

MOVING = ("status", "qualities", "duration", "assets")
"""Fields that may change by themselves."""
SHOWN_AS = {"player_id": "player_theme_id"}
TEXTS = (
    "it's \"quoted\" <b>&amp;</b> \\ %27 {x} ${y}; -- /*",
    "Žluťoučký kůň, ß İ",
    "\N{GRINNING FACE}\N{FAMILY}\u200d\N{GIRL} astral",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "decomposed e\u0301 and composed \u00e9",
    "日本語のタイトル",
)
"""Texts that a service may stumble over; the mark stands before each."""


# What create and update keep


def written_examples(examination: Examination, *, operation: str, place: str, most: int = 1) -> None:
    """Sends requests that just keep the contract's rules and others that just break them, about videos of its own."""
    for example in chosen(examination, operation, place, most):
        expected = SUCCESSES if example.is_valid else (400,)
        if operation == "createVideo":
            examination.own.create(example.request, expected, example.about)
            continue
        # A part that is stored decides what the next one may be.
        is_spent = operation == "uploadVideoPart" and example.is_valid
        video = examination.own.make() if is_spent else spare(examination)
        examination.inspection.ask(operation, example.request.about(video["id"]), expected, example.about)


def spare(examination: Examination) -> Json:
    return examination.once("a video for refusals", examination.own.make)


def refusals(examination: Examination, *, operation: str, expect: Sequence[int], requests: Sequence[Json]) -> None:
    """Sends requests of the table about a video of its own."""
    for entry in requests:
        filled = {"video": spare(examination)["id"], **examination.filled(entry)}
        request, about = request_of(operation, filled), entry["about"]
        if operation == "createVideo":
            examination.own.create(request, expect, about)
        else:
            examination.inspection.ask(operation, request, expect, about, is_repeatable=False)


def round_trip(
    examination: Examination, *, operation: str, field: str, values: Sequence[Json] = (), texts: bool = False
) -> None:
    """Writes values of a field, and reads them back."""
    written = [examination.filled(value) for value in values]
    if texts:
        written += texts_of(examination, field)
    for value in written:
        about = f"/{field} is {json.dumps(value, ensure_ascii=False)[:60]}"
        if operation == "createVideo":
            title = {} if field == "title" else {"title": examination.own.mark}
            made = examination.own.make(about, **title, **{field: value})
            compare(examination, operation, made, {field: value}, about)
            compare(examination, "getVideo", examination.own.get(made["id"]), {field: value}, about)
        else:
            update(examination, {field: value}, about)


def texts_of(examination: Examination, field: str) -> Iterator[str]:
    """Texts with the mark: odd ones, one at random, blanks around, and the longest in narrow and wide characters."""
    schema = {"title": "Title", "description": "Description"}[field]
    most: int = find(load(), f"{SCHEMAS}/{schema}/maxLength")
    mark, pick = examination.own.mark, examination.random()
    yield from (f"{mark} {text}" for text in TEXTS)
    yield f"{mark} " + "".join(pick.choice("aZ é\u0416\u4e2d\N{SNAKE}'\"<") for _ in range(30)) + "."
    yield f"  {mark}  "
    for character in ("x", "\N{GRINNING FACE}"):
        yield mark + character * (most - len(mark))


def update(examination: Examination, changes: dict[str, Json], about: str) -> None:
    """Changes a video that has everything, and expects that nothing else changes."""
    video = examination.once("a video with everything", lambda: video_with_everything(examination))
    before = examination.own.get(video["id"])
    examination.inspection.ask("updateVideo", request_to("updateVideo", video["id"], json=changes), about=about)
    after = examination.own.get(video["id"])
    shown = {SHOWN_AS.get(name, name): value for name, value in changes.items()}
    compare(examination, "updateVideo", after, {**before, **shown}, about, ("updated_at",))
    try:
        is_later = moment(after["updated_at"]) > moment(before["updated_at"])
    except (LookupError, TypeError, ValueError):
        return  # which the schemas have reported
    is_changed = any(before.get(name) != value for name, value in shown.items())
    if is_changed != is_later and (is_changed or not changes):
        said = f"{after['updated_at']!r} after {before['updated_at']!r}"
        examination.inspection.note("updateVideo", "/data/updated_at", said, about, exchanges=2)


def updates(examination: Examination, *, changes: Sequence[Json]) -> None:
    """Makes changes one after the other."""
    for one in changes:
        filled = examination.filled(one)
        update(examination, filled, json.dumps(filled, ensure_ascii=False)[:80])


def video_with_everything(examination: Examination) -> Json:
    mark = examination.own.mark
    made = examination.own.make(
        title=f"{mark} everything",
        description="Made to see what the service does. It will be deleted in a moment.",
        metadata=[*examination.own.pairs, {"key": "genre", "value": "Rock"}],
        tags=[mark, "Two"],
        is_public=False,
    )
    examination.inspection.ask("updateVideo", request_to("updateVideo", made["id"], json={"player_id": "Dark-1"}))
    return examination.own.get(made["id"])


def compare(
    examination: Examination, operation: str, shown: Json, wanted: Json, about: str, but: Sequence[str] = ()
) -> None:
    for name, value in wanted.items():
        # No list is the same as an empty one.
        if name not in (*but, *MOVING) and (shown.get(name) or None) != (value or None):
            said = f"{shown.get(name)!r:.200} instead of {value!r:.200}"
            examination.inspection.note(operation, f"/data/{name}", said, about, exchanges=2)


def defaults(examination: Examination, *, without: str, shows: Json = None, full: bool = False) -> None:
    """Creates a video without a field, and looks at what it shows."""
    mark = examination.own.mark
    whole = {"description": "x", "is_public": False, "tags": [mark], "metadata": examination.own.pairs, "title": mark}
    body = {name: value for name, value in whole.items() if name != without and (full or name == "title")}
    made = examination.own.create(request_to("createVideo", json=body), SUCCESSES, f"/{without} is missing")
    if made is None:
        raise NotExaminedError("no video could be made for it")
    wanted = {**body, without: shows} if not full else body
    compare(examination, "createVideo", made, wanted, f"/{without} is missing")
    compare(examination, "getVideo", examination.own.get(made["id"]), wanted, f"/{without} is missing")


def new_video(examination: Examination, *, field: str, shows: Json) -> None:
    """Looks at a field of a video that has just been made."""
    made = examination.once("a new video", examination.own.make)
    for operation, video in (("createVideo", made), ("getVideo", examination.own.get(made["id"]))):
        if field in video and (video[field] or None) != (shows or None):
            said = f"{video[field]!r} instead of {shows!r}"
            examination.inspection.note(operation, f"/data/{field}", said, "a new video")


def ladder(examination: Examination, *, qualities: Sequence[Json], shows: Sequence[str]) -> None:
    """Creates a video with qualities, and expects them in the answer."""
    about = f"/qualities is {json.dumps(qualities)[:60]}"
    made = examination.own.make(about, qualities=qualities)
    for operation, video in (("createVideo", made), ("getVideo", examination.own.get(made["id"]))):
        found = [f"{one.get('name')} {one.get('type')}" for one in video.get("qualities") or []]
        if found != list(shows):
            examination.inspection.note(operation, "/data/qualities", f"{found} instead of {list(shows)}", about)


def twins(examination: Examination) -> None:
    """Creates two videos that are the same but for their ids, and deletes one."""
    first, second = examination.own.make(), examination.own.make()
    if first["id"] == second["id"]:
        examination.inspection.note("createVideo", "/data/id", "a second create gave the first video", exchanges=2)
        return
    examination.own.delete(first["id"])
    if examination.inspection.ask("getVideo", request_to("getVideo", second["id"]), about="the other video") is None:
        examination.inspection.note("deleteVideo", "other videos", "a video with the same fields is gone too")


# Lists of own videos


def shelf(examination: Examination) -> list[Json]:
    """Videos with known fields, in the order in which they were made; some of them uploaded."""
    return examination.once("the shelf", lambda: fill_shelf(examination))


def fill_shelf(examination: Examination) -> list[Json]:
    mark = examination.own.mark
    words = ["Bat", "ant", "ANT", "bat", "Cow", "ant", "COW", "bat 2", "ant É"]
    made: list[Json] = []
    for number in range(27):
        fields: dict[str, Json] = {
            "title": f"{mark} shelf {words[number % 9]}" if number < 18 else f"{mark} shelf z",
            "description": f"{mark}-{'abc'[number % 3]} At dawn, Größe {number % 2}" if number % 4 else "",
            "tags": SHELF_TAGS[number % len(SHELF_TAGS)],
            "metadata": SHELF_PAIRS[number % len(SHELF_PAIRS)],
        }
        fields = examination.filled(fields)
        video = examination.own.make(**fields)
        # What was asked for counts, whatever the answer shows.
        made.append({**video, **fields, "status": "new"})
    changed = made[3]
    examination.inspection.ask("updateVideo", request_to("updateVideo", changed["id"], json={"is_public": False}))
    made[3] = {**changed, "updated_at": examination.own.get(changed["id"]).get("updated_at")}
    return made


SHELF_TAGS: list[Json] = [
    ["{mark}-red", "{mark}-blue"], ["{mark}-red"], ["{mark}-blue", "{mark}-red"], ["{mark}-blue"], ["{mark}-RED"],
    ["{mark}-redder", "{mark}-blue"], [],
]  # fmt: skip
SHELF_PAIRS: list[Json] = [
    [{"key": "{mark}", "value": "red"}, {"key": "{mark}-2", "value": "blue"}],
    [{"key": "{mark}", "value": "red"}],
    [{"key": "{mark}-2", "value": "blue"}, {"key": "{mark}", "value": "red"}],
    [{"key": "{mark}", "value": "blue"}, {"key": "{mark}-2", "value": "red"}],
    [],
]


def filters(examination: Examination, *, asks: Sequence[Json], pairs: bool = False) -> None:
    """Lists with filters; with `pairs`, every two of them together."""
    videos = shelf(examination)
    every = [examination.filled(one) for one in asks]
    if pairs:
        both = [{**one, **other} for one, other in itertools.combinations(every, 2)]
        every = [one for one in both if len(one) > 1]
    for asked in every:
        ours(examination, videos, {"limit": 100, **asked})


def ours(examination: Examination, videos: Sequence[Json], asked: Json) -> None:
    """Compares which videos of the shelf a list shows, and in which order, with what was asked for."""
    expected = [video["id"] for video in ordered([one for one in videos if fits(one, asked)], asked)]
    known = {video["id"] for video in videos}
    # A page of ours alone; others may be between them.
    window = slice(asked.get("offset", 0), asked.get("offset", 0) + asked.get("limit", 25))

    def look() -> dict[str, str]:
        found, total = listed(examination, asked)
        wrong = wrong_with_page(found, total, asked)
        shown = [video["id"] for video in found if video["id"] in known]
        where = " ".join(name for name in ("search", "tags", "metadata", "status") if asked.get(name))
        is_alone = "{mark}".replace("{mark}", examination.own.mark) in json.dumps(asked)
        wanted = expected[window] if is_alone else [one for one in expected if one in shown]
        if set(shown) != set(wanted):
            said = f"{len(set(wanted) - set(shown))} videos that match are left out"
            said += f", {len(set(shown) - set(wanted))} that don't are in"
            wrong[f"filter {where}" if "offset" not in asked and "limit" in asked else "page"] = said
        elif shown != wanted:
            wrong[f"sort_by {asked.get('sort_by', 'created_at')}"] = "has another order, or breaks ties otherwise"
        if is_alone and total != len(expected):
            wrong["/data/total"] = f"{total} instead of {len(expected)}"
        return wrong

    examination.inspection.confirm("listVideos", look, json.dumps(asked, ensure_ascii=False)[:120])


def ordered(videos: Sequence[Json], asked: Json) -> list[Json]:
    """Two stable sorts: ties keep the order of the ids, whichever way the first key goes."""
    key = ORDERS[asked.get("sort_by", "created_at")]
    by_id = sorted(videos, key=lambda video: str(video["id"]))
    return sorted(by_id, key=key, reverse=asked.get("order_by", "desc") == "desc")


def walks(examination: Examination, *, asked: Json, limit: int) -> None:
    """Goes through the shelf page by page: each video comes once, in the order of one long page."""
    videos = shelf(examination)
    for offset in range(0, len(videos) + limit, limit):
        ours(examination, videos, {**examination.filled(asked), "limit": limit, "offset": offset})


def listed_as_shown(examination: Examination, *, field: str) -> None:
    """Changes a video, and compares the list's view of it with its own."""
    video = examination.once("a video with everything", lambda: video_with_everything(examination))
    examination.inspection.ask(
        "updateVideo",
        request_to("updateVideo", video["id"], json={"title": f"{examination.own.mark} again", "tags": ["again"]}),
    )
    shown = examination.own.get(video["id"])

    def look() -> dict[str, str]:
        found, _ = listed(examination, {"search": f"{examination.own.mark} again"})
        listed_one = next((one for one in found if one["id"] == video["id"]), None)
        if listed_one is None:
            return {"filter search": "leaves out a video that was renamed"}
        is_same = listed_one.get(field) == shown.get(field)
        said = f"{listed_one.get(field)!r} in the list, {shown.get(field)!r} by itself"
        return {} if is_same else {f"/data/videos/*/{field}": said}

    examination.inspection.confirm("listVideos", look, "a video that was just changed")


# Deleted videos, and those of others


def deleted(examination: Examination, *, operation: str) -> None:
    """Reads a video, deletes it, and expects 404 from every operation."""

    def make() -> str:
        video = examination.own.make()["id"]
        for one in ("getVideo", "updateVideo"):
            examination.inspection.ask(one, valid_request(one, video))
        examination.own.delete(video)
        return str(video)

    video = examination.once("a deleted video", make)
    examination.inspection.ask(operation, valid_request(operation, video), (404,), "a deleted video")


def deleted_in_lists(examination: Examination, *, status: str, is_there: bool) -> None:
    """Looks for a deleted video in a list."""
    mark = examination.own.mark

    def make() -> str:
        video = examination.own.make(title=f"{mark} gone")["id"]
        listed(examination, {"search": f"{mark} gone"})
        examination.own.delete(video)
        return str(video)

    video = examination.once("a deleted video of its own", make)

    def look() -> dict[str, str]:
        found, _ = listed(examination, {"search": f"{mark} gone", "status": status})
        is_listed = video in {one["id"] for one in found}
        said = "has a deleted video" if is_listed else "lacks a deleted video"
        return {} if is_listed == is_there else {"filter status": said}

    examination.inspection.confirm("listVideos", look, f"status {status!r} after a delete")


def strangers(examination: Examination, *, operation: str) -> None:
    """Asks with the second account about a video of the first: like for one that does not exist, and no effect."""
    assert examination.second is not None
    who, ask = examination.second.headers, examination.inspection.ask
    video = examination.once("a video that strangers ask for", examination.own.make)["id"]
    before = examination.own.get(video)
    request = valid_request(operation, video)
    ask(operation, request, (404,), "another account's video", who=who, is_repeatable=False)
    message = (parsed(examination.inspection.last) or {}).get("message")
    unknown = replace(request, path=request.path.replace(video, str(uuid4())))
    ask(operation, unknown, (404,), "an unknown video", who=who, is_repeatable=False)
    other = (parsed(examination.inspection.last) or {}).get("message")
    if message != other:
        said = f"{message!r}, and {other!r} for a video that never was"
        examination.inspection.note(operation, "/message", said, "another account's video", exchanges=2)
    after = video_in(ask("getVideo", request_to("getVideo", video), (200,), "a video after strangers")) or {}
    compare(examination, operation, after, before, "another account's video")


def strangers_lists(examination: Examination) -> None:
    """Looks for a video of the first account in lists of the second."""
    assert examination.second is not None
    video = examination.once("a video that strangers ask for", examination.own.make)["id"]
    for asked in ({"search": examination.own.mark}, {"limit": 100}, {"metadata": examination.own.pairs}):
        request = request_to("listVideos", json=asked)
        found, _ = page_in(examination.inspection.ask("listVideos", request, who=examination.second.headers))
        if any(one["id"] == video or examination.own.mark in str(one.get("title")) for one in found):
            examination.inspection.note("listVideos", "another account", "shows its videos", str(asked))
