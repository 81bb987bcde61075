"""How light the client is: imports, clients and pages of videos beside httpx and `json.loads`, in processor time.

Each of two fresh environments has what pip installs: the project alone, and with its extra [cli]; httpx imports click
and rich where they are. Cold processes take turns, and medians are compared. The results are in light.json, and
`make bench-page` shows them.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from httpx import Response

from aioz_stream_api.api.videos import list_videos

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("light.json")
PROCESSES = 15
VIDEOS = 100

Promise = tuple[str, str, tuple[str, ...], tuple[str, ...], float]
PROMISES: list[Promise] = [
    (
        "`from aioz_stream import AiozStream`",
        "",
        ("-c", "from aioz_stream import AiozStream"),
        ("-c", "import httpx"),
        1.6,
    ),
    (
        "that, and a client",
        "",
        ("-c", "from aioz_stream import AiozStream; AiozStream(token='t')"),
        ("-c", "import httpx; httpx.Client()"),
        1.5,
    ),
    ("`aioz-stream --version`", "[cli]", ("-m", "aioz_stream_cli", "--version"), ("-c", "import httpx"), 2.0),
]
"""What is measured, the extra that it needs, the arguments of Python for ours and for httpx, and the largest share."""


def main() -> None:
    rows: list[dict[str, Any]] = [
        {"what": what, "beside": f"`{other_code[-1]}`", "ours": ours, "other": other, "most": most}
        for (what, _, _, other_code, most), ours, other in _cold()
    ]
    rows.append({"what": f"a page of {VIDEOS} videos", "beside": "`json.loads`", **_page(), "most": 5.0})
    machine = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "python": platform.python_version(), "httpx": version("httpx")}
    RESULTS.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        ours, other = row["ours"], row["other"]
        print(f"{row['what']:40} {ours:8.1f} ms {other:8.1f} ms  {ours / other:.2f}, at most {row['most']}")


def _cold() -> list[tuple[Promise, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        pythons = {extra: _environment(Path(folder), extra) for extra in ("", "[cli]")}
        times: dict[tuple[int, int], list[float]] = {}
        for turn in range(PROCESSES + 1):
            for place, (_, extra, ours, httpx, _) in enumerate(PROMISES):
                for which, program in enumerate((ours, httpx)):
                    seconds = _processor_time([str(pythons[extra]), *program])
                    if turn:  # the first one compiles
                        times.setdefault((place, which), []).append(seconds * 1000)
        medians = {key: statistics.median(found) for key, found in times.items()}
    return [(promise, medians[place, 0], medians[place, 1]) for place, promise in enumerate(PROMISES)]


def _environment(folder: Path, extra: str) -> Path:
    home = folder / f"environment{extra}".replace("[", "-").rstrip("]")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    constraints = f"--constraint={ROOT / 'constraints.txt'}"
    pip: list[str | Path] = [
        home / "bin" / "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        constraints,
        f"{ROOT}{extra}",
    ]
    subprocess.run(pip, check=True)
    return home / "bin" / "python"


def _processor_time(command: list[str]) -> float:
    child = os.posix_spawn(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed.")
    return used.ru_utime + used.ru_stime


def _page() -> dict[str, float]:
    body = json.dumps({"status": "success", "data": {"videos": [_video(n) for n in range(VIDEOS)], "total": VIDEOS}})
    response = Response(200, content=body.encode())
    ours, other = _median(lambda: list_videos.parse_success(response)), _median(lambda: json.loads(response.content))
    return {"ours": ours, "other": other}


def _median(work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(PROCESSES * 5):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)


def _video(number: int) -> dict[str, Any]:
    """A video with all that the service can say of it."""
    address = f"https://videos.example.com/{number:08d}-1234-5678-9abc-def012345678"
    snippet = f'<iframe src="{address}/player" width="100%" height="100%" allowfullscreen></iframe>'
    names = ("source_url", "thumbnail_url", "hls_url", "hls_player_url", "dash_url", "dash_player_url", "mp4_url")
    resolutions = ("1080p", "720p", "360p")
    return {
        "id": address[-36:],
        "user_id": "0" * 36,
        "title": f"Talk {number}",
        "description": "What the talk is about, and for whom it is. " * 5,
        "metadata": [{"key": f"key {n}", "value": f"value {n}"} for n in range(5)],
        "tags": ["talk", "python", "2026"],
        "status": "done",
        "qualities": [
            {"name": name, "status": "done", "type": kind} for name in resolutions for kind in ("hls", "dash")
        ],
        "subtitles": [{"language": "en", "url": f"{address}/en.vtt"}],
        "chapters": None,
        "player_theme": None,
        "duration": 1234.5,
        "size": 123_456_789,
        "is_mp4": True,
        "is_public": True,
        "is_panoramic": False,
        "created_at": "2026-11-03T10:20:30.123456789Z",
        "updated_at": "2026-11-03T10:20:30Z",
        "assets": {name: f"{address}/{name}" for name in names} | {"hls_iframe": snippet, "dash_iframe": snippet},
        "player_theme_id": "",
    }


if __name__ == "__main__":
    main()
