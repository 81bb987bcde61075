from collections.abc import Iterator
from pathlib import Path

import pytest

from aioz_stream import AiozStream, ServerError
from aioz_stream_mock import MockServer, Settings
from aioz_stream_mock.pytest_plugin import AiozStreamServer


@pytest.fixture
def stream(aioz_stream_server: AiozStreamServer) -> Iterator[AiozStream]:
    with AiozStream(token=aioz_stream_server.token, base_url=aioz_stream_server.url) as client:
        yield client


def test_upload(stream: AiozStream, aioz_stream_server: AiozStreamServer, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"not much of a talk")
    video = stream.upload(tmp_path / "talk.mp4", title="Talk")
    aioz_stream_server.control.advance(60)
    assert stream.videos.get(video.id).status == "done"
    aioz_stream_server.control.fault("status", operation="getVideo", status=503, times=1)
    with pytest.raises(ServerError):
        stream.with_options(max_retries=0).videos.get(video.id)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with MockServer(Settings(transcode_seconds=0)) as running:
        print([request.path for request in running.control.requests()])
        yield running.url
