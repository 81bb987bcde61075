"""Two network namespaces with the emulated link between them. Linux and root only."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from link_bench.profiles import Profile

CLIENT, SERVER = "10.211.0.1", "10.211.0.2"
_UNTIL_ENDED = 10  # seconds


class LinkError(Exception):
    """The link can't be made here."""


class Namespaces:
    """The two ends of a link: commands run at one of them."""

    def __init__(self, prefix: str) -> None:
        self._names = {"client": f"{prefix}-c", "server": f"{prefix}-s"}

    def __getitem__(self, end: str) -> str:
        return self._names[end]

    def at(self, end: str) -> list[str]:
        """What stands before a command that runs at this end: "client" or "server"."""
        return ["ip", "netns", "exec", self[end]]


def check() -> None:
    """Raises LinkError where no link can be made."""
    if sys.platform != "linux":
        raise LinkError("the emulated link needs Linux: network namespaces and TUN devices")
    if os.geteuid() != 0:
        raise LinkError("the emulated link needs root: run the benchmark with sudo")
    for path in ("/dev/net/tun", "/usr/sbin/ip"):
        if not Path(path).exists():
            raise LinkError(f"the emulated link needs {path}")


@contextmanager
def linked(profile: Profile) -> Generator[Namespaces]:
    """Two namespaces between which the link stands until the block ends."""
    check()
    prefix = f"lb{os.getpid()}{profile.name[:2]}"
    ends = Namespaces(prefix)
    devices = {"client": f"{prefix}c", "server": f"{prefix}s"}
    made: list[str] = []
    emulator: subprocess.Popen[str] | None = None
    try:
        for end in ("client", "server"):
            _run("ip", "netns", "add", ends[end])
            made.append(ends[end])
        command = [sys.executable, "-m", "link_bench.emulator", profile.name, *devices.values()]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        emulator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert emulator.stdout is not None
        if emulator.stdout.readline() != "ready\n":
            raise LinkError("the emulator did not start")
        for end, own, other in (("client", CLIENT, SERVER), ("server", SERVER, CLIENT)):
            _run("ip", "link", "set", devices[end], "netns", ends[end])
            inside = ends.at(end)
            _run(*inside, "ip", "address", "add", own, "peer", other, "dev", devices[end])
            _run(*inside, "ip", "link", "set", devices[end], "up", "txqueuelen", "10000")
            _run(*inside, "ip", "link", "set", "lo", "up")
            # By the route, since a container may forbid the system's setting.
            control = profile.congestion_control
            _run(*inside, "ip", "route", "replace", other, "dev", devices[end], "congctl", control)
        yield ends
    finally:
        if emulator is not None:
            emulator.kill()
            emulator.wait(_UNTIL_ENDED)
        for name in made:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LinkError(f"{' '.join(command)}: {done.stderr.strip()}")
