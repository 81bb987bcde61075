"""The tracks of a source, read from the output of `ffmpeg -i`: the wheel that brings ffmpeg brings no ffprobe."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aioz_stream_mock.media.languages import tag

FORMATS = (
    "aac,ac3,aiff,amr,asf,av1,avi,caf,dv,eac3,flac,flv,gif,h264,hevc,ivf,m4v,matroska,mov,mp3,mp4,mpeg,mpegts,mpegvideo,"
    "mxf,nut,obu,ogg,rm,wav,webm"
)
"""The formats that a source may have: media alone. Playlists and scripts, which other bytes would be read through, and
texts, which ffmpeg can draw as pictures, are not among them."""

_STREAM = re.compile(
    r"^  Stream #0:\d+(?:\[0x[0-9a-f]+\])?(?:\((?P<language>[^)]*)\))?: (?P<kind>Video|Audio): (?P<rest>.*)$", re.ASCII
)
_ANY_STREAM = re.compile(r"^  Stream #0:\d+", re.ASCII)
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.ASCII)
_SIZE = re.compile(r", ([1-9]\d{0,5})x([1-9]\d{0,5})\b", re.ASCII)
_ASPECT = re.compile(r"\bSAR ([1-9]\d{0,8}):([1-9]\d{0,8})\b", re.ASCII)
_RATE = re.compile(r", (\d+) Hz\b", re.ASCII)
_ROTATION = re.compile(r"^\s+Display Matrix: rotation of (-?\d+(?:\.\d+)?) degrees", re.ASCII)


@dataclass(frozen=True)
class VideoTrack:
    """A moving picture, as it is meant to be seen: turned upright, its pixels square."""

    width: float
    height: float


@dataclass(frozen=True)
class AudioTrack:
    """A sound, and the language that the source says it is in."""

    sample_rate: int
    language: str = ""


@dataclass(frozen=True)
class SourceFacts:
    """All tracks of a source, each kind counted by itself, as an index counts them."""

    duration: float = 0.0
    video: tuple[VideoTrack, ...] = ()
    audio: tuple[AudioTrack, ...] = ()


def parse(output: str) -> SourceFacts:
    """Read the tracks from the output of ffmpeg; a source that it could not open has no tracks."""
    duration = 0.0
    video: list[VideoTrack] = []
    audio: list[AudioTrack] = []
    turnable = False
    for line in output.splitlines():
        if line.startswith("Output #"):
            break
        if match := _DURATION.match(line):
            hours, minutes, seconds = match.groups()
            duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        elif match := _STREAM.match(line):
            track = _track(match["kind"], match["rest"], match["language"] or "")
            turnable = isinstance(track, VideoTrack)
            if isinstance(track, VideoTrack):
                video.append(track)
            elif track is not None:
                audio.append(track)
        elif _ANY_STREAM.match(line):
            turnable = False
        elif turnable and (match := _ROTATION.match(line)):
            video[-1] = _turned(video[-1], float(match[1]))
    return SourceFacts(duration, tuple(video), tuple(audio))


def _track(kind: str, rest: str, language: str) -> VideoTrack | AudioTrack | None:
    if kind == "Audio":
        rate = _RATE.search(rest)
        return AudioTrack(int(rate[1]) if rate else 0, tag(language))
    size = _SIZE.search(rest)
    # A cover is a still picture, and no video track.
    if size is None or "(attached pic)" in rest or "(timed thumbnails)" in rest:
        return None
    aspect = _ASPECT.search(rest)
    wider = int(aspect[1]) / int(aspect[2]) if aspect else 1.0
    return VideoTrack(int(size[1]) * wider, int(size[2]))


def _turned(track: VideoTrack, degrees: float) -> VideoTrack:
    return VideoTrack(track.height, track.width) if round(degrees / 90) % 2 else track
