"""Builds the documentation as a site in build/documentation, with Zensical. No page loads anything from elsewhere.

The pages are those of docs/ and of the project's root, and reference pages that are made here: of the libraries from
their docstrings, of the commands from their help. Warnings, dead links and dead anchors among them, fail the build.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

import aioz_stream
from aioz_stream_cli.commands import cli

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build/documentation"
OF_THE_ROOT = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
LINK = re.compile(r"(?<=\]\()(?!https?:|#|mailto:)([^)#\s]+)")
WIDTH = 96
STRICT = ("build", "--strict", "--config-file", "zensical.toml")


def repository() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["urls"]["Source"])


def site_path(path: str) -> str | None:
    """Where a file of the project is on the site, if it is there."""
    if path in OF_THE_ROOT:
        return OF_THE_ROOT[path]
    return path.removeprefix("docs/") if path.startswith("docs/") else None


def with_links(text: str, path: str, elsewhere: str) -> str:
    """The text of a page with its links between files made links between pages, or into the repository."""
    page = site_path(path)
    assert page, path

    def target(found: re.Match[str]) -> str:
        file = os.path.normpath(PurePosixPath(path).parent / found[1]).replace(os.sep, "/")
        there = site_path(file)
        return os.path.relpath(there, PurePosixPath(page).parent) if there else f"{elsewhere}/blob/main/{file}"

    return LINK.sub(target, text)


def public_names() -> dict[str, list[str]]:
    """What each page of the reference documents: everything that users import, by the module they import it from."""
    names = {
        module: sorted(importlib.import_module(module).__all__, key=lambda name: name.strip("_").lower())
        for module in (
            "aioz_stream",
            "aioz_stream.errors",
            "aioz_stream.encoding",
            "aioz_stream_mock",
            "aioz_stream_api",
            "aioz_stream_api.models",
            "aioz_stream_api.errors",
        )
    }
    parts = [importlib.import_module(module) for module in ("aioz_stream.errors", "aioz_stream.encoding")]
    names["aioz_stream"] = [
        name
        for name in names["aioz_stream"]
        if not any(getattr(aioz_stream, name) in (part, getattr(part, name, None)) for part in parts)
    ]
    names["aioz_stream.bar"] = ["progress_bar"]
    return names


def library_pages() -> Iterator[tuple[str, str]]:
    """The reference pages that mkdocstrings fills from docstrings and signatures."""
    names = public_names()
    pages = {
        "client": ("The client", ["aioz_stream", "aioz_stream.bar"]),
        "errors": ("Errors", ["aioz_stream.errors"]),
        "ladders": ("Ladders", ["aioz_stream.encoding"]),
        "mock-server": ("The mock server in Python", ["aioz_stream_mock"]),
        "generated": ("The generated client", ["aioz_stream_api", "aioz_stream_api.models", "aioz_stream_api.errors"]),
    }
    for page, (title, modules) in pages.items():
        sections = [f"# {title}\n"]
        for module in modules:
            sections.append(f"## {module}\n\n" + introduction(module))
            sections += [
                f"::: {module}.{name}\n{WITH_INHERITED if name in INHERITING else ''}" for name in names[module]
            ]
        yield f"reference/{page}.md", "\n".join(sections)


INHERITING = {"AiozStream", "AsyncAiozStream"}
"""What they have in common stands in a class that programs don't import."""
WITH_INHERITED = "    options:\n      inherited_members: true\n"


def introduction(module: str) -> str:
    """The docstring of a module whose pictures are drawn with spaces, such as the tree of errors."""
    said = importlib.import_module(module).__doc__ or ""
    return f"```text\n{said.strip()}\n```\n" if module == "aioz_stream.errors" else ""


def command_pages() -> Iterator[tuple[str, str]]:
    """The help of both commands, as they print it."""
    sections = ["# The command aioz-stream\n", *map(help_section, walk(cli, "aioz-stream"))]
    yield "reference/command.md", "\n".join(sections)
    ask = [sys.executable, "-m", "aioz_stream_mock", "--help"]
    environment = {**os.environ, "COLUMNS": str(WIDTH)}
    printed = subprocess.run(ask, env=environment, capture_output=True, text=True, check=True).stdout
    yield "reference/mock-command.md", f"# The command aioz-stream-mock\n\n```text\n{printed}```\n"


def walk(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=WIDTH, terminal_width=WIDTH)
    yield context
    if isinstance(command, click.Group):
        for child, one in sorted(command.commands.items()):
            yield from walk(one, child, context)


def help_section(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


def assemble(folder: Path, made: Iterable[tuple[str, str]], elsewhere: str) -> None:
    """Puts everything that the site is made of into a folder, and takes out what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "pages"
    shutil.copytree(ROOT / "docs", pages)
    for file in ("zensical.toml", "tools/reference_extension.py"):
        shutil.copy(ROOT / file, folder)
    of_docs = [f"docs/{page.relative_to(pages).as_posix()}" for page in sorted(pages.rglob("*.md"))]
    for path in (*OF_THE_ROOT, *of_docs):
        text = with_links((ROOT / path).read_text(encoding="utf-8"), path, elsewhere)
        (pages / str(site_path(path))).write_text(text, encoding="utf-8")
    for name, text in made:
        (pages / name).parent.mkdir(exist_ok=True)
        (pages / name).write_text(text, encoding="utf-8")


def build(folder: Path) -> int:
    zensical = Path(sys.executable).with_name("zensical")
    return subprocess.run([str(zensical), *STRICT], cwd=folder, check=False).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the site is built; what is there is removed")
    folder = parser.parse_args(arguments).folder
    assemble(folder, (*library_pages(), *command_pages()), repository())
    status = build(folder)
    if not status:
        print(f"Look at it with: {sys.executable} -m http.server --directory {folder / 'site'} 8000")
    return status


if __name__ == "__main__":
    sys.exit(main())
