"""The generated client: made by the contract and nobody else, and safe to use by itself."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING, Any

import generate
import httpx
import mend
import pytest
import yaml

from aioz_stream_api import AuthenticatedClient, Client
from aioz_stream_api.api.videos import get_video, upload_video_part
from aioz_stream_api.models import Error, UploadVideoPartRequest, Video
from aioz_stream_api.types import File

if TYPE_CHECKING:
    from pathlib import Path

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

    def test_a_generator_that_changes_is_noticed(self, contract: dict[str, Any], tmp_path: Path) -> None:
        (tmp_path / "api").mkdir()
        (tmp_path / "client.py").write_text("    token: str\n")
        with pytest.raises(mend.MismatchError) as caught:
            mend.mend(tmp_path, contract)
        assert "boundary: found 0 places to mend, expected 2" in str(caught.value)
        assert len(str(caught.value).splitlines()) >= len(mend.MENDS) - 2

    def test_every_mend_is_needed(self, contract: dict[str, Any]) -> None:
        assert all(one.times(mend.Contract(contract)) > 0 for one in mend.MENDS)


def answering(status: int, content: bytes = b"", seen: list[httpx.Request] | None = None) -> AuthenticatedClient:
    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, content=content)

    return AuthenticatedClient(
        base_url="http://service.test/api", token="hush", httpx_args={"transport": httpx.MockTransport(handle)}
    )


class TestMended:
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

    def test_what_is_unknown_round_trips(self) -> None:
        data = {"id": "x", "title": "t", "status": "odd", "more": [1], "created_at": "some day", "subtitles": {"a": 1}}
        assert Video.from_dict(data).to_dict() == data
