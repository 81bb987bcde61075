"""What a manifest may hold: the part of ISO/IEC 23009-1's schema that the mock server uses, drawn by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

NAMESPACE = "{urn:mpeg:dash:schema:mpd:2011}"

COUNT, NUMBER = r"[0-9]+", r"[1-9][0-9]*"
DURATION = r"PT(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?"
YES_NO, RATIO, RATE = r"true|false", r"[0-9]+:[0-9]+", r"[0-9]+(?:/[1-9][0-9]*)?"
WORD, URN, LANGUAGE = r"\S+", r"urn:\S+", r"[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8})*"
_REPRESENTED = {
    "width": NUMBER, "height": NUMBER, "sar": RATIO, "frameRate": RATE, "audioSamplingRate": NUMBER,
    "mimeType": r"(?:video|audio)/mp4", "codecs": r"[a-zA-Z0-9.]+", "startWithSAP": r"[0-6]",
    "scanType": r"progressive|interlaced|unknown", "codingDependency": YES_NO,
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """An element: its attributes, those that it must have, and its children in their order."""

    attributes: dict[str, str]
    required: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    needs: tuple[str, ...] = field(default=())


KINDS = {
    "MPD": Kind(
        {
            "profiles": URN + r"(?:,\S+)*", "type": "static|dynamic", "mediaPresentationDuration": DURATION,
            "maxSegmentDuration": DURATION, "minBufferTime": DURATION,
        },
        ("profiles", "minBufferTime", "mediaPresentationDuration"),
        ("ProgramInformation", "ServiceDescription", "Period"), ("Period",),
    ),
    "Period": Kind({"id": WORD, "start": DURATION, "duration": DURATION}, (), ("AdaptationSet",), ("AdaptationSet",)),
    "AdaptationSet": Kind(
        {
            **_REPRESENTED, "id": COUNT, "contentType": "video|audio", "lang": LANGUAGE, "par": RATIO,
            "segmentAlignment": YES_NO, "bitstreamSwitching": YES_NO, "maxWidth": NUMBER, "maxHeight": NUMBER,
            "maxFrameRate": RATE,
        },
        ("contentType",), ("Role", "Representation"), ("Representation",),
    ),
    "Representation": Kind(
        {**_REPRESENTED, "id": WORD, "bandwidth": NUMBER}, ("id", "bandwidth", "mimeType", "codecs"),
        ("AudioChannelConfiguration", "SegmentTemplate"), ("SegmentTemplate",),
    ),
    "AudioChannelConfiguration": Kind({"schemeIdUri": URN, "value": WORD}, ("schemeIdUri",)),
    "SegmentTemplate": Kind(
        {
            "timescale": NUMBER, "initialization": WORD, "media": WORD, "startNumber": COUNT,
            "presentationTimeOffset": COUNT,
        },
        ("initialization", "media"), ("SegmentTimeline",), ("SegmentTimeline",),
    ),
    "SegmentTimeline": Kind({}, (), ("S",), ("S",)),
    "S": Kind({"t": COUNT, "d": NUMBER, "r": r"-1|[0-9]+"}, ("d",)),
}  # fmt: skip


def check(text: str) -> None:
    """Every element is known, has what it must, and its children in their order; a length is more than none."""
    root = ET.fromstring(text)
    assert root.tag == f"{NAMESPACE}MPD"
    ids = [one.get("id") for one in root.iter(f"{NAMESPACE}Representation")]
    assert len(ids) == len(set(ids))
    assert re.search("[1-9]", root.get("mediaPresentationDuration", "")), "a length of nothing"
    _check(root)


def _check(element: ET.Element) -> None:
    name = element.tag.removeprefix(NAMESPACE)
    kind = KINDS[name]
    own = {key: value for key, value in element.attrib.items() if not key.startswith("{")}
    for key, value in own.items():
        assert key in kind.attributes, f"{name} has no {key}"
        assert re.fullmatch(kind.attributes[key], value, re.ASCII), f"{name} {key}={value!r}"
    assert set(kind.required) <= set(own), f"{name} lacks {set(kind.required) - set(own)}"
    children = [child.tag.removeprefix(NAMESPACE) for child in element]
    assert set(kind.needs) <= set(children), f"{name} lacks {kind.needs}"
    assert children == sorted(children, key=kind.children.index), f"{name}: {children}"
    for child in element:
        _check(child)
