"""Playlists: one master over all HLS outputs, and the playlists that ffmpeg made, with signed links for private videos.

Video-only outputs play with the audio-only ones; the audio of an output with video is not used for others (ruling Q13).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aioz_stream_mock.media.plan import HLS, INDEX, MASTER
from aioz_stream_mock.state.videos import DONE

if TYPE_CHECKING:
    from pathlib import Path

    from aioz_stream_mock.state.outcome import Outcome, Output

GROUP = "sound"
_STREAM = "#EXT-X-STREAM-INF:"
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
_URI = re.compile(r'URI="([^"]*)"')

Attributes = dict[str, str]


def master_playlist(outcome: Outcome, folder: Path, query: str) -> str:
    """The playlist that a player opens first."""
    done = outcome.finished(DONE, HLS)
    attributes = {number: _attributes(folder / str(number) / MASTER) for number, _ in done}
    pictures = [number for number, output in done if output.has_picture]
    sounds = [(number, output) for number, output in done if not output.has_picture]
    silent = {number for number, output in done if not output.has_sound}
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if silent:
        lines += _media_lines(sounds, query)
    for number in pictures or list(attributes):
        shown = attributes[number]
        if number in silent and sounds:
            shown = _with_sound(shown, [attributes[sound] for sound, _ in sounds])
        lines += [_STREAM + _joined(shown), _address(number, query)]
    return "\n".join(lines) + "\n"


def sign_links(playlist: str, query: str) -> str:
    """A playlist whose links carry a query on."""
    if not query:
        return playlist
    lines = [line if line.startswith("#") or not line else line + query for line in playlist.splitlines()]
    return "\n".join(_URI.sub(rf'URI="\g<1>{query}"', line) for line in lines) + "\n"


def _address(number: int, query: str) -> str:
    return f"media/{number}/{INDEX}{query}"


def _media_lines(sounds: list[tuple[int, Output]], query: str) -> list[str]:
    names: set[str] = set()
    lines: list[str] = []
    for number, output in sounds:
        # Players tell the sounds of a group apart by their names.
        name = output.name if output.name not in names else f"{output.name} {number}"
        names.add(name)
        first = "NO" if lines else "YES"
        language = f",LANGUAGE={_quoted(output.language)}" if output.language else ""
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{GROUP}",NAME={_quoted(name)}{language},'
            f'DEFAULT={first},AUTOSELECT=YES,URI="{_address(number, query)}"'
        )
    return lines


def _with_sound(picture: Attributes, sounds: list[Attributes]) -> Attributes:
    """The attributes of a video with its audio group: the rates of the largest audio added, and all codecs."""
    together = dict(picture)
    for rate in ("BANDWIDTH", "AVERAGE-BANDWIDTH"):
        together[rate] = str(int(picture.get(rate, "0")) + max(int(sound.get(rate, "0")) for sound in sounds))
    codecs = [codec for one in (picture, *sounds) for codec in one.get("CODECS", "").strip('"').split(",") if codec]
    return {**together, "CODECS": f'"{",".join(dict.fromkeys(codecs))}"', "AUDIO": f'"{GROUP}"'}


def _attributes(path: Path) -> Attributes:
    """The attributes that ffmpeg measured of one output."""
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next((line for line in lines if line.startswith(_STREAM)), "")
    return {name: value for name, value in _ATTRIBUTE.findall(line.removeprefix(_STREAM)) if name != "AUDIO"}


def _joined(attributes: Attributes) -> str:
    return ",".join(f"{name}={value}" for name, value in attributes.items())


def _quoted(text: str) -> str:
    """A label as a playlist can hold it: quotation marks and line breaks have no escape there."""
    return '"' + re.sub(r'["\x00-\x1f\x7f\x85\u2028\u2029]', "'", text) + '"'
