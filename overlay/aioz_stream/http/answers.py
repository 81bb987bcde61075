"""Where each answer of a connection ends."""

from __future__ import annotations

import h11


class Answers:
    """Parses what a connection reads once more, to know where each answer ends: httpx's own parser does not tell."""

    def __init__(self) -> None:
        self._parser = _parser()
        self._was_full = False

    @property
    def may_be_unread(self) -> bool:
        """Whether there may be bytes behind the last answer. What is no HTTP/1.1 counts as such."""
        is_over = self._parser.their_state is h11.DONE and not self._parser.trailing_data[0]
        return self._was_full or not is_over

    def add(self, content: bytes, max_bytes: int) -> None:
        if not self.may_be_unread:
            self._parser = _parser()
        self._was_full = len(content) >= max_bytes  # asyncio may have read more already
        if content and self._parser.their_state in (h11.SEND_RESPONSE, h11.SEND_BODY):
            self._parse(content)

    def _parse(self, content: bytes) -> None:
        self._parser.receive_data(content)
        try:
            while self._parser.next_event() not in (h11.NEED_DATA, h11.PAUSED):
                pass
        except h11.RemoteProtocolError:
            pass  # in its state


def _parser() -> h11.Connection:
    """A parser of one answer, to a request of any kind that is answered with a body."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "")]))
    return parser
