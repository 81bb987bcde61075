"""The link: carries packets between two TUN devices, with a rate, a delay, losses, and a queue that drops its tail.

It runs in a process of its own, which makes the devices, prints a line when they stand, and carries until it is ended.
"""

from __future__ import annotations

import fcntl
import os
import random
import select
import struct
import sys
import time
from collections import deque
from contextlib import suppress

from link_bench.profiles import PROFILES

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_PACKET = 2048  # bytes: more than any packet has
_BURST = 64  # packets that are taken from one side before the other has its turn
_IDLE = 0.2  # seconds


class Direction:
    """One way through the link. Pure, but for the chance of a loss."""

    def __init__(self, byte_rate: float, delay: float, queue: int, loss: float, seed: int) -> None:
        self._byte_rate, self._delay, self._queue, self._loss = byte_rate, delay, queue, loss
        self._chance = random.Random(seed)
        self._free_at = 0.0
        self._on_the_way: deque[tuple[float, bytes]] = deque()

    def enter(self, packet: bytes, now: float) -> None:
        """Takes a packet, or drops it: by chance, or because the queue is full."""
        if self._loss and self._chance.random() < self._loss:
            return
        begin = max(now, self._free_at)
        if (begin - now) * self._byte_rate + len(packet) > self._queue:
            return
        self._free_at = begin + len(packet) / self._byte_rate
        self._on_the_way.append((self._free_at + self._delay, packet))

    def next_at(self) -> float | None:
        """When the next packet comes out."""
        return self._on_the_way[0][0] if self._on_the_way else None

    def leave(self, now: float) -> list[bytes]:
        """The packets that have come out by now."""
        out: list[bytes] = []
        while self._on_the_way and self._on_the_way[0][0] <= now:
            out.append(self._on_the_way.popleft()[1])
        return out


def _make_device(name: str) -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return descriptor


def _carry(up: tuple[int, Direction], down: tuple[int, Direction]) -> None:
    """Each direction reads from its own device and writes to the other one's."""
    directions = {up[0]: (up[1], down[0]), down[0]: (down[1], up[0])}
    while True:
        due = [at for direction, _ in directions.values() if (at := direction.next_at()) is not None]
        timeout = max(0.0, min(due) - time.monotonic()) if due else _IDLE
        readable, _, _ = select.select(list(directions), [], [], timeout)
        now = time.monotonic()
        for descriptor in readable:
            _take(descriptor, directions[descriptor][0], now)
        for direction, to in directions.values():
            for packet in direction.leave(time.monotonic()):
                with suppress(OSError):  # a device that is just going away
                    os.write(to, packet)


def _take(descriptor: int, direction: Direction, now: float) -> None:
    with suppress(BlockingIOError):
        for _ in range(_BURST):
            direction.enter(os.read(descriptor, _PACKET), now)


def main() -> None:
    profile, devices = PROFILES[sys.argv[1]], sys.argv[2:4]
    descriptors = [_make_device(name) for name in devices]
    print("ready", flush=True)
    shape = profile.rate / 8, profile.round_trip / 2, profile.queue
    _carry(
        (descriptors[0], Direction(*shape, profile.loss, seed=1)),
        (descriptors[1], Direction(*shape, 0.0, seed=2)),
    )


if __name__ == "__main__":
    main()
