"""How long the encoding check takes, beside the validators that judge one quality at a time.

Each is given the same 10,000 ladders, in turn, for several rounds; medians and the spread are printed.
"""

from __future__ import annotations

import statistics
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import yaml

from aioz_stream.encoding import audio, check, dash, ladder

if TYPE_CHECKING:
    from collections.abc import Callable

LADDERS = 10_000
ROUNDS = 7
SLOW = 100  # how many ladders the slow validator gets; its time is scaled


def ladders() -> dict[str, list[dict[str, Any]]]:
    pictures = [dash(name, audio_bitrate=None) for name in ("1080p", "720p")]
    return {
        "HLS, 5 qualities": [quality.to_dict() for quality in ladder(source_height=1080)],
        "DASH, 3 qualities": [quality.to_dict() for quality in [*pictures, audio("dash")]],
        "1 quality": [ladder(source_height=240)[0].to_dict()],
    }


def timed(work: Callable[[], object], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) * LADDERS / times


def main() -> None:
    contract = yaml.safe_load((Path(__file__).parent.parent / "openapi.yaml").read_text(encoding="utf-8"))
    schema = {"$ref": "#/components/schemas/CreateVideoRequest", "components": contract["components"]}
    fast = jsonschema_rs.Draft202012Validator(schema)
    slow: Any = jsonschema.Draft202012Validator(schema)  # its stubs are incomplete
    print(f"Seconds for {LADDERS:,} ladders: median of {ROUNDS} rounds (least to most)\n")
    print(f"{'':20} {'aioz_stream.encoding':>28} {'jsonschema-rs':>28} {'jsonschema':>28}")
    for name, qualities in ladders().items():
        body = {"title": "t", "qualities": qualities}
        rounds = [
            (
                timed(partial(check, qualities), LADDERS),
                timed(partial(fast.is_valid, body), LADDERS),
                timed(partial(slow.is_valid, body), SLOW),
            )
            for _ in range(ROUNDS)
        ]
        cells = [
            f"{statistics.median(one):.3f} ({min(one):.3f} to {max(one):.3f})" for one in zip(*rounds, strict=True)
        ]
        print(f"{name:20} {cells[0]:>28} {cells[1]:>28} {cells[2]:>28}")


if __name__ == "__main__":
    main()
