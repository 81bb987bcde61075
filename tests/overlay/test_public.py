"""What programs import: how little it loads, that its types are there at run time, and what help shows."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from typing import TYPE_CHECKING, Any, get_type_hints

import attrs
import pytest

import aioz_stream
import aioz_stream_api.models
from aioz_stream import AiozStream, AsyncAiozStream, AsyncVideos, Sending, Videos

if TYPE_CHECKING:
    from collections.abc import Iterator

LOADED = """
aioz_stream aioz_stream.arguments aioz_stream.arguments.json_values aioz_stream.arguments.keywords aioz_stream.clients
aioz_stream.clients.client aioz_stream.clients.videos aioz_stream.download aioz_stream.encoding aioz_stream.errors
aioz_stream.files aioz_stream.http aioz_stream.http.bodies aioz_stream.http.cancel_signal aioz_stream.http.connections
aioz_stream.http.credentials aioz_stream.http.log aioz_stream.http.network aioz_stream.http.options
aioz_stream.http.profiles aioz_stream.http.responses aioz_stream.http.retry aioz_stream.http.session
aioz_stream.http.unread aioz_stream.http.user_agent aioz_stream.operations aioz_stream.operations.calls
aioz_stream.operations.matching aioz_stream.operations.operation aioz_stream.operations.thumbnails aioz_stream.upload
aioz_stream.upload.options aioz_stream_api aioz_stream_api.api aioz_stream_api.api.videos aioz_stream_api.lazy
aioz_stream_api.models aioz_stream_api.models.success_type_0 aioz_stream_api.types
"""
SLOW = {"asyncio", "concurrent", "dateutil", "fsspec", "h11", "jsonschema_rs", "platformdirs", "ssl"}
"""Libraries that take long, and that a program may never need."""


def loaded_by(program: str) -> set[str]:
    """The modules that a program loads beside those of httpx."""
    script = f"import sys, httpx; before = set(sys.modules); {program}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_loads_what_a_first_call_needs() -> None:
    loaded = loaded_by("from aioz_stream import AiozStream")
    assert {name for name in loaded if name.startswith("aioz_stream")} <= set(LOADED.split())
    assert not {name.partition(".")[0] for name in loaded} & SLOW


def test_a_client_loads_no_more_than_its_connections_need() -> None:
    loaded = loaded_by("import aioz_stream; aioz_stream.AiozStream(token='t')")
    assert {name for name in loaded if name.startswith("aioz_stream")} <= set(LOADED.split())


def test_the_command_loads_what_uploads_need() -> None:
    loaded = loaded_by("import aioz_stream_cli.commands")
    assert "aioz_stream.upload.upload" in loaded
    assert {name.partition(".")[0] for name in loaded} & SLOW <= {"concurrent", "platformdirs"}


@pytest.mark.parametrize(
    "package", ["aioz_stream", "aioz_stream.encoding", "aioz_stream_api", "aioz_stream_api.models"]
)
def test_all_names_are_there_although_they_are_loaded_late(package: str) -> None:
    script = (
        f"import {package} as p\n"
        "assert set(p.__all__) <= set(dir(p)), set(p.__all__) - set(dir(p))\n"
        "assert all(getattr(p, name) is not None for name in p.__all__)\n"
        f"from {package} import *\n"
        "try: p.nothing\n"
        "except AttributeError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"module {package!r} has no attribute 'nothing'"


# --- types --------------------------------------------------------------------------------------------------------


MADE_BY_CLIENTS = {f"{name}.__init__" for name in ("Videos", "AsyncVideos", "Uploads", "AsyncUploads")}


def public_callables() -> Iterator[tuple[str, Any]]:
    """All functions, classes and public methods that users meet, by their names."""
    for module in (aioz_stream, aioz_stream.encoding):
        for name in module.__all__:
            found = getattr(module, name)
            if inspect.isclass(found):
                yield name, found
                for method, value in inspect.getmembers_static(found):
                    # attrs writes `__init__` for a class before the names of its fields' types are there.
                    is_own = method == "__init__" and not attrs.has(found)
                    if is_own or not method.startswith("_"):
                        function = getattr(value, "fget", None) or getattr(value, "__func__", value)
                        if inspect.isfunction(function) and function.__module__.startswith("aioz_stream"):
                            yield f"{name}.{method}", function
            elif inspect.isfunction(found):
                yield name, found


def kinds(hint: Any) -> Iterator[Any]:
    """The classes in a type."""
    inside = typing.get_args(hint)
    if not inside and inspect.isclass(hint):
        yield hint
    for one in inside:
        yield from kinds(one)


def test_types_of_all_public_callables_resolve() -> None:
    """Tools that make forms, checks or documentation of signatures read them at run time."""
    checked = [get_type_hints(found) for _, found in public_callables()]
    assert len(checked) > 150


def test_types_that_signatures_name_can_be_imported() -> None:
    exported = {getattr(aioz_stream, name) for name in aioz_stream.__all__ if not name.isupper()} | {
        getattr(module, name) for module in (aioz_stream.encoding, aioz_stream_api.models) for name in module.__all__
    }
    missing = {
        f"{kind.__module__}.{kind.__qualname__} in {name}"
        for name, found in public_callables()
        if name not in MADE_BY_CLIENTS
        for hint in get_type_hints(found).values()
        for kind in kinds(hint)
        if kind.__module__.startswith("aioz_stream") and kind not in exported
    }
    assert missing == set()


# --- help ---------------------------------------------------------------------------------------------------------

CLIENTS = (AiozStream, AsyncAiozStream)
WAYS = [
    *(client.upload for client in CLIENTS),
    *(client.upload_many for client in CLIENTS),
    Videos.upload,
    AsyncVideos.upload,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__qualname__)
def test_every_way_of_uploading_shows_its_options(way: Any) -> None:
    shown = inspect.signature(way).parameters
    assert set(Sending.__annotations__) < set(shown)
    assert not [one for one in shown.values() if one.kind is inspect.Parameter.VAR_KEYWORD]
    for name in Sending.__annotations__:
        assert f"\n    {name}: " in way.__doc__
        assert str(shown[name]).endswith(" = ...")
        assert "." not in str(shown[name].annotation)
    assert "deadline: Seconds after which" in way.__doc__


@pytest.mark.parametrize("client", CLIENTS)
def test_clients_describe_each_argument(client: type) -> None:
    said = inspect.getdoc(vars(client)["__init__"]) or ""
    for name in list(inspect.signature(client).parameters):
        assert f"\n    {name}: " in said


def test_without_sources_help_has_the_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from aioz_stream.arguments import keywords

    def of_fields(_: object) -> dict[str, str]:
        return {}

    monkeypatch.setattr(keywords, "_meanings", of_fields)

    def upload(source: str, **how: typing.Unpack[Sending]) -> None:
        """Uploads."""

    assert keywords.showing(Sending)(upload).__doc__ == "Uploads."
    assert "part_size" in inspect.signature(upload).parameters
