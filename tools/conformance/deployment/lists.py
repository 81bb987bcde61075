"""Probes of lists: of videos of the account, which are only looked at, and of a shelf of known ones."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING

from contract_document import SCHEMAS, find, is_list, is_object, load

from conformance.deployment.findings import member
from conformance.deployment.inspection import NotExaminedError, page_in, video_in
from conformance.deployment.requests import described
from conformance.shared.listing import ORDERS, matches
from conformance.shared.requests import request_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contract_document import Json

    from conformance.deployment.examination import Examination

STATUSES: list[str] = find(load(), f"{SCHEMAS}/VideoStatus/anyOf/0/enum")
SAMPLES = 3
FILTERS = ("status", "metadata", "tags", "search")
SHELF = 27
"""More than a page has by default."""
WORDS = ("Bat", "ant", "ANT", "bat", "Cow", "ant", "COW", "bat 2", "ant É")
TAGS: tuple[Json, ...] = (
    ["{mark}-red", "{mark}-blue"], ["{mark}-red"], ["{mark}-blue", "{mark}-red"], ["{mark}-blue"], ["{mark}-RED"],
    ["{mark}-redder", "{mark}-blue"], [],
)  # fmt: skip
PAIRS: tuple[Json, ...] = (
    {"{mark}": "red", "{mark}-2": "blue"}, {"{mark}": "red"}, {"{mark}-2": "blue", "{mark}": "red"},
    {"{mark}": "blue", "{mark}-2": "red"}, {},
)  # fmt: skip


def listed(examination: Examination, asked: Json, who: Mapping[str, str] | None = None) -> tuple[list[Json], int]:
    about = next((f"/{name} is {asked[name]!r}" for name in (*FILTERS, *asked) if name in asked), "")
    request = request_to("listVideos", json=asked)
    answer = examination.inspection.ask("listVideos", request, about=about, who=who)
    if "videos" not in (member(answer, "data") or ()):
        raise NotExaminedError("the list shows no videos, or shows them elsewhere")
    return page_in(answer)


def pages(examination: Examination, *, asks: Sequence[Json]) -> None:
    """Compares pages with what they were asked for: how many videos, which ones, in which order."""
    for asked in asks:
        compare_page(examination, examination.filled(asked))


def compare_page(
    examination: Examination, asked: Json, includes: Json = None, shelf: Sequence[Json] | None = None
) -> None:
    """Note what is wrong with a page; of known videos each is where it belongs."""

    def look() -> dict[str, str]:
        videos, total = listed(examination, asked)
        wrong = wrong_with_page(videos, total, asked)
        shown = [video["id"] for video in videos]
        if includes is not None and total <= len(videos) and includes["id"] not in shown:
            # It may have changed since it was seen, its status above all.
            now = video_in(examination.inspection.ask("getVideo", request_to("getVideo", includes["id"])))
            if fits(now, asked):
                wrong[filter_name(asked)] = f"leaves out {includes['id']}, which matches"
        return wrong | (wrong_with_shelf(shown, total, asked, shelf) if shelf else {})

    examination.inspection.confirm("listVideos", look, described(asked))


def wrong_with_page(videos: list[Json], total: int, asked: Json) -> dict[str, str]:
    wrong: dict[str, str] = {}
    expected = min(max(total - asked.get("offset", 0), 0), asked.get("limit", 25))
    if len(videos) != expected:
        wrong["/data/total"] = f"{len(videos)} videos of {total}, where {expected} belong"
    strays = [video["id"] for video in videos if not fits(video, asked)]
    if strays:
        wrong[filter_name(asked)] = f"{len(strays)} videos do not match, such as {strays[0]}"
    if videos != ordered(videos, asked):
        said = f"is not {asked.get('order_by', 'desc')}ending, or equal ones don't come by their ids"
        wrong[f"sort_by {asked.get('sort_by', 'created_at')}"] = said
    return wrong


def wrong_with_shelf(shown: list[str], total: int, asked: Json, shelf: Sequence[Json]) -> dict[str, str]:
    """How a page differs from what was asked for when its videos were made; the filters let no others through."""
    matching = [video["id"] for video in ordered([one for one in shelf if fits(one, asked)], asked)]
    start = asked.get("offset", 0)
    wanted = matching[start : start + asked.get("limit", 25)]
    lacks, strays = len(set(wanted) - set(shown)), len(set(shown) - set(wanted))
    if total != len(matching):
        return {filter_name(asked): f"{total} videos match instead of {len(matching)}"}
    if lacks or strays:
        return {"offset": f"{lacks} videos of the page are left out, {strays} of others are in"}
    return {} if shown == wanted else {f"sort_by {asked.get('sort_by', 'created_at')}": "has another order"}


def filter_name(asked: Json) -> str:
    return f"filter {' '.join(name for name in FILTERS if asked.get(name))}".strip()


def fits(video: Mapping[str, Json], asked: Json) -> bool:
    """Whether the filters of a list let a video through; null counts as empty."""
    known = {name: video.get(name) or "" for name in ("id", "title", "description", "status")}
    try:
        return matches({"tags": None, "metadata": None, **video, **known}, asked)
    except (LookupError, TypeError, AttributeError):
        # Its shape is wrong, which the schemas have reported.
        return True


def ordered(videos: list[Json], asked: Json) -> list[Json]:
    """Two stable sorts: ties keep the order of the ids, whichever way the first key goes."""
    key = ORDERS[asked.get("sort_by", "created_at")]
    try:
        by_id = sorted(videos, key=lambda video: str(video["id"]))
        return sorted(by_id, key=key, reverse=asked.get("order_by", "desc") == "desc")
    except (LookupError, TypeError, ValueError, AttributeError):
        return videos  # whose shape is wrong, which the schemas have reported


def windows(examination: Examination, *, limit: int) -> None:
    """Compares two pages with both as one."""

    def look() -> dict[str, str]:
        sizes = ((2 * limit, 0), (limit, 0), (limit, limit))
        found = [listed(examination, {"limit": size, "offset": offset})[0] for size, offset in sizes]
        whole, first, second = ([video["id"] for video in page] for page in found)
        return {} if whole == first + second else {"offset": f"{first} and {second} are not {whole}"}

    examination.inspection.confirm("listVideos", look, f"two pages of {limit}, and both as one")


# Videos of the account


def samples(examination: Examination) -> list[Json]:
    """Videos that the account has, of each status a few."""

    def look() -> list[Json]:
        statuses = [status for status in STATUSES if status != "deleted"]
        found = [video for status in statuses for video in listed(examination, {"status": status})[0][:SAMPLES]]
        if not found:
            raise NotExaminedError("the account has no videos, so none could be looked at")
        return found

    return examination.once("samples", look)


def own_filters(examination: Examination) -> None:
    """Finds videos of the account by what they have."""
    for video in samples(examination):
        for asked in filters_of(video):
            compare_page(examination, {"limit": 100, **asked}, includes=video)


def filters_of(video: Json) -> Iterator[dict[str, Json]]:
    """List requests whose result has to include a video."""
    title, tags, pairs = (video.get(name) for name in ("title", "tags", "metadata"))
    if isinstance(title, str) and title.strip():
        other_case = title[:20].swapcase()
        if other_case.swapcase() == title[:20]:  # "ß" has no other case that leads back
            yield {"search": other_case}
        yield {"search": title[:20], "status": video.get("status")}
    for tag in tags[:1] if is_list(tags) else ():
        if isinstance(tag, str) and tag.strip() == tag and tag and "," not in tag:
            yield from ({"tags": [tag]}, {"tags": tag})
    for pair in pairs[:1] if is_list(pairs) else ():
        if is_object(pair) and isinstance(pair.get("key"), str) and isinstance(pair.get("value"), str):
            yield from ({"metadata": {pair["key"]: pair["value"]}}, {"metadata": [pair]})


def same_everywhere(examination: Examination, *, field: str) -> None:
    """Compares a field of a video in two answers of its own and in a list; an update between them excuses it."""
    for video in samples(examination):
        views = [*examination.once(f"looks at {video['id']}", partial(two_looks, examination, video["id"])), video]
        is_changed = len({str(one.get("updated_at")) for one in views}) > 1
        if not is_changed and any(one.get(field) != views[0].get(field) for one in views):
            said = " and ".join(repr(one.get(field)) for one in views[1:])
            examination.inspection.note("getVideo", f"/data/{field}", f"{said} of one video", f"video {video['id']}")


def two_looks(examination: Examination, video: str) -> list[Json]:
    answers: list[Json] = [examination.inspection.ask("getVideo", request_to("getVideo", video)) for _ in range(2)]
    looks: list[Json] = [video_in(answer) for answer in answers]
    return [shown for shown in looks if shown is not None]


def promised_files(examination: Examination) -> None:
    """Looks whether `is_mp4` keeps its promise."""
    for video in samples(examination):
        shown = video_in(examination.inspection.ask("getVideo", request_to("getVideo", video["id"])))
        url = member(member(shown, "assets"), "mp4_url")
        if member(shown, "is_mp4") and not (url and examination.inspection.fetch(url).is_success):
            examination.inspection.note("getVideo", "/data/is_mp4", "true, and mp4_url does not answer")


# Videos of its own


def filters(examination: Examination, *, asks: Sequence[Json], pairs: bool = False) -> None:
    """Lists a shelf of known videos with filters; with `pairs`, every two of them together."""
    every = [examination.filled(one) for one in asks]
    if pairs:
        every = [{**one, **other} for one, other in itertools.combinations(every, 2) if one.keys() != other.keys()]
    for asked in every:
        compare_page(examination, {"limit": 100, **asked}, shelf=shelf_of(examination))


def walks(examination: Examination, *, asked: Json, limit: int) -> None:
    """Goes through the shelf page by page."""
    for offset in range(0, SHELF + limit, limit):
        # The contract's own defaults count, so they are left out.
        page = {name: value for name, value in (("limit", limit), ("offset", offset)) if value not in (0, 25)}
        compare_page(examination, {**examination.filled(asked), **page}, shelf=shelf_of(examination))


def shelf_of(examination: Examination) -> list[Json]:
    """Videos with known fields, two of them changed after they were made."""
    return examination.once("the shelf", lambda: fill_shelf(examination))


def fill_shelf(examination: Examination) -> list[Json]:
    made: list[Json] = []
    for number in range(SHELF):
        pairs = PAIRS[number % len(PAIRS)]
        fields: dict[str, Json] = {
            "title": f"{{mark}} shelf {WORDS[number % len(WORDS)] if number < 18 else 'z'}",
            "description": f"{{mark}}-{'abc'[number % 3]} At dawn, Größe" if number % 4 else "",
            "tags": TAGS[number % len(TAGS)],
            "metadata": [{"key": key, "value": value} for key, value in pairs.items()],
        }
        filled = examination.filled(fields)
        # What was asked for counts, whatever the answer shows.
        made.append({**examination.own.make(**filled), **filled, "status": "new"})
    for number in (3, 2):
        video = made[number]
        same = request_to("updateVideo", video["id"], json={"title": video["title"], "description": "changed"})
        examination.inspection.ask("updateVideo", same)
        updated_at = examination.own.get(video["id"]).get("updated_at")
        made[number] = {**video, "description": "changed", "updated_at": updated_at}
    return made
