"""Scenarios: the steps of the table about one video of its own, and what the video has to show after them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from contract_document import SCHEMAS, find, is_object, load

from conformance.deployment.findings import member, parsed
from conformance.deployment.inspection import SUCCESSES, NotExaminedError
from conformance.deployment.lists import listed
from conformance.deployment.requests import credentials_of, described, price_of
from conformance.shared.listing import moment
from conformance.shared.requests import Field, part_request, request_to, thumbnail_request, valid_request, with_form
from conformance.shared.sample_data import JPEG, PNG, md5

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_document import Json

    from conformance.deployment.examination import Examination

SIZE = 48
STATES = ("new", "transcoding", "done")
LOOKS_AT_TRANSCODING = 600
"""A second apart, until a transcoding should be over."""
MOVING = ("status", "qualities", "duration", "assets", "updated_at")
"""Fields that may change by themselves, or with every update."""
SHOWN_AS = {"player_id": "player_theme_id"}
TEXTS = (
    'it\'s "quoted" <b>&amp;</b> \\ %27 {x} ${y}; -- /*',
    "Žluťoučký kůň, ß İ",
    "\N{GRINNING FACE}\N{FAMILY}\u200d\N{GIRL} astral",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "decomposed e\u0301 and composed \u00e9",
    "日本語のタイトル",
)
"""Texts that a service may stumble over; the mark stands before each."""
FILES = {"source": "source_url", "picture": "thumbnail_url"}
PICTURES = {
    "png": PNG,
    "other png": PNG + b"more",
    "jpeg": JPEG,
    "gif": b"GIF89a starts a picture of another type",
    "text": b"no picture",
    "png head": b"\x89PNG\r\n\x1a\n, and then no picture",
    "nothing": b"",
}


@dataclass
class Scene:
    """A scenario at work."""

    examination: Examination
    source: bytes
    video: str = ""
    previous: str = ""
    """The one that was made before."""
    shown: Json = None
    """What the video showed last."""
    picture: bytes = PNG
    urls: dict[str, str] = field(default_factory=dict[str, str])
    """Those of a deleted video, which shows none."""
    history: tuple[str, ...] = ()

    def look(self, about: str = "a video of ours") -> Json:
        self.shown = self.examination.own.get(self.video, about)
        return self.shown

    def expect(self, operation: str, shown: Json, wanted: Json, about: str, exchanges: int = 2) -> None:
        """Note what a video does not show; a list of values of the table is one of `any`."""
        for path, value in wanted.items():
            allowed = value["any"] if is_object(value) and "any" in value else [value]
            for found in values_at(shown, path):
                # No list is the same as an empty one.
                if all((found or None) != (one or None) for one in allowed):
                    said = f"{found!r:.200} instead of {' or '.join(map(repr, allowed)):.200}"
                    place = "qualities" if path == "ladder" else path
                    self.examination.inspection.note(operation, f"/data/{place}", said, about, exchanges=exchanges)


def scenario(examination: Examination, *, steps: Sequence[Json], given: Sequence[Json] = ()) -> None:
    """Takes steps; those of `given` once for all statements with the same ones."""

    def begin() -> Scene:
        # Bytes that a service may stumble over: line ends, zeros, a boundary of forms, no text.
        odd = b"\r\n--\x00\xff\n\r+++\r\n"
        scene = Scene(examination, odd + examination.random().randbytes(SIZE - 2 * len(odd)) + odd[::-1])
        take(scene, given)
        return scene

    take(examination.once(described(given), begin) if given else begin(), steps)


def take(scene: Scene, steps: Sequence[Json]) -> None:
    for step in steps:
        action = next(iter(step))
        for each in variants(scene, step, action):
            ACTIONS[action](scene, scene.examination.filled(each), step.get("about", ""))


def variants(scene: Scene, step: Json, action: str) -> Iterator[Json]:
    """A step with `@texts` stands for one with each of several texts."""
    named = [name for name, value in step[action].items() if value == "@texts"] if is_object(step[action]) else []
    if not named:
        yield step
    for name in named:
        schema = {"title": "Title", "description": "Description"}[name]
        for text in texts(scene.examination, find(load(), f"{SCHEMAS}/{schema}/maxLength")):
            yield {**step, action: {**step[action], name: text}}


def texts(examination: Examination, longest: int) -> Iterator[str]:
    """Odd texts with the mark, one at random, one with blanks around, and the longest ones."""
    mark, pick = examination.own.mark, examination.random()
    yield from (f"{mark} {text}" for text in TEXTS)
    yield f"{mark} " + "".join(pick.choice("aZ é\u0416\u4e2d\N{SNAKE}'\"<") for _ in range(30)) + "."
    yield f"  {mark}  "
    yield from (mark + character * (longest - len(mark)) for character in ("x", "\N{GRINNING FACE}"))


def values_at(value: Json, path: str) -> list[Json]:
    """The values of a field; `a/*/b` are those of all entries of a list, `ladder` names and types of qualities."""
    if path == "ladder":
        qualities: list[Json] = member(value, "qualities") or []
        return [[f"{member(one, 'name')} {member(one, 'type')}" for one in qualities]]
    first, _, rest = path.partition("/*/")
    entries: list[Json] = member(value, first) or []
    return [member(one, rest) for one in entries] if rest else [member(value, first)]


# Actions


def create(scene: Scene, step: Json, about: str) -> None:
    """Make another video, and expect of it what was asked for, and what the step says."""
    fields = dict(step["create"])
    body = {"title": scene.examination.own.mark, "is_public": False, **fields}
    body = {name: value for name, value in body.items() if name not in step.get("without", ())}
    about = about or f"/{', '.join(fields)} is {described(fields)}"
    made = scene.examination.own.create(request_to("createVideo", json=body), SUCCESSES, about)
    if made is None:
        raise NotExaminedError("no video could be made for it")
    if made["id"] == scene.video:
        said = "a second create gave the first video"
        scene.examination.inspection.note("createVideo", "/data/id", said, about, exchanges=2)
    scene.previous, scene.video = scene.video, made["id"]
    wanted = {name: value for name, value in body.items() if name != "qualities"} | step.get("shows", {})
    scene.expect("createVideo", made, wanted, about, 1)
    scene.expect("getVideo", scene.look(about), {"id": made["id"], **wanted}, about)


def update(scene: Scene, step: Json, about: str) -> None:
    """Change the video, and expect that nothing else changes."""
    changes, before = step["update"], scene.look()
    about = about or f"/{', '.join(changes)} is {described(changes)}"
    ask = scene.examination.inspection.ask
    ask("updateVideo", request_to("updateVideo", scene.video, json=changes), about=about)
    after = scene.look(about)
    shown = {SHOWN_AS.get(name, name): value for name, value in changes.items()}
    kept = {name: value for name, value in before.items() if name not in MOVING}
    scene.expect("updateVideo", after, kept | shown, about)
    try:
        is_later = moment(after["updated_at"]) > moment(before["updated_at"])
    except (LookupError, TypeError, ValueError):
        return  # which the schemas have reported
    is_changed = any(before.get(name) != value for name, value in shown.items())
    if is_changed != is_later and (is_changed or not changes):
        wanted = {"updated_at": "a later moment" if is_changed else before["updated_at"]}
        scene.expect("updateVideo", after, wanted, about)


def part(scene: Scene, step: Json, about: str) -> None:
    """Send the bytes from one place to another, with what the step says wrong on purpose."""
    start, end = step["part"]
    data = scene.source[start:end]
    if step.get("bytes") == "other":
        data = bytes(byte ^ 255 for byte in data)
    hash_field = {"wrong": "0" * 32, "capitals": md5(data).upper()}.get(step.get("hash", ""))
    index = str(step.get("index", start // 10 + 1))
    request = part_request(scene.video, data, start, SIZE, index, range_header=step.get("range"), hash_field=hash_field)
    forms: dict[str, list[Field]] = {
        "backwards": list(request.form)[::-1],
        "index twice": [*request.form, Field("index", index.encode())],
        "two indexes": [*request.form, Field("index", b"77")],
        "nameless": [Field(one.name, one.content) for one in request.form],
    }
    request = with_form(request, forms[step["form"]]) if "form" in step else request
    scene.examination.inspection.ask("uploadVideoPart", request, step.get("expect", (200,)), about)


def picture(scene: Scene, step: Json, about: str) -> None:
    name, content = step["picture"]
    request, expect = thumbnail_request(scene.video, name, PICTURES[content]), step.get("expect", (200,))
    about = about or f"{name} with the content {content}"
    scene.examination.inspection.ask("uploadVideoThumbnail", request, expect, about)
    scene.picture = PICTURES[content] if 200 in expect else scene.picture


def complete(scene: Scene, step: Json, about: str) -> None:
    """Complete the upload; without the money for it, what needs it is not examined."""
    expected, about = step["complete"], about or "all bytes are there"
    accepted = [*expected, 402] if 200 in expected else expected
    request = request_to("completeVideoUpload", scene.video)
    scene.examination.inspection.ask("completeVideoUpload", request, accepted, about)
    if scene.examination.inspection.last.status_code == 402:
        raise NotExaminedError("the balance does not cover a transcoding, so nothing was completed")
    text = scene.examination.inspection.last.text
    if not all(str(number) in text for number in step.get("names", ())):
        said = f"does not name the range {step['names']}"
        scene.examination.inspection.note("completeVideoUpload", "/message", said, about)


def shows(scene: Scene, step: Json, about: str) -> None:
    scene.expect("getVideo", scene.look(), step["shows"], about, 1)


def delete(scene: Scene, step: Json, _: str) -> None:
    """Delete the video, after its files were fetched once, or the previous one."""
    if step["delete"] == "previous":
        scene.examination.own.delete(scene.previous)
        return
    assets = member(scene.look(), "assets")
    scene.urls = {name: member(assets, name) for name in FILES.values()}
    for url in filter(None, scene.urls.values()):
        scene.examination.inspection.fetch(url)
    scene.examination.own.delete(scene.video)


def ask(scene: Scene, step: Json, about: str) -> None:
    """Call an operation about the video, perhaps with other credentials; refused, it has no effect."""
    inspection, operation = scene.examination.inspection, step["ask"]
    who = credentials_of(scene.examination, step.get("who", "owner"))
    request = valid_request(operation, scene.video)
    inspection.ask(operation, request, step.get("expect", (200,)), about, who=who, is_repeatable=False)
    if step.get("who") != "a stranger":
        return
    said = member(parsed(inspection.last), "message")
    unknown = replace(request, path=request.path.replace(scene.video, str(uuid4())))
    inspection.ask(operation, unknown, (404,), "an unknown video", who=who, is_repeatable=False)
    other = member(parsed(inspection.last), "message")
    if said and said != other:
        inspection.note(operation, "/message", f"{said!r}, and {other!r} for one that never was", about, exchanges=2)
    before = scene.shown
    scene.expect(operation, scene.look("a video after strangers"), before, about, 1)


def lists(scene: Scene, step: Json, about: str) -> None:
    """Look for the video in a list, perhaps with other credentials."""
    inspection, asked = scene.examination.inspection, step["list"]
    who = credentials_of(scene.examination, step.get("who", "owner"))

    def look() -> dict[str, str]:
        page, _ = listed(scene.examination, asked, who)
        found: Json = next((one for one in page if one["id"] == scene.video), None)
        if (found is not None) != step["has"]:
            said = "has a video that does not belong there" if found else "lacks a video that belongs there"
            return {f"list for {step.get('who', 'status ' + asked.get('status', ''))}": said}
        if "first" in step and (page[0] is found) != step["first"]:
            return {f"sort_by {asked['sort_by']}": f"is not {asked['order_by']}ending"}
        fields = step.get("same", ()) if found else ()
        return {
            f"/data/videos/*/{name}": f"{found.get(name)!r} in the list, {scene.shown.get(name)!r} by itself"
            for name in fields
            if found.get(name) != scene.shown.get(name)
        }

    inspection.confirm("listVideos", look, about or described(asked))


def fetch(scene: Scene, step: Json, about: str) -> None:
    """Get the source or the picture, and compare it with what was uploaded, or expect that it is refused."""
    inspection, name, who = scene.examination.inspection, FILES[step["fetch"]], step.get("who", "owner")
    where, about = f"/data/assets/{name}", about or f"fetched by {who}"
    url = scene.urls.get(name) or member(member(scene.look(), "assets"), name)
    if not url:
        inspection.note("getVideo", where, "is not there", about)
        return
    answer = inspection.fetch(url, credentials_of(scene.examination, who))
    wanted = scene.source if step["fetch"] == "source" else scene.picture
    if answer.status_code not in step.get("expect", (200,)):
        said = f"{answer.status_code} instead of {' or '.join(map(str, step.get('expect', (200,))))}"
        inspection.note("getVideo", where, said, about)
    elif answer.is_success and answer.content != wanted:
        said = f"{len(answer.content)} bytes, not the {len(wanted)} that were uploaded"
        inspection.note("getVideo", where, said, about)


def transcode(scene: Scene, _: Json, __: str) -> None:
    """Upload real media, complete it, and look until nothing more happens."""
    price_of(scene.examination, "240p", 60)
    media = scene.examination.media
    scene.examination.inspection.ask("uploadVideoPart", part_request(scene.video, media))
    history = [scene.look()["status"]]
    complete(scene, {"complete": [200]}, "")
    while len(history) < LOOKS_AT_TRANSCODING and scene.look().get("status") in STATES[:2]:
        history.append(scene.shown["status"])
        scene.examination.inspection.wait(1)
    scene.history = (*history, *(scene.look()["status"] for _ in range(2)))


def moves(scene: Scene, _: Json, about: str) -> None:
    """Expect that the statuses seen only moved forward."""
    order = [STATES.index(one) if one in STATES else len(STATES) for one in scene.history]
    if order != sorted(order):
        scene.examination.inspection.note("getVideo", "/data/status", f"goes {' → '.join(scene.history)}", about)


def addresses(scene: Scene, _: Json, about: str) -> None:
    """Expect that every address of the video answers."""
    assets: dict[str, Json] = scene.look().get("assets") or {}
    for name, url in assets.items():
        if url and name.endswith("_url") and not scene.examination.inspection.fetch(str(url)).is_success:
            scene.examination.inspection.note("getVideo", f"/data/assets/{name}", "does not answer", about)


ACTIONS = {
    "create": create, "update": update, "part": part, "picture": picture, "complete": complete, "shows": shows,
    "delete": delete, "ask": ask, "list": lists, "fetch": fetch, "transcode": transcode, "moves": moves,
    "addresses": addresses,
}  # fmt: skip
"""What a step may do: its first name, and options beside it."""
