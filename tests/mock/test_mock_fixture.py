"""The pytest plugin, in projects of its own: pytest runs pytest."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

SUITE = """
import os
import httpx
import pytest

def create(server):
    headers = {"Authorization": f"Bearer {server.token}"}
    return httpx.post(f"{server.url}/videos/create", json={"title": "x"}, headers=headers)

def total(server):
    keys = {"stream-public-key": server.public_key, "stream-secret-key": server.secret_key}
    return httpx.post(f"{server.url}/videos", json={}, headers=keys).json()["data"]["total"]

@pytest.mark.parametrize("number", range(6))
def test_the_server_begins_anew(aioz_stream_server, number):
    assert total(aioz_stream_server) == 0
    assert aioz_stream_server.control.faults() == []
    assert create(aioz_stream_server).status_code == 201
    assert total(aioz_stream_server) == 1
    aioz_stream_server.control.fault("status", times=None)
    assert create(aioz_stream_server).status_code == 503
    print("PORT", os.environ.get("PYTEST_XDIST_WORKER"), aioz_stream_server.url)

def test_the_first_account_can_call(aioz_stream_server):
    assert aioz_stream_server.accounts[0].token == aioz_stream_server.token
    assert httpx.get(aioz_stream_server.url.removesuffix("/api") + "/_mock/clock").status_code == 200
"""


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Without plugins of others: importing them takes two thirds of the time of a project this small."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:schemathesis -p no:hypothesispytest -p no:anyio")
    return pytester


@pytest.fixture
def project(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """A project with the suite above; what is given runs in a process of its own."""
    pytester.makepyfile(test_suite=SUITE)
    return lambda *arguments: pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", *arguments)


def test_the_plugin_is_announced() -> None:
    [point] = entry_points(group="pytest11", name="aioz_stream_mock")
    assert point.value == "aioz_stream_mock.pytest_plugin"


def test_each_test_has_a_server_as_if_just_started(project: Callable[..., pytest.RunResult]) -> None:
    project().assert_outcomes(passed=7)


def test_each_worker_has_a_server(project: Callable[..., pytest.RunResult]) -> None:
    result = project("-n", "2", "-rP", "--dist", "each")
    result.assert_outcomes(passed=14)
    ports = set(re.findall(r"PORT (gw\d) (\S+)", result.stdout.str()))
    assert {worker for worker, _ in ports} == {"gw0", "gw1"}
    assert len({url for _, url in ports}) == 2


def test_the_server_is_set_up_as_a_project_likes(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import pytest
        from aioz_stream_mock import Account, Settings

        @pytest.fixture(scope="session")
        def aioz_stream_settings():
            return Settings(accounts=[Account.named("mine", 5)])
    """)
    pytester.makepyfile("""
        def test_it(aioz_stream_server):
            assert aioz_stream_server.token == "token-mine"
            aioz_stream_server.control.advance(1)
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_server_starts_within_a_second(pytester: pytest.Pytester) -> None:
    """Of its own time: other programs on a busy machine are not held against it."""
    pytester.makeconftest("""
        import time
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_fixture_setup(fixturedef):
            begun = time.process_time()
            result = yield
            print("TOOK", fixturedef.argname, time.process_time() - begun)
            return result
    """)
    pytester.makepyfile("def test_it(aioz_stream_server): pass")
    result = pytester.runpytest_subprocess("-s")
    result.assert_outcomes(passed=1)
    took = re.findall(r"TOOK (?:_?aioz\w+) ([\d.]+)", result.stdout.str())
    assert len(took) == 3
    assert sum(float(seconds) for seconds in took) < 1


def test_the_fixture_without_the_extra_names_it(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import sys; sys.modules['uvicorn'] = sys.modules['starlette'] = None")
    pytester.makepyfile("def test_it(aioz_stream_server): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*UsageError: aioz_stream_server needs the extra*")


def test_a_project_that_asks_for_no_server_loads_none() -> None:
    code = (
        "import sys, aioz_stream_mock.pytest_plugin; "
        "heavy = {'starlette', 'uvicorn', 'yaml', 'jsonschema_rs', 'python_multipart', 'sqlite3'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_example_of_the_page_runs(pytester: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "mock-server.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(# test_.*?)```", page, re.DOTALL)
    pytester.makepyfile(test_example=example)
    result = pytester.runpytest_subprocess("-W", "error")
    result.assert_outcomes(passed=example.count("\ndef test_"))


def test_every_name_of_the_package_can_be_imported() -> None:
    import aioz_stream_mock

    for name in aioz_stream_mock.__all__:
        assert getattr(aioz_stream_mock, name).__module__.startswith("aioz_stream_mock.")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = aioz_stream_mock.nothing
