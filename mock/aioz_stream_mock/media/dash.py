"""The manifest over all DASH outputs, put together from those that ffmpeg made for each."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from aioz_stream_mock.media.plan import DASH, MANIFEST
from aioz_stream_mock.state.videos import DONE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aioz_stream_mock.state.outcome import Outcome, Output

_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_PERIOD, _SET, _REPRESENTATION, _TEMPLATE, _LINE = (
    f"{{{_NAMESPACE}}}{name}" for name in ("Period", "AdaptationSet", "Representation", "SegmentTemplate", "S")
)
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(\d+\.\d+)S", re.ASCII)

ET.register_namespace("", _NAMESPACE)


def manifest(outcome: Outcome, folder: Path, query: str) -> str:
    """One adaptation set for each video codec, one for the sound of each language; the outputs switch inside."""
    sets: dict[tuple[str, str], ET.Element] = {}
    root, longest = ET.Element(f"{{{_NAMESPACE}}}MPD"), 0.0
    for number, output in outcome.finished(DONE, DASH):
        # ffmpeg wrote this XML into the server's own folder.
        made = ET.parse(folder / str(number) / MANIFEST).getroot()  # noqa: S314 - ffmpeg's own
        seconds = seconds_of(made.get("mediaPresentationDuration", ""))
        if seconds >= longest:
            root.attrib, longest = dict(made.attrib), seconds
        for kind, representation in _representations(made):
            _place(representation, number, query)
            key = (kind, output.codec if kind == "video" else output.language)
            if key not in sets:
                sets[key] = _set(len(sets), kind, output)
            sets[key].append(representation)
    for adaptation in sets.values():
        # Sounds may be cut otherwise beside a picture than alone.
        if len({_cuts(representation) for representation in adaptation}) == 1:
            adaptation.set("segmentAlignment", "true")
    ET.SubElement(root, _PERIOD, {"id": "0", "start": "PT0S"}).extend(sets.values())
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def seconds_of(duration: str) -> float:
    """A duration as ffmpeg writes it: with hours from one hour on, with minutes from one minute on."""
    match = _DURATION.fullmatch(duration)
    hours, minutes, seconds = match.groups() if match else (0, 0, 0)
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)


def _representations(made: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    for adaptation in made.iter(_SET):
        for representation in adaptation.iter(_REPRESENTATION):
            if "frameRate" in adaptation.attrib:
                representation.set("frameRate", adaptation.attrib["frameRate"])
            yield adaptation.get("contentType", ""), representation


def _place(representation: ET.Element, number: int, query: str) -> None:
    """Give a representation a name of its own in the whole, and its segments their addresses."""
    stream = representation.get("id", "0")
    representation.set("id", f"{number}-{stream}")
    for template in representation.iter(_TEMPLATE):
        for name in ("initialization", "media"):
            file = template.get(name, "").replace("$RepresentationID$", stream)
            template.set(name, f"media/{number}/{file}{query}")


def _set(number: int, kind: str, output: Output) -> ET.Element:
    attributes = {"id": str(number), "contentType": kind, "startWithSAP": "1"}
    if kind == "audio" and output.language:
        attributes["lang"] = output.language
    return ET.Element(_SET, attributes)


def _cuts(representation: ET.Element) -> tuple[Fraction, ...]:
    """The moments, in seconds, at which the segments of a representation end."""
    cuts: list[Fraction] = []
    for template in representation.iter(_TEMPLATE):
        scale, time = int(template.get("timescale", "1")), 0
        for line in template.iter(_LINE):
            time = int(line.get("t", time))
            for _ in range(int(line.get("r", "0")) + 1):
                time += int(line.get("d", "0"))
                cuts.append(Fraction(time, scale))
    return tuple(cuts)
