"""Whatever people write into a contract becomes a client: typed strictly, sent as the contract says, and parsed."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import subprocess
import sys
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import generate
import httpx
import jsonpatch
import pytest
import yaml
from contract_changes.documents import Document
from contract_document import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType


Json = dict[str, Any]
ENTRIES: list[Json] = yaml.safe_load((Path(__file__).parent / "generation.yaml").read_text(encoding="utf-8"))
SHAPES = [entry for entry in ENTRIES if "shape" in entry]
OPERATIONS = [entry for entry in ENTRIES if "operation" in entry]
ROOT = Path(__file__).parents[2]


def slug(entry: Json) -> str:
    return re.sub(r"[^a-z0-9]+", "_", entry["name"].lower()).strip("_")


def edits(entry: Json) -> list[Json]:
    """The entry as a JSON Patch of the contract."""
    found: list[Json] = [
        {"op": "add", "path": f"/components/schemas/{name}", "value": schema}
        for name, schema in entry.get("components", {}).items()
    ]
    if "shape" in entry:
        fields: Json = {"type": "object", "required": ["needed"]}
        fields["properties"] = {"needed": entry["shape"], "maybe": entry["shape"]}
        media = {"content": {"application/json": {"schema": fields}}}
        path = f"/corpus/{slug(entry)}"
        done = {"204": {"description": "Done."}}
        sending = {"operationId": f"send_{slug(entry)}", "requestBody": {"required": True, **media}, "responses": done}
        asking = {"operationId": f"get_{slug(entry)}", "responses": {"200": {"description": "It.", **media}}}
        found += [_added(path, {"post": {"tags": ["corpus"], **sending}})]
        found += [_added(f"{path}/answer", {"get": {"tags": ["corpus"], **asking}})]
    if "operation" in entry:
        tags = {"tags": ["corpus"]} if entry.get("tag", True) else {}
        found += [_added(entry["path"], {entry.get("method", "post"): {**tags, **entry["operation"]}})]
    return [*found, *entry.get("edit", [])]


def _added(path: str, item: Json) -> Json:
    return {"op": "add", "path": f"/paths/{path.replace('/', '~1')}", "value": item}


def generated(contract: Document, entries: Sequence[Json], package: Path) -> Path:
    patch = [edit for entry in entries for edit in edits(entry)]
    source = package.with_suffix(".yaml")
    source.write_text(json.dumps(jsonpatch.apply_patch(contract.tree, patch)), encoding="utf-8")
    generate.generate(package, source)
    return package


class Client:
    """A generated package, and a service that answers what it is told to."""

    def __init__(self, package: str) -> None:
        importlib.invalidate_caches()
        self._package = package
        self.requests: list[httpx.Request] = []
        self.answer(204)
        httpx_args = {"transport": httpx.MockTransport(self._serve)}
        client = self.module("client")
        self.client = client.AuthenticatedClient("http://service.test", "t", httpx_args=httpx_args)
        self._types = self.module("types")

    def _serve(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return httpx.Response(self._status, content=self._content.encode())

    def answer(self, status: int, content: str = "") -> None:
        self._status, self._content = status, content

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self._package}.{name}")

    def operation(self, name: str, tag: str = "corpus") -> ModuleType:
        return self.module(f"api.{tag}.{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', name).lower()}")

    def model(self, name: str, data: Json) -> Any:
        return getattr(self.module("models"), name).from_dict(data)

    def python(self, value: Any) -> Any:
        """A value of the corpus as Python has it."""
        if isinstance(value, list):
            return [self.python(item) for item in value]
        makers: dict[str, Callable[[Any], Any]] = {
            "$file": lambda text: self._types.File(BytesIO(text.encode())),
            "$date": date.fromisoformat,
            "$time": datetime.fromisoformat,
            "$uuid": UUID,
            "$model": lambda pair: self.model(*pair),
        }
        for name, make in makers.items():
            if isinstance(value, dict) and name in value:
                return make(value[name])
        return value

    def call(self, operation: ModuleType, **arguments: Any) -> Any:
        """What an operation gives, the same without and with asyncio."""
        first = self._outcome(lambda: operation.sync_detailed(client=self.client, **arguments).parsed)
        second = self._outcome(
            lambda: asyncio.run(operation.asyncio_detailed(client=self.client, **arguments)).parsed,
        )
        assert plain(first) == plain(second)
        return first

    def _outcome(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except self.module("errors").UnreadableResponse as error:
            return error


def plain(value: Any) -> Any:
    """What was parsed, as the corpus has it."""
    if isinstance(value, Exception):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "payload"):
        return {"$file": value.payload.getvalue().decode()}
    return value


def without_nulls(value: Any) -> Any:
    """An answer as to_dict has it: optional fields that are null are left out."""
    return {key: item for key, item in value.items() if item is not None or key != "maybe"}


def problems(client: Client, entry: Json) -> list[str]:
    """What does not go as the entry says."""
    play = play_shape if "shape" in entry else play_operation if "operation" in entry else play_edit
    try:
        play(client, entry)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is shown, beside what else does
        return [f"{entry['name']}: {type(error).__name__}: {error}"]
    return []


def play_edit(client: Client, entry: Json) -> None:
    """An edit of what is there: the video is still a video, with what the edit brings."""
    data = {"id": "a", "title": "b", "status": "new", **entry.get("video", {})}
    video = client.model("Video", data)
    assert video.to_dict() == data
    assert not video.additional_properties
    client.answer(404, "gone")
    text = "gone" if "is text" in entry["name"] else None
    assert client.call(client.operation("getVideo", "videos"), video_id="a") == text


def play_shape(client: Client, entry: Json) -> None:
    sending, asking = client.operation(f"send_{slug(entry)}"), client.operation(f"get_{slug(entry)}")
    body = sending.get_kwargs.__annotations__["body"]
    for value in entry["values"]:
        for data in ({"needed": value}, {"needed": value, "maybe": value}):
            client.call(sending, body=body.from_dict(data))
            assert json.loads(client.requests[-1].content) == data
            client.answer(200, json.dumps(data))
            assert plain(client.call(asking)) == without_nulls(data)
            client.answer(204)
    for wrong in entry["wrong"]:
        data = {"needed": entry["values"][0], "maybe": wrong}
        client.answer(200, json.dumps(data))
        answer = client.call(asking)
        assert answer.maybe is None, wrong
        assert answer.additional_properties == {"maybe": wrong}
        assert answer.to_dict() == data
        client.answer(200, json.dumps({"needed": wrong}))
        assert "needed" in str(client.call(asking)), wrong
    client.answer(204)


def play_operation(client: Client, entry: Json) -> None:
    operation = client.operation(entry["operation"]["operationId"], "corpus" if entry.get("tag", True) else "default")
    for answer in entry["answers"]:
        arguments = {name: client.python(value) for name, value in entry.get("arguments", {}).items()}
        text = json.dumps(answer["json"]) if "json" in answer else answer["text"]
        client.answer(answer["status"], text)
        parsed = plain(client.call(operation, **arguments))
        if "unreadable" in answer:
            assert answer["unreadable"] in parsed
        else:
            assert parsed == answer["parsed"], answer
    for request in client.requests[-2:]:
        check_sent(request, entry.get("sent", {}))


def check_sent(request: httpx.Request, sent: Json) -> None:
    path, _, query = request.url.raw_path.decode().partition("?")
    content = request.content.decode()
    found: Json = {"method": request.method, "path": path, "query": query, "content": content}
    found["json"] = json.loads(content) if "json" in sent else None
    found["headers"] = {name: request.headers.get(name) for name in sent.get("headers", {})}
    assert {name: found[name] for name in sent if name != "holds"} == {
        name: value for name, value in sent.items() if name != "holds"
    }
    for piece in sent.get("holds", []):
        assert piece in content
    assert "boundary=+++" not in request.headers.get("content-type", "")


def type_errors(folder: Path) -> list[str]:
    """What mypy and pyright, both strict, say of all packages in a folder."""
    settings = {"include": ["."], "typeCheckingMode": "strict", "pythonVersion": "3.11", "pythonPlatform": "Linux"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "mypy.ini").write_text("[mypy]\nstrict = true\nwarn_unused_ignores = true\n", encoding="utf-8")
    found: list[str] = []
    for command in (
        ["mypy", "--config-file", "mypy.ini", "--no-error-summary", "--cache-dir", "cache", "."],
        ["pyright", "--pythonpath", sys.executable],
    ):
        tool = Path(sys.executable).parent / command[0]
        done = subprocess.run([tool, *command[1:]], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            found += done.stdout.splitlines() + done.stderr.splitlines()
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_corpus_is_large_and_spread() -> None:
    assert len(ENTRIES) >= 100
    assert len({slug(entry) for entry in ENTRIES}) == len(ENTRIES)
    assert len(SHAPES) >= 60
    assert {entry.get("method", "post") for entry in OPERATIONS} <= set(METHODS)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_shapes_and_operations_at_once(folder: Path) -> None:
    reference = Document.parse((Path(__file__).parent / "reference.yaml").read_text(encoding="utf-8"))
    generated(reference, SHAPES + OPERATIONS, folder / "corpus_all")
    client = Client("corpus_all")
    found = [problem for entry in SHAPES + OPERATIONS for problem in problems(client, entry)]
    assert not found, "\n".join(found)
    assert not (errors := type_errors(folder)), "\n".join(errors)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("half", [0, 1])
def test_each_by_itself(half: int, contract: Document, folder: Path) -> None:
    found: list[str] = []
    for number, entry in enumerate(ENTRIES):
        if number % 2 != half:
            continue
        package = f"corpus_{number}"
        try:
            generated(contract, [entry], folder / package)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - all that fail are shown at once
            found.append(f"{entry['name']}: {type(error).__name__}: {error}")
            continue
        found += problems(Client(package), entry)
    assert not found, "\n".join(found)
    assert not (errors := type_errors(folder)), "\n".join(errors)
