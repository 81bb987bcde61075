"""The requests that were sent to a server, as a shell script that sends them again."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shlex
from typing import TYPE_CHECKING

from contract_document import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx
    from contract_document import Json

LONGEST = 2000
"""Bytes of a body that a script spells out; it packs longer ones."""

FIRST_LINE = 'BASE_URL="${BASE_URL:-http://127.0.0.1:8080/api}"  # such as of: aioz-stream-mock --control --port 8080'
CONTROL = "curl -sS -X POST -H 'Content-Type: application/json' ${BASE_URL%/api}/_mock"
ID_OF_ANSWER = """python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["id"])'"""
OF_THE_CLIENT = {
    *("host", "user-agent", "accept", "accept-encoding", "connection", "content-length"),
    "x-schemathesis-testcaseid",
}
"""Headers that curl sets itself, or that say nothing about the request."""


class ReplayScript:
    """Remembers requests to one server."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._steps: list[tuple[httpx.Request, int, bytes] | str] = []

    def forget(self) -> None:
        """Begin anew."""
        self._steps.clear()

    def add(self, request: httpx.Request, status: int, content: bytes) -> None:
        """Remember a request and its answer."""
        self._steps.append((request, status, content))

    def add_control(self, path: str, body: Json) -> None:
        """Remember what a test did to the server directly, as the HTTP control of the server would do it."""
        self._steps.append(f"{CONTROL}{path} -d {shlex.quote(json.dumps(body))}")

    def text(self) -> str:
        """The script. It keeps the ids of the videos that it makes in variables, for the requests after that."""
        videos: dict[str, str] = {}
        lines = [FIRST_LINE]
        for step in self._steps:
            if isinstance(step, str):
                lines.append(step)
                continue
            request, status, content = step
            line = command(request, self._base_url, videos)
            made = created_id(content) if request.url.path.endswith("/videos/create") and status < 300 else None
            if made:
                videos[made] = f"video{len(videos) + 1}"
                line = f"{videos[made]}=$({line} | {ID_OF_ANSWER})"
            lines.append(f"{line}  # {status}")
        return "\n".join(lines)


def command(request: httpx.Request, base_url: str, variables: Mapping[str, str]) -> str:
    """A curl command that sends a request; the values in `variables` appear as variables of the shell."""
    variables = {base_url: "BASE_URL", **variables}
    words = ["curl", "-sS", "--path-as-is", "-X", request.method, shell_word(str(request.url), variables)]
    for raw_name, raw_value in request.headers.raw:
        name, value = raw_name.decode(), raw_value.decode("utf-8", "replace")
        if name.lower() not in OF_THE_CLIENT:
            words += ["-H", shell_word(f"{name}: {value}" if value else f"{name};", variables)]
    content = request.read()
    if not content:
        return " ".join(words)
    return f"{print_command(content)} | {' '.join(words)} --data-binary @-"


def shell_word(text: str, variables: Mapping[str, str]) -> str:
    """A word for the shell, in which variables stand for their values."""
    parts = re.split("(" + "|".join(map(re.escape, variables)) + ")", text)
    if len(parts) > 1 and not re.search(r'[$`"\\!]', "".join(parts[::2])):
        return '"' + "".join(f"${{{variables[part]}}}" if part in variables else part for part in parts) + '"'
    return "".join(f'"${{{variables[part]}}}"' if part in variables else shlex.quote(part) for part in parts if part)


def print_command(content: bytes) -> str:
    """A command that prints these bytes."""
    if len(content) > LONGEST:
        return f"printf {base64.b64encode(gzip.compress(content, mtime=0)).decode()} | base64 -d | gunzip"
    # With the dashes, since bodies of forms begin with some.
    return "printf -- " + shlex.quote("".join(map(_escaped, content)))


def _escaped(byte: int) -> str:
    is_plain = 32 <= byte < 127 and chr(byte) not in "\\%'"
    return chr(byte) if is_plain else f"\\{byte:03o}"


def created_id(content: bytes) -> str | None:
    """The id in the answer to a create, if it has one."""
    try:
        answer: Json = json.loads(content)
    except ValueError:
        return None
    data = answer.get("data") if is_object(answer) else None
    return str(data["id"]) if is_object(data) and data.get("id") else None
