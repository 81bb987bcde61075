"""The renditions of a source, and the arguments of ffmpeg that make them. Pure decisions, no effects.

Shapes (ruling Q12): the shorter side of the video, as it is seen, becomes the named height; both sides are even.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aioz_stream_mock.media.languages import three_letters
from aioz_stream_mock.media.probe import FORMATS
from aioz_stream_mock.state.videos import DEFAULT_RESOLUTION, is_audio_only, quality_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aioz_stream_mock.media.probe import SourceFacts, VideoTrack

Json = dict[str, Any]

HLS, DASH = "hls", "dash"
SEGMENT_SECONDS = 4
SMALLEST_DEFAULT = "240p"
_NAMED_HEIGHT = re.compile(r"([1-9][0-9]{1,4})p", re.ASCII)

# The lowest that the encoders work with; a request may ask for one bit per second.
MIN_VIDEO_BITRATE = 16_000
MIN_AUDIO_BITRATE = 8_000
DEFAULT_AUDIO_BITRATE = 128_000
DEFAULT_SAMPLE_RATE = 48_000
BITS_PER_SAMPLE = 6
"""The most that AAC can spend: 6144 bits on a frame of 1024 samples, in each channel."""

INDEX, MASTER, MANIFEST = "index.m3u8", "master.m3u8", "manifest.mpd"


@dataclass(frozen=True)
class VideoEncoding:
    """The video of a rendition."""

    index: int
    codec: str
    bitrate: int
    width: int
    height: int


@dataclass(frozen=True)
class AudioEncoding:
    """The audio of a rendition."""

    index: int
    bitrate: int
    channels: int
    sample_rate: int
    language: str


@dataclass(frozen=True)
class Rendition:
    """One quality, as it will be made, or the reason why it can't be made."""

    name: str
    type: str
    container: str
    video: VideoEncoding | None = None
    audio: AudioEncoding | None = None
    problem: str = ""


def plan_ladder(facts: SourceFacts, qualities: Sequence[Json], *, is_default: bool) -> list[Rendition]:
    """The renditions of a video's qualities; a quality higher than the source is left out (ruling Q11)."""
    if is_default:
        named = [quality for quality in qualities if _fits(facts, quality, quality_name(quality))]
        qualities = named or [{**quality, "resolution": SMALLEST_DEFAULT} for quality in qualities[:1]]
        return [_plan_rendition(facts, quality, quality_name(quality)) for quality in qualities]
    chosen = [(quality, _choose_name(facts, quality)) for quality in qualities]
    return [_plan_rendition(facts, quality, name) for quality, name in chosen if _fits(facts, quality, name)]


def _choose_name(facts: SourceFacts, quality: Json) -> str:
    """The name of a quality; where the service chooses, the usual one or the largest that the source fills."""
    if "resolution" in quality or is_audio_only(quality):
        return quality_name(quality)
    usual = [name for name in (DEFAULT_RESOLUTION, "360p") if _fits(facts, quality, name)]
    return usual[0] if usual else SMALLEST_DEFAULT


def _fits(facts: SourceFacts, quality: Json, name: str) -> bool:
    """Whether a source has that many lines. True where there is no such video track: that fails the rendition later."""
    index = int(quality.get("video_config", {}).get("index", 0))
    chosen_here = "resolution" not in quality and name == SMALLEST_DEFAULT
    if is_audio_only(quality) or index >= len(facts.video) or chosen_here:
        return True
    return height_of(name) <= _shorter_side(facts.video[index])


def height_of(name: str) -> int:
    """The height that a resolution names; 0 for a name that names none."""
    match = _NAMED_HEIGHT.fullmatch(name)
    return int(match[1]) if match else 0


def _shorter_side(track: VideoTrack) -> float:
    return min(track.width, track.height)


def _plan_rendition(facts: SourceFacts, quality: Json, name: str) -> Rendition:
    video: Json | None = quality.get("video_config")
    audio: Json | None = quality.get("audio_config")
    kind, container = quality["type"], quality["container_type"]
    if video is None and audio is None:
        # The service's own choice: both, as far as the source has both.
        video, audio = {}, {} if facts.audio else None
    try:
        return Rendition(
            name,
            kind,
            container,
            None if video is None else _plan_video(facts, video, height_of(name)),
            None if audio is None else _plan_audio(facts, audio),
        )
    except LookupError as error:
        return Rendition(name, kind, container, problem=str(error.args[0]))


def _plan_video(facts: SourceFacts, config: Json, height: int) -> VideoEncoding:
    index = int(config.get("index", 0))
    if index >= len(facts.video):
        raise LookupError(f"the source has no video track {index}")
    if not height:
        raise LookupError("the resolution names no height")
    track = facts.video[index]
    scale = height / _shorter_side(track)
    bitrate = int(config.get("bitrate", default_bitrate(height)))
    width, lines = (_even(side * scale) for side in (track.width, track.height))
    return VideoEncoding(index, config.get("codec", "h264"), max(bitrate, MIN_VIDEO_BITRATE), width, lines)


def default_bitrate(height: int) -> int:
    """Bits per second for a picture of this height; below the guide's maximum for every resolution it names."""
    return 3 * height * height


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)


def _plan_audio(facts: SourceFacts, config: Json) -> AudioEncoding:
    index = int(config.get("index", 0))
    if index >= len(facts.audio):
        raise LookupError(f"the source has no audio track {index}")
    channels = int(config.get("channels", "2"))
    rate = int(config.get("sample_rate", DEFAULT_SAMPLE_RATE))
    wanted = int(config.get("bitrate", DEFAULT_AUDIO_BITRATE))
    bitrate = min(max(wanted, MIN_AUDIO_BITRATE), BITS_PER_SAMPLE * rate * channels)
    return AudioEncoding(index, bitrate, channels, rate, config.get("language", facts.audio[index].language))


def source_arguments(listed: str, *, start: float = 0.0, formats: str = FORMATS) -> list[str]:
    """Read a source from the files in a list: nothing else, wherever its bytes point to."""
    seek = ["-ss", f"{start:.3f}"] if start else []
    return [*seek, "-protocol_whitelist", "concatf,file", "-format_whitelist", formats, "-i", f"concatf:{listed}"]


def thumbnail_arguments(listed: str, duration: float, name: str) -> list[str]:
    """One frame from near the beginning, where a fade-in is likely to be over."""
    start = min(5.0, duration / 10)
    frame = ["-map", "0:V:0", "-frames:v", "1", "-vf", "scale=iw*sar:ih,setsar=1", "-q:v", "3", "-update", "1"]
    return ["-loglevel", "error", *source_arguments(listed, start=start), *frame, name]


def scaling_arguments(listed: str, height: int, name: str) -> list[str]:
    """A picture whose shorter side has at most so many lines."""
    is_wide = "gt(iw,ih)"
    scale = f"scale=w='if({is_wide},-2,min(iw,{height}))':h='if({is_wide},min(ih,{height}),-2)'"
    read = source_arguments(listed, formats="png_pipe,jpeg_pipe")
    return ["-loglevel", "error", *read, "-frames:v", "1", "-vf", scale, "-q:v", "3", "-update", "1", name]


def rendition_arguments(rendition: Rendition, listed: str) -> list[str]:
    """Make a rendition in the present folder."""
    return [
        *("-loglevel", "error"),
        *source_arguments(listed),
        *("-map_metadata", "-1", "-map_chapters", "-1"),
        *(_video_arguments(rendition.video) if rendition.video else ()),
        *(_audio_arguments(rendition.audio) if rendition.audio else ()),
        *(_hls_arguments(rendition.container) if rendition.type == HLS else _dash_arguments()),
    ]


def _video_arguments(video: VideoEncoding) -> list[str]:
    rate = str(video.bitrate)
    codec = ["-c:v", "libx264", "-preset", "superfast", "-sc_threshold", "0"]
    if video.codec == "h265":
        codec = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:scenecut=0:open-gop=0"]
        # Apple plays HEVC under this name only; without it a playlist over MPEG-TS names no codecs at all.
        codec += ["-tag:v", "hvc1"]
    return [
        *("-map", f"0:V:{video.index}", "-vf", f"scale={video.width}:{video.height},setsar=1", *codec),
        *("-pix_fmt", "yuv420p", "-b:v", rate, "-maxrate", rate, "-bufsize", str(2 * video.bitrate)),
        # A segment can begin only where a picture needs no other.
        *("-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})", "-forced-idr", "1"),
    ]


def _audio_arguments(audio: AudioEncoding) -> list[str]:
    tag = ["-metadata:s:a:0", f"language={three_letters(audio.language)}"] if audio.language else []
    rates = ["-b:a", str(audio.bitrate), "-ac", str(audio.channels), "-ar", str(audio.sample_rate)]
    return ["-map", f"0:a:{audio.index}", "-c:a", "aac", *rates, *tag]


def _hls_arguments(container: str) -> list[str]:
    segments = ["-hls_segment_type", "mpegts", "-muxdelay", "0", "-muxpreload", "0"]
    segments += ["-hls_segment_filename", "segment-%05d.ts"]
    if container != "mpegts":
        segments = ["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"]
        segments += ["-hls_segment_filename", "segment-%05d.m4s"]
    every = ["-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod"]
    return [*every, *segments, "-master_pl_name", MASTER, INDEX]


def _dash_arguments() -> list[str]:
    every = ["-f", "dash", "-seg_duration", str(SEGMENT_SECONDS), "-use_template", "1", "-use_timeline", "1"]
    names = ["-init_seg_name", "init-$RepresentationID$.mp4"]
    return [*every, *names, "-media_seg_name", "segment-$RepresentationID$-$Number%05d$.m4s", MANIFEST]


def mp4_arguments(inputs: Iterable[str], name: str) -> list[str]:
    """Put finished tracks into one file that plays while it loads; with two inputs, the second one is the audio."""
    lists = list(inputs)
    read = [word for listed in lists for word in source_arguments(listed)]
    tracks = ["-map", "0:v:0?", "-map", f"{len(lists) - 1}:a:0?", "-c", "copy", "-movflags", "+faststart"]
    return ["-loglevel", "error", *read, *tracks, name]
