"""How long the encoding check takes, beside the validators that say only whether a ladder is valid.

Each is given the same 10,000 ladders, in turn, for several rounds; medians and the spread are printed, and how many
ladders a second the check does. Ladders with mistakes are there with one each and with many: their findings have
sentences and suggestions.
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
    whole = [quality.to_dict() for quality in ladder(source_height=1080)]
    wrong_sound = {"codec": "mp3", "sample_rate": 44_000, "language": "pt_BR"}
    wrong_picture = {"codec": "hevc", "bitrate": 0, "index": -1}
    wrong = {"type": "HLS", "container_type": "ts", "resolution": "4k"}
    return {
        "HLS, 5 qualities": whole,
        "5, wrong container": [whole[0] | {"container_type": "fmp4"}, *whole[1:]],
        "5, bitrate too high": [whole[0] | {"video_config": {"codec": "h264", "bitrate": 10**8}}, *whole[1:]],
        "5, type missing": [{name: value for name, value in whole[0].items() if name != "type"}, *whole[1:]],
        "5, 9 mistakes": [wrong | {"video_config": wrong_picture, "audio_config": wrong_sound}, *whole[1:]],
        "DASH, 3 qualities": [quality.to_dict() for quality in [*pictures, audio("dash")]],
        "1 quality": [ladder(source_height=240)[0].to_dict()],
    }


def timed(work: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) * LADDERS / times


def main() -> None:
    contract = yaml.safe_load((Path(__file__).parent.parent / "openapi.yaml").read_text(encoding="utf-8"))
    schema = {"$ref": "#/components/schemas/CreateVideoRequest", "components": contract["components"]}
    fast = jsonschema_rs.Draft202012Validator(schema)
    slow: Any = jsonschema.Draft202012Validator(schema)  # its stubs are incomplete
    print(f"Processor seconds for {LADDERS:,} ladders: median of {ROUNDS} rounds (least to most)\n")
    print(f"{'':20} {'aioz_stream.encoding':>28} {'a second':>10} {'jsonschema-rs':>28} {'jsonschema':>28}")
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
        a_second = LADDERS / statistics.median(check_seconds for check_seconds, _, _ in rounds)
        print(f"{name:20} {cells[0]:>28} {a_second:>10,.0f} {cells[1]:>28} {cells[2]:>28}")


if __name__ == "__main__":
    main()
