"""What was sent to a server, as a shell script that sends it again."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from conformance.shapes import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.shapes import Json
    from conformance.wire import Field, Request

SHORT = 2000
"""Bytes of a file that a script still spells out."""

FIRST_LINE = 'BASE_URL="${BASE_URL:-http://127.0.0.1:8080/api}"  # such as of: aioz-stream-mock --control --port 8080'
CONTROL = "curl -sS -X POST -H 'Content-Type: application/json' ${BASE_URL%/api}/_mock"
ID_OF_ANSWER = """python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["id"])'"""


@dataclass
class Step:
    """A request, and what came of it."""

    request: Request
    status: int | None = None
    made: str | None = None
    """The id of the video that it made."""

    def note(self, status: int, content: bytes) -> None:
        self.status = status
        if self.request.path == "/videos/create" and status in (200, 201):
            self.made = _id_in(content)


class Script:
    """Remembers requests to one server."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._steps: list[Step | str] = []

    def add(self, request: Request) -> Step:
        step = Step(request)
        self._steps.append(step)
        return step

    def remark(self, path: str, body: Json) -> None:
        """Remember something that was done to the server beside the requests, as its control would do it by HTTP."""
        self._steps.append(f"{CONTROL}{path} -d {shlex.quote(json.dumps(body))}")

    def forget(self) -> None:
        """Begin anew."""
        self._steps.clear()

    def text(self) -> str:
        """A shell script that does all of it again, with the ids that it gets then."""
        names: dict[str, str] = {}
        lines = [FIRST_LINE]
        for step in self._steps:
            if isinstance(step, str):
                lines.append(step)
                continue
            line = command(step.request, self._base_url, names)
            if step.made:
                names[step.made] = f"video{len(names) + 1}"
                line = f"{names[step.made]}=$({line} | {ID_OF_ANSWER})"
            lines.append(line if step.status is None else f"{line}  # {step.status}")
        return "\n".join(lines)


def command(request: Request, base_url: str, variables: Mapping[str, str]) -> str:
    """A command that sends a request; what a variable of the shell holds is written as the variable."""
    address = request.path if request.path.startswith("http") else base_url + request.path
    if request.query:
        address += ("&" if "?" in address else "?") + urlencode(request.query)
    variables = {base_url: "BASE_URL", **variables}
    words = ["curl", "-sS", "-X", request.method, word(address, variables)]
    if "/." in request.path:
        words.insert(1, "--path-as-is")
    for name, value in request.all_headers.items():
        words += ["-H", word(f"{name}: {value}" if value else f"{name};", variables)]
    pipe = ""
    for one in request.form:
        words += _field(one)
        pipe = pipe if one.filename is None else f"{printed(one.content)} | "
    if request.body is not None and is_text(request.body):
        words += ["--data-raw", shlex.quote(request.body.decode())]
    elif request.body is not None:
        pipe = f"{printed(request.body)} | "
        words += ["--data-binary", "@-"]
    return pipe + " ".join(words)


def word(text: str, variables: Mapping[str, str]) -> str:
    """A word for the shell."""
    parts = re.split("(" + "|".join(map(re.escape, variables)) + ")", text)
    if len(parts) == 1:
        return shlex.quote(text)
    if not re.search(r'[$`"\\!]', "".join(parts[::2])):
        return '"' + "".join(f"${{{variables[part]}}}" if part in variables else part for part in parts) + '"'
    return "".join(f'"${{{variables[part]}}}"' if part in variables else shlex.quote(part) for part in parts if part)


def is_text(content: bytes) -> bool:
    """Whether a command can have it as an argument."""
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def printed(content: bytes) -> str:
    """A command that prints bytes."""
    if len(content) > SHORT:
        # Long files are made of one byte over and over but for their beginning, so their length says enough.
        return f"( {printed(content[:64])}; head -c {len(content) - 64} /dev/zero )"
    # With the dashes, since bodies of forms begin with some.
    return "printf -- " + shlex.quote("".join(map(_escaped, content)) or "%s")


def _escaped(byte: int) -> str:
    is_plain = 32 <= byte < 127 and chr(byte) not in "\\%'"
    return chr(byte) if is_plain else f"\\{byte:03o}"


def _field(one: Field) -> list[str]:
    if one.filename is None:
        return ["--form-string", shlex.quote(f"{one.name}={one.content.decode('utf-8', 'replace')}")]
    return ["-F", shlex.quote(f"{one.name}=@-;filename={one.filename}")]


def _id_in(content: bytes) -> str | None:
    try:
        answer: Json = json.loads(content)
    except ValueError:
        return None
    data = answer.get("data") if is_object(answer) else None
    return str(data["id"]) if is_object(data) and data.get("id") else None
