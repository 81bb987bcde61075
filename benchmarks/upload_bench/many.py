"""What uploading many tiny files costs in memory, in a process of its own: how many, and where, as arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aioz_stream import AiozStream
from upload_bench.measure import measured

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    url, directory, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])

    def paths() -> Iterator[Path]:
        return (directory / f"{number}.bin" for number in range(count))

    for path in paths():
        path.write_bytes(path.name.encode())
    first = directory / "first.bin"
    first.write_bytes(b"1")
    with AiozStream(token="t", base_url=f"{url}/aioz") as stream:
        stream.upload(first, title="clip")  # loads what a process loads once

        def upload() -> None:
            for result in stream.upload_many(paths()):
                result.unwrap()

        cost = measured(upload)
    print(json.dumps(cost._asdict()))


if __name__ == "__main__":
    main()
