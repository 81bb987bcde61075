"""The renditions of a source, and the arguments of ffmpeg that make them. Pure decisions, no effects.

Shapes (ruling Q12): the shorter side of the video, as it is seen, becomes the named height; both sides are even. It is
the first picture's shape: others on the way are fitted into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from aioz_stream_mock.media.languages import three_letters
from aioz_stream_mock.media.probe import FORMATS, MAX_PIXELS, MIN_RATE
from aioz_stream_mock.state.tariff import height_of
from aioz_stream_mock.state.videos import DEFAULT_RESOLUTION, is_audio_only, quality_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aioz_stream_mock.media.probe import SourceFacts, VideoTrack

Json = dict[str, Any]

HLS, DASH = "hls", "dash"
CONTAINERS: dict[str, tuple[str, ...]] = {HLS: ("mpegts", "mp4"), DASH: ("fmp4",)}
VIDEO_CODECS, AUDIO_CODECS = ("h264", "h265"), ("aac",)
"""What ffmpeg is asked for here. A contract may have learned others since."""
SEGMENT_SECONDS = 4
SMALLEST_DEFAULT = "240p"

# The lowest that the encoders work with; a request may ask for one bit per second.
MIN_VIDEO_BITRATE = 16_000
MIN_AUDIO_BITRATE = 8_000
DEFAULT_AUDIO_BITRATE = 128_000
DEFAULT_SAMPLE_RATE = 48_000
THREADS = 4
"""For each codec, whatever the machine has: each more keeps pictures in memory."""
TICKS = 90_000
"""Those of the clock, in a second, that all pictures are timed by."""
LATEST_PICTURE = Fraction(1, 20)
MIN_SECONDS = 1.0
"""What is shorter is made so long: a playlist gives it no length and no rate otherwise."""
OUT_OF_STEP = 0.03
"""Seconds by which a sound may leave its times before it is set right: one that changes its form has gaps there."""
MAX_STILL_SECONDS = 3600.0
"""The most that a single picture is shown for the sake of a sound beside it."""
BITS_PER_SAMPLE = 6
"""The most that AAC can spend: 6144 bits on a frame of 1024 samples, in each channel."""

MAX_SIDE = 16_384
"""The most pixels beside each other: the encoder of H.264 takes no more."""
SDR_WHITE = 203
"""Candelas per square metre that become white where HDR is mapped to what others show (BT.2408)."""
_ANY_PICTURE = ["-flags2", "+showall"]

INDEX, MASTER, MANIFEST = "index.m3u8", "master.m3u8", "manifest.mpd"


@dataclass(frozen=True)
class VideoEncoding:
    """The video of a rendition."""

    stream: int
    codec: str
    bitrate: int
    width: int
    height: int
    rate: Fraction = Fraction(25)
    start: float = 0.0
    """When the first picture is shown: at once, but as late as the source shows it between two pictures."""
    begin: float = 0.0
    more_seconds: float = 0.0
    """How much longer than in the source its last picture is shown."""
    transfer: str = ""
    is_rgb: bool = False


@dataclass(frozen=True)
class AudioEncoding:
    """The audio of a rendition."""

    stream: int
    bitrate: int
    channels: int
    sample_rate: int
    language: str
    begin: float = 0.0
    is_short: bool = False
    """Whether silence has to follow, for all to be long enough."""


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
    shorter = facts.video[index].shorter_side
    return not shorter or height_of(name) <= shorter


def _plan_rendition(facts: SourceFacts, quality: Json, name: str) -> Rendition:
    video: Json | None = quality.get("video_config")
    audio: Json | None = quality.get("audio_config")
    kind, container = quality["type"], quality["container_type"]
    if video is None and audio is None:
        # The service's own choice: both, as far as the source has both.
        video, audio = {}, {} if facts.audio else None
    try:
        _check_container(kind, container)
        return Rendition(
            name,
            kind,
            container,
            None if video is None else _plan_video(facts, video, height_of(name)),
            None if audio is None else _plan_audio(facts, audio),
        )
    except LookupError as error:
        return Rendition(name, kind, container, problem=str(error.args[0]))


def _more_seconds(facts: SourceFacts, track: VideoTrack) -> float:
    """A single picture stands as long as there is something to hear."""
    heard = min(facts.duration, MAX_STILL_SECONDS) if track.is_still and facts.audio else 0.0
    return max(max(heard, MIN_SECONDS) - float(track.seconds), 0.0)


def _plan_video(facts: SourceFacts, config: Json, height: int) -> VideoEncoding:
    index = int(config.get("index", 0))
    if index >= len(facts.video):
        raise LookupError(f"the source has no video track {index}")
    if not height:
        raise LookupError("the resolution names no height")
    codec = _known_codec(config, VIDEO_CODECS)
    track = facts.video[index]
    if problem := find_problem(track):
        raise LookupError(f"video track {index} {problem}")
    scale = height / track.shorter_side
    bitrate = int(config.get("bitrate", default_bitrate(height)))
    width, lines = (_even(side * scale) for side in (track.width, track.height))
    if width * lines > MAX_PIXELS or max(width, lines) > MAX_SIDE:
        raise LookupError(f"a picture of {width:,} × {lines:,} pixels is too large")
    return VideoEncoding(
        stream=track.stream,
        codec=codec,
        bitrate=max(bitrate, MIN_VIDEO_BITRATE),
        width=width,
        height=lines,
        rate=track.rate,
        start=_first_picture(track),
        begin=track.begin,
        more_seconds=_more_seconds(facts, track),
        transfer=track.transfer,
        is_rgb=track.is_rgb,
    )


def _first_picture(track: VideoTrack) -> float:
    """The first of the moments of a track's pictures, counted back to the beginning of the source.

    So pictures keep their distance to the sound to the millisecond. Where they are so far apart that the beginning
    would be without one, they begin with the source.
    """
    late = max(track.start, Fraction(0)) % (1 / track.rate)
    return round(float(late), 6) if late <= LATEST_PICTURE else 0.0


def find_problem(track: VideoTrack) -> str:
    """Why a track can't be shown; empty for one that can."""
    if not track.has_decoder:
        return "is in a format that can't be decoded"
    if not track.shorter_side or track.pixels > MAX_PIXELS:
        return f"has no picture of at most {MAX_PIXELS:,} pixels"
    return ""


def _check_container(kind: str, container: str) -> None:
    if container not in CONTAINERS.get(kind, ()):
        raise LookupError(f"this server makes no {kind} in {container}")


def _known_codec(config: Json, known: tuple[str, ...]) -> str:
    codec: str = config.get("codec", known[0])
    if codec not in known:
        raise LookupError(f"this server does not encode {codec}")
    return codec


def default_bitrate(height: int) -> int:
    """Bits per second for a picture of this height; below the guide's maximum for every resolution it names."""
    return 3 * height * height


def _even(side: Fraction) -> int:
    return max(2, round(side / 2) * 2)


def _plan_audio(facts: SourceFacts, config: Json) -> AudioEncoding:
    index = int(config.get("index", 0))
    if index >= len(facts.audio):
        raise LookupError(f"the source has no audio track {index}")
    _known_codec(config, AUDIO_CODECS)
    channels = int(config.get("channels", "2"))
    rate = int(config.get("sample_rate", DEFAULT_SAMPLE_RATE))
    wanted = int(config.get("bitrate", DEFAULT_AUDIO_BITRATE))
    bitrate = min(max(wanted, MIN_AUDIO_BITRATE), BITS_PER_SAMPLE * rate * channels)
    track = facts.audio[index]
    return AudioEncoding(
        track.stream,
        bitrate,
        channels,
        rate,
        config.get("language", track.language),
        track.begin,
        facts.duration < MIN_SECONDS,
    )


def source_arguments(listed: str, *, start: float = 0.0, formats: str = FORMATS) -> list[str]:
    """Read a source from the files in a list: nothing else, wherever its bytes point to."""
    seek = ["-ss", f"{start:.3f}"] if start else []
    limits = ["-threads", str(THREADS), "-max_pixels", str(MAX_PIXELS)]
    allowed = ["-protocol_whitelist", "concatf,file", "-format_whitelist", formats]
    return [*seek, *limits, *allowed, "-i", f"concatf:{listed}"]


def thumbnail_attempts(listed: str, facts: SourceFacts, name: str) -> list[list[str]]:
    """Ways to get one picture of the first track that can be shown, the best one first.

    A picture from near the beginning, where a fade-in is likely to be over; the very first one, where the length
    was a lie; and one that is not whole, where no whole one is left.
    """
    track = next((track for track in facts.video if not find_problem(track)), None)
    if track is None:
        return []
    shape = f"scale='min(iw*sar,{MAX_SIDE})':ih,setsar=1"
    chosen = ["-map", f"0:{track.stream}", "-vf", ",".join((shape, *_to_sdr(track.transfer)))]
    frame = [*chosen, "-frames:v", "1", "-q:v", "3", "-update", "1"]
    start = min(5.0, facts.duration / 10)
    whole = source_arguments(listed)
    ways = (source_arguments(listed, start=start), whole, [*_ANY_PICTURE, *whole])
    return [["-loglevel", "error", *read, *frame, name] for read in ways]


def scaling_arguments(listed: str, height: int, name: str) -> list[str]:
    """A picture whose shorter side has at most so many lines."""
    is_wide = "gt(iw,ih)"
    scale = f"scale=w='if({is_wide},-2,min(iw,{height}))':h='if({is_wide},min(ih,{height}),-2)'"
    read = source_arguments(listed, formats="png_pipe,jpeg_pipe")
    return ["-loglevel", "error", *read, "-frames:v", "1", "-vf", scale, "-q:v", "3", "-update", "1", name]


def rendition_arguments(rendition: Rendition, listed: str) -> list[str]:
    """Make a rendition in the present folder."""
    tracks = [track for track in (rendition.video, rendition.audio) if track]
    begin = min((track.begin for track in tracks), default=0.0)
    return [
        *("-loglevel", "error"),
        *source_arguments(listed),
        *("-map_metadata", "-1", "-map_chapters", "-1"),
        *(_video_arguments(rendition.video, begin) if rendition.video else ()),
        *(_audio_arguments(rendition.audio, begin) if rendition.audio else ()),
        *(_hls_arguments(rendition.container) if rendition.type == HLS else _dash_arguments()),
    ]


def _video_arguments(video: VideoEncoding, begin: float) -> list[str]:
    rate = str(video.bitrate)
    # Pictures that wait for later ones would make all of them late, each by its own length: none is made.
    codec = ["-c:v", "libx264", "-preset", "superfast", "-sc_threshold", "0", "-bf", "0", "-threads", str(THREADS)]
    if video.codec == "h265":
        options = f"log-level=error:scenecut=0:open-gop=0:bframes=0:pools={THREADS}:frame-threads=2"
        codec = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", options]
        # Apple plays HEVC under this name only; without it a playlist over MPEG-TS names no codecs at all.
        codec += ["-tag:v", "hvc1"]
    return [
        *_filtered(video.stream, "picture", _form_of_pictures(video, begin), _whole_picture(video)),
        *(*codec, *_colours(video), "-fps_mode", "passthrough", "-enc_time_base", f"1:{TICKS}"),
        *("-b:v", rate, "-maxrate", rate, "-bufsize", str(2 * video.bitrate)),
        # A segment can begin only where a picture needs no other.
        *("-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})", "-forced-idr", "1"),
    ]


def _filtered(stream: int, name: str, form: Iterable[str], whole: Iterable[str]) -> list[str]:
    """A track in one form, and then all of it: filled where it has nothing, from the beginning of the source.

    ffmpeg makes filters anew where a track changes its form on the way. Those that fill must not be: they would fill
    everything up to there once more.
    """
    first, second = (",".join(filters) for filters in (form, whole))
    graphs = (f"[0:{stream}]{first}[{name}]", f"[{name}]{second}[whole-{name}]")
    return [*(word for graph in graphs for word in ("-filter_complex", graph)), "-map", f"[whole-{name}]"]


def _form_of_pictures(video: VideoEncoding, begin: float) -> Iterator[str]:
    # From the very start of the source, at one rate: sound and picture begin together in every output.
    yield f"setpts=PTS+({begin - video.start:.6f})/TB"
    # However short a picture is said to be, it is there.
    yield f"fps={video.rate}{':eof_action=pass' if video.more_seconds else ''}"
    # The filters after these are told no end: a picture ends where another one begins.
    yield f"tpad=stop_mode=clone:stop_duration={video.more_seconds + 1 / video.rate:.3f}"
    # As large as it can be without another shape; what is left beside it is black.
    width = f"min({video.width},{video.height}*dar)"
    height = f"min({video.height},{video.width}/dar)"
    size = ":".join(f"'max(2,2*round({side}/2))'" for side in (width, height))
    yield f"scale={size}:out_range=tv{':out_color_matrix=bt709' if video.is_rgb else ''}"
    yield from _to_sdr(video.transfer)
    yield "format=yuv420p"
    yield f"pad={video.width}:{video.height}:-1:-1"
    yield "setsar=1"


def _whole_picture(video: VideoEncoding) -> Iterator[str]:
    yield f"fps={video.rate}:start_time=0"
    yield f"settb=1/{TICKS}"
    yield f"setpts=PTS+{video.start:.6f}/TB"


def _to_sdr(transfer: str) -> Iterator[str]:
    """Map the brightness of an HDR picture to what 8 bits and BT.709 can show."""
    if transfer:
        yield f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc"
        yield f"zscale=t=linear:npl={SDR_WHITE}"
        yield "format=gbrpf32le"
        yield "zscale=p=bt709"
        yield "tonemap=tonemap=mobius:desat=0"
        yield "zscale=t=bt709:m=bt709:r=tv"


def _colours(video: VideoEncoding) -> list[str]:
    """The tags of colours that were chosen here; those of the source are kept otherwise."""
    names = ("-color_primaries", "-color_trc", "-colorspace") if video.transfer or video.is_rgb else ()
    return [word for name in names for word in (name, "bt709")]


def _audio_arguments(audio: AudioEncoding, begin: float) -> list[str]:
    tag = ["-metadata:s:a:0", f"language={three_letters(audio.language)}"] if audio.language else []
    layout = "mono" if audio.channels == 1 else "stereo"
    form = [f"asetpts=PTS+{begin:.6f}/TB", f"aformat=fltp:{audio.sample_rate}:{layout}"]
    form += [f"apad=whole_dur={MIN_SECONDS}"] if audio.is_short else []
    # Silence where it is interrupted, and until it begins.
    whole = [f"aresample=async=1:min_hard_comp={OUT_OF_STEP}:first_pts=0"]
    return [*_filtered(audio.stream, "sound", form, whole), "-c:a", "aac", "-b:a", str(audio.bitrate), *tag]


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
    # As much is looked at as there may be between two pictures.
    patient = ["-analyzeduration", str(int(2_000_000 / MIN_RATE))]
    read = [word for listed in lists for word in (*patient, *source_arguments(listed))]
    tracks = ["-map", "0:v:0?", "-map", f"{len(lists) - 1}:a:0?", "-c", "copy", "-movflags", "+faststart"]
    # These files are the server's own: a long time between two pictures is no jump of the clock.
    return ["-loglevel", "error", "-dts_delta_threshold", "1000000", *read, *tracks, name]
