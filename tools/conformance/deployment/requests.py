"""Probes that send requests: those of the table, and those that follow from the contract's own schemas.

A statement that can be examined by reading sends nothing that may have an effect: what would write is about a video
that does not exist, or wrong in two ways at once. One that needs writing asks about a video of its own.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import uuid4

from contract_document import is_object, load

from conformance.deployment.inspection import SUCCESSES, NotExaminedError
from conformance.deployment.statements import Mode
from conformance.shared.examples import ExampleMaker
from conformance.shared.requests import NOTHING, request_to, valid_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_document import Json

    from conformance.deployment.examination import Examination
    from conformance.shared.examples import Example
    from conformance.shared.requests import Request

FORM_FIELDS = ("index", "hash", "file", "duration", "qualities", "Content-Range")


def asks(examination: Examination, *, operation: str, expect: Sequence[int], requests: Sequence[Json]) -> None:
    """Sends requests of the table, each by itself, and expects one of several statuses."""
    if min(expect) != 401:
        require(examination, operation)
    for entry in requests:
        filled = examination.filled(entry)
        about = entry.get("about", "")
        who = credentials_of(examination, entry.get("who", "owner"))
        send(examination, operation, request_of(examination, operation, filled), expect, about, who)


def request_of(examination: Examination, operation: str, entry: Json) -> Request:
    """A request as the table writes it: what it does not say is that of a valid one."""
    request = valid_request(operation, video_to_ask_about(examination))
    changes: dict[str, Json] = {name: entry[name] for name in ("path", "json", "headers") if name in entry}
    if "query" in entry:
        changes["query"] = tuple((name, str(value)) for name, value in entry["query"])
    if "text" in entry:
        changes |= {"json": NOTHING, "form": (), "content": entry["text"].encode()}
    return replace(request, **changes)


def video_to_ask_about(examination: Examination) -> str:
    statement = examination.inspection.statement
    if statement is None or statement.mode is Mode.READ:
        return str(uuid4())
    made = examination.once("a video for requests", examination.own.make)
    return str(made["id"])


def send(
    examination: Examination,
    operation: str,
    request: Request,
    expect: Sequence[int],
    about: str,
    who: Mapping[str, str] | None = None,
) -> None:
    """Send a request; a video that comes of it is remembered and marked."""
    statement = examination.inspection.statement
    if operation == "createVideo" and statement and statement.mode is not Mode.READ:
        examination.own.create(request, expect, about)
    else:
        examination.inspection.ask(operation, request, expect, about, who=who, is_repeatable=False)


def credentials_of(examination: Examination, who: str) -> Mapping[str, str]:
    """Headers with credentials by the name that the table has for them."""
    own, second = examination.credentials, examination.second
    public, secret = own.keys or (None, None)
    keys = {"stream-public-key": public, "stream-secret-key": secret}
    known: dict[str, Mapping[str, str | None]] = {
        "owner": own.headers,
        "nobody": {},
        "an unknown token": {"Authorization": f"Bearer {uuid4()}"},
        "an empty token": {"Authorization": ""},
        "credentials in other case": {name: in_other_case(value) for name, value in own.headers.items()},
        "unknown keys": {"stream-public-key": str(uuid4()), "stream-secret-key": str(uuid4())},
        "a public key alone": {"stream-public-key": public or str(uuid4())},
        "a secret key alone": {"stream-secret-key": secret or str(uuid4())},
        "a wrong secret key": {**keys, "stream-secret-key": str(uuid4())},
        "keys": keys,
        "keys and an empty token": {**keys, "Authorization": ""},
        "keys beside Basic": {**keys, "Authorization": "Basic eDp5"},
        "a stranger": second.headers if second else {"": None},
        "keys of two accounts": {**keys, "Authorization": second.headers.get("Authorization") if second else None},
    }
    found = {name: value for name, value in known[who].items() if value is not None}
    if len(found) < len(known[who]):
        raise NotExaminedError("no pair of keys beside the token: needs PUBLIC_KEY and SECRET_KEY, or a second account")
    return found


def in_other_case(credential: str) -> str:
    """A credential with small letters for capitals and capitals for small ones; the word before it stays."""
    word, blank, secret = credential.rpartition(" ")
    return f"{word}{blank}{secret.swapcase()}"


@lru_cache
def all_examples() -> tuple[Example, ...]:
    return tuple(ExampleMaker(load()).all())


def examples(examination: Examination, *, operation: str, place: str, most: int = 1) -> None:
    """Sends requests that just keep the contract's rules and others that just break them, all about one field."""
    about = [one for one in all_examples() if one.operation == operation and field_of(one) == place]
    examination.random().shuffle(about)
    kinds: dict[object, list[Example]] = {}
    for example in about:
        kinds.setdefault((example.rules, example.about.partition(" is ")[0]), []).append(example)
    require(examination, operation)
    for example in (example for kind in kinds.values() for example in kind[:most]):
        # A part that is stored decides what the next one may be.
        is_spent = operation == "uploadVideoPart" and example.is_valid
        video = str(examination.own.make()["id"]) if is_spent else video_to_ask_about(examination)
        expected = SUCCESSES if example.is_valid else (400,)
        if not place and example.is_valid and refuses_a_field(examination, operation):
            continue
        named = f"/{place}: {example.about.removeprefix('/')}" if place else f"the body: {example.about}"
        send(examination, operation, example.request.about(video), expected, named)


def require(examination: Examination, operation: str) -> None:
    """Where even a plain request is refused, that is one difference, and no other can be seen."""
    request = valid_request(operation)
    if "{video_id}" in request.path or request.method != "GET":
        return

    def send_plain() -> None:
        if examination.inspection.ask(operation, request, SUCCESSES, "a plain request") is None:
            raise NotExaminedError("a plain request is refused")

    examination.once(f"{operation} works", send_plain)


def refuses_a_field(examination: Examination, operation: str) -> bool:
    """Whether a field by itself is refused already; then what has all fields says nothing new."""
    found = examination.inspection.differences
    return any(one.operation == operation and one.where.startswith("status for /") for one in found)


def field_of(example: Example) -> str:
    """The field of a request that an example is about; empty where it is about the whole, or all but one."""
    if example.is_valid and example.about.endswith("is missing"):
        return ""
    body = example.request.json
    if is_object(body) and body.get("title") == "a ladder":
        return "qualities"
    first = example.about.partition(" ")[0]
    if first.startswith("/"):
        return first.split("/")[1]
    return first if first in FORM_FIELDS else ""


def unknown_video(examination: Examination, *, operation: str) -> None:
    """Asks about a video that does not exist, with requests that keep the rules and others that don't."""
    kinds: dict[object, Example] = {one.rules: one for one in all_examples() if one.operation == operation}
    valid = (True, "an unknown video", valid_request(operation))
    others = ((one.is_valid, f"{one.about}, of an unknown video", one.request) for one in kinds.values())
    for is_valid, about, request in (valid, *others):
        # The contract does not say which of two mistakes is reported.
        expected = (404,) if is_valid else (400, 404)
        examination.inspection.ask(operation, request.about(str(uuid4())), expected, about)


def prices(examination: Examination, *, less: Sequence[Json], more: Sequence[Json]) -> None:
    """Compares the price of two transcodings, of which one is longer or has more."""
    small, large = (price_of(examination, *one) for one in (less, more))
    if large <= small:
        said = f"{large:g} for {more[0]}, {more[1]} s, and {small:g} for {less[0]}, {less[1]} s"
        examination.inspection.note("getTranscodeCost", "/data/price", said, exchanges=2)


def price_of(examination: Examination, names: str, seconds: float) -> float:
    require(examination, "getTranscodeCost")
    query = (("qualities", names), ("duration", str(seconds)))
    answer = examination.inspection.ask("getTranscodeCost", request_to("getTranscodeCost", query=query))
    try:
        return float(answer["data"]["price"])
    except (LookupError, TypeError, ValueError):
        raise NotExaminedError("there is no price") from None


def answers(examination: Examination, *, of: Sequence[str], place: str) -> None:
    """Held if an answer had the place, and nothing was wrong there."""
    places = (place, place.replace("/data/", "/data/videos/*/", 1))
    seen = examination.inspection.seen
    if place != "*" and not any((operation, one) in seen for operation in of for one in places):
        raise NotExaminedError("no answer had it")


def nothing(_: Examination, *, why: str) -> None:
    """For what no inspection can see."""
    raise NotExaminedError(why)


def described(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)[:120]
