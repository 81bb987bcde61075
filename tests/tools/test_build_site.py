"""The site has every public name, option, error, command and environment variable, and loads nothing from elsewhere."""

from __future__ import annotations

import html
import importlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, get_args, get_type_hints

import build_site
import click
import pytest
from playwright.sync_api import sync_playwright

import aioz_stream
from aioz_stream_cli.commands import cli
from aioz_stream_cli.failures import ExitStatus
from aioz_stream_cli.manifest import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [pytest.mark.xdist_group("site"), pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`make docs`, which fails on any warning."""
    folder = tmp_path_factory.mktemp("documentation")
    command = [sys.executable, "tools/build_site.py", "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr
    return folder / "site"


def test_a_group_of_tests_runs_on_one_worker(request: pytest.FixtureRequest) -> None:
    """Versions of pytest and its plugin that don't fit pass the groups over without a word."""
    assert request.node.nodeid.endswith("@site") == ("PYTEST_XDIST_WORKER" in os.environ)


def read(site: Path, page: str) -> str:
    return (site / page).read_text(encoding="utf-8")


def words(site: Path, page: str) -> str:
    """What a reader sees."""
    return html.unescape(re.sub(r"<[^>]+>", "", read(site, page)))


@pytest.mark.parametrize(
    "module",
    [
        *("aioz_stream", "aioz_stream.errors", "aioz_stream.encoding", "aioz_stream_mock"),
        *("aioz_stream_api", "aioz_stream_api.models", "aioz_stream_api.errors"),
    ],
)
def test_every_public_name_is_in_the_reference(site: Path, module: str) -> None:
    shown = "".join(read(site, f"reference/{path.name}") for path in (site / "reference").glob("*.html"))
    headings = {place.rpartition(".")[2] for place in re.findall(r'<h[34] id="([\w.]+)" class="doc', shown)}
    names = set(importlib.import_module(module).__all__) - {"encoding", "errors"}
    assert names <= headings | {"__version__"}, names - headings


@pytest.mark.parametrize("client", [aioz_stream.AiozStream, aioz_stream.AsyncAiozStream])
def test_every_method_of_the_clients_is_in_the_reference(site: Path, client: type) -> None:
    shown = read(site, "reference/client.html")
    videos = {"AiozStream": "Videos", "AsyncAiozStream": "AsyncVideos"}[client.__name__]
    of_videos = [name for name in vars(getattr(aioz_stream, videos)) if name[0] != "_"]
    own = [name for name in dir(client) if name[0] != "_"]
    assert "with_options" in own
    for name in own:
        assert f'id="aioz_stream.{client.__name__}.{name}"' in shown, name
    for name in of_videos:
        assert f'id="aioz_stream.{videos}.{name}"' in shown, name


def sections(site: Path) -> dict[str, str]:
    """The HTML of each name of the reference, up to the next one, by the name's path."""
    shown = "".join(read(site, f"reference/{path.name}") for path in sorted((site / "reference").glob("*.html")))
    parts = re.split(r'<h\d id="([\w.]+)" class="doc', shown)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def lines(section: str) -> str:
    return re.sub(r"\n\s+", "\n", html.unescape(re.sub(r"<[^>]+>", "", section)))


def signatures() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function, method and class with a constructor of its own, by its path in the reference."""
    for module, names in build_site.public_names().items():
        for name in names:
            found = getattr(importlib.import_module(module), name)
            if inspect.isroutine(found):
                yield f"{module}.{name}", found
            elif inspect.isclass(found):
                if "__init__" in vars(found) and Protocol not in found.__bases__:
                    yield f"{module}.{name}", found
                for method, made in vars(found).items():
                    if method[0] != "_" and inspect.isroutine(made):
                        yield f"{module}.{name}.{method}", getattr(found, method)


def test_every_signature_is_whole(site: Path) -> None:
    """Also those that are made at run time, of which a source has not all."""
    shown = {path: lines(section) for path, section in sections(site).items()}
    found = dict(signatures())
    assert {"aioz_stream.AsyncVideos.update", "aioz_stream.UploadItem", "aioz_stream.AsyncUploads.resume"} <= set(found)
    for path, made in found.items():
        arguments = [one for one in inspect.signature(made).parameters.values() if one.name != "self"]
        for one in arguments:
            if one.kind is not inspect.Parameter.VAR_KEYWORD:
                assert re.search(rf"\b{one.name}: ", shown[path]), f"{path} without {one.name}"
        assert inspect.isclass(made) or " -> " in shown[path], f"{path} without what it returns"


def test_every_option_of_an_upload_is_explained(site: Path) -> None:
    shown = sections(site)
    for path in ("AiozStream.upload", "AiozStream.upload_many", "Videos.upload", "Uploads.resume"):
        for name in (path, f"Async{path}"):
            for option in get_type_hints(aioz_stream.Sending):
                row = rf"^{option}\n.+\n[A-Z].+ \w"  # its name, its type, its meaning
                assert re.search(row, lines(shown[f"aioz_stream.{name}"]), re.MULTILINE), f"{name} {option}"


def test_every_value_is_explained_and_found_from_its_argument(site: Path) -> None:
    shown = sections(site)
    for kind in ("Status", "SortBy", "OrderBy"):
        for method in ("Videos.list", "Videos.page", "AsyncVideos.list", "AsyncVideos.page"):
            assert f'href="#aioz_stream.{kind}"' in shown[f"aioz_stream.{method}"], f"{method} {kind}"
        for value in get_args(getattr(aioz_stream, kind)):
            assert f'"{value}"' in lines(shown[f"aioz_stream.{kind}"]), f"{kind} {value}"
    for value in set(get_args(aioz_stream.Status)) - {""}:
        assert re.search(rf"\b{value}: \w+ ", lines(shown["aioz_stream.Video.status"])), value


def test_a_name_in_a_text_leads_to_its_description(site: Path) -> None:
    shown = sections(site)
    assert 'href="errors.html#aioz_stream.errors.NotFoundError"' in shown["aioz_stream.Videos.get"]
    assert 'href="#aioz_stream.Videos.list"' in shown["aioz_stream.AsyncVideos.list"]
    assert "<a" not in shown["aioz_stream.capture_responses"].partition("<pre")[2].partition("</pre>")[0]


def commands(group: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, group
    if isinstance(group, click.Group):
        for child, command in group.commands.items():
            yield from commands(command, f"{name} {child}")


def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    page, shown = read(site, "reference/command.html"), words(site, "reference/command.html")
    for name, command in commands(cli, "aioz-stream"):
        assert f'id="{name.replace(" ", "-")}"' in page, name
        section = shown[shown.index(f"Usage: {name} ") :].partition("Usage: ")[2].partition("Usage: ")[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for option in (*parameter.opts, *parameter.secondary_opts):
                    assert re.search(rf"{option}\b", section), f"{name} {option}"


def test_every_option_of_the_mock_server_is_in_the_reference(site: Path) -> None:
    helped = subprocess.run(
        [sys.executable, "-m", "aioz_stream_mock", "-h"], capture_output=True, text=True, check=True
    )
    options = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", helped.stdout, re.MULTILINE))
    assert len(options) > 20
    assert options <= set(re.findall(r"--[\w-]+", words(site, "reference/mock-command.html")))


def test_every_environment_variable_is_explained(site: Path) -> None:
    sources = [path for folder in ("overlay", "cli", "mock") for path in (ROOT / folder).rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"AIOZ_STREAM_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert {"AIOZ_STREAM_TOKEN", "AIOZ_STREAM_JOURNALS"} <= named
    assert named <= set(re.findall(r"AIOZ_STREAM_[A-Z_]+", words(site, "settings.html")))


def test_every_column_of_a_manifest_is_explained(site: Path) -> None:
    table = words(site, "uploading.html").partition("in JSON, also")[2].partition("is the home folder")[0]
    helped = words(site, "reference/command.html").partition("A manifest")[2].partition("options hold")[0]
    for column in COLUMNS:
        assert re.search(rf"\b{column}\b", table), column
        assert re.search(rf"\b{column}\b", helped), column


def test_every_exit_status_is_explained(site: Path) -> None:
    table = words(site, "settings.html").partition("Exit statuses")[2]
    rows = set(re.findall(r"^\s*(\d+)\s*$", table, re.MULTILINE))
    assert {str(int(status)) for status in ExitStatus} | {"0", "2", "130"} <= rows


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="?([^" >]+)', text)
        loaded += re.findall(r'<link\b[^>]*rel="?(?:stylesheet|preload|icon|preconnect)[^>]*href="?([^" >]+)', text)
        assert not [address for address in loaded if re.match(r"(https?:)?//", address)], page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//|@import", style.read_text(encoding="utf-8")), style


def test_every_page_of_the_project_is_on_the_site(site: Path) -> None:
    found = json.dumps(json.loads(read(site, "search.json")))
    for path in (
        *build_site.OF_THE_ROOT,
        *(one.relative_to(ROOT).as_posix() for one in (ROOT / "docs").rglob("*.md")),
    ):
        page = str(build_site.site_path(path)).replace(".md", ".html")
        assert (site / page).exists(), path
        if page != "index.html":
            assert page in found, f"{path} is not found by the search"
    navigation = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    pages = site.parent / "pages"
    for source in pages.rglob("*.md"):
        assert f'"{source.relative_to(pages).as_posix()}"' in navigation, source


@pytest.fixture
def reader(site: Path) -> Iterator[tuple[Page, str]]:
    """A page of a browser, and the address of the site."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (on Debian: apt-get install chromium)")
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page(), f"http://127.0.0.1:{server.server_port}"
        browser.close()
        server.shutdown()


def test_the_copy_button_copies_commands_alone(reader: tuple[Page, str]) -> None:
    page, address = reader
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}/tutorial.html")
    blocks = page.locator(".highlight", has=page.locator(".gp"))
    assert blocks.count() > 10
    for block in blocks.all():
        block.hover()
        block.locator("[data-clipboard-target]").click()
        typed = [line.removeprefix("$ ") for line in block.inner_text().splitlines() if line.startswith("$ ")]
        copied = page.evaluate("navigator.clipboard.readText()")
        assert [line for line in copied.splitlines() if line] == typed


def test_a_reader_finds_an_error_by_its_name(reader: tuple[Page, str]) -> None:
    page, address = reader
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/index.html")
    page.keyboard.press("/")
    page.keyboard.type("PaymentRequiredError")
    page.locator("a[href*='errors.html']").first.wait_for(timeout=60_000)
    assert asked
    assert {address.split("/")[2].partition(":")[0] for address in asked if address.startswith("http")} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("path", "link", "there"),
    [
        ("README.md", "docs/guides/web.md", "guides/web.md"),
        ("docs/guides/web.md", "../mock-server.md#faults", "../mock-server.md#faults"),
        ("docs/guides/web.md", "../../CONTRIBUTING.md", "../contributing.md"),
        ("docs/contract.md", "../openapi.yaml", "https://a.example/blob/main/openapi.yaml"),
        ("docs/contract.md", "https://b.example/x.md", "https://b.example/x.md"),
        ("docs/contract.md", "#here", "#here"),
    ],
)
def test_links_lead_to_the_same_place(path: str, link: str, there: str) -> None:
    assert build_site.with_links(f"See [it]({link}).", path, "https://a.example") == f"See [it]({there})."


def test_a_warning_fails(tmp_path: Path) -> None:
    """A dead link, in a copy of the smallest site."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/index.md").write_text("# Home\n\n[Nowhere](nowhere.md)\n", encoding="utf-8")
    (tmp_path / "zensical.toml").write_text('[project]\nsite_name = "a"\ndocs_dir = "pages"\n', encoding="utf-8")
    command = [str(Path(sys.executable).with_name("zensical")), *build_site.STRICT]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0
