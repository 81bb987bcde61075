"""Proxies, certificates and the name of the program: by arguments, or by variables that other programs read, too."""

from __future__ import annotations

import asyncio
import gc
import pickle
import socket
import ssl
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme

from aioz_stream import (
    AiozStream,
    APIConnectionError,
    AsyncAiozStream,
    ConfigurationError,
    NotFoundError,
    SourceError,
)
from aioz_stream.http.network import Network, RoutingTransport, is_exempt, parse_url, proxy_from_environment
from aioz_stream.http.options import BASE_URL
from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "sesame"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


EXEMPT = {
    "https://api.example.com/x": [
        *("*", "example.com", "EXAMPLE.com", ".example.com", "*.example.com", "api.example.com", "com"),
        *("api.example.com:443", "example.com.", "https://example.com", "all://example.com"),
    ],
    "https://example.com:8443/": ["example.com", "example.com:8443"],
    "https://example.com./": ["example.com"],
    "http://127.0.0.1:80/": ["127.0.0.1", "127.0.0.1:80", "127.0.0.0/8", "127.1.2.3/8", "0.0.0.0/0"],
    "http://[::1]/": ["::1", "[::1]", "[::1]:80", "::/0", "0:0:0:0:0:0:0:1", "::1/128"],
    "http://[fd00::17]:8080/": ["fd00::/8", "[fd00::17]:8080"],
    "https://bücher.example/": ["bücher.example", "xn--bcher-kva.example", ".example"],
}
NOT_EXEMPT = {
    "https://api.example.com/x": [
        *("", ".", "*.", "ample.com", "xapi.example.com", "api.example.com:80", "http://example.com", "<local>"),
        *("127.0.0.0/8", "::/0", "api.example.com:x", "example.com:" + "4" * 5000, "[", "]", "api.example.com/8"),
    ],
    "https://example.com:8443/": [".example.com", "*.example.com", "example.com:443"],
    "http://127.0.0.1:80/": ["127.0.0.2", "127.0.0.1:81", "10.0.0.0/8", "127.0.0.*", "0.0.1", ".1", "::/0", "127/8"],
    "http://[::1]/": ["::2", "[::1]:81", "fe80::/10", "127.0.0.1", "[::"],
}


@pytest.mark.parametrize(("url", "entry"), [(url, entry) for url, entries in EXEMPT.items() for entry in entries])
def test_no_proxy_names(url: str, entry: str) -> None:
    assert is_exempt(httpx.URL(url), entry)


@pytest.mark.parametrize(("url", "entry"), [(url, entry) for url, entries in NOT_EXEMPT.items() for entry in entries])
def test_no_proxy_does_not_name(url: str, entry: str) -> None:
    assert not is_exempt(httpx.URL(url), entry)


@pytest.mark.parametrize(
    ("variables", "url", "found"),
    [
        ({}, "http://a.test", None),
        ({"HTTP_PROXY": "http://p"}, "http://a.test", ("HTTP_PROXY", "http://p")),
        ({"HTTP_PROXY": "http://p"}, "https://a.test", None),
        ({"https_proxy": "http://p", "HTTPS_PROXY": "http://q"}, "https://a.test", ("https_proxy", "http://p")),
        ({"ALL_PROXY": "http://p", "HTTP_PROXY": "http://q"}, "http://a.test", ("HTTP_PROXY", "http://q")),
        ({"ALL_PROXY": "http://p", "HTTP_PROXY": "http://q"}, "https://a.test", ("ALL_PROXY", "http://p")),
        ({"HTTP_PROXY": "", "ALL_PROXY": ""}, "http://a.test", None),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": "b.test,a.test"}, "http://a.test", None),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": " b.test a.test "}, "http://a.test", None),
        ({"HTTP_PROXY": "http://p", "NO_PROXY": ", ,"}, "http://a.test", ("HTTP_PROXY", "http://p")),
    ],
)
def test_the_variable_that_decides(
    variables: dict[str, str], url: str, found: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_from_environment(httpx.URL(url)) == found


@pytest.mark.parametrize("kind", [AiozStream, AsyncAiozStream])
@pytest.mark.parametrize(
    "value",
    [
        *("::::", "http://", "http://[::1", "gopher://p", "http://p:0", "http://p:99999", "http://p:x", "http://a..b"),
        *(
            f"http://u:{PASSWORD}@:1",
            f"http://u:{PASSWORD}@[::1",
            f"x://u:{PASSWORD}@p",
            f"{PASSWORD}@[",
            f"//{PASSWORD}",
        ),
    ],
)
def test_a_proxy_that_is_none_is_named_and_not_shown(kind: Any, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"proxy can't be used.*host:port") as by_argument:
        kind(token="t", proxy=value)
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ConfigurationError, match=r"HTTPS_PROXY can't be used.*host:port") as by_variable:
        kind(token="t")
    for caught in (by_argument, by_variable):
        assert PASSWORD not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("wrong", [5, b"http://p", ["http://p"]])
def test_a_proxy_of_a_wrong_type(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="proxy can't be used"):
        AiozStream(token="t", proxy=wrong)


def test_an_argument_stands_above_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "::::")
    AiozStream(token="t", proxy="http://p").close()


@pytest.mark.parametrize("client", [httpx.Client, httpx.AsyncClient])
def test_nothing_is_read_for_a_client_that_is_passed_in(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    http = client()
    monkeypatch.setenv("HTTPS_PROXY", "::::")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    kind: Any = AiozStream if client is httpx.Client else AsyncAiozStream
    kind(token="t", http_client=http)


def test_each_host_has_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source may be on another host than the API, and redirect to a third."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with MockServer() as server, httpx.Client(transport=RoutingTransport(Network())) as http:
        assert http.get(server.url).status_code
        with pytest.raises(httpx.ConnectError):
            http.get("http://service.test")


class TestSocks:
    @pytest.fixture
    def proxy(self) -> Iterator[str]:
        """A SOCKS proxy that asks for the user and a password, and connects to whatever it is asked for."""
        listener = socket.create_server(("127.0.0.1", 0))

        def pump(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):
                while content := source.recv(65536):
                    target.sendall(content)
                target.shutdown(socket.SHUT_WR)

        def serve(client: socket.socket) -> None:
            with client:
                client.recv(100)
                client.sendall(b"\x05\x02")
                is_known = client.recv(100) == b"\x01\x01u" + bytes([len(PASSWORD)]) + PASSWORD.encode()
                client.sendall(b"\x01" + bytes([not is_known]))
                port = int.from_bytes(client.recv(300)[-2:])
                with socket.create_connection(("127.0.0.1", port)) as target:
                    client.sendall(b"\x05\x00\x00\x01" + bytes(6))
                    back = threading.Thread(target=pump, args=(target, client))
                    back.start()
                    pump(client, target)
                    back.join()

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"socks5h://u:{PASSWORD}@127.0.0.1:{listener.getsockname()[1]}"
        listener.close()

    def test_it_is_used(self, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALL_PROXY", proxy)
        with MockServer() as server:
            url = server.url.replace("127.0.0.1", "nowhere.test")
            with AiozStream(token="token-a", base_url=url) as stream:
                assert list(stream.videos.list()) == list(stream.videos.list()) == []

    # httpcore leaves the socket of such a proxy to the garbage collector.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
    @pytest.mark.parametrize("answers", [[], [b"\5"], [b"\5\0"], [b"\5\0", b"\5"]], ids=str)
    def test_an_answer_that_can_not_be_read_is_a_typed_error(self, answers: list[bytes]) -> None:
        def serve(client: socket.socket) -> None:
            with client:
                for answer in [*answers, b""]:
                    client.recv(100)
                    client.sendall(answer)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        async def create(options: Any) -> None:
            async with AsyncAiozStream(**options) as stream:
                await stream.videos.create("Talk")

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=accept, daemon=True).start()
            proxy = f"socks5://127.0.0.1:{listener.getsockname()[1]}"
            options: Any = {"token": "token", "max_retries": 0, "base_url": "http://service.test", "proxy": proxy}
            with AiozStream(**options) as stream:
                with pytest.raises(SourceError, match="can't be fetched"):
                    stream.upload("http://source.test/talk.mp4")
                with pytest.raises(APIConnectionError, match="SOCKS") as one:
                    stream.videos.create("Talk")
            with pytest.raises(APIConnectionError, match="SOCKS") as other:
                asyncio.run(create(options))
        assert (one.value.sent, other.value.sent) == (False, False), "nothing was asked of the service"
        del one, other
        gc.collect()

    def test_without_its_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "socksio", None)
        with pytest.raises(ConfigurationError, match=r"proxy is a SOCKS proxy.*aioz-stream\[socks\]"):
            AiozStream(token="t", proxy=f"socks5://u:{PASSWORD}@127.0.0.1:9")


class TestCertificates:
    @pytest.fixture
    def authority(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A file with an authority's certificate, beside those of a server."""
        folder = tmp_path_factory.mktemp("certificates")
        made = trustme.CA()
        made.cert_pem.write_to_path(str(folder / "authority.pem"))
        made.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        return folder / "authority.pem"

    @pytest.fixture
    def url(self, authority: Path) -> Iterator[str]:
        """Answers a page without videos, over TLS."""
        listener = socket.create_server(("127.0.0.1", 0))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(authority.with_name("server.pem"))
        page = b'{"status": "success", "data": {"videos": [], "total": 0}}'
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = listener.accept()
                    with suppress(OSError), tls.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(65536)
                        connection.sendall(answer)
                        connection.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()

    @pytest.mark.parametrize("form", [str, lambda path: path, lambda path: ssl.create_default_context(cafile=path)])
    def test_those_that_are_passed_in_are_trusted(self, form: Any, authority: Path, url: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # httpx calls a path out of date
            with AiozStream(token="t", base_url=url, verify=form(authority), max_retries=0) as stream:
                assert list(stream.videos.list()) == []

    @pytest.mark.anyio
    async def test_also_by_the_asynchronous_client(self, authority: Path, url: str) -> None:
        async with AsyncAiozStream(token="t", base_url=url, verify=authority, max_retries=0) as stream:
            assert [video async for video in stream.videos.list()] == []

    def test_others_are_not(self, url: str) -> None:
        with (
            AiozStream(token="t", base_url=url, max_retries=0) as stream,
            pytest.raises(APIConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            list(stream.videos.list())

    def test_a_proxy_over_tls_is_checked_by_them(self, authority: Path) -> None:
        network = Network("https://proxy.test", ssl.create_default_context(cafile=authority))
        found = network._find_proxy(httpx.URL("http://service.test"))
        assert found is not None
        assert found.ssl_context is network._verify

    @pytest.mark.parametrize("kind", [AiozStream, AsyncAiozStream])
    def test_a_file_that_is_none(self, kind: Any, tmp_path: Path) -> None:
        (tmp_path / "junk").write_bytes(b"junk")
        for path in (tmp_path / "missing", tmp_path, tmp_path / "junk", "a\0b"):
            with pytest.raises(ConfigurationError, match="verify names no certificates"):
                kind(token="t", verify=path)

    def test_a_proxy_over_tls_that_has_none(self) -> None:
        with pytest.raises(ConfigurationError, match="verify names no certificates"):
            AiozStream(token="t", base_url="http://service.test", proxy="https://p", verify="/nowhere")

    @pytest.mark.parametrize("wrong", [True, False, 5, b"/path", ""])
    def test_a_wrong_type(self, wrong: Any) -> None:
        with pytest.raises(ConfigurationError, match="verify must be the path"):
            AiozStream(token="t", verify=wrong)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("SSL_CERT_FILE", "missing"), ("SSL_CERT_DIR", "missing"), ("SSLKEYLOGFILE", "missing/keys")],
    )
    def test_a_variable_that_is_wrong_is_named(
        self, name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for other in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
            monkeypatch.delenv(other, raising=False)
        monkeypatch.setenv(name, str(tmp_path / value))
        with pytest.raises(ConfigurationError, match=f"{name} names .*: No such file|{name} .*no such folder"):
            AiozStream(token="t")

    def test_a_path_goes_along_to_other_processes_and_a_context_can_not(self) -> None:
        network = pickle.loads(pickle.dumps(Network("http://p", "/authority.pem")))
        assert (network._proxy, network._verify) == ("http://p", "/authority.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        assert network.can_be_pickled
        assert not Network(verify=context).can_be_pickled
        with (
            AiozStream(token="t", verify=context) as stream,
            pytest.raises(ConfigurationError, match=r"without .*SSLContext"),
        ):
            stream.upload_many([], executor=ThreadPoolExecutor(1))


@pytest.mark.parametrize("kind", [AiozStream, AsyncAiozStream])
@pytest.mark.parametrize("beside", [{"proxy": "http://p"}, {"verify": "/authority.pem"}])
def test_what_would_have_no_effect_is_refused(kind: Any, beside: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="Pass transport, or proxy and verify"):
        kind(token="t", transport=httpx.MockTransport(lambda _: httpx.Response(404)), **beside)
    http = httpx.Client() if kind is AiozStream else httpx.AsyncClient()
    with pytest.raises(ConfigurationError, match="Pass http_client, or transport and proxy and verify"):
        kind(token="t", http_client=http, **beside)


@pytest.mark.parametrize(
    "value", ["http://[::1", f"http://u:{PASSWORD}@h", f"{PASSWORD}@", "ftp://h", "http://h:0", "x"]
)
def test_a_base_url_from_its_variable_is_named_so(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BASE_URL, value)
    with pytest.raises(ConfigurationError, match=BASE_URL) as caught:
        AiozStream(token="t")
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("value", ["http://a..b", "http://" + "a" * 64, "http://xn--", "http://", "http://h:65536"])
def test_hosts_that_there_can_not_be(value: str) -> None:
    assert parse_url(value) is None


def test_the_name_of_the_program_is_sent() -> None:
    agents: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        agents.append(request.headers["User-Agent"])
        return httpx.Response(404)

    name = "dailies/2.1 (me@example.com)"
    with AiozStream(token="t", user_agent=name, transport=httpx.MockTransport(answer)) as stream:
        for one in (stream, stream.with_options(timeout=1)):
            with pytest.raises(NotFoundError):
                one.videos.get("x")
    assert agents == [name, name]


@pytest.mark.parametrize("wrong", ["", " ", "a\nb", "a\r\nX: y", "ä", " a", "a ", 5, b"a"])
@pytest.mark.parametrize("kind", [AiozStream, AsyncAiozStream])
def test_a_name_that_no_header_takes(kind: Any, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="user_agent must be a line"):
        kind(token="t", user_agent=wrong)
