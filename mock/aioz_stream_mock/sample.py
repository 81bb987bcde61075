"""A sample video, so that a new server has something to show: made by ffmpeg, and transcoded like any other."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aioz_stream_mock.media.ffmpeg import Runner
from aioz_stream_mock.state import uploads
from aioz_stream_mock.state.seeds import add_videos
from aioz_stream_mock.state.videos import NEW

if TYPE_CHECKING:
    from aioz_stream_mock.media.backend import Backend

SAMPLE_ID = "sample"

_SECONDS = 20
_FILE = "sample.mp4"
# A test picture whose movement shows that it plays, and two tones that show left from right.
_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25")
_TONES = ("-f", "lavfi", "-i", "aevalsrc=0.1*sin(440*2*PI*t)|0.1*sin(660*2*PI*t):sample_rate=48000")
_CODECS = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "2M", "-c:a", "aac")


def add_sample(backend: Backend) -> None:
    """Add the sample to the first account, once for a data folder. It is transcoded in the background."""
    if backend.store.video(SAMPLE_ID) is not None:
        return
    with tempfile.TemporaryDirectory() as folder:
        arguments = [*_PICTURE, *_TONES, "-t", str(_SECONDS), *_CODECS, _FILE]
        Runner(backend.media_limits).run(["-loglevel", "error", *arguments], Path(folder))
        source = (Path(folder) / _FILE).read_bytes()
    video = {
        "id": SAMPLE_ID,
        "title": "Sample video",
        "description": "A test picture and two tones.",
        "tags": ["sample"],
        "source": source,
        "qualities": [
            _quality("360p", "hls", "mpegts"),
            _quality("720p", "hls", "mpegts"),
            _quality("360p", "dash", "fmp4"),
        ],
    }
    add_videos(backend.store, backend.contract, backend.settings, backend.now(), [{**video, "status": NEW}])
    if uploads.complete(backend.store, SAMPLE_ID, backend.now(), None, free=True):
        backend.transcoder.begin(SAMPLE_ID)


def _quality(resolution: str, type_: str, container: str) -> dict[str, object]:
    return {
        "resolution": resolution,
        "type": type_,
        "container_type": container,
        "video_config": {"codec": "h264"},
        "audio_config": {"codec": "aac"},
    }
