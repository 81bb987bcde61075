"""Pictures of the terminal show what it shows, but for what differs from run to run."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pictures
import pyte

IMAGES = Path(__file__).parents[2] / "docs/images"
TEXT = "{http://www.w3.org/2000/svg}text"
ID = "3b4c6afb-4e94-4ae7-b24f-91ac028d6865"


def drawn(text: str, folder: str = "/tmp/tmpabcdefgh") -> list[ET.Element]:
    """The texts of a picture of a terminal of 80 columns."""
    screen = pyte.Screen(80, 10)
    pyte.Stream(screen).feed(text)
    picture = pictures.svg(pictures.rows(screen, folder), 80, "a title")
    return ET.fromstring(picture).findall(TEXT)


def test_words_stand_where_they_stood() -> None:
    texts = drawn("ab cd   \x1b[1;31mef\x1b[0m\r\n日本  x\r\n")
    assert [one.text for one in texts] == ["ab cd", "ef", "日本", "x"]
    assert [one.get("class") for one in texts] == ["cdefault", "cred", "cdefault", "cdefault"]
    columns = [(float(one.get("x", "")) - float(texts[0].get("x", ""))) / 8.4 for one in texts]
    assert [round(column) for column in columns] == [0, 8, 0, 6], "a wide character has two columns"
    assert texts[1].get("font-weight") == "bold"
    assert texts[0].get("font-weight") is None


def test_what_differs_from_run_to_run_is_replaced_by_what_is_as_wide() -> None:
    [first, path, end] = drawn(f"{ID}  /tmp/tmpabcdefgh/talk.mp4  .\r\n")
    assert (first.text, path.text) == (pictures.OTHER_ID, "/home/you/videos/talk.mp4")
    assert end.get("x") == drawn(f"{pictures.OTHER_ID}  /home/you/videos/talk.mp4  .")[2].get("x")


def test_pages_show_the_pictures_that_are_kept() -> None:
    pages = "".join(
        path.read_text(encoding="utf-8") for path in [*IMAGES.parent.rglob("*.md"), IMAGES.parents[1] / "README.md"]
    )
    kept = {path.name for path in IMAGES.iterdir()}
    assert {f"terminal-{name}.svg" for name in pictures.IN_DOCS} <= kept
    assert kept == set(re.findall(r"images/([\w.-]+)\)", pages))


def test_pictures_are_small_light_and_dark_and_load_nothing() -> None:
    for path in IMAGES.glob("terminal-*.svg"):
        text = path.read_text(encoding="utf-8")
        assert len(text) < 10_000
        assert "prefers-color-scheme:dark" in text
        assert not re.search(r"url\(|@import|href", text)
