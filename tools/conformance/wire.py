"""Requests as values, a client that sends them, and the shell script that sends them again."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx

from conformance.samples import BEARER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.shapes import Json

NOTHING = object()
SHORT = 2000
"""Bytes of a file that a script still spells out."""

FIRST_LINE = 'BASE_URL="${BASE_URL:-http://127.0.0.1:8080/api}"  # such as of: aioz-stream-mock --control --port 8080'
CONTROL = "curl -sS -X POST -H 'Content-Type: application/json' ${BASE_URL%/api}/_mock"
ID_OF_ANSWER = """python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["id"])'"""


@dataclass(frozen=True)
class Field:
    """A field of a form; with a file name, it is a file."""

    name: str
    content: bytes
    filename: str | None = None


@dataclass(frozen=True)
class Request:
    """One request, as it is meant."""

    method: str
    path: str
    json: Json = NOTHING
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Sequence[Field] = ()
    content: bytes | None = None
    """A body that is neither JSON nor a form, whatever it claims to be."""
    who: Mapping[str, str] = field(default_factory=lambda: BEARER)

    @property
    def all_headers(self) -> dict[str, str]:
        kind = {} if self.json is NOTHING else {"Content-Type": "application/json"}
        return {**kind, **self.who, **self.headers}

    @property
    def body(self) -> bytes | None:
        return self.content if self.json is NOTHING else json.dumps(self.json).encode()


class Wire:
    """Sends requests to one server and remembers them."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(timeout=60)
        self._sent: list[tuple[Request | str, httpx.Response | None]] = []

    def close(self) -> None:
        self._http.close()

    def send(self, request: Request) -> httpx.Response:
        options: dict[str, Any] = {"headers": request.all_headers}
        if request.form:
            options["files"] = [(one.name, (one.filename, one.content)) for one in request.form]
        elif request.body is not None:
            options["content"] = request.body
        if request.query:
            options["params"] = list(request.query)
        self._sent.append((request, None))
        answer = self._http.request(request.method, self._address(request.path), **options)
        self._sent[-1] = (request, answer)
        return answer

    def remark(self, path: str, body: Json) -> None:
        """Remember something that was done to the server beside the requests, as its control would do it by HTTP."""
        self._sent.append((f"{CONTROL}{path} -d {shlex.quote(json.dumps(body))}", None))

    def forget(self) -> None:
        """Begin a new script."""
        self._sent.clear()

    def script(self) -> str:
        """A shell script that does all of it again, with the ids that it gets then."""
        names: dict[str, str] = {}
        lines = [FIRST_LINE]
        for request, answer in self._sent:
            if isinstance(request, str):
                lines.append(request)
                continue
            command, made = self._command(request, names), _made(request, answer)
            if made:
                names[made] = f"video{len(names) + 1}"
                command = f"{names[made]}=$({command} | {ID_OF_ANSWER})"
            lines.append(command if answer is None else f"{command}  # {answer.status_code}")
        return "\n".join(lines)

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.base_url + path

    def _command(self, request: Request, names: Mapping[str, str]) -> str:
        address = self._address(request.path).replace(self.base_url, "$BASE_URL", 1)
        for id_, name in names.items():
            address = address.replace(id_, f"${{{name}}}")
        words = ["curl", "-sS", "-X", request.method, f'"{address}"']
        for key, value in request.query:
            words[-1] += shlex.quote(("?" if "?" not in words[-1] else "&") + urlencode([(key, value)]))
        for name, value in request.all_headers.items():
            words += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
        pipe = ""
        for one in request.form:
            if one.filename is None:
                words += ["--form-string", shlex.quote(f"{one.name}={one.content.decode('utf-8', 'replace')}")]
            else:
                pipe = f"{printed(one.content)} | "
                words += ["-F", shlex.quote(f"{one.name}=@-;filename={one.filename}")]
        if request.body is not None:
            words += ["--data-raw", shlex.quote(request.body.decode("utf-8", "replace"))]
        return pipe + " ".join(words)


def printed(content: bytes) -> str:
    """A command that prints bytes."""
    if len(content) > SHORT:
        # Long files are made of one byte over and over but for their beginning, so their length says enough.
        return f"( {printed(content[:64])}; head -c {len(content) - 64} /dev/zero )"
    return "printf " + shlex.quote("".join(f"\\{byte:03o}" for byte in content) or "%s")


def video_path(video: str, rest: str = "") -> str:
    return f"/videos/{quote(video, safe='')}{rest}"


def _made(request: Request, answer: httpx.Response | None) -> str | None:
    """The id of the video that a request made."""
    if answer is None or request.path != "/videos/create" or answer.status_code not in (200, 201):
        return None
    try:
        return str(answer.json()["data"]["id"])
    except (ValueError, LookupError, TypeError):
        return None
