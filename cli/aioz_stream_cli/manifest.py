"""A manifest: a table or lines of JSON that say what is to be uploaded, and as which videos."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from aioz_stream import UploadItem
from aioz_stream.errors import ArgumentError
from aioz_stream.operations import calls
from aioz_stream.upload.sources.remote import is_url
from aioz_stream_cli.parameters import home_expanded, is_file, is_folder, pairs, read_qualities

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import BinaryIO

_MOST_SHOWN = 10
_OF_THE_UPLOAD = ("source", "max_price", "duration", "thumbnail")  # and not of the video to make
_YES, _NO = ("true", "yes", "1", "public"), ("false", "no", "0", "private")


class _RowError(Exception):
    """What is wrong with a row."""


def read_manifest(file: BinaryIO, defaults: Mapping[str, Any]) -> list[UploadItem]:
    """The items of a manifest; what a row does not say is as in `defaults`, the fields of an UploadItem.

    Raises UsageError, which names file and lines, if a row is wrong: nothing was sent then.
    """
    name = str(file.name)
    folder, items, wrong = Path(name).parent, list[UploadItem](), list[str]()
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name} is not UTF-8: {error}.") from error
    for line, row in _rows(text, wrong):
        try:
            items.append(_item(row, folder, defaults))
        except (_RowError, ArgumentError) as error:
            wrong.append(f"line {line}: {error}")
        except click.BadParameter as error:
            wrong.append(f"line {line}: {error.message}")
    if wrong:
        more = [f"and {len(wrong) - _MOST_SHOWN} more"] if len(wrong) > _MOST_SHOWN else []
        said = "\n  ".join([*wrong[:_MOST_SHOWN], *more])
        raise click.UsageError(f"{name} can't be used; nothing was sent:\n  {said}")
    if not items:
        raise click.UsageError(f"{name} has no row.")
    return items


def _rows(text: str, wrong: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each row with the number of its first line."""
    return _json_rows(text, wrong) if text.lstrip().startswith(("{", "[")) else _table_rows(text, wrong)


def _json_rows(text: str, wrong: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            row: object = json.loads(written)
        except (ValueError, RecursionError) as error:
            wrong.append(f"line {line}: not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield line, cast("dict[str, Any]", row)
        else:
            wrong.append(f"line {line}: not an object, and each line is one.")


def _table_rows(text: str, wrong: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    head, line = text.partition("\n")[0], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    columns = list[str]()
    try:
        for cells in reader:
            filled = {name: cell for name, cell in zip(columns, cells, strict=False) if cell.strip()}
            if not columns:
                columns += [name.strip().lower() for name in cells]
                _check_names(columns)
            elif len(cells) > len(columns):
                wrong.append(f"line {line}: has {len(cells)} cells, and the first line {len(columns)}.")
            elif filled:
                yield line, filled
            line = reader.line_num + 1
    except (csv.Error, _RowError) as error:
        wrong.append(f"line {line}: {str(error).rstrip('.')}.")


def _check_names(names: Collection[str]) -> None:
    if repeated := [name for name, times in Counter(list(names)).items() if times > 1]:
        raise _RowError(f"there is more than one column {repeated[0]!r}.")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise _RowError(f"there is no {unknown[0]!r} in a manifest, but {', '.join(COLUMNS)}.")


def _item(row: Mapping[str, Any], folder: Path, defaults: Mapping[str, Any]) -> UploadItem:
    _check_names(row)
    fields = {**defaults}
    for name, value in row.items():
        field, read = COLUMNS[name]
        if value is not None:
            fields[field] = read(value, folder)
    if "source" not in fields:
        raise _RowError("has no source.")
    check_details(fields)
    return UploadItem(**fields)


def check_details(fields: Mapping[str, Any]) -> None:
    """Raises ArgumentError if no video can have these fields."""
    asked = {name: value for name, value in fields.items() if name not in _OF_THE_UPLOAD}
    if asked["title"] is None:
        asked["title"] = "its file's name"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the upload has them, too
        calls.with_marker(calls.new_video(**asked), "0" * 32)


def _source(value: Any, folder: Path) -> str:
    if not isinstance(value, str) or value == "-":
        raise _RowError(f"source is {value!r}, and must be a file or a URL.")
    if is_url(value):
        return value
    path = str(folder / home_expanded(value))
    if not is_file(path):
        raise _RowError(f"{path} is a folder, and a row is a file." if is_folder(path) else f"there is no file {path}.")
    return path


def _plain(value: Any, _: Path) -> Any:
    return value


def _tags(value: Any, _: Path) -> Any:
    return [tag.strip() for tag in re.split("[,;]", value) if tag.strip()] if isinstance(value, str) else value


def _metadata(value: Any, _: Path) -> Any:
    return pairs(tuple(pair.strip() for pair in value.split(";") if pair.strip())) if isinstance(value, str) else value


def _thumbnail(value: Any, folder: Path) -> str:
    path = str(folder / home_expanded(value)) if isinstance(value, str) else ""
    if not is_file(path):
        raise _RowError(f"thumbnail is {value!r}, and must be a file.")
    return path


def _duration(value: Any, _: Path) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise _RowError(f"duration is {value!r}, and must be seconds.")
    return seconds


def _public(value: Any, _: Path) -> bool:
    said = str(value).strip().lower()
    if said not in (*_YES, *_NO):
        raise _RowError(f"public is {value!r}, and must be yes or no.")
    return said in _YES


def _qualities(value: Any, folder: Path) -> Any:
    if not isinstance(value, str):
        return value
    path = folder / home_expanded(value)
    try:
        return read_qualities(str(path), path.read_bytes())
    except OSError as error:
        raise _RowError(f"{path} can't be read: {error.strerror}.") from error
    except click.BadParameter as error:
        raise _RowError(f"{path}: {error.message}") from error


COLUMNS = {
    "source": ("source", _source),
    "title": ("title", _plain),
    "description": ("description", _plain),
    "tags": ("tags", _tags),
    "metadata": ("metadata", _metadata),
    "public": ("is_public", _public),
    "qualities": ("qualities", _qualities),
    "duration": ("duration", _duration),
    "thumbnail": ("thumbnail", _thumbnail),
}
"""By the name of a column: the field of an UploadItem, and what reads it."""
