"""Everything about a server that can be chosen."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

from aioz_stream_mock.state.accounts import DEFAULT_ACCOUNTS, Account
from aioz_stream_mock.state.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEBIBYTE = 1024 * 1024
MEDIA_EXTRA = "aioz-stream[media]"
_ORIGIN = re.compile(r"https?://[^\s/?#]+", re.IGNORECASE)
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}", re.ASCII)
_BASE_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """How one server is set up. The defaults suit a test: everything temporary, small parts welcome."""

    accounts: Sequence[Account] = DEFAULT_ACCOUNTS
    """Who can call. A balance counts when the account is first seen; afterwards the data folder's is kept."""

    data_dir: Path | None = None
    """Where the state is kept; without it, in a temporary folder that goes with the server."""

    contract: Path | None = None
    """The OpenAPI document to serve instead of the packaged one."""

    public_url: str | None = None
    """The base URL (path included) that asset URLs start with; without it, the address of the request."""

    transcode_seconds: float = 1.0
    """How long a completed video stays in `transcoding`, where nothing is transcoded."""

    transcode: bool | None = None
    """Whether completed videos are really transcoded, which needs the extra `media`. None leaves it to the way
    the server is run: a server inside a program does not, for speed; the command does, if it can."""

    transcode_timeout: float = 3600.0
    """Seconds that ffmpeg may take for one quality; one that takes longer is stopped and fails."""

    transcode_memory: int = 4096 * MEBIBYTE
    """Bytes of memory that ffmpeg may take for one quality; one that takes more is stopped and fails."""

    min_free_disk: int = 1024 * MEBIBYTE
    """Bytes of the disk that transcoding leaves free: a quality that would take them is stopped and fails."""

    max_part_size: int = 200_000_000
    """The most bytes in one part; more is 413. The reference says 200 MB, in its smaller reading (ruling U1)."""

    min_part_size: int = 0
    """The fewest bytes in a part that is not the file's last; the service wants 50 MB, tests want any."""

    max_json_size: int = MEBIBYTE
    """The most bytes in a JSON body; more is 413."""

    max_thumbnail_size: int = 20 * MEBIBYTE
    """The most bytes in a thumbnail; more is 413."""

    omit_optional: bool = False
    """Whether answers leave out every field that the contract calls optional, as the service may do."""

    rate_limit: int | None = None
    """Requests that each account may make in a window, unless the account says otherwise; None for any number."""

    rate_window: float = 60.0
    """The length of that window in seconds."""

    cors: Sequence[str] | None = None
    """Origins whose pages may call the API from a browser, such as `https://app.example`; `*` for any. None stands for
    those of the machine itself: localhost and the loopback addresses, on any port."""

    control: bool = False
    """Whether `/_mock` is there, which controls the server for every caller that reaches it."""

    allow_hosts: Sequence[str] = ()
    """Names by which the control may be reached, besides localhost, the loopback addresses and the address that is
    listened on: the name of a container, for one. Web pages of any other host are refused there."""

    clock: Clock = field(default_factory=SystemClock)
    """Where the time comes from."""

    def __post_init__(self) -> None:
        self._check_transcoding()
        if not 0 <= self.transcode_seconds < math.inf:
            raise ValueError("transcode_seconds must be a number of seconds, 0 or more")
        if self.public_url is not None and not _BASE_URL.fullmatch(self.public_url):
            raise ValueError("public_url must be an http or https URL without a query, such as https://host/api")
        if not 0 <= self.min_part_size <= self.max_part_size:
            raise ValueError("0 <= min_part_size <= max_part_size must hold")
        if self.cors and not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in self.cors):
            raise ValueError("cors must hold origins, such as https://app.example:8443, or *")
        # A text is a sequence too, of letters, and each would be a name.
        if isinstance(self.allow_hosts, str) or not all(_HOST_NAME.fullmatch(name) for name in self.allow_hosts):
            raise ValueError("allow_hosts must hold names or addresses, such as mock.internal, without scheme and port")
        if self.rate_limit is not None and self.rate_limit < 1:
            raise ValueError("rate_limit must be at least 1")
        if not 0 < self.rate_window < math.inf:
            raise ValueError("rate_window must be a positive number of seconds")

    def _check_transcoding(self) -> None:
        if self.transcode and not has_ffmpeg():
            raise ValueError(f"transcoding needs {MEDIA_EXTRA}")
        if not 0 < self.transcode_timeout < math.inf:
            raise ValueError("transcode_timeout must be a positive number of seconds")
        if self.transcode_memory < 1:
            raise ValueError("transcode_memory must be a positive number of bytes")
        if self.min_free_disk < 0:
            raise ValueError("min_free_disk must not be negative")


def has_ffmpeg() -> bool:
    """Whether there is an ffmpeg to transcode with, and PyAV to look into sources: the extra `media` brings both."""
    return find_spec("imageio_ffmpeg") is not None and find_spec("av") is not None
