"""Sources as cameras, browsers, editors and accidents make them: each with a flash and a beep at the same moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import clips

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 4
FLASHES = (1.0, 3.0)
LENGTH = 0.2
_WHEN = "+".join(f"between(t,{at - 0.001},{at + LENGTH - 0.001})" for at in FLASHES)

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")
B_FRAMES = ("-c:v", "libx264", "-preset", "medium", "-bf", "3", "-g", "25", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac")
ENDS = ("-t", str(SECONDS))
JITTER = ",settb=1/1000,setpts='PTS+4*mod(N,3)'"


def picture(size: str = "320x240", rate: str = "25", look: str = "") -> tuple[str, ...]:
    grey = f"color=c=0x404040:s={size}:r={rate},drawbox=c=white:t=fill:enable='{_WHEN}'{look}"
    return ("-f", "lavfi", "-i", grey)


def sound(rate: int = 48000, look: str = "") -> tuple[str, ...]:
    tone = f"sine=frequency=1000:sample_rate={rate},volume=4,volume=0:enable='not({_WHEN})'{look}"
    return ("-f", "lavfi", "-i", tone)


@dataclass(frozen=True)
class Source:
    """A source, and in what its outputs differ from the plain ones."""

    name: str
    make: Callable[[Path, str], bytes]
    size: tuple[int, int] = (320, 240)
    rate: float = 25.0
    seconds: float = SECONDS
    has_sound: bool = True
    has_picture: bool = True
    flashes: tuple[float, ...] = FLASHES
    """When they come, from the beginning of the source."""
    beeps: int = len(FLASHES)
    picture_before_sound: float = 0.0
    """How much later than its beep a flash comes; below 0, how much earlier."""
    last_width: float = 1.0
    """The share of the width that the last picture takes; the rest is black."""
    is_damaged: bool = False
    is_hdr: bool = False
    has_tags: bool = False
    """Whether it, or what is made of it, says in which colours it is."""
    track: int = 0
    """Which of its pictures is compared."""


def encoded(ending: str, *arguments: str) -> Callable[[Path, str], bytes]:
    """A source that one run of ffmpeg makes."""

    def make(folder: Path, name: str) -> bytes:
        path = folder / f"{name}.{ending}"
        clips.encode(path, *arguments)
        return path.read_bytes()

    return make


def again(
    before: Callable[[Path, str], bytes], ending: str, *arguments: str, read: tuple[str, ...] = ()
) -> Callable[[Path, str], bytes]:
    """A source that is made of another one."""

    def make(folder: Path, name: str) -> bytes:
        earlier = folder / f"{name}.earlier"
        earlier.write_bytes(before(folder, f"{name}-earlier"))
        path = folder / f"{name}.{ending}"
        clips.encode(path, *read, "-i", str(earlier), *arguments)
        return path.read_bytes()

    return make


def changed(before: Callable[[Path, str], bytes], change: Callable[[bytes], bytes]) -> Callable[[Path, str], bytes]:
    """A source whose bytes were changed afterwards."""
    return lambda folder, name: change(before(folder, name))


def plain(
    ending: str = "mp4", *codecs: str, size: str = "320x240", rate: str = "25", look: str = "", hear: str = ""
) -> Callable[[Path, str], bytes]:
    chosen = codecs or (*X264, *AAC)
    return encoded(ending, *picture(size, rate, look), *sound(look=hear), *ENDS, *chosen)


def offset(which: str, seconds: str, ending: str = "mp4") -> Callable[[Path, str], bytes]:
    """Picture or sound begin later than the other."""
    delay = ("-itsoffset", seconds)
    inputs = (*(delay if which == "picture" else ()), *picture(), *(delay if which == "sound" else ()), *sound())
    return encoded(ending, *inputs, "-t", str(SECONDS + float(seconds)), *X264, *AAC)


def browser_like(ending: str = "webm") -> Callable[[Path, str], bytes]:
    """Times of a millisecond with the jitter of a camera, no frame rate and no length, as MediaRecorder writes."""
    live = ("-f", "matroska", "-live", "1") if ending == "webm" else ()
    vp8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-fps_mode", "passthrough")
    return encoded(ending, *picture(rate="30", look=JITTER), *sound(), *ENDS, *vp8, "-c:a", "libopus", *live)


def halves(
    second: tuple[str, ...] = ("-ac", "1"), size: str = "320x240", delay: float = 0, *, late: str = ""
) -> Callable[[Path, str], bytes]:
    """A transport stream whose second half is of another size, or has another kind of sound.

    One of its tracks may begin later than the other: then the beginning of the source has that alone.
    """
    times = ("-copyts", "-muxdelay", "0", "-muxpreload", "0", "-output_ts_offset", "10")

    def half(start: int, size: str, *kind: str) -> Callable[[Path, str], bytes]:
        shown, heard = (
            f"{start + delay * (not start and late == which)}:{start + 2}" for which in ("picture", "sound")
        )
        tracks = (*picture(size, look=f",trim={shown}"), *sound(look=f",atrim={heard}"))
        return encoded("ts", *tracks, *X264, *AAC, *kind, *times)

    def make(folder: Path, name: str) -> bytes:
        first, other = half(0, "320x240", "-ac", "1"), half(2, size, *second)
        return first(folder, f"{name}-1") + other(folder, f"{name}-2")

    return make


def _late_key(data: bytes) -> bytes:
    """A transport stream that begins between two pictures that need no other: the first of them can't be shown."""
    return data[60 * 188 :]


def _longer_header(data: bytes) -> bytes:
    """An MP4 that says it is a hundred times as long."""
    place = data.index(b"mvhd") + 4
    ticks = int.from_bytes(data[place + 16 : place + 20])
    return data[: place + 16] + (100 * ticks).to_bytes(4) + data[place + 20 :]


def _cut(data: bytes, share: float = 0.55) -> bytes:
    return data[: int(len(data) * share)]


def _damaged(data: bytes) -> bytes:
    """Packets of a transport stream lost in the middle."""
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    return b"".join(packet for number, packet in enumerate(packets) if not 0.4 < number / len(packets) < 0.43)


FAST_START = ("-movflags", "+faststart")
CHAPTERS = ";FFMETADATA1\ntitle=Stream #0:0: Video\\: none\n" + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={at}\nEND={at + 1}\n"
    f"title=chapter {at}\u2028  Stream #0:{at}(x): Video: h264, 1x1\n"
    for at in range(3000)
)


def with_chapters(folder: Path, name: str) -> bytes:
    """Thousands of chapters, and texts that look like what ffmpeg prints."""
    (folder / f"{name}.txt").write_text(CHAPTERS, encoding="utf-8")
    whole = folder / f"{name}-whole.mkv"
    whole.write_bytes(plain("mkv")(folder, f"{name}-plain"))
    path = folder / f"{name}.mkv"
    language = ("-metadata:s:a:0", "language=e(n): Video: h264, 9x9")
    clips.encode(
        path,
        "-i",
        str(whole),
        "-i",
        str(folder / f"{name}.txt"),
        "-map_metadata",
        "1",
        "-map",
        "0",
        "-c",
        "copy",
        *language,
    )
    return path.read_bytes()


def hdr(transfer: str) -> Callable[[Path, str], bytes]:
    """White as bright as paper is shown in HDR, in 10 bits of BT.2020."""
    number = {"smpte2084": "16", "arib-std-b67": "18"}[transfer]
    steps = (
        "format=yuv420p",
        "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv",
        "zscale=t=linear:npl=203",
        "format=gbrpf32le",
        f"zscale=p=bt2020:t={transfer}:m=bt2020nc:r=tv:npl=203",
        "format=yuv420p10le",
    )
    options = f"log-level=error:colorprim=bt2020:transfer={number}:colormatrix=bt2020nc"
    hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", options, "-tag:v", "hvc1")
    tags = ("-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc")
    return encoded("mov", *picture(look=f",{','.join(steps)}"), *sound(), *ENDS, *hevc, *AAC, *tags)


_AROUND_THE_FIRST = f"trim={FLASHES[0] - 0.05}:{FLASHES[0] + 0.35}"
SHORT = (
    *picture(look=f",{_AROUND_THE_FIRST},setpts=PTS-STARTPTS"),
    *sound(look=f",a{_AROUND_THE_FIRST},asetpts=PTS-STARTPTS"),
)
HD_COLOURS = ("-ac", "1", "-colorspace", "bt709", "-color_range", "tv")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "3", "-c:a", "mp2")
UNKNOWN_TRACK = ("-map", "0:v", "-map", "0:v", "-map", "1:a", *X264, *AAC)


def _unknown(data: bytes) -> bytes:
    """A second picture in a format that no decoder knows."""
    place = data.rindex(b"avc1")
    return data[:place] + b"zzzz" + data[place + 4 :]


def with_cover(folder: Path, name: str) -> bytes:
    """A still picture beside the moving one, which is no video track."""
    whole, cover, path = (folder / f"{name}{ending}" for ending in ("-whole.mp4", ".jpg", ".mp4"))
    whole.write_bytes(plain()(folder, f"{name}-plain"))
    clips.encode(cover, *picture("600x600"), "-frames:v", "1", "-update", "1")
    tracks = ("-map", "1", "-map", "0", "-c", "copy", "-disposition:v:0", "attached_pic")
    clips.encode(path, "-i", str(whole), "-i", str(cover), *tracks)
    return path.read_bytes()


SOURCES = (
    Source("mp4", plain()),
    Source("mov", plain("mov")),
    Source("mkv", plain("mkv")),
    Source("b-frames", plain("mp4", *B_FRAMES, *AAC)),
    Source(
        "hevc-b-frames", plain("mp4", "-c:v", "libx265", "-preset", "fast", "-x265-params", "log-level=error", *AAC)
    ),
    Source("timecode-mp4", again(plain(), "mp4", "-c", "copy", "-timecode", "10:00:00:00")),
    Source("timecode-mov", again(plain("mov"), "mov", "-c", "copy", "-timecode", "10:00:00:00")),
    Source(
        "prores-timecode",
        plain("mov", "-c:v", "prores_ks", "-profile:v", "0", "-c:a", "pcm_s16le", "-timecode", "01:00:00:00"),
    ),
    Source("browser-webm", browser_like(), rate=30),
    Source(
        "vp9-opus", plain("webm", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")
    ),
    Source(
        "browser-mp4",
        encoded(
            "mp4",
            *(*picture(rate="30", look=JITTER), *sound(), *ENDS, *X264, "-fps_mode", "passthrough", *AAC),
            *("-movflags", "+frag_keyframe+empty_moov+default_base_moof"),
        ),
        rate=30,
    ),
    Source("joined-late", changed(plain("ts", *X264[:-2], "-g", "50", *AAC), _late_key), is_damaged=True, flashes=()),
    Source("size-changes", halves(size="640x480")),
    Source("shape-changes", halves(size="240x320"), last_width=180 / 320),
    Source("sound-changes", halves(("-ac", "2", "-ar", "44100"))),
    Source("late-picture-changes", halves(HD_COLOURS, "240x320", 0.5, late="picture"), last_width=180 / 320),
    Source("late-sound-changes", halves(("-ac", "2", "-ar", "44100"), delay=0.5, late="sound")),
    Source("late-sound", offset("sound", "2"), picture_before_sound=-2, seconds=SECONDS + 2),
    Source("late-sound-mkv", offset("sound", "1.5", "mkv"), picture_before_sound=-1.5, seconds=SECONDS + 1.5),
    Source("late-sound-ts", offset("sound", "1", "ts"), picture_before_sound=-1, seconds=SECONDS + 1),
    Source("late-picture", offset("picture", "1"), picture_before_sound=1, flashes=(2.0, 4.0), seconds=SECONDS + 1),
    Source(
        "late-picture-mkv",
        offset("picture", "0.5", "mkv"),
        picture_before_sound=0.5,
        flashes=(1.5, 3.5),
        seconds=SECONDS + 0.5,
    ),
    Source("one-a-second", plain(rate="1"), rate=1),
    Source(
        "one-in-two-seconds",
        encoded("mkv", *picture(rate="1/2"), *sound(), "-t", "12", *X264, *AAC),
        rate=0.5,
        seconds=12,
        flashes=(),
    ),
    Source("ntsc", plain(rate="30000/1001"), rate=30000 / 1001),
    Source("film-b-frames", plain("mp4", *B_FRAMES, *AAC, rate="24000/1001"), rate=24000 / 1001),
    Source("sixty", plain(rate="60"), rate=60),
    Source("two-hundred-and-forty", plain(rate="240"), rate=120),
    Source(
        "variable-rate", plain("mp4", *X264, "-fps_mode", "vfr", *AAC, look=",select='not(mod(n,2))+lt(t,2)'"), rate=25
    ),
    Source("transport-stream", plain("ts")),
    Source("transport-stream-b-frames", plain("ts", *B_FRAMES, *AAC)),
    Source("clock-starts-over", again(plain("ts"), "ts", "-c", "copy", "-output_ts_offset", "95441.7", "-copyts")),
    Source("late-timestamps", again(plain("ts"), "ts", "-c", "copy", "-output_ts_offset", "20000", "-copyts")),
    Source("mpeg-2-program-stream", plain("mpg", *MPEG2)),
    Source("interlaced", plain("ts", *MPEG2, "-flags", "+ilme+ildct")),
    Source("avi", plain("avi", "-c:v", "mpeg4", "-q:v", "4", "-c:a", "mp3")),
    Source(
        "motion-jpeg-full-range",
        plain("avi", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    ),
    Source("flv", plain("flv", *X264, *AAC, "-ar", "44100")),
    Source("fragmented", plain("mp4", *X264, *AAC, "-movflags", "+frag_keyframe+empty_moov")),
    Source(
        "edit-list",
        again(
            plain("mp4", *B_FRAMES, *AAC),
            "mp4",
            "-c",
            "copy",
            "-avoid_negative_ts",
            "disabled",
            "-copyts",
            read=("-ss", "0.5"),
        ),
    ),
    Source("header-too-long", changed(plain("mp4", *X264, *AAC), _longer_header)),
    Source("cut", changed(plain("mp4", *X264, "-b:v", "400k", *AAC, *FAST_START), _cut), is_damaged=True),
    Source("damaged", changed(plain("ts"), _damaged), is_damaged=True),
    Source("anamorphic", plain(look=",setsar=4/3"), size=(426, 240)),
    Source(
        "anamorphic-dv",
        encoded("mov", *picture("720x576", look=",setsar=64/45"), *sound(), *ENDS, *X264, *AAC),
        size=(426, 240),
    ),
    Source("turned", again(plain(), "mp4", "-c", "copy", read=("-display_rotation", "90")), size=(240, 320)),
    Source(
        "turned-anamorphic",
        again(plain(look=",setsar=4/3"), "mp4", "-c", "copy", read=("-display_rotation", "-90")),
        size=(240, 426),
    ),
    Source("odd-size", plain("mkv", "-c:v", "ffv1", *AAC, size="321x241"), size=(320, 240)),
    Source("ten-bits", plain("mkv", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", *AAC)),
    Source("full-colours", plain("mkv", "-c:v", "ffv1", "-pix_fmt", "yuv444p", *AAC)),
    Source("rgb", plain("mkv", "-c:v", "ffv1", "-pix_fmt", "bgra", "-c:a", "flac"), has_tags=True),
    Source("hdr-pq", hdr("smpte2084"), is_hdr=True),
    Source("hdr-hlg", hdr("arib-std-b67"), is_hdr=True),
    Source("chapters-and-texts", with_chapters),
    Source("eight-kilohertz-mono", plain("mkv", *X264, "-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1")),
    Source(
        "surround",
        plain(
            "mkv",
            *X264,
            "-c:a",
            "ac3",
            hear=",aformat=channel_layouts=mono,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0",
        ),
    ),
    Source("silent", encoded("mp4", *picture(), *ENDS, *B_FRAMES), has_sound=False),
    Source("animation", encoded("gif", *picture(rate="10"), *ENDS), has_sound=False, rate=10, has_tags=True),
    Source(
        "last-picture-long",
        encoded("gif", *picture(rate="10", look=",trim=end=3.3,tpad=stop=7:stop_mode=clone"), *ENDS),
        has_sound=False,
        rate=10,
        has_tags=True,
    ),
    Source(
        "one-in-ten-seconds",
        encoded("mkv", *picture(rate="1/10"), *sound(), "-t", "30", *X264, *AAC),
        rate=0.1,
        seconds=30,
        flashes=(),
    ),
    Source(
        "still-image",
        encoded("gif", *picture(rate="10"), "-frames:v", "1"),
        has_sound=False,
        rate=10,
        seconds=1,
        flashes=(),
        has_tags=True,
    ),
    Source(
        "still-with-sound",
        encoded(
            "mkv", "-f", "lavfi", "-i", "color=c=0x404040:s=320x240:r=25,trim=end_frame=1", *sound(), *ENDS, *X264, *AAC
        ),
        rate=10,
        flashes=(),
    ),
    Source("cover-before-picture", with_cover, rate=25),
    Source("unknown-track", changed(plain("mov", *UNKNOWN_TRACK), _unknown)),
    Source(
        "negative-timestamps",
        again(
            plain("mp4", *B_FRAMES, *AAC),
            "mkv",
            "-c",
            "copy",
            "-output_ts_offset",
            "-0.5",
            "-avoid_negative_ts",
            "disabled",
        ),
        is_damaged=True,
    ),
    Source("no-length", encoded("mkv", *picture(), *sound(), *ENDS, *X264, *AAC, "-f", "matroska", "-live", "1")),
    Source("ogg", plain("ogv", "-c:v", "libtheora", "-q:v", "7", "-c:a", "libvorbis", look=",noise=alls=6:allf=t")),
    Source(
        "two-flat-pictures",
        encoded("mp4", *picture(), "-frames:v", "2", *X264),
        has_sound=False,
        seconds=1,
        flashes=(),
    ),
    Source("shorter-than-a-second", encoded("mp4", *SHORT, *X264, *AAC), seconds=1, flashes=(0.05,), beeps=1),
    Source(
        "sound-shorter-than-a-second",
        encoded("mp3", *SHORT[4:]),
        has_picture=False,
        seconds=1,
        flashes=(),
        beeps=1,
    ),
    Source("sound-alone", encoded("mp3", *sound(), *ENDS), has_picture=False, flashes=()),
)
