"""Web pages of others must not steer a server on the same machine: neither across origins nor by DNS rebinding."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from aioz_stream_mock import MockServer, Settings, cli, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_HOSTS = (
    "localhost",
    "LOCALHOST:1",
    "localhost.",
    "app.localhost:8080",
    "127.0.0.1",
    "127.9.9.9:80",
    "[::1]",
    "[::1]:8080",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]:80",
    "Mock_1.internal:8080",
    "mock_1.internal.",
    "[2001:DB8:0::1]:80",
)
FOREIGN_HOSTS = (
    "evil.example",
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evillocalhost",
    "mock_1.internal.evil.example",
    "192.0.2.1",
    "[2001:db8::2]",
    "[::ffff:192.0.2.1]",
    "0.0.0.0",
    "127.1",
    "2130706433",
    "",
    "evil.example@localhost",
    "localhost/evil.example",
)
FOREIGN_ORIGINS = (
    *(f"http://{host}" for host in FOREIGN_HOSTS),
    "https://evil.example",
    "null",
    "NULL",
    "file://",
    "file://localhost",
    "chrome-extension://localhost",
    "localhost",
    "http://localhost/",
    "http://localhost http://evil.example",
)
NO_CHANGE = [
    ("POST", "/_mock/reset"),
    ("POST", "/_mock/seed"),
    ("POST", "/_mock/snapshots/a"),
    ("POST", "/_mock/snapshots/a/restore"),
    ("POST", "/_mock/clock"),
    ("POST", "/_mock/faults"),
    ("DELETE", "/_mock/faults"),
    ("DELETE", "/_mock/requests"),
    ("GET", "/_mock/requests"),
    ("HEAD", "/_mock/clock"),
    ("OPTIONS", "/_mock/reset"),
    ("PUT", "/_mock/reset"),
    ("GET", "/_mock/videos/x"),
    ("GET", "/_mock"),
    ("GET", "/_mock/"),
    ("GET", "/_mock/nothing"),
    ("POST", "/%5Fmock/reset"),
    ("POST", "/_mock/reset%0A"),
]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """A client of a server that has two more names of its own."""
    with (
        MockServer(Settings(control=True, allow_hosts=["mock_1.INTERNAL", "2001:db8::1"])) as server,
        httpx.Client(base_url=root_of(server), timeout=60) as client,
    ):
        yield client


def root_of(server: MockServer) -> str:
    return server.url.removesuffix("/api")


def clock(http: httpx.Client, **headers: str) -> int:
    return http.get("/_mock/clock", headers=headers).status_code


@pytest.mark.parametrize("host", OWN_HOSTS)
def test_a_name_of_its_own_reaches_the_control(http: httpx.Client, host: str) -> None:
    assert clock(http, Host=host) == 200
    for scheme in ("http", "https"):
        assert clock(http, Host=host, Origin=f"{scheme}://{host}") == 200


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_name_does_not(http: httpx.Client, host: str) -> None:
    assert clock(http, Host=host) == 403
    assert clock(http, Host=host, Origin="http://localhost") == 403


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_page_of_a_foreign_origin_does_not(http: httpx.Client, origin: str) -> None:
    assert clock(http, Origin=origin) == 403
    assert clock(http, **{"Origin": origin, "Sec-Fetch-Site": "same-origin"}) == 403


@pytest.mark.parametrize(("method", "path"), NO_CHANGE)
@pytest.mark.parametrize("foreign", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_every_method_and_path_below_the_control_is_guarded(
    http: httpx.Client, method: str, path: str, foreign: dict[str, str]
) -> None:
    answer = http.request(method, path, headers=foreign)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["x-request-id"]


def test_a_refused_request_changes_nothing(http: httpx.Client) -> None:
    http.post("/_mock/faults", json={"kind": "status"}).raise_for_status()
    assert http.post("/_mock/reset", headers={"Origin": "null"}).status_code == 403
    assert http.delete("/_mock/faults", headers={"Host": "evil.example"}).status_code == 403
    assert len(http.get("/_mock/faults").json()["faults"]) == 1
    http.post("/_mock/reset").raise_for_status()


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-site", 200), ("same-origin", 200)])
def test_what_a_page_loads_is_told_by_its_site(http: httpx.Client, site: str, status: int) -> None:
    assert clock(http, **{"Sec-Fetch-Site": site}) == status
    # localhost and 127.0.0.1 are two sites, and both are this machine.
    assert clock(http, **{"Sec-Fetch-Site": site, "Origin": "http://localhost:3000"}) == 200


def test_one_foreign_origin_of_two_is_enough(http: httpx.Client) -> None:
    headers = [("Origin", "http://localhost"), ("Origin", "http://evil.example")]
    for given in (headers, headers[::-1]):
        assert http.get("/_mock/clock", headers=given).status_code == 403


def test_a_request_without_a_host_is_of_no_browser(http: httpx.Client) -> None:
    url = http.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=60) as plug:
        plug.sendall(b"GET /_mock/clock HTTP/1.0\r\n\r\n")
        assert plug.recv(100).split(b" ")[1] == b"200"


def test_the_refusal_says_what_was_seen_and_what_to_do(http: httpx.Client) -> None:
    said = http.get("/_mock/clock", headers={"Host": "mock-2:8080"}).json()["message"]
    assert "the Host of this request is mock-2." in said
    assert "--allow-host mock-2, or with allow_hosts" in said
    said = http.get("/_mock/clock", headers={"Origin": "https://app.example:81"}).json()["message"]
    assert "the Origin of this request is app.example." in said
    assert "--allow-host app.example," in said
    said = http.get("/_mock/clock", headers={"Origin": "null"}).json()["message"]
    assert "--allow-host" not in said


def test_a_large_body_of_a_refused_request_does_not_hide_the_refusal(http: httpx.Client) -> None:
    answer = http.post("/_mock/seed", content=bytes(900_000), headers={"Origin": "null"})
    assert answer.status_code == 403


def test_the_api_and_the_pages_answer_to_any_name(http: httpx.Client) -> None:
    for path in ("/", "/docs", "/static/index.js", "/_mocking"):
        assert http.get(path, headers={"Host": "mock-2", "Origin": "null"}).status_code in (200, 404)
    headers = {"Host": "mock-2", "Authorization": "Bearer token-a", "Origin": "https://evil.example"}
    assert http.post("/api/videos", json={}, headers=headers).status_code == 200


def test_without_the_control_there_is_nothing_to_refuse() -> None:
    with MockServer() as server, httpx.Client(base_url=root_of(server)) as http:
        assert clock(http, Host="x") == 404


def own_address() -> str | None:
    """An address of this machine that is none of the loopback interface's. Nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_on_all_addresses_is_reached_by_each_and_by_names_that_are_allowed(host: str) -> None:
    settings = Settings(control=True, allow_hosts=["mock"])
    with MockServer(settings, host=host) as server, httpx.Client(base_url=root_of(server)) as http:
        assert clock(http) == 200
        for name in ("mock:8080", "localhost", "127.0.0.1"):
            assert clock(http, Host=name) == 200
        assert clock(http, Host="mock-2") == 403
        assert clock(http, Origin="http://evil.example") == 403
        if address := own_address():
            # The address that this connection came to is another.
            assert clock(http, Host=address) == 403
            assert httpx.get(f"http://{address}:{http.base_url.port}/_mock/clock").status_code == 200


def test_a_server_that_listens_on_a_name_has_that_name() -> None:
    name = socket.gethostname()
    with (
        MockServer(Settings(control=True), host=name) as server,
        httpx.Client(base_url=root_of(server)) as http,
    ):
        assert clock(http) == clock(http, Host=name.upper()) == 200


def test_an_application_that_is_mounted_below_a_path_is_guarded_too() -> None:
    inner = create_app(Settings(control=True))
    outer = Starlette(routes=[Mount("/below", inner)])
    with MockServer(app=outer) as server, httpx.Client(base_url=f"{root_of(server)}/below") as http:
        assert clock(http) == 200
        assert clock(http, Origin="null") == 403
    inner.state.mock.close()


def test_names_are_an_option_of_the_command() -> None:
    options = cli._parser().parse_args(["--allow-host", "mock", "--allow-host", "192.0.2.1"])
    assert cli._settings(options).allow_hosts == ["mock", "192.0.2.1"]
    assert list(cli._settings(cli._parser().parse_args([])).allow_hosts) == []


@pytest.mark.parametrize("odd", ["http://mock", "mock:8080", "", "a b", "*", "mock/"])
def test_what_is_no_name_is_refused(odd: str) -> None:
    with pytest.raises(ValueError, match="allow_hosts must hold names or addresses"):
        Settings(allow_hosts=[odd])
    with pytest.raises(ValueError, match="allow_hosts"):
        Settings(allow_hosts="mock")
