"""Accounts from a file, and how often one may call."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream_mock import Account, ManualClock, MockServer, Settings
from aioz_stream_mock.state import tariff
from aioz_stream_mock.state.account_files import AccountsError, load_accounts
from aioz_stream_mock.state.rate_limits import RateLimits

if TYPE_CHECKING:
    from collections.abc import Callable

ADA: dict[str, Any] = {"name": "ada", "token": "t0k-ada", "public_key": "pub-ada", "secret_key": "s3cret-ada"}
BOB: dict[str, Any] = {"token": "t0k-bob", "public_key": "pub-bob", "secret_key": "s3cret-bob"}
SECRETS = ("t0k-ada", "s3cret-ada", "t0k-bob", "s3cret-bob")


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(content: object, name: str = "accounts.json") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def test_accounts_from_a_file(written: Callable[..., Path]) -> None:
    text = """
    - {name: Ada Lovelace, token: t0k-ada, public_key: pub-ada, secret_key: s3cret-ada, balance: 12.5, rate_limit: 3}
    - token: t0k-bob
      public_key: pub-bob
      secret_key: s3cret-bob
      balance: "0.1"
    """
    ada, bob = load_accounts(written(text, "accounts.yaml"))
    assert (ada.name, ada.balance, ada.rate_limit) == ("Ada Lovelace", Decimal("12.5"), 3)
    assert (bob.name, bob.balance, bob.rate_limit) == ("account-2", Decimal("0.1"), None)
    assert ada.id != bob.id
    assert load_accounts(written([{**BOB, "name": "account-2", "balance": "0.1"}]))[0] == bob
    assert not any(secret in repr([ada, bob]) for secret in SECRETS)
    with MockServer(Settings(accounts=[ada, bob])) as server:
        for headers in ({"Authorization": "Bearer t0k-bob"}, {"stream-public-key": "pub-ada"} | SECRET_OF_ADA):
            assert httpx.post(f"{server.url}/videos", json={}, headers=headers).status_code == 200
        wrong = {"stream-public-key": "pub-bob"} | SECRET_OF_ADA
        assert httpx.post(f"{server.url}/videos", json={}, headers=wrong).status_code == 401


SECRET_OF_ADA = {"stream-secret-key": "s3cret-ada"}


def test_many_accounts(written: Callable[..., Path]) -> None:
    many = [{"token": f"t{n}", "public_key": f"p{n}", "secret_key": f"s{n}"} for n in range(500)]
    accounts = load_accounts(written(many))
    with MockServer(Settings(accounts=accounts)) as server:
        answer = httpx.post(f"{server.url}/videos", json={}, headers={"Authorization": "Bearer t499"})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "list of accounts"),
        ([], "list of accounts"),
        (ADA, "list of accounts"),
        ([1], "account 1: must be a mapping"),
        ([ADA, {**BOB, "tokens": 1}], "account 2: has a field that is none of name, token"),
        ([{**ADA, "token": None}], "account 1: token must be a text"),
        ([{**ADA, "token": 12345}], "account 1: token must be a text"),
        ([{**ADA, "token": "a b"}], "account 1: token must be a text"),
        ([{**ADA, "secret_key": "s3cret-ad\u00e9"}], "account 1: secret_key must be a text"),
        ([{**ADA, "public_key": ""}], "account 1: public_key must be a text"),
        ([{"token": "t0k-ada"}], "account 1: public_key is missing"),
        ([{**ADA, "balance": "much"}], "account 1: balance must be an amount"),
        ([{**ADA, "balance": True}], "account 1: balance must be an amount"),
        ([{**ADA, "balance": "NaN"}], "account 1: balance must be an amount"),
        ([{**ADA, "rate_limit": 0}], "account 1: rate_limit must be a whole number"),
        ([{**ADA, "rate_limit": 1.5}], "account 1: rate_limit must be a whole number"),
        ([{**ADA, "name": ""}], "account 1: name must be a text"),
        ([{**ADA, "name": "a\nb"}], "account 1: name must be a text"),
        ([ADA, {**BOB, "token": "t0k-ada"}], "two accounts share one token"),
        ([ADA, {**BOB, "public_key": "pub-ada"}], "two accounts share one public_key"),
        ([ADA, {**BOB, "secret_key": "s3cret-ada"}], "two accounts share one secret_key"),
        ([ADA, {**BOB, "name": "ada"}], "two accounts share one"),
    ],
)
def test_account_files_with_mistakes_are_refused(written: Callable[..., Path], content: object, said: str) -> None:
    for name in ("accounts.json", "accounts.yaml"):
        if (content, name) == ("", "accounts.json"):
            continue
        path = written(content, name)
        with pytest.raises(AccountsError) as caught:
            load_accounts(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert said in str(caught.value)
        assert not any(secret in str(caught.value) for secret in SECRETS)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("accounts.yaml", "- token: t0k-ada\n secret_key: [s3cret-ada", "is not YAML (line 2, column"),
        ("accounts.yaml", "- token: 't0k-ada\n", "is not YAML (line"),
        ("accounts.yaml", "- token: !!python/object:os.system t0k-ada", "is not YAML (line 1"),
        ("accounts.yaml", "- token: t0k-ada\x07", "is not YAML"),
        ("accounts.json", '[{"token": "t0k-ada", "secret_key": "s3cret-ada"', "is not JSON (line 1"),
        ("accounts.json", b'["\xff t0k-ada"]', "is not UTF-8"),
        ("accounts.json", "[" * 100_000, "can't be read"),
        ("accounts.json", "9" * 10_000, "can't be read"),
    ],
)
def test_unreadable_account_files_are_refused(
    written: Callable[..., Path], name: str, content: object, said: str
) -> None:
    with pytest.raises(AccountsError) as caught:
        load_accounts(written(content, name))
    assert said in str(caught.value)
    assert not any(secret in str(caught.value) for secret in SECRETS)


def test_an_account_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AccountsError, match="No such file"):
        load_accounts(tmp_path / "none.yaml")


def test_the_command_takes_a_file_and_prints_no_secret(written: Callable[..., Path]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "mock")}
    command = [sys.executable, "-m", "aioz_stream_mock", "--port", "0", "--rate-limit", "5", "--control"]
    arguments = [*command, "--account", "carl=3", "--accounts", str(written([ADA, BOB]))]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        while "/_mock/" not in said:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said += line
        url = said.split()[6 - 1]
        assert "ada: credentials as in the file" in said
        assert "THE_TOKEN_OF_ada" in said
        assert "token-carl" in said
        answer = httpx.post(f"{url}/videos", json={}, headers={"Authorization": "Bearer t0k-ada"})
        assert (answer.status_code, answer.headers["x-ratelimit-limit"]) == (200, "5")
        carl = {"Authorization": "Bearer token-carl"}
        for times, is_enough in ((1000, True), (1001, False)):
            cost = httpx.get(f"{url}/videos/cost", params={"qualities": "360p", "duration": 60 * times}, headers=carl)
            assert cost.json()["data"]["is_enough"] is is_enough
        assert httpx.get(url.removesuffix("/api") + "/_mock/clock").status_code == 200
        process.terminate()
        said += process.stdout.read() + process.stderr.read()
    assert not any(secret in said for secret in SECRETS)
    bad = subprocess.run(
        [*command, "--accounts", str(written([ADA, ADA]))], capture_output=True, text=True, env=environment, check=False
    )
    assert bad.returncode == 2
    assert "share one" in bad.stderr
    assert not any(secret in bad.stderr for secret in SECRETS)


def test_the_tariff_is_the_documented_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "mock-server.md").read_text(encoding="utf-8")
    table = {
        name: Decimal(price) for name, price in re.findall(r"^\| (\d+p|audio only) \| ([\d.]+) \|$", page, re.MULTILINE)
    }
    assert table == {**tariff.PER_MINUTE, "audio only": tariff.AUDIO_PER_MINUTE}
    with MockServer() as server:
        # The largest has a price, but the service's estimate does not know it.
        for name in set(table) - {"4320p", "audio only"}:
            cost = call(server, path=f"/videos/cost?duration=60&qualities={name}").json()["data"]
            assert Decimal(str(cost["price"])) == table[name]


def call(server: MockServer, token: str = "token-a", path: str = "/videos/x") -> httpx.Response:
    return httpx.get(server.url + path, headers={"Authorization": f"Bearer {token}"})


def limits(answer: httpx.Response) -> tuple[str | None, ...]:
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "Retry-After", "X-RateLimit-Retry-After")
    return tuple(answer.headers.get(name) for name in names)


def test_answers_without_a_rate_limit_have_no_headers_of_it() -> None:
    with MockServer() as server:
        assert limits(call(server)) == (None, None, None, None)


def test_a_rate_limit() -> None:
    clock = ManualClock()
    accounts = [Account.named("a"), Account.named("b", rate_limit=1)]
    with MockServer(Settings(accounts=accounts, rate_limit=3, clock=clock)) as server:
        assert limits(call(server)) == ("3", "2", None, None)
        clock.advance(9.5)
        assert limits(call(server, path="/videos/x/complete")) == ("3", "1", None, None)
        assert limits(call(server, path="/videos/cost?duration=1&qualities=360p")) == ("3", "0", None, None)
        for _ in range(3):
            refused = call(server)
            assert (refused.status_code, limits(refused)) == (429, ("3", "0", "51", "51"))
            assert refused.json()["status"] == "error"
        # Everybody has their own, and who is nobody has none.
        assert limits(call(server, "token-b")) == ("1", "0", None, None)
        assert call(server, "token-b").status_code == 429
        assert limits(call(server, "wrong")) == (None, None, None, None)
        clock.advance(50.4)
        assert limits(call(server)) == ("3", "0", "1", "1")
        clock.advance(0.1)
        assert limits(call(server)) == ("3", "2", None, None)
        server.control.reset()
        assert limits(call(server)) == ("3", "2", None, None)


def test_every_answer_has_the_headers_of_the_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("aioz_stream_mock.api.handlers.parse_listing", fail)
    headers = {"Authorization": "Bearer token-a"}
    with MockServer(Settings(rate_limit=9)) as server:
        answers = [
            httpx.post(f"{server.url}/videos", json={}, headers=headers),
            httpx.post(f"{server.url}/videos/create", content=b"{", headers=headers),
            httpx.post(f"{server.url}/videos/create", json={"title": "x"}, headers=headers),
        ]
        assert [answer.status_code for answer in answers] == [500, 415, 201]
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["8", "7", "6"]


def test_a_clock_that_is_set_back_locks_no_account_out() -> None:
    account, counts = Account.named("a"), RateLimits(1, 60)
    first, refused, again = (counts.take(account, now) for now in (10**12, 10**12, 10**9))
    assert [first and first.retry_after, refused and refused.retry_after, again and again.retry_after] == [
        None,
        60,
        None,
    ]


def test_an_account_of_its_own_limit_where_others_have_none() -> None:
    counts = RateLimits(None, 60)
    assert counts.take(Account.named("a"), 0) is None
    assert counts.take(Account.named("b", rate_limit=2), 0) is not None


@pytest.mark.parametrize("odd", [{"rate_limit": 0}, {"rate_window": 0}, {"rate_window": float("inf")}])
def test_rate_limits_that_make_no_sense_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(odd))):
        Settings(**odd)
    with pytest.raises(ValueError, match="rate_limit"):
        MockServer(Settings(accounts=[Account.named("a", rate_limit=0)]))
