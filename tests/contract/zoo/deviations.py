"""The ways in which a service may deviate: small functions that `deviants.yaml` names, with parameters."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from conformance.shared.sample_data import content_range, md5
from contract_document import is_object

from tests.contract.zoo.service import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.shared.requests import Field

    from tests.contract.zoo.service import Call, DeviantService, Json

MESSAGES = {
    "uploadVideoPart": "Upload part successfully.",
    "completeVideoUpload": "Upload video complete successfully.",
    "updateVideo": "Update video info successfully.",
    "uploadVideoThumbnail": "Upload thumbnail successfully.",
    "deleteVideo": "Delete video successfully.",
}

TRANSFORMS: Mapping[str, Callable[[Any], Any]] = {
    "nothing": lambda _: None,
    "empty": lambda value: type(value)(),
    "lower": lambda value: value.lower(),
    "upper": lambda value: value.upper(),
    "strip": lambda value: value.strip(),
    "sorted": lambda value: sorted(value, key=str),
    "unique": lambda value: list(dict.fromkeys(value)),
    "reversed": lambda value: value[::-1],
    "first": lambda value: value[:1],
    "without first": lambda value: value[1:],
    "without empty": lambda value: [one for one in value if one],
    "ascii": lambda value: value.encode("ascii", "ignore").decode(),
    "small planes": lambda value: "".join(one for one in value if ord(one) < 0x10000),
    "composed": lambda value: unicodedata.normalize("NFC", value),
    "200 long": lambda value: value[:200],
    "255 long": lambda value: value[:255],
    "split at commas": lambda value: [word for one in value for word in one.split(",")],
    "lower values": lambda value: [{**pair, "value": pair["value"].lower()} for pair in value],
    "one value per key": lambda value: list({pair["key"]: pair for pair in value}.values()),
    "text": str,
    "negative": lambda value: -1 - value,
    "plus one": lambda value: value + 1,
    "without zone": lambda value: value.rstrip("Z"),
    "seconds since 1970": lambda value: int(datetime.fromisoformat(value).timestamp()),
    "an hour ago": lambda value: value.replace("T", "T00:00:00.1Z")[:23] if value else value,
    "by two": lambda value: value / 2,
}


async def change_request(
    call: Call,
    service: DeviantService,
    *,
    of: Sequence[str],
    drop: Sequence[str] = (),
    default: Mapping[str, Json] | None = None,
    always: Mapping[str, Json] | None = None,
    change: Mapping[str, str] | None = None,
    rename: Mapping[str, str] | None = None,
) -> Answer:
    """Takes a body for another one."""
    body = call.json
    if call.operation not in of or not is_object(body):
        return await service.true_answer(call)
    body = {(rename or {}).get(name, name): value for name, value in body.items() if name not in drop}
    body = {**(default or {}), **body, **(always or {})}
    for name, transform in (change or {}).items():
        body = _transformed(body, name, transform)
    return await service.true_answer(call.with_json(body))


async def change_answer(
    call: Call,
    service: DeviantService,
    *,
    of: Sequence[str],
    drop: Sequence[str] = (),
    always: Mapping[str, Json] | None = None,
    change: Mapping[str, str] | None = None,
    video: bool = True,
    statuses: Sequence[int] = (200, 201),
) -> Answer:
    """Shows videos, or bodies of answers, differently."""
    answer = await service.true_answer(call)
    if call.operation not in of or answer.status not in statuses:
        return answer

    def edit(target: dict[str, Json]) -> None:
        for name in drop:
            target.pop(name, None)
        target.update(always or {})
        for name, transform in (change or {}).items():
            target.update(_transformed(target, name, transform))

    if video:
        return answer.with_videos(edit)
    body = answer.json
    edit(body["data"] if is_object(body.get("data")) else body)
    return answer.with_json(body)


def _transformed(body: dict[str, Json], name: str, transform: str) -> dict[str, Json]:
    try:
        return {**body, name: TRANSFORMS[transform](body[name])} if name in body else body
    except (TypeError, AttributeError, KeyError, ValueError):
        return body  # of another type: the service may still refuse it


async def change_status(
    call: Call, service: DeviantService, *, of: Sequence[str], when: int, to: int, message: str | None = None
) -> Answer:
    """Answers with another status."""
    answer = await service.true_answer(call)
    if call.operation not in of or answer.status != when:
        return answer
    return Answer.of(to, {"status": "error", "message": message or "Something is wrong."})


async def pretend(call: Call, service: DeviantService, *, of: Sequence[str], when: int, says: str = "") -> Answer:
    """Says that all is well where it refuses, and does nothing."""
    answer = await service.true_answer(call)
    if call.operation in of and answer.status == when and says in answer.body.decode():
        return Answer.of(200, {"status": "success", "message": MESSAGES[call.operation]})
    return answer


async def fail_on_text(call: Call, service: DeviantService, *, field: str, kind: str, status: int) -> Answer:
    """Stumbles over some texts."""
    text = call.fields.get(field, "")
    odd = {
        "not ascii": lambda: not text.isascii(),
        "255 long": lambda: len(text) == 255,
        "255 bytes": lambda: len(text.encode()) > 255,
        "quote": lambda: "'" in text,
        "empty": lambda: field in call.fields and not text,
    }
    if isinstance(text, str) and odd[kind]():
        return Answer.of(status, {"status": "error", "message": "Something is wrong."})
    return await service.true_answer(call)


async def fail_on_field(call: Call, service: DeviantService, *, of: Sequence[str], field: str, kind: str) -> Answer:
    """Refuses some forms of a field that the contract takes."""
    value = call.fields.get(field)
    if call.operation in of and value is not None and type(value).__name__ == kind:
        return Answer.of(400, {"status": "error", "message": f"/{field}: is no good"})
    return await service.true_answer(call)


async def allow(call: Call, service: DeviantService, *, of: Sequence[str], field: str, kind: str = "") -> Answer:
    """Leaves a field out that it should refuse for its value, or for being there."""
    body = call.json
    if call.operation in of and is_object(body) and field in body and kind in ("", type(body[field]).__name__):
        call = call.with_json({name: value for name, value in body.items() if name != field})
    return await service.true_answer(call)


async def clamp(call: Call, service: DeviantService, *, field: str, least: int, most: int) -> Answer:
    """Moves a number into its range."""
    value = call.fields.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        call = call.with_json({**call.fields, field: min(max(value, least), most)})
    return await service.true_answer(call)


async def allow_unknown(call: Call, service: DeviantService, *, within: str, known: Sequence[str]) -> Answer:
    """Ignores unknown fields inside of the lists of a body."""
    body = call.fields
    if body and isinstance(body.get(within), list):
        entries = [
            {name: value for name, value in one.items() if name in known} if is_object(one) else one
            for one in body[within]
        ]
        call = call.with_json({**body, within: entries})
    return await service.true_answer(call)


# Lists


async def list_otherwise(
    call: Call,
    service: DeviantService,
    *,
    search_in: Sequence[str] = ("title", "description"),
    search_by: str = "contains",
    tags: str = "all",
    metadata: str = "all",
    ignore: Sequence[str] = (),
    ignore_with: Mapping[str, str] | None = None,
    default_limit: int = 25,
    default_order: str = "desc",
    ties: str = "id",
    title_key: str = "folded",
    sort_instead: Mapping[str, str] | None = None,
    offset: str = "videos",
    total: str = "all",
    deleted: str = "hidden",
) -> Answer:
    """Has filters, an order and pages of its own; each option is the contract's where it is not given."""
    answer = await service.true_answer(call)
    if call.operation != "listVideos" or answer.status != 200:
        return answer
    asked = {name: value for name, value in call.fields.items() if name not in ignore}
    for name, other in (ignore_with or {}).items():
        if asked.get(other):
            asked.pop(name, None)
    videos = await service.all_videos(call)
    wants_deleted = asked.get("status") == "deleted"
    if wants_deleted or deleted == "shown":
        gone = await service.all_videos(call, "deleted")
        videos = gone if wants_deleted else [*videos, *gone]
        if wants_deleted and deleted == "gone":
            videos = []
    kept = [
        video
        for video in videos
        if asked.get("status", "") in ("", video["status"])
        and _has(video["tags"] or [], _words(asked.get("tags", [])), tags)
        and _has(_pairs(video["metadata"] or []), _pairs(asked.get("metadata", [])), metadata)
        and _found(asked.get("search", ""), [video[name] for name in search_in], search_by)
    ]
    kept.sort(key=lambda video: video["id"])
    if ties == "random":
        random.shuffle(kept)
    sort_by: str = asked.get("sort_by", "created_at")
    sort_by = str((sort_instead or {}).get(sort_by, sort_by))
    is_folded = sort_by == "title" and title_key == "folded"
    kept.sort(
        key=lambda video: video[sort_by].casefold() if is_folded else video[sort_by],
        reverse=asked.get("order_by", default_order) == "desc",
    )
    limit, start = int(asked.get("limit", default_limit)), int(asked.get("offset", 0))
    start = {"videos": start, "pages": start * limit, "one more": start + (start > 0), "none": 0}[offset]
    page = kept[start : start + limit]
    shown = len(page) if total == "page" else len(videos) if total == "unfiltered" else len(kept)
    return Answer.of(200, {"status": "success", "data": {"videos": page, "total": shown}})


def _words(tags: Json) -> list[str]:
    words = [word.strip() for word in tags.split(",")] if isinstance(tags, str) else tags
    return [word for word in words if word]


def _pairs(pairs: Json) -> list[tuple[str, str]]:
    return list(pairs.items()) if is_object(pairs) else [(pair["key"], pair["value"]) for pair in pairs]


def _has(owned: Sequence[Any], wanted: Sequence[Any], how: str) -> bool:
    return not wanted or WAYS_TO_HAVE[how](owned, wanted)


WAYS_TO_HAVE: Mapping[str, Callable[[Sequence[Any], Sequence[Any]], bool]] = {
    "all": lambda owned, wanted: all(one in owned for one in wanted),
    "any": lambda owned, wanted: any(one in owned for one in wanted),
    "first wanted": lambda owned, wanted: wanted[0] in owned,
    "first owned": lambda owned, wanted: all(one in owned[:1] for one in wanted),
    "key": lambda owned, wanted: {key for key, _ in wanted} <= {key for key, _ in owned},
    "folded": lambda owned, wanted: {str(one).casefold() for one in wanted} <= {str(one).casefold() for one in owned},
    "part": lambda owned, wanted: all(any(str(one) in str(other) for other in owned) for one in wanted),
}


def _found(search: str, texts: Sequence[str], how: str) -> bool:
    if how == "case":
        return any(search in text for text in texts)
    if how == "ascii" and not search.isascii():
        return True
    folded = search.casefold()
    return any(
        {
            "prefix": text.startswith(folded),
            "word": not folded or folded in text.split(),
        }.get(how, folded in text)
        for text in map(str.casefold, texts)
    )


async def list_from_cache(call: Call, service: DeviantService) -> Answer:
    """Shows the videos in a list as they were when it listed them first."""
    answer = await service.true_answer(call)
    if call.operation != "listVideos":
        return answer
    seen: dict[str, Json] = service.memory

    def remember(video: dict[str, Json]) -> None:
        video.update(seen.setdefault(video["id"], dict(video)))

    return answer.with_videos(remember)


# Updates


async def update_resets(call: Call, service: DeviantService, *, to: Mapping[str, Json]) -> Answer:
    """Fills what an update does not give with defaults."""
    if call.operation == "updateVideo" and call.json is not None:
        call = call.with_json({**to, **call.fields})
    return await service.true_answer(call)


async def update_adds(call: Call, service: DeviantService, *, field: str) -> Answer:
    """Adds a given list to the old one."""
    if call.operation == "updateVideo" and isinstance(call.fields.get(field), list):
        [old] = (await service.do(call, "getVideo", call.video)).videos or [{}]
        call = call.with_json({**call.fields, field: [*(old.get(field) or []), *call.fields[field]]})
    return await service.true_answer(call)


async def update_of_nothing_counts(call: Call, service: DeviantService) -> Answer:
    """Has another `updated_at` after an empty update."""
    if call.operation == "updateVideo" and call.json == {}:
        [old] = (await service.do(call, "getVideo", call.video)).videos or [{}]
        call = call.with_json({"title": old.get("title", "x")})
    return await service.true_answer(call)


async def freeze_updated_at(call: Call, service: DeviantService) -> Answer:
    """Never changes `updated_at`."""
    answer = await service.true_answer(call)
    return answer.with_videos(lambda video: video.update(updated_at=video["created_at"]))


async def drift(call: Call, service: DeviantService, *, field: str) -> Answer:
    """Shows another value of a field each time."""
    answer = await service.true_answer(call)
    number = service.memory[field] = service.memory.get(field, 0) + 1
    fraction = f".{number:09}Z"
    return answer.with_videos(
        lambda video: video.update({field: video[field][:19] + fraction if "_at" in field else f"{number}"})
    )


# Accounts


async def show_to_strangers(call: Call, service: DeviantService, *, of: Sequence[str]) -> Answer:
    """Does for another account what only the owner may ask for."""
    answer = await service.true_answer(call)
    if call.operation not in of or answer.status not in (401, 404):
        return answer
    for token in ("token-a", "token-b"):
        other = await service.true_answer(call.by(token))
        if other.is_success and call.headers.get("authorization") != f"Bearer {token}":
            return other
    return answer


async def list_of_all_accounts(call: Call, service: DeviantService) -> Answer:
    """Lists the videos of every account."""
    answer = await service.true_answer(call)
    if call.operation != "listVideos" or answer.status != 200:
        return answer
    other = await service.true_answer(call.by("token-b" if "token-a" in str(call.headers) else "token-a"))
    videos = [*answer.videos, *other.videos][: call.fields.get("limit", 25)]
    total = answer.json["data"]["total"] + other.json["data"]["total"]
    return Answer.of(200, {"status": "success", "data": {"videos": videos, "total": total}})


async def tell_strangers(call: Call, service: DeviantService, *, status: int, message: str) -> Answer:
    """Gives away that a video exists."""
    answer = await service.true_answer(call)
    if answer.status != 404 or not call.video:
        return answer
    for token in ("token-a", "token-b"):
        other = await service.do(call.by(token), "getVideo", call.video)
        if other.is_success:
            return Answer.of(status, {"status": "error", "message": message})
    return answer


async def hide_from_everybody(call: Call, service: DeviantService) -> Answer:
    """Asks for credentials where a public video's files are fetched."""
    if call.operation in ("source", "thumbnail") and not call.headers.get("authorization"):
        return Answer.of(401, {"status": "error", "message": "Valid credentials are required."})
    return await service.true_answer(call)


async def mistake_credentials(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Takes other credentials than the contract has."""
    public, secret = call.headers.get("stream-public-key"), call.headers.get("stream-secret-key")
    token = call.headers.get("authorization", "")
    is_denied = {
        "keys": public and not token,
        "keys beside basic": public and token.startswith("Basic"),
        "empty header": "authorization" in call.headers and not token,
        "token": token.startswith("Bearer token"),
    }
    if is_denied.get(how):
        return Answer.of(401, {"status": "error", "message": "Valid credentials are required."})
    is_let_in = {
        "half a pair": public and not secret,
        "public key alone": public and secret != "secret-a",
        "two accounts": public and token.startswith("Bearer token"),
        "any token": token.startswith("Bearer ") and not token.startswith("Bearer token"),
        "other case": token.casefold().startswith("bearer token"),
    }
    return await service.true_answer(call.by("token-a") if is_let_in.get(how) else call)


async def need_no_credentials(call: Call, service: DeviantService, *, of: Sequence[str]) -> Answer:
    """Answers without credentials."""
    has_any = call.headers.get("authorization") or call.headers.get("stream-public-key")
    return await service.true_answer(call if has_any or call.operation not in of else call.by("token-a"))


# Deletes


async def keep_what_was_read(call: Call, service: DeviantService, *, of: str = "getVideo") -> Answer:
    """Shows a deleted video again, if it was read before."""
    answer = await service.true_answer(call)
    if call.operation == of:
        key = (call.video, call.headers.get("authorization"))
        if answer.is_success:
            service.memory[key] = answer
        return cast("Answer", service.memory.get(key, answer))
    return answer


async def delete_more(call: Call, service: DeviantService, *, same: str) -> Answer:
    """Deletes other videos too."""
    if call.operation == "deleteVideo":
        found = (await service.do(call, "getVideo", call.video)).videos
        for video in await service.all_videos(call) if found else ():
            if video["id"] != call.video and video[same] and video[same] == found[0][same]:
                await service.do(call, "deleteVideo", video["id"])
    return await service.true_answer(call)


async def delete_nothing(call: Call, service: DeviantService) -> Answer:
    """Says that a video is deleted, and hides it from the list only."""
    if call.operation == "deleteVideo" and (await service.do(call, "getVideo", call.video)).is_success:
        service.memory[call.video] = True
        return Answer.of(200, {"status": "success", "message": MESSAGES["deleteVideo"]})
    answer = await service.true_answer(call)
    if call.operation == "listVideos" and answer.is_success:
        body = answer.json
        body["data"]["videos"] = [one for one in answer.videos if one["id"] not in service.memory]
        return answer.with_json(body)
    return answer


async def create_once_per_title(call: Call, service: DeviantService) -> Answer:
    """Gives the old video where one has the title already."""
    if call.operation == "createVideo" and (title := call.fields.get("title")):
        for video in await service.all_videos(call):
            if video["title"] == title:
                return Answer.of(201, {"status": "success", "data": video})
    return await service.true_answer(call)


async def take_post_for_create(call: Call, service: DeviantService) -> Answer:
    """Creates where the list is, when the body has a title: the path of the reference's example."""
    if call.operation == "listVideos" and "title" in call.fields:
        return await service.do(call, "createVideo", body=call.fields)
    return await service.true_answer(call)


async def route_by_pattern(call: Call, service: DeviantService) -> Answer:
    """Takes `cost` and `create` for ids of videos where the method fits."""
    if call.path.endswith(("/videos/cost", "/videos/create")) and call.method in ("DELETE", "PATCH"):
        return Answer.of(404, {"status": "error", "message": "Video not found."})
    return await service.true_answer(call)


# Uploads


async def change_form(call: Call, service: DeviantService, *, do: str) -> Answer:
    """Reads the form of a part with less care."""
    form = call.form
    if call.operation == "uploadVideoPart" and form:
        call = FORMS[do](call, form)
    return await service.true_answer(call)


def _with_right_hash(call: Call, form: list[Field]) -> Call:
    data = next((one.content for one in form if one.filename), b"")
    return call.with_form([replace(one, content=md5(data).encode()) if one.name == "hash" else one for one in form])


def _with_right_range(call: Call, form: list[Field]) -> Call:
    data = next((one.content for one in form if one.filename), b"")
    start = call.headers.get("content-range", "").removeprefix("bytes ").partition("-")[0]
    size = call.headers.get("content-range", "").rpartition("/")[2]
    if not data or not start.isdecimal() or not size.isdecimal():
        return call
    whole = max(int(size), int(start) + len(data))
    return replace(call, headers={**call.headers, "content-range": content_range(int(start), len(data), whole)})


def _with_each_once(call: Call, form: list[Field]) -> Call:
    return call.with_form(list({one.name: one for one in form}.values()))


def _without_names(call: Call, form: list[Field]) -> Call:
    return call.with_form([replace(one, filename="part") if one.name == "file" else one for one in form])


def _with_known_fields(call: Call, form: list[Field]) -> Call:
    return call.with_form([one for one in form if one.name in ("file", "index", "hash")])


FORMS: Mapping[str, Callable[[Call, list[Field]], Call]] = {
    "right hash": _with_right_hash,
    "right range": _with_right_range,
    "each once": _with_each_once,
    "any name": _without_names,
    "known fields": _with_known_fields,
}


async def refuse_part(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Refuses parts that the contract takes."""
    form = call.form if call.operation == "uploadVideoPart" else []
    texts = {one.name: one.content.decode("utf-8", "replace") for one in form if not one.filename}
    seen: list[int] = service.memory.setdefault(call.video, []) if form else []
    index = int(texts["index"]) if texts.get("index", "").isascii() and texts.get("index", "").isdecimal() else 1
    start = call.headers.get("content-range", "bytes 0").removeprefix("bytes ").partition("-")[0]
    is_refused = {
        "capitals": texts.get("hash", "").lower() != texts.get("hash", ""),
        "index 0": texts.get("index") == "0",
        "gaps": index > len(set(seen)) + 1,
        "file first": bool(form and form[0].filename),
        "out of order": start.isdecimal() and int(start) > 0 and not seen,
        "repeated": index in seen,
        "field twice": len(form) > 3,
    }
    if form and is_refused[how]:
        return Answer.of(400, {"status": "error", "message": "no such part"})
    answer = await service.true_answer(call)
    if form and answer.is_success:
        seen.append(index)
    return answer


async def change_source(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Gives other bytes back than were uploaded."""
    parts: list[tuple[int, int, bytes]] = service.memory.setdefault(call.video, [])
    answer = await service.true_answer(call)
    if call.operation == "uploadVideoPart" and answer.is_success:
        texts = {one.name: one.content for one in call.form}
        start = int(call.headers["content-range"].removeprefix("bytes ").partition("-")[0])
        parts.append((start, int(texts["index"]), texts["file"]))
    if call.operation != "source" or not answer.is_success:
        return answer
    first = {start: data for start, _, data in reversed(parts)}
    contents: dict[str, Callable[[], bytes]] = {
        "without last byte": lambda: answer.body[:-1],
        "arrival": lambda: b"".join(data for _, _, data in parts),
        "index": lambda: b"".join(data for _, data in sorted({index: data for _, index, data in parts}.items())),
        "first kept": lambda: b"".join(first[start] for start in sorted(first)),
        "text": lambda: answer.body.replace(b"\r\n", b"\n"),
        "until zero": lambda: answer.body.partition(b"\0")[0],
    }
    return replace(answer, body=contents[how]())


async def complete_otherwise(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Completes at the wrong time, or shows it wrongly."""
    done: set[str] = service.memory.setdefault("done", set())
    is_complete = call.operation == "completeVideoUpload"
    if is_complete and how == "once" and call.video in done:
        return Answer.of(400, {"status": "error", "message": "It is complete."})
    answer = await service.true_answer(call)
    if is_complete and answer.is_success:
        done.add(call.video)
    if is_complete and answer.status == 400 and how == "with holes":
        return Answer.of(200, {"status": "success", "message": MESSAGES["completeVideoUpload"]})
    if is_complete and answer.status == 400 and how == "names nothing":
        return Answer.of(400, {"status": "error", "message": "Bytes are missing."})
    if how in ("stays new", "starts transcoding at once", "wrong size", "starts done"):
        return answer.with_videos(lambda video: _shown_wrongly(video, how, done))
    return answer


def _shown_wrongly(video: dict[str, Json], how: str, done: set[str]) -> None:
    if how == "stays new" and video["id"] in done:
        video["status"] = "new"
    if how == "starts transcoding at once" and video["status"] == "new":
        video["status"] = "transcoding"
    if how == "starts done" and video["id"] in done:
        video["status"] = "done"
    if how == "wrong size" and video["size"]:
        video["size"] += 1


async def thumbnail_otherwise(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Takes other pictures than the contract, or gives other ones back."""
    if call.operation == "uploadVideoThumbnail" and call.form:
        [file, *_] = [one for one in call.form if one.filename] or call.form
        name, is_png = (file.filename or "").lower(), file.content.startswith(b"\x89PNG")
        if how == "refuses jpeg" and not is_png:
            return Answer.of(400, {"status": "error", "message": "no PNG"})
        if how == "refuses capitals" and file.filename != name:
            return Answer.of(400, {"status": "error", "message": "the name"})
        if how == "any name":
            call = call.with_form([replace(file, filename="cover.png" if is_png else "cover.jpg")])
        if how == "any content":
            answer = await service.true_answer(call)
            is_body = call.headers.get("content-type", "").startswith("multipart") and file.name == "file"
            if answer.status == 400 and is_body:
                return Answer.of(200, {"status": "success", "message": MESSAGES["uploadVideoThumbnail"]})
            return answer
    answer = await service.true_answer(call)
    if how == "first kept" and call.operation == "thumbnail" and answer.is_success:
        return replace(answer, body=service.memory.setdefault(call.video, answer.body))
    if how == "publishes" and call.operation == "uploadVideoThumbnail" and answer.is_success:
        await service.do(call, "updateVideo", call.video, {"is_public": True})
    return answer


# Prices and transcodings


async def price_otherwise(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Has other prices."""
    if call.operation != "getTranscodeCost":
        return await service.true_answer(call)
    is_refused = {
        "whole seconds": "." in call.query.partition("duration=")[2],
        "without 144p": "144p" in call.query,
        "one name": "%2C" in call.query or "," in call.query,
    }
    if is_refused.get(how):
        return Answer.of(400, {"status": "error", "message": "no price"})
    query = {
        "4320p": call.query.replace("4320p", "2160p"),
        "first name": call.query.replace("360p%2C1080p", "360p"),
        "any duration": call.query.replace("duration=0", "duration=1").replace("duration=-", "duration="),
    }.get(how, call.query)
    answer = await service.true_answer(replace(call, query=query))
    body = answer.json
    if answer.is_success and how in ("flat", "falls"):
        body["data"]["price"] = 1.5 if how == "flat" else 1 / (1 + body["data"]["price"])
    return answer.with_json(body)


async def status_otherwise(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Lets the status of a transcoding go its own way."""
    answer = await service.true_answer(call)
    count: dict[str, int] = service.memory

    def edit(video: dict[str, Json]) -> None:
        if video["status"] in ("transcoding", "done"):
            count[video["id"]] = count.get(video["id"], 0) + 1
            if how == "backwards" and count[video["id"]] % 2 == 0:
                video["status"] = "new"
            if how == "for ever":
                video["status"] = "transcoding"
        if how == "qualities stay new":
            video["qualities"] = [{**one, "status": "new"} for one in video["qualities"]]
        if how == "one quality less" and video["status"] == "done":
            video["qualities"] = video["qualities"][1:]

    return answer.with_videos(edit)


async def own_qualities(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Makes other qualities than were asked for."""
    asked: Json = call.fields.get("qualities")
    if call.operation == "createVideo" and how == "its own" and isinstance(asked, list) and asked:
        answer = await service.true_answer(call)
        default = [{"name": name, "status": "new", "type": "hls"} for name in ("360p", "720p", "1080p")]
        return answer.with_videos(lambda video: video.update(qualities=default))
    if call.operation == "createVideo" and how == "first" and isinstance(asked, list):
        call = call.with_json({**call.fields, "qualities": asked[:1]})
    if call.operation == "createVideo" and how == "empty" and asked == []:
        call = call.with_json({name: value for name, value in call.fields.items() if name != "qualities"})
    if call.operation == "createVideo" and how == "no dash" and "dash" in str(asked):
        return Answer.of(400, {"status": "error", "message": "no dash"})
    if call.operation == "createVideo" and how == "no h265" and "h265" in str(asked):
        return Answer.of(400, {"status": "error", "message": "no h265"})
    return await service.true_answer(call)


# Answers that are no answers of the contract


async def say_otherwise(call: Call, service: DeviantService, *, how: str) -> Answer:
    """Has another envelope."""
    answer = await service.true_answer(call)
    if how == "wrong type 200" and call.operation == "listVideos" and answer.status == 415:
        return await service.true_answer(call.with_json({}))
    if not call.operation or not is_object(answer.json):
        return answer
    other = (ENVELOPES_OF_FAILURES if answer.status >= 400 else ENVELOPES_OF_SUCCESSES).get(how)
    return other(answer) if other else answer


ENVELOPES_OF_FAILURES: Mapping[str, Callable[[Answer], Answer]] = {
    "html": lambda answer: replace(answer, body=b"<h1>Not found</h1>", headers={"content-type": "text/html"}),
    "failure is a success": lambda answer: answer.with_json({**answer.json, "status": "success"}),
    "no message": lambda answer: answer.with_json({"status": answer.json["status"]}),
    "an error object": lambda answer: answer.with_json({"error": answer.json}),
    "200 for failures": lambda answer: replace(answer, status=200),
    "422": lambda answer: replace(answer, status=422 if answer.status == 400 else answer.status),
}
ENVELOPES_OF_SUCCESSES: Mapping[str, Callable[[Answer], Answer]] = {
    "text": lambda answer: replace(answer, headers={**answer.headers, "content-type": "text/plain"}),
    "bare": lambda answer: answer.with_json(answer.json.get("data", answer.json)),
}


# What the vendor's newest clients were seen to expect, all at once


async def answer_like_the_vendor(call: Call, service: DeviantService) -> Answer:
    """Answers as the service's newest clients expect it, beside the contract of this project."""
    body: Json = call.fields
    if call.operation == "createVideo" and body:
        news = ("type", "segment_duration", "watermark", "crop_info", "source_url")
        kept = {name: value for name, value in body.items() if name not in news}
        call = call.with_json({name: value for name, value in kept.items() if (name, value) != ("qualities", [])})
    if call.operation == "listVideos" and body:
        if isinstance(body.get("status"), str) or is_object(body.get("metadata")):
            return failed_like_the_vendor(Answer.of(400, {"status": "error", "message": "bad request"}))
        statuses = body.pop("status", [])
        call = call.with_json({**body, **({"status": statuses[0]} if statuses else {})})
    answer = (await service.true_answer(call)).with_videos(show_like_the_vendor)
    if call.operation == "getTranscodeCost" and "type=" not in call.query and answer.status != 401:
        answer = Answer.of(400, {"status": "error", "message": "type is required"})
    if answer.status >= 400:
        return failed_like_the_vendor(answer)
    if call.operation == "listVideos":
        data = answer.json["data"]
        return answer.with_json({"status": "success", "data": {"media": data["videos"], "total": data["total"]}})
    return replace(answer, status=200)


def show_like_the_vendor(video: dict[str, Json]) -> None:
    video["captions"] = video.pop("subtitles")
    del video["is_panoramic"]
    video.update(type="video", view=0, summaries=None, crop_info=None)
    codecs: dict[str, Json] = {"video_codec": "h264", "audio_codec": "aac", "video_bitrate": 1, "audio_bitrate": 1}
    video["qualities"] = [{**one, **codecs} for one in video["qualities"]]


def failed_like_the_vendor(answer: Answer) -> Answer:
    body: Json = answer.json
    more: dict[str, Json] = {"reason": "bad-request", "request_id": "r-1", "data": None}
    return answer.with_json({**body, **more}) if is_object(body) else answer
