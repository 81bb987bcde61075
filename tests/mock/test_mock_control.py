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


class Bench:
    """A server with a control, a client of its API, and a client of its control."""

    def __init__(self, server: MockServer, http: httpx.Client, steer: httpx.Client) -> None:
        self.server, self.http, self.steer = server, http, steer
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
def bench(server: MockServer) -> Iterator[Bench]:
    server.control.reset()
    with (
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
        httpx.Client(base_url=server.url.removesuffix("/api") + "/_mock", timeout=60) as steer,
    ):
        yield Bench(server, http, steer)


@pytest.fixture(params=["inside", "http"])
def face(request: pytest.FixtureRequest, bench: Bench) -> Callable[..., None]:
    """One deed by either face."""

    def inside(deed: str, **options: Any) -> None:
        getattr(bench.control, deed)(**options)

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
        answer = bench.steer.post(path, json=body) if body is not None else bench.steer.post(path)
        assert answer.status_code == 200, answer.text

    return inside if request.param == "inside" else over_http


def test_without_the_option_there_is_no_control() -> None:
    with MockServer() as server:
        root = server.url.removesuffix("/api")
        for method, path in (("POST", "/reset"), ("GET", "/clock"), ("GET", "/faults"), ("GET", "")):
            assert httpx.request(method, f"{root}/_mock{path}").status_code == 404
            assert httpx.request(method, f"{root}/api/_mock{path}", headers=TOKEN).status_code == 404
        server.control.reset()


def test_reset(bench: Bench, face: Callable[..., None]) -> None:
    before = bench.balance()
    bench.upload()
    bench.control.fault("status", operation="getVideo", times=None)
    bench.control.freeze()
    bench.control.advance(100)
    assert bench.balance() < before
    face("reset")
    assert (bench.balance(), bench.files(), bench.titles()) == (before, [], [])
    assert bench.control.faults() == []
    assert bench.control.now() == START
    assert not bench.control.clock.is_frozen
    assert [entry.operation for entry in bench.control.requests()] == ["listVideos"]


def _send_until_cut(bench: Bench, video: str) -> None:
    with pytest.raises(httpx.TransportError):
        bench.part(video, bytes(300_000))


def test_a_part_on_its_way_through_a_reset_leaves_nothing(bench: Bench) -> None:
    video = bench.http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]
    bench.control.fault("slow_read", bytes_per_second=100_000)
    broken = threading.Thread(target=_send_until_cut, args=(bench, video))
    broken.start()
    # Until some of it is there: struck alone, it may still be on its way to ask for its video.
    while not any(bench.server.state.store.incoming.iterdir()):
        time.sleep(0.005)
    bench.control.reset()
    broken.join()
    assert bench.files() == []
    assert not any(bench.server.state.store.incoming.iterdir())


def test_time_passes_without_waiting(bench: Bench, face: Callable[..., None]) -> None:
    video = bench.upload()
    face("freeze")
    assert bench.get(video)["status"] == "transcoding"
    face("advance", seconds=0.5)
    assert bench.get(video)["status"] == "transcoding"
    face("advance", seconds=0.5)
    assert bench.get(video)["status"] == "done"
    face("unfreeze")
    assert bench.get(video)["status"] == "done"


def test_the_clock_is_shown(bench: Bench) -> None:
    assert bench.steer.get("/clock").json() == {"now": "2026-01-01T00:00:00.000000Z", "frozen": False, "ahead": 0}
    answer = bench.steer.post("/clock", json={"advance": 60, "freeze": True})
    assert answer.json() == {"now": "2026-01-01T00:01:00.000000Z", "frozen": True, "ahead": 60}


def test_a_clock_that_is_steered() -> None:
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


def test_seeds(bench: Bench, face: Callable[..., None]) -> None:
    source = base64.b64encode(HELLO).decode()
    before = bench.balance()
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
    assert bench.titles() == ["finished", "under way", "half", "new"]
    shown = [bench.get(video) for video in ("one", "two", "three", "four")]
    assert [video["status"] for video in shown] == ["new", "new", "transcoding", "done"]
    assert [video["size"] for video in shown] == [0, 0, 3_000_000, 11]
    assert (shown[2]["tags"], shown[3]["is_public"]) == (["t"], False)
    assert bench.source("four") == HELLO
    assert len(set(bench.source("three"))) == 256
    assert [bench.http.get(f"/videos/{video}").status_code for video in ("five", "six")] == [404, 404]
    assert bench.balance() == before
    assert bench.http.get("/videos/two/complete").status_code == 200
    bench.control.advance(1)
    assert bench.get("three")["status"] == "done"


def test_seeds_get_ids(bench: Bench) -> None:
    ids = bench.steer.post("/seed", json={"videos": [{"title": "x", "size": 10}, {"title": "y", "size": 10}]}).json()
    first, second = ids["ids"]
    assert bench.source(first) == bench.source(second)
    assert bench.control.seed([{"title": "z", "source": HELLO}]) != [first]


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
def test_seeds_that_can_not_be_are_refused_and_none_is_planted(bench: Bench, odd: dict[str, Any]) -> None:
    bench.control.seed([{"title": "there", "id": "taken"}])
    answer = bench.steer.post("/seed", json={"videos": [{"title": "good"}, odd]})
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert answer.json()["message"].startswith(("videos/1: ", "id: is taken"))
    assert bench.titles() == ["there"]


def test_snapshots(bench: Bench, face: Callable[..., None]) -> None:
    first = bench.upload(b"first")
    half = bench.http.post("/videos/create", json={"title": "half"}).json()["data"]["id"]
    bench.part(half, b"the second")
    balance, files = bench.balance(), bench.files()
    face("snapshot", name="a")
    assert "a" in bench.control.snapshots()

    bench.control.advance(3600)
    bench.http.delete(f"/videos/{first}")
    bench.http.get(f"/videos/{half}/complete")
    later = bench.upload(b"third")
    face("snapshot", name="b")
    face("restore", name="a")
    assert (bench.balance(), bench.files(), bench.control.now()) == (balance, files, START)
    assert bench.get(first)["status"] == "transcoding"
    assert bench.source(first) == b"first"
    assert bench.http.get(f"/videos/{later}").status_code == 404
    assert bench.http.get(f"/videos/{half}/complete").status_code == 200

    face("reset")
    assert bench.files() == []
    face("restore", name="b")
    assert bench.source(later) == b"third"
    assert bench.http.get(f"/videos/{first}").status_code == 404
    assert bench.control.now() == START + timedelta(hours=1)


def test_a_snapshot_is_replaced_by_another_of_its_name(bench: Bench) -> None:
    bench.upload(title="old")
    bench.control.snapshot("again")
    bench.control.reset()
    bench.upload(title="new")
    bench.control.snapshot("again")
    bench.control.reset()
    bench.control.restore("again")
    assert bench.titles() == ["new"]
    assert bench.steer.get("/snapshots").json()["snapshots"].count("again") == 1


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
def test_odd_names_of_snapshots_are_refused(bench: Bench, name: str) -> None:
    assert bench.steer.post(f"/snapshots/{name}").status_code in (400, 404, 405)
    assert bench.steer.post(f"/snapshots/{name}/restore").status_code in (400, 404, 405)
    folder = bench.server.state.store.folder
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


def test_a_snapshot_that_is_not_there(bench: Bench) -> None:
    assert bench.steer.post("/snapshots/none/restore").status_code == 404
    with pytest.raises(ControlError, match="no snapshot none"):
        bench.control.restore("none")


def test_faults_over_http(bench: Bench) -> None:
    made = bench.steer.post("/faults", json={"kind": "status", "operation": "getVideo", "status": 502, "times": 2})
    assert made.status_code == 200
    assert bench.http.get("/videos/x").status_code == 502
    [rule] = bench.steer.get("/faults").json()["faults"]
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
    assert bench.steer.delete("/faults").status_code == 200
    assert bench.steer.get("/faults").json() == {"faults": []}
    assert bench.http.get("/videos/x").status_code == 404


def test_the_control_is_never_struck_and_never_written_down(bench: Bench) -> None:
    bench.control.fault("cut_before", times=None)
    assert bench.steer.get("/clock").status_code == 200
    assert bench.steer.post("/reset").status_code == 200
    assert bench.steer.get("/requests").json() == {"requests": []}


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
def test_odd_bodies_are_refused(bench: Bench, path: str, body: object) -> None:
    answer = bench.steer.post(path, json=body)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert len(answer.json()["message"]) < 300
    assert bench.control.now() == START
    assert bench.titles() == []


def test_methods_of_the_control(bench: Bench) -> None:
    assert bench.steer.put("/clock").status_code == 405
    assert bench.steer.get("/reset").headers["allow"] == "POST"
    assert bench.steer.post("/clock", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    # A page in a browser can send a text anywhere unasked, JSON not.
    assert bench.steer.post("/clock", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert bench.steer.get("/nothing").status_code == 404


def test_what_was_asked_is_written_down(bench: Bench) -> None:
    secrets = {"stream-public-key": "public-b", "stream-secret-key": "secret-b"}
    root = bench.server.url
    bench.http.post("/videos", json={})
    httpx.get(f"{root}/videos/cost?qualities=360p&duration=1&token=token-a", headers=secrets)
    httpx.get(f"{root}/videos/x", headers={"Authorization": "Bearer wrong-token"})
    httpx.put(f"{root}/nothing")
    bench.control.fault("cut_after")
    with pytest.raises(httpx.RemoteProtocolError):
        bench.http.delete("/videos/x")
    found = bench.steer.get("/requests").json()["requests"]
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
    assert bench.steer.delete("/requests").status_code == 200
    assert bench.steer.get("/requests").json() == {"requests": []}


def test_only_so_many_requests_are_remembered(bench: Bench) -> None:
    bench.http.get("/videos/" + "x" * 5000)
    [entry] = bench.control.requests()
    assert len(entry.path) == 300
    log = RequestLog()
    for _ in range(SIZE + 1):
        log.add(entry)
    assert len(log.entries()) == SIZE


def test_a_wrapped_application_hides_its_control() -> None:
    async def app(*_: object) -> None: ...

    with pytest.raises(TypeError, match="wrapped"):
        _ = MockServer(app=app).control


def test_control_is_a_handle_on_any_application(server: MockServer) -> None:
    assert isinstance(server.control, Control)
