"""Building a client: addresses, options, and whose connections are used."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, get_type_hints

import httpx
import pytest

import aioz_stream
from aioz_stream import AiozStream, APIConnectionError, AsyncAiozStream, ConfigurationError
from aioz_stream.http.options import DEFAULT_BASE_URL
from aioz_stream.http.session import TIMEOUT, UPLOAD_TIMEOUT
from aioz_stream.upload.journal import default_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream import PartLimits
    from aioz_stream_mock import MockServer

NOT_FOUND = httpx.Response(404)


def test_default_address_is_the_contracts(contract: dict[str, Any]) -> None:
    assert contract["servers"][0]["url"] == DEFAULT_BASE_URL
    assert DEFAULT_BASE_URL in repr(AiozStream(token="t"))


@pytest.mark.parametrize(
    "url",
    [
        *("", "service.test", "ftp://service.test", "https://", "https://[::1", "https://xn--/", 5),
        *("https://u:hush@service.test", "u:hush@service.test/api", "https://s.test/?a=b", "https://s.test/#a"),
        *("https://s.test/?", "https://s.test/#", "https://s.test/a b", "https://s.test:x/", "https://s.test:99999/"),
    ],
)
@pytest.mark.parametrize("face", [AiozStream, AsyncAiozStream])
def test_bad_addresses(face: type[AiozStream | AsyncAiozStream], url: Any) -> None:
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        face(token="t", base_url=url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("wrong", [0, -1, "5", True, float("nan"), float("inf")])
def test_bad_timeouts(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        AiozStream(token="t", timeout=wrong)


def recorded(answer: httpx.Response = NOT_FOUND) -> tuple[list[httpx.Request], httpx.MockTransport]:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(answer.status_code, content=answer.content)

    return requests, httpx.MockTransport(handle)


def test_user_agent_names_the_version() -> None:
    requests, transport = recorded()
    with pytest.raises(aioz_stream.NotFoundError):
        AiozStream(token="t", transport=transport).videos.get("x")
    assert requests[0].headers["User-Agent"].startswith(f"aioz-stream-python/{aioz_stream.__version__} ")


def test_each_call_has_its_timeout_unless_the_client_has_one() -> None:
    requests, transport = recorded(httpx.Response(200, json={"status": "success"}))
    stream = AiozStream(token="t", transport=transport)
    stream.videos.delete("x")
    stream.videos.complete("x")
    stream.with_options(timeout=5).videos.complete("x")
    stream.with_options(timeout=5).with_options(max_retries=1).videos.delete("x")
    stream.with_options(timeout=httpx.Timeout(3, read=9)).videos.delete("x")
    stream.videos.delete("x")
    read = [request.extensions["timeout"]["read"] for request in requests]
    assert read == [TIMEOUT.read, UPLOAD_TIMEOUT.read, 5, 5, 9, TIMEOUT.read]


@pytest.mark.parametrize("face", [AiozStream, AsyncAiozStream])
def test_clients_that_can_not_be_passed_in(face: Any) -> None:
    right, wrong = (httpx.Client, httpx.AsyncClient) if face is AiozStream else (httpx.AsyncClient, httpx.Client)
    with pytest.raises(ConfigurationError, match="must be an httpx"):
        face(token="t", http_client=wrong())
    with pytest.raises(ConfigurationError, match="or transport and proxy"):
        face(token="t", http_client=right(), transport=httpx.MockTransport(lambda _: NOT_FOUND))


@pytest.mark.parametrize("face", [AiozStream, AsyncAiozStream])
@pytest.mark.parametrize(
    ("argument", "instead"),
    [
        ("http_client", "an httpx.(Async)?Client"),
        ("transport", "a transport of httpx"),
        ("proxy", "a URL or an httpx.Proxy"),
        ("timeout", "seconds or an httpx.Timeout"),
    ],
)
def test_objects_of_httpx2_are_refused(face: Any, argument: str, instead: str) -> None:
    kind = type("Thing", (), {"__module__": "httpx2._things"})
    theirs = type("Child", (kind,), {"__repr__": lambda _: "http://user:SECRET@proxy"})
    for given in (kind(), theirs()):
        with pytest.raises(ConfigurationError, match=f"{argument} is httpx2's.*pass {instead}\\.$") as caught:
            face(token="t", **{argument: given})
        assert "SECRET" not in str(caught.value)


def test_other_places_refuse_objects_of_httpx2_too() -> None:
    theirs: Any = type("Thing", (), {"__module__": "httpx2"})()
    with pytest.raises(ConfigurationError, match=r"upload_client is httpx2's Thing.*pass an httpx\.Client"):
        AsyncAiozStream(token="t", upload_client=theirs)
    with pytest.raises(ConfigurationError, match="timeout is httpx2's Thing"):
        AiozStream(token="t").with_options(timeout=theirs)


def test_httpx2_in_the_place_of_httpx_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs: Any = type("Thing", (httpx.Client,), {"__module__": "httpx2"})()
    monkeypatch.setattr(httpx, "__name__", "httpx2")
    AiozStream(token="t", http_client=theirs)


def test_a_passed_in_client_stays_open() -> None:
    own = httpx.Client()
    with AiozStream(token="t", http_client=own):
        pass
    assert not own.is_closed
    own.close()


def test_own_connections_are_closed_once() -> None:
    stream = AiozStream(token="t")
    http = stream._session.http
    stream.with_options(timeout=1).close()
    assert not http.is_closed
    stream.close()
    assert http.is_closed


@pytest.mark.parametrize("face", [AiozStream, AsyncAiozStream])
def test_a_proxy_that_is_none(face: Any) -> None:
    with pytest.raises(ConfigurationError, match="proxy can't be used"):
        face(token="t", proxy="foo://x")


@pytest.mark.anyio
async def test_a_closed_client_says_so(make_file: Callable[[bytes], Path]) -> None:
    stream, other = AiozStream(token="t"), AsyncAiozStream(token="t")
    stream.close()
    await other.close()
    with pytest.raises(ConfigurationError, match="is closed"):
        stream.videos.get("x")
    with pytest.raises(ConfigurationError, match="is closed"):
        await other.videos.get("x")
    with pytest.raises(ConfigurationError, match="is closed"):
        await other.upload(make_file(b"bytes"))
    with pytest.raises(ConfigurationError, match="is closed"):
        stream.upload(make_file(b"bytes"))
    assert not list(default_directory().glob("*")), "an upload that can't begin leaves nothing behind"


def test_proxy_is_used() -> None:
    with (
        AiozStream(token="t", base_url="http://service.test", proxy="http://127.0.0.1:9", max_retries=0) as stream,
        pytest.raises(APIConnectionError, match="refused"),
    ):
        stream.videos.get("x")


class OnlyAsync(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, request=request)


@pytest.mark.anyio
@pytest.mark.parametrize("given", [{"http_client": httpx.AsyncClient()}, {"transport": OnlyAsync()}])
async def test_uploads_never_go_around_what_was_passed_in(
    given: Any, make_file: Callable[[bytes], Path], server: MockServer
) -> None:
    async with AsyncAiozStream(token="token-a", base_url=server.url, **given) as stream:
        with pytest.raises(ConfigurationError, match="upload_client"):
            await stream.upload(make_file(b"bytes"))
        with pytest.raises(ConfigurationError, match="upload_client"):
            await stream.videos.upload("x", make_file(b"bytes"))


@pytest.mark.anyio
async def test_uploads_go_through_the_upload_client(make_file: Callable[[bytes], Path], server: MockServer) -> None:
    seen: list[str] = []
    with httpx.Client(event_hooks={"request": [lambda request: seen.append(request.url.path)]}) as uploads:
        stream = AsyncAiozStream(token="token-a", base_url=server.url, transport=OnlyAsync(), upload_client=uploads)
        async with stream:
            video = await stream.upload(make_file(b"bytes"))
        assert not uploads.is_closed
    assert [path.rsplit("/", 1)[-1] for path in seen] == ["create", "part", "complete", video.id]


@pytest.mark.anyio
async def test_a_transport_that_is_both_serves_uploads_too(make_file: Callable[[bytes], Path]) -> None:
    requests, transport = recorded()
    async with AsyncAiozStream(token="t", transport=transport, max_retries=0) as stream:
        with pytest.raises(aioz_stream.NotFoundError):
            await stream.upload(make_file(b"bytes"))
    assert len(requests) == 1


@pytest.mark.anyio
async def test_async_copies_share_connections() -> None:
    requests, transport = recorded(httpx.Response(200, json={"status": "success"}))
    stream = AsyncAiozStream(token="t", transport=transport)
    other = stream.with_options(timeout=5)
    await other.videos.delete("x")
    await other.close()
    await stream.videos.delete("x")
    await stream.close()
    assert [request.extensions["timeout"]["read"] for request in requests] == [5, TIMEOUT.read]


def test_part_limits_can_be_small(stream: AiozStream, make_file: Callable[[bytes], Path], any_size: PartLimits) -> None:
    assert stream.upload(make_file(b"bytes"), part_size=2, part_limits=any_size).status in {"transcoding", "done"}


PUBLIC = """
__version__ AiozStream AiozStreamError APIConnectionError APIError APIResponseError APIStatusError APITimeoutError
ArgumentError ArgumentTypeError Asset AssetMissingError AssetNotReadyError AsyncAiozStream AsyncReader AsyncSource
AsyncUploads AsyncVideos AudioConfig AuthenticationError BadRequestError BalanceError Cancellation capture_responses
CLEAR Concurrency ConfigurationError ConflictError Cost CreationUnknownError CredentialsError DestinationError
DestinationExistsError DownloadCancelledError DownloadTimeoutError EmptySourceError encoding EncodingError errors
Extra JournalError JournalWarning LadderCost LadderWarning Metadata MetadataPair NotFoundError OnProgress OpenFile
Operation OrderBy Page Part PART_LIMITS PartLimits PaymentRequiredError PermissionDeniedError plan PriceError
Progress Proxy Qualities Quality RateLimitError request_id RequestTimeoutError Retries RetryPolicy Sending
ServerError SortBy Source SourceChangedError SourceError SourceNotFoundError Status Timeout TooLargeError
UnexpectedResponseError UnfinishedUpload UNSET Unset UnsupportedMediaTypeError UploadCancelledError
UploadInProgressError UploadItem UploadResult Uploads UploadTimeoutError Verify Video VideoAssets VideoCompleteError
VideoConfig VideoMetadataPair VideoQuality Videos WaitTimeoutError WorkerError
"""


def test_public_names() -> None:
    """Programs import these: taking one away is a breaking change."""
    assert sorted(aioz_stream.__all__, key=str.lower) == PUBLIC.split()
    assert all(hasattr(aioz_stream, name) for name in aioz_stream.__all__)
    errors = {name for name in vars(aioz_stream.errors) if name.endswith("Error")}
    assert errors <= set(aioz_stream.__all__)


def test_annotations_of_what_programs_call_resolve() -> None:
    """Tools that make forms, checks or documentation of signatures read them at run time."""
    clients = (aioz_stream.AiozStream, aioz_stream.AsyncAiozStream)
    resources = [
        get_type_hints(vars(client)[name].fget)["return"] for client in clients for name in ("videos", "uploads")
    ]
    for owner in (*clients, *resources, aioz_stream.UploadItem, aioz_stream.UploadResult):
        for name, method in vars(owner).items():
            if callable(method) and not name.startswith("_"):
                assert "return" in get_type_hints(method), name
    assert set(get_type_hints(aioz_stream.Sending)) == set(aioz_stream.Sending.__annotations__)


def test_the_base_install_is_enough() -> None:
    """Without the extras' libraries the client works, and the command says what it needs."""
    extras = ["click", "rich", "yaml", "starlette", "uvicorn", "jsonschema_rs", "python_multipart", "aioz_stream_mock"]
    script = (
        f"import sys; sys.modules.update(dict.fromkeys({extras!r}))\n"
        "import aioz_stream; aioz_stream.AiozStream(token='t'); aioz_stream.AsyncAiozStream(token='t')\n"
        "from aioz_stream_cli.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "The aioz-stream command needs the extra [cli]: pip install 'aioz-stream[cli]'"
