"""The control: state, clock and journal, from inside the program and over HTTP."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream_mock import Control, ControlError, ManualClock, MockServer, Settings
from aioz_stream_mock.control.request_log import SIZE, RequestLog
from aioz_stream_mock.state.adjustable_clock import AdjustableClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = {"Authorization": "Bearer token-a"}
HELLO = b"hello world"
START = datetime(2026, 1, 1, tzinfo=UTC)


class ControlledServer:
    """A server with a control, a client of its API, and a client of its control."""

    def __init__(self, server: MockServer, http: httpx.Client, admin: httpx.Client) -> None:
        self.server, self.http, self.admin = server, http, admin
        self.control = server.control

    def balance(self) -> Any:
        return self.server.state.store.balance(self.server.accounts[0].id)

    def files(self) -> list[str]:
        return sorted(file.name for file in self.server.state.store.files.iterdir())

    def get(self, video: str) -> dict[str, Any]:
        answer = self.http.get(f"/videos/{video}")
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def source(self, video: str) -> bytes:
        return self.http.get(f"/videos/{video}/source").raise_for_status().content

    def upload(self, data: bytes = HELLO, title: str = "x") -> str:
        video: str = self.http.post("/videos/create", json={"title": title}).json()["data"]["id"]
        self.part(video, data).raise_for_status()
        self.http.get(f"/videos/{video}/complete").raise_for_status()
        return video

    def part(self, video: str, data: bytes) -> httpx.Response:
        return self.http.post(
            f"/videos/{video}/part",
            files={"file": ("a", data)},
            data={"index": "1", "hash": hashlib.md5(data).hexdigest()},
            headers={"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"},
        )

    def titles(self) -> list[str]:
        videos = self.http.post("/videos", json={}).json()["data"]["videos"]
        return [video["title"] for video in videos]


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(control=True, clock=ManualClock(START))) as running:
        yield running


@pytest.fixture
def controlled(server: MockServer) -> Iterator[ControlledServer]:
    server.control.reset()
    with (
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
        httpx.Client(base_url=server.url.removesuffix("/api") + "/_mock", timeout=60) as admin,
    ):
        yield ControlledServer(server, http, admin)


@pytest.fixture(params=["inside", "http"])
def face(request: pytest.FixtureRequest, controlled: ControlledServer) -> Callable[..., None]:
    """One deed by either face."""

    def inside(deed: str, **options: Any) -> None:
        getattr(controlled.control, deed)(**options)

    def over_http(deed: str, **options: Any) -> None:
        path, body = {
            "reset": ("/reset", None),
            "advance": ("/clock", {"advance": options.get("seconds")}),
            "freeze": ("/clock", {"freeze": True}),
            "unfreeze": ("/clock", {"freeze": False}),
            "snapshot": (f"/snapshots/{options.get('name')}", None),
            "restore": (f"/snapshots/{options.get('name')}/restore", None),
            "seed": ("/seed", options),
            "fault": ("/faults", options),
        }[deed]
        answer = controlled.admin.post(path, json=body) if body is not None else controlled.admin.post(path)
        assert answer.status_code == 200, answer.text

    return inside if request.param == "inside" else over_http


def test_without_the_option_there_is_no_control() -> None:
    with MockServer() as server:
        root = server.url.removesuffix("/api")
        for method, path in (("POST", "/reset"), ("GET", "/clock"), ("GET", "/faults"), ("GET", "")):
            assert httpx.request(method, f"{root}/_mock{path}").status_code == 404
            assert httpx.request(method, f"{root}/api/_mock{path}", headers=TOKEN).status_code == 404
        server.control.reset()


def test_reset_forgets_videos_faults_and_requests(controlled: ControlledServer, face: Callable[..., None]) -> None:
    before = controlled.balance()
    controlled.upload()
    controlled.control.fault("status", operation="getVideo", times=None)
    controlled.control.freeze()
    controlled.control.advance(100)
    assert controlled.balance() < before
    face("reset")
    assert (controlled.balance(), controlled.files(), controlled.titles()) == (before, [], [])
    assert controlled.control.faults() == []
    assert controlled.control.now() == START
    assert not controlled.control.clock.is_frozen
    assert [entry.operation for entry in controlled.control.requests()] == ["listVideos"]


def _send_until_cut(controlled: ControlledServer, video: str) -> None:
    with pytest.raises(httpx.TransportError):
        controlled.part(video, bytes(300_000))


def test_a_part_that_arrives_during_a_reset_leaves_nothing(controlled: ControlledServer) -> None:
    video = controlled.http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]
    controlled.control.fault("slow_read", bytes_per_second=100_000)
    broken = threading.Thread(target=_send_until_cut, args=(controlled, video))
    broken.start()
    # Until some of it is there: struck alone, it may still be on its way to ask for its video.
    while not any(controlled.server.state.store.incoming.iterdir()):
        time.sleep(0.005)
    controlled.control.reset()
    broken.join()
    assert controlled.files() == []
    assert not any(controlled.server.state.store.incoming.iterdir())


def test_time_passes_without_waiting(controlled: ControlledServer, face: Callable[..., None]) -> None:
    video = controlled.upload()
    face("freeze")
    assert controlled.get(video)["status"] == "transcoding"
    face("advance", seconds=0.5)
    assert controlled.get(video)["status"] == "transcoding"
    face("advance", seconds=0.5)
    assert controlled.get(video)["status"] == "done"
    face("unfreeze")
    assert controlled.get(video)["status"] == "done"


def test_the_clock_is_shown(controlled: ControlledServer) -> None:
    assert controlled.admin.get("/clock").json() == {
        "now": "2026-01-01T00:00:00.000000Z",
        "frozen": False,
        "ahead": 0,
    }
    answer = controlled.admin.post("/clock", json={"advance": 60, "freeze": True})
    assert answer.json() == {"now": "2026-01-01T00:01:00.000000Z", "frozen": True, "ahead": 60}


def test_the_clock_can_be_advanced_and_frozen() -> None:
    beneath = ManualClock(START)
    clock = AdjustableClock(beneath)

    def ahead() -> float:
        return (clock.now() - START).total_seconds()

    beneath.advance(1)
    clock.advance(10)
    assert ahead() == 11
    clock.freeze()
    beneath.advance(5)
    assert ahead() == 11
    clock.advance(2)
    assert ahead() == 13
    clock.unfreeze()
    beneath.advance(1)
    assert (ahead(), clock.offset) == (14, timedelta(seconds=7))
    clock.reset()
    assert ahead() == 7
    for wrong in (-1, float("nan"), float("inf"), 1e12):
        with pytest.raises(ValueError, match="forward only"):
            clock.advance(wrong)
    assert ahead() == 7


def test_seeds(controlled: ControlledServer, face: Callable[..., None]) -> None:
    source = base64.b64encode(HELLO).decode()
    before = controlled.balance()
    face(
        "seed",
        videos=[
            {"title": "new", "id": "one"},
            {"title": "half", "id": "two", "status": "new", "size": 5},
            {"title": "under way", "id": "three", "status": "transcoding", "size": 3_000_000, "tags": ["t"]},
            {"title": "finished", "id": "four", "source": source, "is_public": False},
            {"title": "gone", "id": "five", "status": "deleted", "size": 7},
            {"title": "another's", "id": "six", "account": "b"},
        ],
    )
    assert controlled.titles() == ["finished", "under way", "half", "new"]
    shown = [controlled.get(video) for video in ("one", "two", "three", "four")]
    assert [video["status"] for video in shown] == ["new", "new", "transcoding", "done"]
    assert [video["size"] for video in shown] == [0, 0, 3_000_000, 11]
    assert (shown[2]["tags"], shown[3]["is_public"]) == (["t"], False)
    assert controlled.source("four") == HELLO
    assert len(set(controlled.source("three"))) == 256
    assert [controlled.http.get(f"/videos/{video}").status_code for video in ("five", "six")] == [404, 404]
    assert controlled.balance() == before
    assert controlled.http.get("/videos/two/complete").status_code == 200
    controlled.control.advance(1)
    assert controlled.get("three")["status"] == "done"


def test_seeds_get_ids(controlled: ControlledServer) -> None:
    ids = controlled.admin.post(
        "/seed", json={"videos": [{"title": "x", "size": 10}, {"title": "y", "size": 10}]}
    ).json()
    first, second = ids["ids"]
    assert controlled.source(first) == controlled.source(second)
    assert controlled.control.seed([{"title": "z", "source": HELLO}]) != [first]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"title": ""},
        {"title": "x", "nothing": 1},
        {"title": "x", "id": "taken"},
        {"title": "x", "id": "../x"},
        {"title": "x", "id": "cost"},
        {"title": "x", "id": 1},
        {"title": "x", "account": "nobody"},
        {"title": "x", "account": ["a"]},
        {"title": "x", "status": "done"},
        {"title": "x", "status": "odd", "size": 1},
        {"title": "x", "status": ["new"]},
        {"title": "x", "size": -1},
        {"title": "x", "size": True},
        {"title": "x", "size": 10**12},
        {"title": "x", "source": "%"},
        {"title": "x", "source": 7},
        {"title": "x", "source": "aGk=", "size": 1},
    ],
)
def test_an_invalid_seed_is_refused_and_none_is_added(controlled: ControlledServer, odd: dict[str, Any]) -> None:
    controlled.control.seed([{"title": "there", "id": "taken"}])
    answer = controlled.admin.post("/seed", json={"videos": [{"title": "good"}, odd]})
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert answer.json()["message"].startswith(("videos/1: ", "id: is taken"))
    assert controlled.titles() == ["there"]


def test_snapshots(controlled: ControlledServer, face: Callable[..., None]) -> None:
    first = controlled.upload(b"first")
    half = controlled.http.post("/videos/create", json={"title": "half"}).json()["data"]["id"]
    controlled.part(half, b"the second")
    balance, files = controlled.balance(), controlled.files()
    face("snapshot", name="a")
    assert "a" in controlled.control.snapshots()

    controlled.control.advance(3600)
    controlled.http.delete(f"/videos/{first}")
    controlled.http.get(f"/videos/{half}/complete")
    later = controlled.upload(b"third")
    face("snapshot", name="b")
    face("restore", name="a")
    assert (controlled.balance(), controlled.files(), controlled.control.now()) == (balance, files, START)
    assert controlled.get(first)["status"] == "transcoding"
    assert controlled.source(first) == b"first"
    assert controlled.http.get(f"/videos/{later}").status_code == 404
    assert controlled.http.get(f"/videos/{half}/complete").status_code == 200

    face("reset")
    assert controlled.files() == []
    face("restore", name="b")
    assert controlled.source(later) == b"third"
    assert controlled.http.get(f"/videos/{first}").status_code == 404
    assert controlled.control.now() == START + timedelta(hours=1)


def test_a_snapshot_is_replaced_by_another_of_its_name(controlled: ControlledServer) -> None:
    controlled.upload(title="old")
    controlled.control.snapshot("again")
    controlled.control.reset()
    controlled.upload(title="new")
    controlled.control.snapshot("again")
    controlled.control.reset()
    controlled.control.restore("again")
    assert controlled.titles() == ["new"]
    assert controlled.admin.get("/snapshots").json()["snapshots"].count("again") == 1


def test_snapshots_survive_a_restart_and_refuse_another_version(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with MockServer(settings) as server:
        [video] = server.control.seed([{"title": "x", "source": HELLO}])
        server.control.snapshot("kept")
        server.control.reset()
    with MockServer(settings) as server:
        assert server.control.snapshots() == ["kept"]
        server.control.restore("kept")
        assert httpx.get(f"{server.url}/videos/{video}/source").content == HELLO
    with MockServer(settings) as server:
        assert httpx.get(f"{server.url}/videos/{video}/source").content == HELLO
        import sqlite3

        copy = sqlite3.connect(tmp_path / "snapshots" / "kept" / "state.sqlite3")
        copy.execute("PRAGMA user_version = 99")
        copy.close()
        with pytest.raises(ControlError, match="another version"):
            server.control.restore("kept")


@pytest.mark.parametrize("name", ["..", "%2e", ".a", "a.b", "%2e%2e", "a%2fb", "x" * 65, "a%0a", "-a"])
def test_odd_names_of_snapshots_are_refused(controlled: ControlledServer, name: str) -> None:
    assert controlled.admin.post(f"/snapshots/{name}").status_code in (400, 404, 405)
    assert controlled.admin.post(f"/snapshots/{name}/restore").status_code in (400, 404, 405)
    folder = controlled.server.state.store.folder
    assert {entry.name for entry in folder.iterdir()} <= {
        *(
            "files",
            "incoming",
            "media",
            "signing.key",
            "snapshots",
            "state.sqlite3",
            "state.sqlite3-wal",
            "state.sqlite3-shm",
        )
    }


def test_a_snapshot_that_does_not_exist_is_refused(controlled: ControlledServer) -> None:
    assert controlled.admin.post("/snapshots/none/restore").status_code == 404
    with pytest.raises(ControlError, match="no snapshot none"):
        controlled.control.restore("none")


def test_faults_over_http(controlled: ControlledServer) -> None:
    made = controlled.admin.post("/faults", json={"kind": "status", "operation": "getVideo", "status": 502, "times": 2})
    assert made.status_code == 200
    assert controlled.http.get("/videos/x").status_code == 502
    [rule] = controlled.admin.get("/faults").json()["faults"]
    assert rule == {
        "kind": "status",
        "operation": "getVideo",
        "status": 502,
        "times": 2,
        "probability": 1.0,
        "seed": 0,
        "after": 0,
        "json": None,
        "empty": False,
        "headers": None,
        "effect": False,
        "seen": 1,
        "struck": 1,
    }
    assert controlled.admin.delete("/faults").status_code == 200
    assert controlled.admin.get("/faults").json() == {"faults": []}
    assert controlled.http.get("/videos/x").status_code == 404


def test_requests_to_the_control_meet_no_faults_and_are_not_logged(controlled: ControlledServer) -> None:
    controlled.control.fault("cut_before", times=None)
    assert controlled.admin.get("/clock").status_code == 200
    assert controlled.admin.post("/reset").status_code == 200
    assert controlled.admin.get("/requests").json() == {"requests": []}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/clock", {"advance": -1}),
        ("/clock", {"advance": "1"}),
        ("/clock", {"advance": True}),
        ("/clock", {"advance": 1e300}),
        ("/clock", {"freeze": 1}),
        ("/clock", {"back": 1}),
        ("/clock", []),
        ("/seed", {}),
        ("/seed", {"videos": {}}),
        ("/seed", {"videos": [1]}),
        ("/seed", {"videos": [{"title": "x"}] * 1001}),
        ("/faults", {}),
        ("/faults", {"kind": "explode"}),
        ("/faults", {"kind": "status", "self": 1}),
        ("/faults", "status"),
    ],
)
def test_odd_bodies_are_refused(controlled: ControlledServer, path: str, body: object) -> None:
    answer = controlled.admin.post(path, json=body)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert len(answer.json()["message"]) < 300
    assert controlled.control.now() == START
    assert controlled.titles() == []


def test_methods_of_the_control(controlled: ControlledServer) -> None:
    assert controlled.admin.put("/clock").status_code == 405
    assert controlled.admin.get("/reset").headers["allow"] == "POST"
    assert (
        controlled.admin.post("/clock", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    )
    # A page in a browser can send a text anywhere unasked, JSON not.
    assert controlled.admin.post("/clock", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert controlled.admin.get("/nothing").status_code == 404


def test_requests_are_logged(controlled: ControlledServer) -> None:
    secrets = {"stream-public-key": "public-b", "stream-secret-key": "secret-b"}
    root = controlled.server.url
    controlled.http.post("/videos", json={})
    httpx.get(f"{root}/videos/cost?qualities=360p&duration=1&token=token-a", headers=secrets)
    httpx.get(f"{root}/videos/x", headers={"Authorization": "Bearer wrong-token"})
    httpx.put(f"{root}/nothing")
    controlled.control.fault("cut_after")
    with pytest.raises(httpx.RemoteProtocolError):
        controlled.http.delete("/videos/x")
    found = controlled.admin.get("/requests").json()["requests"]
    assert [(one["method"], one["path"], one["operation"], one["account"], one["status"]) for one in found] == [
        ("POST", "/api/videos", "listVideos", "a", 200),
        ("GET", "/api/videos/cost", "getTranscodeCost", "b", 200),
        ("GET", "/api/videos/x", "getVideo", None, 401),
        ("PUT", "/api/nothing", None, None, 404),
        ("DELETE", "/api/videos/x", "deleteVideo", None, None),
    ]
    assert [one["fault"] for one in found] == [None, None, None, None, "cut_after"]
    assert found[0]["at"] == "2026-01-01T00:00:00.000000Z"
    assert "token-a" not in str(found)
    assert "secret-b" not in str(found)
    assert "wrong-token" not in str(found)
    assert controlled.admin.delete("/requests").status_code == 200
    assert controlled.admin.get("/requests").json() == {"requests": []}


def test_the_request_log_is_bounded(controlled: ControlledServer) -> None:
    controlled.http.get("/videos/" + "x" * 5000)
    [entry] = controlled.control.requests()
    assert len(entry.path) == 300
    log = RequestLog()
    for _ in range(SIZE + 1):
        log.add(entry)
    assert len(log.entries()) == SIZE


def test_a_wrapped_application_hides_its_control() -> None:
    async def app(*_: object) -> None: ...

    with pytest.raises(TypeError, match="wrapped"):
        _ = MockServer(app=app).control


def test_a_control_works_on_any_application(server: MockServer) -> None:
    assert isinstance(server.control, Control)
