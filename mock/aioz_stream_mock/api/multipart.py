"""Forms, read as they arrive: texts into memory, files hashed and written to disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from aioz_stream_mock.api.bodies import check_encoding, check_length
from aioz_stream_mock.contract import FORM, Body
from aioz_stream_mock.errors import bad_request, too_large, unsupported
from aioz_stream_mock.state.incoming_file import IncomingFile

if TYPE_CHECKING:
    from pathlib import Path

    from python_multipart.multipart import MultipartCallbacks
    from starlette.requests import Request

MAX_PARTS = 16
MAX_HEADERS = 8
MAX_HEADER_SIZE = 4096
MAX_TEXT = 4096
FRAMING = 256 * 1024
"""How many bytes a form may have besides its file: far more than its bounded headers and texts need."""


@dataclass
class ReceivedFile:
    """A file of a form that arrived whole."""

    filename: str
    content: IncomingFile


@dataclass
class Form:
    """What a form held, checked against the contract."""

    texts: dict[str, str]
    files: dict[str, ReceivedFile]


@dataclass
class _Field:
    """The field that is being received."""

    name: str = ""
    filename: str = ""
    text: bytearray = field(default_factory=bytearray)
    file: IncomingFile | None = None
    is_known: bool = True


class FormReader:
    """Turns the chunks of one multipart body into a form.

    The order of the fields means nothing. A field may come again with the same value, and not with another
    one (what a repeated field means, ruling U5).
    """

    def __init__(self, body: Body, boundary: bytes, folder: Path, file_limit: int) -> None:
        self._body, self._folder, self._file_limit = body, folder, file_limit
        self._texts: dict[str, str] = {}
        self._files: dict[str, ReceivedFile] = {}
        self._opened: list[IncomingFile] = []
        self._headers: dict[bytes, bytes] = {}
        self._header_name, self._header_value = bytearray(), bytearray()
        self._field = _Field()
        self._count = 0
        self._ended = False
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_data,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }
        self._parser = MultipartParser(
            boundary, callbacks, max_header_count=MAX_HEADERS, max_header_size=MAX_HEADER_SIZE
        )

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise bad_request(f"The form is not well framed: {error}") from error

    def finish(self) -> Form:
        """The form, once all chunks were fed and the contract agrees."""
        if not self._ended:
            raise bad_request("The form ends before its closing boundary.")
        values: dict[str, object] = dict.fromkeys(self._files, "")
        for name, text in self._texts.items():
            schema = self._body.fields.get(name)
            values[name] = schema.coerce(text) if schema else text
        self._body.schema.check(values)
        return Form(self._texts, self._files)

    def discard(self) -> None:
        """Remove every file that was not kept."""
        for file in self._opened:
            file.discard()

    def _part_begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise bad_request(f"The form has more than {MAX_PARTS} fields.")
        self._headers = {}

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_data(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        name = bytes(self._header_name).lower()
        if name in self._headers:
            raise bad_request("A field of the form has one header twice.")
        self._headers[name] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise bad_request("A field of the form has no name.")
        if self._headers.get(b"content-transfer-encoding", b"binary").lower() not in (
            b"binary",
            b"8bit",
            b"7bit",
        ):
            raise bad_request("A field of the form comes in a transfer encoding; none is taken.")
        name, filename = _decode(options[b"name"]), options.get(b"filename")
        self._field = _Field(name, _decode(filename or b""), is_known=name in self._body.fields)
        if name in self._body.files:
            self._begin_file(name, filename)
        elif filename is not None and self._field.is_known:
            raise bad_request(f"/{name}: must be a plain field, not a file")

    def _begin_file(self, name: str, filename: bytes | None) -> None:
        if not filename:
            raise bad_request(f"/{name}: must be a file with a file name")
        self._field.file = IncomingFile(self._folder, f"/{name}", self._file_limit)
        self._opened.append(self._field.file)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._field.file is not None:
            self._field.file.write(data if end - start == len(data) else data[start:end])
        elif self._field.is_known:
            # A field that the contract does not know is refused by its name later, so its value is not kept.
            self._field.text += data[start:end]
            if len(self._field.text) > MAX_TEXT:
                raise bad_request(f"/{self._field.name}: is longer than {MAX_TEXT} bytes")

    def _part_end(self) -> None:
        done, name = self._field, self._field.name
        if done.file is None:
            text = _decode(bytes(done.text))
            if self._texts.setdefault(name, text) != text:
                raise bad_request(f"/{name}: given twice with different values")
            return
        earlier = self._files.setdefault(name, ReceivedFile(done.filename, done.file)).content
        if earlier is not done.file:
            if (earlier.size, earlier.md5) != (done.file.size, done.file.md5):
                raise bad_request(f"/{name}: given twice with different bytes")
            done.file.discard()

    def _end(self) -> None:
        self._ended = True


def open_form(request: Request, body: Body, folder: Path, file_limit: int) -> FormReader:
    """A reader for the form that a request announces, or a refusal on the strength of the headers alone."""
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type.lower().decode("latin-1") != FORM:
        raise unsupported(f"The body must be {FORM}.")
    check_encoding(request)
    check_length(request, "The form", file_limit + FRAMING)
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise bad_request("The Content-Type has no boundary.")
    try:
        return FormReader(body, boundary, folder, file_limit)
    except FormParserError as error:
        raise bad_request(f"The boundary can't be used: {error}") from error


async def receive_form(request: Request, reader: FormReader, file_limit: int) -> Form:
    """Feed a reader to the end of the body, in bounded memory however long the body is."""
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > file_limit + FRAMING:
            raise too_large("The form", file_limit + FRAMING)
        if chunk:
            reader.feed(chunk)
    return reader.finish()


async def keep_file(file: IncomingFile, folder: Path) -> str:
    """Keep a file, without blocking the event loop while the disk works."""
    return await run_in_threadpool(file.keep, folder)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_request("The form holds text that is not UTF-8.") from error
