"""Looking into sources: a path is a path, whatever is in its name or in the file, and sizes are exact."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import clips
import pytest

from aioz_stream.encoding import Source, check
from aioz_stream.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=5", "-f", "lavfi", "-i", "sine")
ENCODED = ("-t", "1", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")


def clip(folder: Path, name: str = "a.mp4", *arguments: str) -> Path:
    path = folder / name
    clips.encode(path, *PICTURE, *ENCODED, *arguments)
    return path


def rung(resolution: str) -> dict[str, object]:
    return {
        "resolution": resolution,
        "type": "hls",
        "container_type": "mpegts",
        "video_config": {"codec": "h264"},
        "audio_config": {"codec": "aac", "bitrate": 128_000},
    }


@pytest.mark.parametrize("name", ["http:a.mp4", "a:b.mp4", "concat:a|b.mp4", "%03d.mp4", "-.mp4", "pipe:0"])
def test_a_name_is_never_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(clip(tmp_path, "made.mp4").read_bytes())
    for path in (name, tmp_path / name):
        found = Source.probe(path)
        assert (found.height, found.video_tracks, found.audio_tracks) == (240, 1, 1)


@pytest.mark.parametrize(
    ("size", "aspect", "height"),
    [
        ("320x240", "4/3", 240),
        ("480x640", "3/4", 360),
        ("480x640", "9/16", 270),
        ("360x480", "64/45", 480),
        ("481x640", "3/4", 360),
    ],
)
def test_pixels_that_are_not_square_count_exactly(tmp_path: Path, size: str, aspect: str, height: int) -> None:
    picture = ("-vf", f"scale={size.replace('x', ':')},setsar={aspect}", "-c:v", "ffv1")
    assert Source.probe(clip(tmp_path, "a.mkv", *picture)).height == height


def test_a_ladder_fits_an_anamorphic_source_as_the_server_reads_it(tmp_path: Path) -> None:
    """480 × 640 pixels of 3:4 are 360 lines wide: 360p remains, and 480p does not."""
    path = clip(tmp_path, "a.mkv", "-vf", "scale=480:640,setsar=3/4")
    assert not [one for one in check([rung("360p")], source=path) if one.code == "nothing-left"]
    assert [one for one in check([rung("480p")], source=path) if one.code == "nothing-left"]


def test_a_track_that_no_decoder_knows_is_counted_without_a_size(tmp_path: Path) -> None:
    path = clip(tmp_path, "a.mov", "-map", "0:v", "-map", "0:v", "-map", "1:a")
    data = path.read_bytes()
    for number in (1, 2):
        place = data.rindex(b"avc1")
        data = data[:place] + b"zzzz" + data[place + 4 :]
        path.write_bytes(data)
        found = Source.probe(path)
        assert (found.video_tracks, found.height) == (2, 240 if number == 1 else None)


def test_texts_that_are_not_utf_8_are_no_reason_to_fail(tmp_path: Path) -> None:
    path = clip(tmp_path, "a.mkv", "-metadata", "title=caf##")
    path.write_bytes(path.read_bytes().replace(b"caf##", b"caf\xe9\xff"))
    assert Source.probe(path).height == 240


def test_a_playlist_or_a_drawing_leads_nowhere(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = listener.getsockname()[1]

        def note() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    asked.append(connection.recv(1000))
                    connection.close()
            except OSError:
                pass

        thread = threading.Thread(target=note, daemon=True)
        thread.start()
        other = clip(tmp_path, "other.ts")
        address = f"http://127.0.0.1:{port}/x.ts"
        texts = [
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{place}\n#EXT-X-ENDLIST\n" for place in (address, other)
        ]
        texts += [
            f"ffconcat version 1.0\nfile '{other}'\n",
            f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}"/></svg>',
        ]
        for number, text in enumerate(texts):
            path = tmp_path / f"{number}.{'svg' if 'svg' in text else 'm3u8'}"
            path.write_text(text)
            try:
                found = Source.probe(path)
            except SourceError:
                continue
            assert (found.height, found.audio_tracks) == (None, 0), text
        listener.close()
    assert asked == []
