"""Whether client and mock server follow an edited contract: run by `tools/drill.py` on a copy that was generated anew.

Against the contract as it is, these fail. So the file has a name that pytest does not look for.
"""

from __future__ import annotations

import warnings
from typing import Any

import drill
import pytest
from conformance.mock_tests.test_server import TestServer
from conformance.shared.requests import request_to

from aioz_stream import AiozStream, ArgumentError, EncodingError, encoding

PLAYED = [step for step in drill.steps() if step.accepted]
Json = dict[str, Any]


def body(entry: Json | None) -> Json:
    """A request of the drill's data, in which `{x: 300}` stands for so many letters."""
    assert entry
    title = entry.get("title", {"x": 1})
    return {**entry, "title": "x" * title["x"]}


@pytest.mark.parametrize("step", PLAYED, ids=lambda step: step.name)
def test_client_and_mock_server_follow(step: drill.Step) -> None:
    accepted, refused = body(step.accepted), body(step.refused)
    with TestServer() as server, AiozStream(token="token-a", base_url=server.url) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore", encoding.LadderWarning)
        assert stream.videos.create(**accepted).id
        with pytest.raises((ArgumentError, EncodingError)) as caught:
            stream.videos.create(**refused)
        assert step.says in str(caught.value)
        server.ask("createVideo", request_to("createVideo", json=accepted))
        server.ask("createVideo", request_to("createVideo", json=refused), (400,))
    if "qualities" in accepted:
        assert {one.severity for one in encoding.check(accepted["qualities"])} <= {"warning"}
