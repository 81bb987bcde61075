"""Probes of bytes: parts, completed uploads, and what is behind the addresses of a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_document import is_object

from conformance.deployment.inspection import NotExaminedError
from conformance.deployment.reading import price_of
from conformance.shared.requests import Field, part_request, request_to, thumbnail_request, with_form
from conformance.shared.sample_data import JPEG, PNG, md5

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_document import Json

    from conformance.deployment.examination import Examination

SIZE = 48
STATES = ("new", "transcoding", "done")
LOOKS_AT_TRANSCODING = 600
"""A second apart, until a transcoding should be over."""
PICTURES = {
    "png": PNG,
    "other png": PNG + b"more",
    "jpeg": JPEG,
    "gif": b"GIF89a starts a picture of another type",
    "text": b"no picture",
    "png head": b"\x89PNG\r\n\x1a\n, and then no picture",
    "nothing": b"",
}


def source_of(examination: Examination) -> bytes:
    """Bytes that a service may stumble over: line ends of both kinds, zeros, a boundary of forms, none of them text."""
    odd = b"\r\n--\x00\xff\n\r+++\r\n"
    return odd + examination.random().randbytes(SIZE - 2 * len(odd)) + odd[::-1]


def upload(examination: Examination, *, steps: Sequence[Json], about: str = "") -> None:
    """Sends parts to a new video as the table says, completes it, and gets the bytes back."""
    source, video = source_of(examination), examination.own.make()["id"]
    for step in steps:
        said = step.get("about") or about
        if "part" in step:
            send_part(examination, video, source, step, said)
        elif "complete" in step:
            complete(examination, video, step, said)
        elif "fetch" in step:
            fetch_source(examination, video, source, step["fetch"])
        else:
            shown = examination.own.get(video, said)
            for name, value in step["shows"].items():
                values = value if isinstance(value, list) else [value]
                if shown.get(name) not in values:
                    said_instead = f"{shown.get(name)!r} instead of {' or '.join(map(repr, values))}"
                    examination.inspection.note("getVideo", f"/data/{name}", said_instead, said)


def send_part(examination: Examination, video: str, source: bytes, step: Json, about: str) -> None:
    """Send the bytes from one place to another, with what the step says wrong on purpose."""
    start, end = step["part"]
    data = source[start:end]
    if step.get("bytes") == "other":
        data = bytes(byte ^ 255 for byte in data)
    hash_field = {"wrong": "0" * 32, "capitals": md5(data).upper()}.get(step.get("hash", ""))
    index = str(step.get("index", start // 10 + 1))
    request = part_request(
        video, data, start, step.get("size", SIZE), index, range_header=step.get("range"), hash_field=hash_field
    )
    forms: dict[str, list[Field]] = {
        "backwards": list(request.form)[::-1],
        "index twice": [*request.form, Field("index", index.encode())],
        "two indexes": [*request.form, Field("index", b"77")],
        "nameless": [Field(one.name, one.content) for one in request.form],
    }
    request = with_form(request, forms[step["form"]]) if "form" in step else request
    # A part may always be sent again.
    examination.inspection.ask("uploadVideoPart", request, step.get("expect", (200,)), about)


def complete(examination: Examination, video: str, step: Json, about: str) -> None:
    expected = step["complete"]
    request = request_to("completeVideoUpload", video)
    accepted = (*expected, 402) if 200 in expected else expected
    examination.inspection.ask("completeVideoUpload", request, accepted, about)
    answer = examination.inspection.last
    if answer.status_code == 402:
        raise NotExaminedError("the balance does not cover a transcoding, so nothing was completed")
    if answer.status_code == 400 and not all(str(number) in answer.text for number in step.get("names", ())):
        examination.inspection.note("completeVideoUpload", "/message", f"does not name {step['names']}", about)


def fetch_source(examination: Examination, video: str, source: bytes, who: str) -> None:
    """Get the source by its address, and compare it with what was uploaded."""
    url = asset(examination, video, "source_url")
    expect_file(examination, url, source, "source_url", who)


def asset(examination: Examination, video: str, name: str) -> str:
    assets = examination.own.get(video).get("assets")
    url = assets.get(name) if is_object(assets) else None
    if not isinstance(url, str) or not url:
        raise NotExaminedError(f"the video has no {name}")
    return url


def expect_file(examination: Examination, url: str, content: bytes, name: str, who: str) -> None:
    """Compare a file with what was uploaded, or expect that it is refused."""
    inspection = examination.inspection
    second = examination.second.headers if examination.second else None
    if who == "stranger" and second is None:
        return
    headers = {"owner": examination.credentials.headers, "nobody": {}, "everybody": {}, "stranger": second or {}}[who]
    answer = inspection.fetch(url, headers)
    where, about = f"/data/assets/{name}", f"fetched by {who}"
    if who in ("owner", "everybody"):
        if not answer.is_success:
            inspection.note("getVideo", where, f"{answer.status_code} instead of 200", about)
        elif answer.content != content:
            got = f"{len(answer.content)} bytes, not the {len(content)} that were uploaded"
            inspection.note("getVideo", where, got, about)
    elif answer.status_code not in (401, 404):
        inspection.note("getVideo", where, f"{answer.status_code} instead of 401 or 404", about)


def files(examination: Examination, *, of: str, who: str, is_public: bool = False, after: str = "") -> None:
    """Gets the source or the picture of a video, private or public, alive or deleted."""
    def make() -> dict[str, str]:
        video = complete_video(examination, is_public=is_public)
        urls = {name: asset(examination, video, name) for name in ("source_url", "thumbnail_url")}
        if after == "delete":
            for url in urls.values():
                examination.inspection.fetch(url)
            examination.own.delete(video)
        return urls

    urls = examination.once(f"a complete video {is_public} {after}", make)
    name = {"source": "source_url", "picture": "thumbnail_url"}[of]
    content = source_of_shared(examination) if of == "source" else PNG
    expect_file(examination, urls[name], content, name, who)


def source_of_shared(examination: Examination) -> bytes:
    return examination.once("a source", lambda: source_of(examination))


def complete_video(examination: Examination, *, is_public: bool) -> str:
    video: str = examination.own.make(is_public=is_public)["id"]
    examination.inspection.ask("uploadVideoPart", part_request(video, source_of_shared(examination)))
    examination.inspection.ask("uploadVideoThumbnail", thumbnail_request(video))
    complete(examination, video, {"complete": (200,)}, "all bytes are there")
    return video


def sizes(examination: Examination, *, order_by: str) -> None:
    """Completes uploads of different sizes, and lists them by size."""

    def make() -> dict[str, int]:
        found: dict[str, int] = {}
        for size in (20, 5, 30, 11):
            video = examination.own.make(title=f"{examination.own.mark} sized")["id"]
            examination.inspection.ask("uploadVideoPart", part_request(video, b"x" * size))
            complete(examination, video, {"complete": (200,)}, "all bytes are there")
            found[video] = size
        return found

    made = examination.once("videos of different sizes", make)
    wanted = sorted(made, key=lambda video: made[video], reverse=order_by == "desc")
    asked = {"search": f"{examination.own.mark} sized", "sort_by": "size", "order_by": order_by}

    def look() -> dict[str, str]:
        answer = examination.inspection.ask("listVideos", request_to("listVideos", json=asked)) or {}
        shown = [one.get("id") for one in (answer.get("data") or {}).get("videos") or []]
        said = f"{[made.get(str(one)) for one in shown]} {order_by}ending"
        return {} if shown == wanted else {"sort_by size": said}

    examination.inspection.confirm("listVideos", look, str(asked))


def pictures(examination: Examination, *, sends: Sequence[Json], shows: str = "") -> None:
    """Sends pictures to one video, and gets the last one back."""
    video = examination.own.make()["id"]
    before = examination.own.get(video)
    for name, content, expected in sends:
        request = thumbnail_request(video, name, PICTURES[content])
        about = f"{name} with the content {content}"
        examination.inspection.ask("uploadVideoThumbnail", request, (expected,), about)
    after = examination.own.get(video)
    if after.get("is_public") != before.get("is_public"):
        examination.inspection.note("uploadVideoThumbnail", "/data/is_public", "changes with a picture")
    if shows:
        assets = after.get("assets")
        url = assets.get("thumbnail_url") if is_object(assets) else None
        if not url:
            examination.inspection.note("getVideo", "/data/assets/thumbnail_url", "is not there after a picture came")
        else:
            expect_file(examination, url, PICTURES[shows], "thumbnail_url", "owner")


# Transcodings, which take time and cost money


def transcoding(examination: Examination, *, shows: str) -> None:
    """Looks at one transcoding of real media, from its start to its end."""
    history = examination.once("a transcoding", lambda: transcode(examination))
    last, note = history[-1], examination.inspection.note
    match shows:
        case "forward":
            order = [STATES.index(one["status"]) if one["status"] in STATES else len(STATES) for one in history]
            if order != sorted(order):
                note("getVideo", "/data/status", f"goes {' → '.join(one['status'] for one in history)}")
        case "end":
            if last["status"] != "done":
                note("getVideo", "/data/status", f"{last['status']!r} after {LOOKS_AT_TRANSCODING} looks")
        case "qualities":
            found = sorted(f"{one.get('name')} {one.get('type')}" for one in last.get("qualities") or [])
            if found != sorted(f"{one['resolution']} {one['type']}" for one in LADDER):
                note("getVideo", "/data/qualities", f"{found} of a finished video")
        case "quality statuses":
            states = {str(one.get("status")) for one in last.get("qualities") or []}
            if last["status"] == "done" and not states <= {"done", "fail"}:
                note("getVideo", "/data/qualities/*/status", f"{sorted(states)} of a finished video")
        case "duration":
            if not last.get("duration"):
                note("getVideo", "/data/duration", f"{last.get('duration')!r} of a finished video")
        case "size":
            if last.get("size") != len(examination.media):
                note("getVideo", "/data/size", f"{last.get('size')!r} of {len(examination.media)} bytes")
        case "addresses":
            for name, url in (last.get("assets") or {}).items():
                if url and name.endswith("_url") and not examination.inspection.fetch(url).is_success:
                    note("getVideo", f"/data/assets/{name}", "does not answer")
        case _:
            raise LookupError(shows)


LADDER: list[Json] = [
    {"resolution": "240p", "type": "hls", "container_type": "mpegts"},
    {"resolution": "360p", "type": "dash", "container_type": "fmp4"},
]


def transcode(examination: Examination) -> list[Json]:
    """What a video shows at each look, until nothing more happens to it."""
    if price_of(examination, "240p,360p", 60) is None:
        raise NotExaminedError("it has no price, so nobody knows what it would cost")
    video = examination.own.make(qualities=LADDER)["id"]
    examination.inspection.ask("uploadVideoPart", part_request(video, examination.media))
    history = [examination.own.get(video)]
    complete(examination, video, {"complete": (200,)}, "all bytes are there")
    for _ in range(LOOKS_AT_TRANSCODING):
        history.append(examination.own.get(video))
        if history[-1].get("status") not in STATES[:2]:
            break
        examination.inspection.wait(1)
    return [*history, examination.own.get(video)]
