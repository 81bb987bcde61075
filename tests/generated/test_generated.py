"""The generated client: made by the contract and nobody else, and safe to use by itself."""

from __future__ import annotations

import copy
import io
import json
import multiprocessing
import operator
import pickle
import re
import shutil
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import generate
import httpx
import jsonpatch
import pytest
import yaml
from generation.contract import ContractError
from generation.faults import find_faults

from aioz_stream_api import AuthenticatedClient, Client
from aioz_stream_api.api.videos import get_video, upload_video_part
from aioz_stream_api.errors import UnexpectedStatus, UnreadableResponse
from aioz_stream_api.models import Error, UpdateVideoRequest, UploadVideoPartRequest, Video, VideoList
from aioz_stream_api.types import UNSET, File
from tests.changes.test_generation import type_errors

OPERATIONS = """
    createVideo listVideos getVideo getTranscodeCost uploadVideoPart completeVideoUpload updateVideo
    uploadVideoThumbnail deleteVideo
"""


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(generate.CONTRACT.read_text(encoding="utf-8"))
    return document


def operations(contract: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in contract["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }


def test_the_nine_operations(contract: dict[str, Any]) -> None:
    assert set(operations(contract)) == set(OPERATIONS.split())
    for operation in operations(contract).values():
        failures = {status for status in operation["responses"] if status >= "400"}
        assert {"401", "429", "500"} <= failures


def test_links_from_create_reach_everything_that_takes_an_id(contract: dict[str, Any]) -> None:
    taking = {
        operation["operationId"]
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
        if "{video_id}" in path and method != "parameters"
    }
    for status in ("200", "201"):
        links = operations(contract)["createVideo"]["responses"][status]["links"]
        assert {link["operationId"] for link in links.values()} == taking
        assert all(link["parameters"] == {"video_id": "$response.body#/data/id"} for link in links.values())


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = tmp_path_factory.mktemp("generated") / generate.PACKAGE.name
    generate.generate(package)
    return package


# One process generates for all of them.
@pytest.mark.xdist_group("generation")
class TestGeneration:
    def test_generated_is_what_the_contract_makes(self, fresh: Path) -> None:
        assert generate.differences(fresh, generate.PACKAGE) == []

    def test_strays_are_removed_and_a_second_run_is_the_same(self, fresh: Path, tmp_path: Path) -> None:
        package = tmp_path / generate.PACKAGE.name
        package.mkdir()
        (package / "stray.py").touch()
        generate.generate(package)
        assert generate.differences(fresh, package) == []

    def test_each_module_says_where_it_comes_from(self, fresh: Path) -> None:
        for module in fresh.rglob("*.py"):
            first = module.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith("# Generated from openapi.yaml (AIOZ Stream Videos ")
            assert "`make generate`" in first

    @pytest.mark.parametrize("change", ["edited", "deleted", "added"])
    def test_every_difference_is_found(self, change: str, fresh: Path, tmp_path: Path) -> None:
        package = tmp_path / generate.PACKAGE.name
        shutil.copytree(fresh, package)
        if change == "edited":
            with (package / "models" / "video.py").open("a") as module:
                module.write("# by hand\n")
        elif change == "deleted":
            (package / "py.typed").unlink()
        else:
            (package / "api" / "extra.txt").touch()
        found = "\n".join(generate.differences(fresh, package))
        assert {"edited": "-# by hand", "deleted": "missing: py.typed", "added": "extra.txt"}[change] in found

    def test_what_fails_leaves_the_package_as_it_was(self, fresh: Path, tmp_path: Path) -> None:
        package = tmp_path / generate.PACKAGE.name
        shutil.copytree(fresh, package)
        broken = tmp_path / "broken.yaml"
        broken.write_text(generate.CONTRACT.read_text(encoding="utf-8").replace("/VideoAssets'", "/Nothing'"))
        with pytest.raises(ContractError):
            generate.generate(package, broken)
        assert generate.differences(fresh, package) == []
        assert sorted(path.name for path in tmp_path.iterdir()) == [package.name, "broken.yaml"]


FAULTY = [
    ("api/videos/get_video.py", "    )\n\n\n@errors", "    )\n    # boundary=+++\n\n\n@errors", "boundary"),
    ("api/videos/get_video.py", "=response.status_code,", "=HTTPStatus(response.status_code),", "HTTPStatus"),
    ("api/videos/get_video.py", "@errors.typed\n", "", "another body"),
    ("api/videos/get_video.py", "content=response.content,", "content=response.json(),", "another body"),
    ("client.py", "token: str = field(repr=False)", "token: str", "secret"),
    ("client.py", "kw_only=True, repr=False, alias=\"headers\"", "kw_only=True, alias=\"headers\"", "secret"),
    ("client.py", "default=httpx.Timeout(60.0, connect=10.0)", "default=None", "timeout"),
    ("models/video.py", "factory=_serialization.no_properties)", "factory=dict)", "types"),
    ("models/video.py", "return _serialization.write(self)", "return {} if isinstance(self, int) else {}", "one place"),
]


@pytest.mark.parametrize(("file", "sound", "faulty", "says"), FAULTY)
def test_the_generators_own_faults_are_found(
    file: str, sound: str, faulty: str, says: str, fresh: Path, tmp_path: Path
) -> None:
    package = tmp_path / "package"
    shutil.copytree(fresh, package)
    assert find_faults(package) == []
    module = package / file
    text = module.read_text(encoding="utf-8")
    assert sound in text
    module.write_text(text.replace(sound, faulty, 1), encoding="utf-8")
    (found,) = find_faults(package)
    assert found.startswith(f"{file}, line ")
    assert says in found


def answering(status: int, content: bytes = b"", seen: list[httpx.Request] | None = None) -> AuthenticatedClient:
    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, content=content)

    return AuthenticatedClient(
        base_url="http://service.test/api", token="hush", httpx_args={"transport": httpx.MockTransport(handle)}
    )


class TestClient:
    @pytest.mark.parametrize("status", [404, 500, 502, 520, 599])
    def test_a_proxys_page_is_no_crash(self, status: int) -> None:
        answer = get_video.sync_detailed("x", client=answering(status, b"<html>"))
        assert (answer.status_code, answer.content, answer.parsed) == (status, b"<html>", None)

    def test_a_documented_failure_is_parsed(self) -> None:
        answer = get_video.sync_detailed("x", client=answering(404, b'{"status": "error", "message": "gone"}'))
        assert isinstance(answer.parsed, Error)
        assert answer.parsed.message == "gone"

    def test_the_boundary_is_random(self) -> None:
        seen: list[httpx.Request] = []
        body = UploadVideoPartRequest("1", "0" * 32, File(io.BytesIO(b"\r\n--+++--\r\n"), "a.mp4"))
        for _ in range(2):
            upload_video_part.sync_detailed(
                "x", client=answering(400, seen=seen), body=body, content_range="bytes 0-1/2"
            )
        kinds = {request.headers["Content-Type"] for request in seen}
        assert len(kinds) == 2
        assert all(kind.startswith("multipart/form-data; boundary=") and "+++" not in kind for kind in kinds)

    def test_secrets_do_not_show(self) -> None:
        client = answering(404)
        get_video.sync_detailed("x", client=client)
        by_keys = Client(base_url="http://service.test", headers={"stream-secret-key": "hush"}, cookies={"a": "hush"})
        assert "hush" not in repr(client) + repr(by_keys)

    def test_timeouts_are_on_and_copies_leave_the_original_alone(self) -> None:
        client = Client(base_url="http://service.test")
        http = client.get_httpx_client()
        assert http.timeout == httpx.Timeout(60, connect=10)
        other = client.with_timeout(httpx.Timeout(1)).with_headers({"a": "b"}).with_cookies({"c": "d"})
        assert http.timeout == httpx.Timeout(60, connect=10)
        assert "a" not in http.headers
        assert not http.cookies
        assert other.get_httpx_client().timeout == httpx.Timeout(1)

    def test_a_success_that_makes_no_sense_is_typed(self) -> None:
        for content, reason in (
            (b"<html>", "Expecting value"),
            (b"", "Expecting value"),
            (b'{"status": "success"}', "data is missing"),
            (b'{"status": "success", "data": {"id": 5}}', "data.id is no string"),
            (b"[" * 100_000, "recursion"),
        ):
            with pytest.raises(UnreadableResponse) as caught:
                get_video.sync("x", client=answering(200, content))
            assert (caught.value.status_code, caught.value.content) == (200, content)
            assert reason in str(caught.value)
            assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)

    def test_an_undeclared_status(self) -> None:
        assert get_video.sync("x", client=answering(302, b"<html>")) is None
        client = answering(418, b"<html>")
        client.raise_on_unexpected_status = True
        with pytest.raises(UnexpectedStatus) as caught:
            get_video.sync("x", client=client)
        assert pickle.loads(pickle.dumps(caught.value)).status_code == 418

    def test_a_token_stays_with_its_client(self) -> None:
        headers = {"a": "b"}
        client = AuthenticatedClient("http://service.test", "hush", headers=headers)
        assert client.get_httpx_client().headers["Authorization"] == "Bearer hush"
        assert headers == {"a": "b"}


LEAST = {"id": "x", "title": "t", "status": "odd"}
SHAPES: list[object] = ["text", 5, 1.5, True, [], ["a", 1], [{"key": 1}], {}, {"a": 1}, None]
OPTIONAL = [one for one in attrs.fields(Video) if one.init and one.default is None]


class TestAnswers:
    def test_what_is_unknown_round_trips(self) -> None:
        data = {**LEAST, "more": [1], "created_at": "some day", "subtitles": {"a": 1}}
        assert Video.from_dict(data).to_dict() == data

    def test_absent_and_null_are_none(self) -> None:
        assert len(OPTIONAL) == 17
        nothing, nulls = Video.from_dict(LEAST), Video.from_dict({**LEAST, **{one.name: None for one in OPTIONAL}})
        assert all(getattr(nothing, one.name) is None for one in OPTIONAL)
        assert nothing == nulls
        assert nothing.to_dict() == nulls.to_dict() == LEAST

    @pytest.mark.parametrize("name", [one.name for one in OPTIONAL])
    @pytest.mark.parametrize("value", SHAPES, ids=repr)
    def test_a_shape_is_the_documented_one_or_none(self, name: str, value: object) -> None:
        video = Video.from_dict({**LEAST, name: value})
        held = getattr(video, name)
        assert (held is None) == (value is None or name in video.additional_properties)
        assert video.additional_properties.get(name, value) == value
        assert json.loads(json.dumps(video.to_dict())) == {**LEAST, **({} if value is None else {name: value})}

    @pytest.mark.parametrize(
        ("written", "moment"),
        [
            ("2026-03-01T08:30:00Z", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
            ("2026-03-01T08:30:00", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
            ("2026-03-01T08:30:00.123456789+02:00", datetime(2026, 3, 1, 6, 30, 0, 123456, tzinfo=UTC)),
            ("2026-03-01T08:30:61Z", None),
            ("some day", None),
            (1772353800, None),
        ],
    )
    def test_times_are_aware(self, written: object, moment: datetime | None) -> None:
        video = Video.from_dict({**LEAST, "created_at": written})
        assert video.created_at == moment
        assert video.additional_properties.get("created_at", written) == written
        assert ("created_at" in video.additional_properties) == (moment is None)
        if video.created_at:
            assert video.created_at.tzinfo is not None

    @pytest.mark.parametrize(("total", "read"), [(1.0, 1), (2**70, 2**70), (1.5, None), (True, None), ("1", None)])
    def test_integers_are_those_of_json_schema(self, total: object, read: int | None) -> None:
        data = {"videos": [], "total": total}
        if read is None:
            with pytest.raises(ValueError, match="total is no integer"):
                VideoList.from_dict(data)
        else:
            assert type(VideoList.from_dict(data).total) is int
            assert VideoList.from_dict(data).total == read

    def test_a_required_field_keeps_its_null(self) -> None:
        assert VideoList.from_dict({"videos": None, "total": 0}).to_dict() == {"videos": None, "total": 0}

    def test_requests_tell_absent_from_null(self) -> None:
        request = UpdateVideoRequest(description="")
        assert request.title is UNSET
        assert request.to_dict() == {"description": ""}


class TestUnset:
    def test_there_is_one(self) -> None:
        assert pickle.loads(pickle.dumps(UNSET)) is UNSET
        assert copy.deepcopy(UNSET) is copy.copy(UNSET) is UNSET
        request = UpdateVideoRequest(title="t")
        for other in (copy.deepcopy(request), pickle.loads(pickle.dumps(request))):
            assert other == request
            assert other.to_dict() == {"title": "t"}

    def test_so_it_is_in_another_process(self) -> None:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            assert pool.submit(operator.itemgetter(0), [UNSET]).result() is UNSET
            assert pool.submit(copy.copy, UpdateVideoRequest(title="t")).result() == UpdateVideoRequest(title="t")


USES = """
from datetime import UTC, datetime
from aioz_stream_api.models import Video

def described(video: Video) -> str:
    if video.description is not None:
        return video.description
    return ""

def pairs(video: Video) -> dict[str | None, str | None]:
    return {pair.key: pair.value for pair in video.metadata or []}

def moment(video: Video) -> datetime | None:
    return video.created_at

EARLIEST = datetime.min.replace(tzinfo=UTC)

def newest_last(videos: list[Video]) -> list[Video]:
    return sorted(videos, key=lambda video: video.created_at or EARLIEST)
"""


@pytest.mark.slow
def test_answers_are_pleasant_to_type(tmp_path: Path) -> None:
    (tmp_path / "uses.py").write_text(USES, encoding="utf-8")
    shutil.copytree(generate.PACKAGE, tmp_path / "aioz_stream_api", ignore=shutil.ignore_patterns("__pycache__"))
    assert type_errors(tmp_path) == []


BAD = yaml.safe_load((Path(__file__).parent / "bad_contracts.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad["name"])
def test_a_bad_contract_is_a_sentence_about_a_place(bad: dict[str, Any], tmp_path: Path) -> None:
    contract = tmp_path / "openapi.yaml"
    text = bad.get("text", generate.CONTRACT.read_text(encoding="utf-8"))
    for old, new in bad.get("replace", {}).items():
        assert old in text
        text = text.replace(old, new, 1)
    if "edit" in bad:
        text = yaml.safe_dump(jsonpatch.apply_patch(yaml.safe_load(text), bad["edit"]), sort_keys=False)
    contract.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        generate.generate(tmp_path / "package", contract)
    sentence = str(caught.value)
    assert re.match(rf"openapi\.yaml, line {bad.get('line', '[0-9]+')}[,:] ", sentence), sentence
    assert bad["says"] in sentence
    assert "\n" not in sentence
    assert [path.name for path in tmp_path.iterdir()] == ["openapi.yaml"]
