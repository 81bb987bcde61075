"""Real videos, made with the ffmpeg of the imageio-ffmpeg wheel."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import imageio_ffmpeg  # pyright: ignore[reportMissingTypeStubs] - it has none

if TYPE_CHECKING:
    from pathlib import Path


def make(path: Path, seconds: float, bitrate: str, size: str = "1280x720") -> None:
    """Encodes a moving test picture with noise (H.264) and a tone (AAC); about `bitrate` × `seconds` large."""
    picture = f"testsrc2=size={size}:rate=30,noise=alls=40:allf=t,format=yuv420p"
    encode(
        path,
        *("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
        *("-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-b:v", bitrate),
        *("-c:a", "aac", "-movflags", "+faststart"),
    )


def encode(path: Path, *arguments: str) -> None:
    """Runs ffmpeg; the file is there when it is whole."""
    unfinished = path.with_stem(f"{path.stem}.part")
    command = (imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error")
    subprocess.run([*command, *arguments, str(unfinished)], check=True)
    unfinished.rename(path)
