"""Plain programs that send the same parts over sockets of their own, with multipart made by hand: nobody is faster.

`two_passes` is the floor that the client is held against: the same reads, passes, block size and threads. The others
may do as they like; the best of them is the best floor of any structure.
"""

from __future__ import annotations

import hashlib
import mmap
import queue
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from io import FileIO

    from upload_bench.job import Job, Slice

_LARGE = 1024 * 1024
_BOUNDARY = b"boundary-of-the-floor"


class _Wire:
    """A kept connection."""

    def __init__(self, job: Job) -> None:
        address = urlsplit(job.url)
        assert address.hostname, "the server's URL has a host and a port"
        self.socket = socket.create_connection((address.hostname, address.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_plain = address.scheme == "http"
        if not self.is_plain:
            tls = ssl.create_default_context(cafile=job.certificate)
            self.socket = tls.wrap_socket(self.socket, server_hostname=address.hostname)
        self._path, self._job = address.path, job

    def post(self, part: Slice, digest: str, send_file: Callable[[socket.socket], object]) -> None:
        """Without a digest yet, `send_file` must give it, and the field goes behind the file."""
        fields = _field("index", str(part.index)) + (_field("hash", digest) if digest else b"")
        after = b"" if digest else _field("hash", "0" * 32)
        name = b'Content-Disposition: form-data; name="file"; filename="clip"'
        before = fields + b"--%b\r\n%b\r\nContent-Type: application/octet-stream\r\n\r\n" % (_BOUNDARY, name)
        behind = b"\r\n" + after + b"--%b--\r\n" % _BOUNDARY
        head = (
            f"POST {self._path}/aioz/videos/one/part HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\n"
            f"Content-Range: {self._job.content_range(part)}\r\n"
            f"Content-Type: multipart/form-data; boundary={_BOUNDARY.decode()}\r\n"
            f"Content-Length: {len(before) + part.size + len(behind)}\r\n\r\n"
        )
        self.socket.sendall(head.encode() + before)
        late = send_file(self.socket)
        self.socket.sendall(behind.replace(b"0" * 32, str(late).encode(), 1) if after else behind)
        answer = self.socket.recv(65536)
        if b" 200 " not in answer:
            raise ConnectionError(f"refused: {answer[:100]!r}")

    def close(self) -> None:
        self.socket.close()


class _Wires:
    """So many connections, each used by one thread at a time."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._free: queue.LifoQueue[_Wire | None] = queue.LifoQueue()
        for _ in range(job.workers):
            self._free.put(None)

    @contextmanager
    def one(self) -> Generator[_Wire]:
        wire = self._free.get() or _Wire(self._job)
        try:
            yield wire
        finally:
            self._free.put(wire)

    def close(self) -> None:
        while not self._free.empty():
            if wire := self._free.get():
                wire.close()


def _ready(upload: Callable[[Job], object]) -> Callable[[Job], AbstractContextManager[Callable[[], object]]]:
    """There is nothing to set up."""

    @contextmanager
    def contender(job: Job) -> Generator[Callable[[], object]]:
        yield lambda: upload(job)

    return contender


def _field(name: str, value: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    return f"--{_BOUNDARY.decode()}\r\n{disposition}\r\n\r\n{value}\r\n".encode()


def _blocks(file: FileIO, part: Slice, size: int) -> Generator[bytes]:
    file.seek(part.start)
    left = part.size
    while left:
        block = file.read(min(size, left))
        yield block
        left -= len(block)


def _each_part(job: Job, threads: int, send: Callable[[Slice, FileIO, _Wires], object]) -> None:
    """Threads take the parts in their order, each the next one as soon as it is free."""
    waiting, order, wires = iter(job.slices), threading.Lock(), _Wires(job)

    def work() -> None:
        while True:
            with order:
                part = next(waiting, None)
            if part is None:
                return
            with job.path.open("rb", buffering=0) as file:
                send(part, file, wires)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work) for _ in range(threads)]:
            done.result()
    wires.close()


def _md5(file: FileIO, part: Slice, size: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for block in _blocks(file, part, size):
        digest.update(block)
    return digest.hexdigest()


def _two_passes(job: Job) -> None:
    """The client's own structure: one thread more than connections, each part read to hash and read to send."""

    def send(part: Slice, file: FileIO, wires: _Wires) -> None:
        digest = _md5(file, part, job.block_size)

        def send_file(connection: socket.socket) -> None:
            for one in _blocks(file, part, job.block_size):
                connection.sendall(one)

        with wires.one() as wire:
            wire.post(part, digest, send_file)

    _each_part(job, job.workers + 1, send)


two_passes = _ready(_two_passes)


@_ready
def two_passes_small(job: Job) -> None:
    """The same in blocks of 256 KiB."""
    _two_passes(replace(job, block_size=256 * 1024))


@_ready
def sendfile(job: Job) -> None:
    """Read to hash, and sent by the kernel, which copies nothing; over TLS it has to be read again."""

    def send(part: Slice, file: FileIO, wires: _Wires) -> None:
        digest = _md5(file, part, job.block_size)
        file.seek(part.start)  # over TLS, Python itself does that only for another offset than 0
        with wires.one() as wire:
            wire.post(part, digest, lambda connection: connection.sendfile(file, part.start, part.size))

    _each_part(job, job.workers + 1, send)


@_ready
def mapped(job: Job) -> None:
    """The file is mapped: hashed in one call, and sent in another, without a copy into the program."""
    with job.path.open("rb") as whole, mmap.mmap(whole.fileno(), 0, access=mmap.ACCESS_READ) as pages:

        def send(part: Slice, file: FileIO, wires: _Wires) -> None:
            with memoryview(pages)[part.start : part.start + part.size] as content:
                digest = hashlib.md5(content, usedforsecurity=False).hexdigest()

                def send_file(connection: socket.socket) -> None:
                    if isinstance(connection, ssl.SSLSocket):
                        for begin in range(0, part.size, _LARGE):
                            connection.sendall(content[begin : begin + _LARGE])
                    else:
                        connection.sendfile(file, part.start, part.size)

                with wires.one() as wire:
                    wire.post(part, digest, send_file)

        _each_part(job, job.workers + 1, send)


@_ready
def one_pass(job: Job) -> None:
    """Each block is read once, hashed and sent; the hash comes behind the file, since fields may come in any order."""

    def send(part: Slice, file: FileIO, wires: _Wires) -> None:
        def send_file(connection: socket.socket) -> str:
            digest = hashlib.md5(usedforsecurity=False)
            for block in _blocks(file, part, job.block_size):
                digest.update(block)
                connection.sendall(block)
            return digest.hexdigest()

        with wires.one() as wire:
            wire.post(part, "", send_file)

    _each_part(job, job.workers, send)


@_ready
def one_pass_in_step(job: Job) -> None:
    """The same, but that one thread hashes the block that another is sending."""

    def send(part: Slice, file: FileIO, wires: _Wires) -> None:
        def send_file(connection: socket.socket) -> str:
            digest = hashlib.md5(usedforsecurity=False)
            for block in _blocks(file, part, _LARGE):
                hashed = helpers.submit(digest.update, block)
                connection.sendall(block)
                hashed.result()
            return digest.hexdigest()

        with wires.one() as wire:
            wire.post(part, "", send_file)

    with ThreadPoolExecutor(job.workers) as helpers:
        _each_part(job, job.workers, send)
