"""What plays: pictures and sounds, decoded by another library than the one that made them, and when each comes."""

from __future__ import annotations

import io
from array import array
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import av
from av.container import InputContainer

if TYPE_CHECKING:
    from collections.abc import Iterable

BRIGHT, DARK = 130, 100
"""Mean luma, 0 to 255: above the one a picture is a flash, below the other it is none."""
LOUD, QUIET = 0.03, 0.01
"""Root mean square, 1 is full scale: above the one a window is a beep, below the other it is none."""
RATE, WINDOW = 16_000, 160
"""The sound is looked at in windows of ten milliseconds."""
SPOT = 16
"""Pictures are looked at as squares of so many pixels."""


@dataclass
class Played:
    """Pictures and sound, each with its moments in seconds."""

    pictures: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """Moment and brightness of each."""
    sounds: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """Moment and level of each window."""
    size: tuple[int, int] = (0, 0)
    frame_seconds: float = 0.0
    transfer: int = 0
    pixels: str = ""
    sample_rate: int = 0
    heard: float = 0.0
    """Seconds of sound: more than the length where some of it comes twice at once."""

    @property
    def start(self) -> float:
        return min([*(at for at, _ in self.pictures[:1]), *(at for at, _ in self.sounds[:1])])

    @property
    def length(self) -> float:
        ends = [at + self.frame_seconds for at, _ in self.pictures[-1:]]
        ends += [at + WINDOW / RATE for at, _ in self.sounds[-1:]]
        return max(ends) - self.start

    @property
    def first_picture(self) -> float:
        return self.pictures[0][0] - self.start

    @property
    def first_sound(self) -> float:
        return self.sounds[0][0] - self.start

    @property
    def flashes(self) -> list[float]:
        """When the picture turns bright."""
        return [at - self.start for at in rises(self.pictures, DARK, BRIGHT)]

    @property
    def beeps(self) -> list[float]:
        """When the sound turns loud."""
        return [at - self.start for at in rises(self.sounds, QUIET, LOUD)]

    def brightness(self, at: float) -> float:
        """That of the picture which is shown at a moment."""
        return [level for moment, level in self.pictures if moment - self.start <= at][-1]


def rises(levels: list[tuple[float, float]], low: float, high: float) -> list[float]:
    """The moments at which a level passes from below to above."""
    found: list[float] = []
    is_high = False
    for moment, level in levels:
        if not is_high and level > high:
            found.append(moment)
        is_high = level > (low if is_high else high)
    return found


def together(*parts: Played) -> Played:
    """Tracks that a player plays on one clock."""
    picture = next((part for part in parts if part.pictures), Played())
    sound = next((part for part in parts if part.sounds), Played())
    return Played(
        picture.pictures,
        sound.sounds,
        picture.size,
        picture.frame_seconds,
        picture.transfer,
        picture.pixels,
        sound.sample_rate,
        sound.heard,
    )


def watch(data: bytes, picture: int = 0, sound: int = 0) -> Played:
    """A file as it plays."""
    with av.open(io.BytesIO(data), metadata_errors="replace") as container:
        return watch_container(container, picture, sound)


def watch_address(url: str) -> Played:
    """A playlist or manifest as FFmpeg's own player of it finds it: a parser besides those of the tests."""
    with av.open(url) as container:
        return watch_container(container)


def watch_container(container: Any, picture: int = 0, sound: int = 0) -> Played:
    assert isinstance(container, InputContainer)
    still = av.stream.Disposition.attached_pic
    shown = [one for one in container.streams.video if one.codec_context and not one.disposition & still]
    chosen: list[Any] = [*shown[picture : picture + 1], *list(container.streams.audio)[sound : sound + 1]]
    found = Played()
    resamplers: dict[Any, Any] = {}
    for packet in container.demux(chosen):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            # A damaged place.
            continue
        for frame in frames:
            if isinstance(frame, av.VideoFrame):
                see(found, frame)
            else:
                hear(found, resamplers, frame)
    found.pictures.sort()
    found.sounds.sort()
    steps = [later[0] - earlier[0] for earlier, later in pairwise(found.pictures)]
    found.frame_seconds = sorted(steps)[len(steps) // 2] if steps else 0.0
    return found


def see(found: Played, frame: av.VideoFrame) -> None:
    if frame.time is None:
        return
    spot = frame.reformat(SPOT, SPOT, "gray")
    plane, width = bytes(spot.planes[0]), spot.planes[0].line_size
    luma = sum(sum(plane[line * width : line * width + SPOT]) for line in range(SPOT)) / SPOT**2
    found.pictures.append((frame.time, luma))
    found.size, found.pixels = (frame.width, frame.height), frame.format.name
    found.transfer = int(frame.color_trc)


def hear(found: Played, resamplers: dict[Any, Any], frame: Any) -> None:
    if frame.time is None:
        return
    # A sound may change its format on its way.
    form = (frame.format.name, frame.layout.name, frame.sample_rate)
    resampler = resamplers.setdefault(form, av.AudioResampler(format="s16", layout="mono", rate=RATE))
    found.sample_rate = frame.sample_rate
    start = frame.time
    samples = array("h")
    for piece in resampler.resample(frame):
        samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
    found.heard += len(samples) / RATE
    for at in range(0, len(samples), WINDOW):
        window = samples[at : at + WINDOW]
        found.sounds.append((start + at / RATE, root_mean_square(window)))


def root_mean_square(samples: Iterable[int]) -> float:
    squares = [sample * sample for sample in samples]
    return float((sum(squares) / len(squares)) ** 0.5) / 32768
