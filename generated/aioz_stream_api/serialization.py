# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""How models become requests, and answers become models: by their fields' types, whatever the shape"""

import datetime
import functools
import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from io import BytesIO
from itertools import islice
from urllib.parse import quote
from uuid import UUID

import attrs

from .types import UNSET, File, FileTypes, RequestFiles, Unset

Reader = Callable[[object], typing.Any]

_NOTHING = object()
_SHOWN = 80
"""Characters of one value, at most, where a model is printed"""
_READ, _DEPTH = 1000, 5
"""Characters of a text and levels of JSON that are looked at for that"""
_USER = re.compile(r"(://)[^/?#\s\"<>]*@")
_QUERY = re.compile(r"(://[^?#\s\"<>]*[?#])[^\s\"<>]+")
"""What an address may keep secret: who comes before its host, and what comes after its path"""


class Mismatch(ValueError):
    """Data has another shape than the contract says"""

    def __init__(self, reason: str, *path: str | int) -> None:
        super().__init__(reason, *path)
        self.reason = reason
        self.path = path

    def inside(self, step: str | int) -> "Mismatch":
        return Mismatch(self.reason, step, *self.path)

    def __str__(self) -> str:
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{where.removeprefix('.') or 'it'} {self.reason}"


def read(kind: typing.Any, data: object) -> typing.Any:
    """Data as an instance of a type. Raises Mismatch where it has another shape"""
    return _reader(kind)(data)


@functools.cache
def _reader(kind: typing.Any) -> Reader:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _union_reader(inside)
    if origin is typing.Literal:
        return functools.partial(_read_literal, inside)
    if origin is list:
        return functools.partial(_read_list, _reader(inside[0]))
    if kind in _SCALARS:
        return _SCALARS[kind]
    return functools.partial(_read_model, kind)


def _union_reader(kinds: tuple[typing.Any, ...]) -> Reader:
    # Text fits much that means something else, such as a time: it comes last.
    readers = [
        (_reader(kind), _taken(kind)) for kind in sorted(kinds, key=lambda kind: kind is str) if kind is not Unset
    ]

    by_type: dict[type, list[Reader]] = {}

    def read_union(data: object) -> typing.Any:
        data_type = type(data)
        if data_type not in by_type:
            by_type[data_type] = [reader for reader, taken in readers if issubclass(data_type, taken)]
        candidates = by_type[data_type]
        if len(candidates) == 1:
            try:
                return candidates[0](data)
            except Mismatch:
                raise Mismatch("fits none of its types") from None
        models: list[attrs.AttrsInstance] = []
        for reader in candidates:
            try:
                value: object = reader(data)
            except Mismatch:
                continue
            if not _is_model(value):
                return value
            models.append(value)
        if not models:
            raise Mismatch("fits none of its types")
        # An object fits many models where fields are optional: the one that knows most of its fields is meant.
        return max(models, key=lambda model: sum(value is not None for value in _given(model).values()))

    return read_union


def _taken(kind: typing.Any) -> tuple[type, ...]:
    """The types of data that a reader may take: the others need no attempt, which costs an exception"""
    origin = typing.get_origin(kind)
    if origin is list:
        return (list,)
    if origin is None and kind not in _SCALARS:
        return (Mapping,)
    return _TAKEN.get(kind, (str,)) if origin is None else (object,)


def _kept(kind: typing.Any) -> frozenset[type]:
    """The types of data that a reader gives back as it is, so that a field of them need not be read"""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin not in (typing.Union, types.UnionType):
        return frozenset(() if origin else _KEPT.get(kind, ()))
    kinds = [one for one in inside if one is not Unset and typing.get_origin(one) is not typing.Literal]
    found = frozenset[type]().union(*map(_kept, kinds))
    return frozenset(
        data_type
        for data_type in found
        if all(data_type in _kept(one) or not issubclass(data_type, _taken(one)) for one in kinds)
    )


def _read_literal(values: tuple[typing.Any, ...], data: object) -> typing.Any:
    for value in values:
        if value == data and isinstance(value, bool) == isinstance(data, bool):
            return value
    raise Mismatch(f"is not one of {', '.join(map(repr, values))}")


def _read_list(reader: Reader, data: object) -> list[typing.Any]:
    if not isinstance(data, list):
        raise Mismatch("is no array")
    items = typing.cast(list[object], data)
    done: list[typing.Any] = []
    try:
        for item in items:
            done.append(reader(item))
        return done
    except Mismatch as mismatch:
        raise mismatch.inside(len(done)) from None


def _scalar(article_and_name: str, *kinds: type) -> Reader:
    def read_scalar(data: object) -> object:
        if isinstance(data, kinds) and (bool in kinds or not isinstance(data, bool)):
            return data
        raise Mismatch(f"is no {article_and_name}")

    return read_scalar


def _read_integer(data: object) -> int:
    # 1.0 is an integer in JSON Schema.
    if isinstance(data, float) and data.is_integer():
        return int(data)
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    raise Mismatch("is no integer")


def _text(name: str, parse: Callable[[str], typing.Any]) -> Reader:
    def read_text(data: object) -> object:
        try:
            if isinstance(data, str):
                return parse(data)
        except ValueError:
            pass
        raise Mismatch(f"is no {name}")

    return read_text


def _moment(written: str) -> datetime.datetime:
    """A time without a zone is meant in UTC"""
    moment = datetime.datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)


def _read_file(data: object) -> File:
    if isinstance(data, str):
        data = data.encode()
    if isinstance(data, bytes):
        return File(BytesIO(data))
    raise Mismatch("is no file")


def _as_it_is(data: object) -> object:
    return data


_SCALARS: dict[typing.Any, Reader] = {
    None: _scalar("null", type(None)),
    type(None): _scalar("null", type(None)),
    bool: _scalar("boolean", bool),
    int: _read_integer,
    float: _scalar("number", int, float),
    str: _scalar("string", str),
    datetime.datetime: _text("time", _moment),
    datetime.date: _text("date", datetime.date.fromisoformat),
    UUID: _text("UUID", UUID),
    File: _read_file,
    object: _as_it_is,
    typing.Any: _as_it_is,
}


_TAKEN: dict[typing.Any, tuple[type, ...]] = {
    None: (type(None),),
    type(None): (type(None),),
    bool: (bool,),
    int: (int, float),
    float: (int, float),
    File: (str, bytes),
    object: (object,),
    typing.Any: (object,),
}
"""The types of data that scalars are read from; those that are not here are read from text"""

_KEPT: dict[typing.Any, tuple[type, ...]] = {
    None: (type(None),),
    type(None): (type(None),),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    str: (str,),
}


class _Field(typing.NamedTuple):
    name: str
    """In Python"""
    key: str
    """In JSON"""
    kept: frozenset[type]
    """The types of data that the reader gives back as it is"""
    reader: Reader
    is_required: bool
    absent: Unset | None
    """What the field holds where JSON has nothing: requests tell that from null, answers do not"""


@functools.cache
def _fields(model: type[attrs.AttrsInstance]) -> tuple[tuple[_Field, ...], Reader | None]:
    """A model's fields, and what reads the values that are none of them, where it has room for those"""
    hints = typing.get_type_hints(model)
    fields: list[_Field] = []
    additional: Reader | None = None
    for attribute in attrs.fields(model):
        kind = hints[attribute.name]
        if not attribute.init:
            additional = _reader(typing.get_args(kind)[1])
            continue
        is_answer, is_optional = attribute.default is None, Unset in typing.get_args(kind) or attribute.default is UNSET
        fields.append(
            _Field(
                attribute.name,
                attribute.metadata.get("key", attribute.name),
                _kept(kind),
                _reader(kind),
                not (is_answer or is_optional),
                None if is_answer else UNSET,
            )
        )
    return tuple(fields), additional


def _read_model(model: type[attrs.AttrsInstance], data: object) -> attrs.AttrsInstance:
    # The first question spares most data the slow second one.
    if type(data) is not dict and not isinstance(data, Mapping):
        raise Mismatch("is no object")
    found = typing.cast(Mapping[str, object], data)
    fields, additional = _fields(model)
    values: list[object] = []
    misfits: dict[str, object] = {}
    get = found.get
    unread = len(found) - len(fields)
    for _, key, kept, reader, is_required, absent in fields:
        value = get(key, _NOTHING)
        if type(value) in kept:
            values.append(value)
        elif value is _NOTHING:
            if is_required:
                raise Mismatch("is missing", key)
            values.append(absent)
            unread += 1
        else:
            try:
                values.append(reader(value))
            except Mismatch as mismatch:
                if is_required or additional is None:
                    raise mismatch.inside(key) from None
                # An optional field of another shape is absent for the caller, but not lost.
                values.append(absent)
                if value is not None or absent is not None:
                    misfits[key] = value
    read_model = model(*values)
    if additional is not None and (unread or misfits):
        named = {field.key for field in fields}
        rest = {key: _inside(key, additional, value) for key, value in found.items() if key not in named}
        read_model.additional_properties = {**rest, **misfits}  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue] - a model that takes others has it
    return read_model


def no_properties() -> dict[str, typing.Any]:
    """What a model has beyond its fields, at first"""
    return {}


def _is_model(value: object) -> typing.TypeGuard[attrs.AttrsInstance]:
    # The look for simple types spares attrs a slow one.
    return not isinstance(value, (str, int, list, datetime.date)) and attrs.has(type(value))


def _inside(key: str, reader: Reader, value: object) -> object:
    try:
        return reader(value)
    except Mismatch as mismatch:
        raise mismatch.inside(key) from None


def _given(model: attrs.AttrsInstance) -> dict[str, object]:
    """The fields that are given, by their names in JSON"""
    values = ((field, getattr(model, field.name)) for field in _fields(type(model))[0])
    return {
        field.key: value
        for field, value in values
        if not isinstance(value, Unset) and (value is not None or field.is_required or field.absent is not None)
    }


def write(model: attrs.AttrsInstance) -> dict[str, typing.Any]:
    """A model as JSON, without what is not given"""
    additional: Mapping[str, object] = getattr(model, "additional_properties", {})
    return {key: _plain(value) for key, value in {**additional, **_given(model)}.items()}


def show(model: attrs.AttrsInstance) -> str:
    """A model for people, in short: what it has, and the names of what it has beyond its fields"""
    values = {field.name: getattr(model, field.name) for field in _fields(type(model))[0]}
    values["additional_keys"] = list(getattr(model, "additional_properties", ()))
    said = [f"{name}={_shown(value)}" for name, value in values.items() if not _is_nothing(value)]
    return f"{type(model).__name__}({', '.join(said)})"


def _is_nothing(value: object) -> bool:
    return value is None or isinstance(value, Unset) or (isinstance(value, (str, list, Mapping)) and not value)


def _shown(value: object, depth: int = 0) -> str:
    if depth > _DEPTH:
        return "…"
    if isinstance(value, str):
        said = repr(_QUERY.sub(r"\1…", _USER.sub(r"\1…@", value[:_READ])))
    elif isinstance(value, list):
        items = typing.cast(list[object], value)[:_SHOWN]
        said = f"[{', '.join(_shown(item, depth + 1) for item in items)}]"
    elif isinstance(value, Mapping):
        pairs = islice(typing.cast(Mapping[str, object], value).items(), _SHOWN)
        said = "{" + ", ".join(f"{key!r}: {_shown(item, depth + 1)}" for key, item in pairs) + "}"
    else:
        said = value.isoformat() if isinstance(value, datetime.date) else repr(value)
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


def _plain(value: object) -> typing.Any:
    """A value as JSON has it"""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in typing.cast(list[object], value)]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in typing.cast(Mapping[str, object], value).items()}
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, File):
        raise TypeError("a file can't be part of JSON")
    return write(value) if _is_model(value) else value


def _written(value: object) -> str:
    """A value as a piece of text outside of JSON: in a path, a header, a form"""
    plain = _plain(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list):
        return ",".join(_written(item) for item in typing.cast(list[object], plain))
    return json.dumps(plain) if isinstance(plain, dict) or plain is None else str(plain)


def multipart(model: attrs.AttrsInstance) -> RequestFiles:
    """A model as the fields of a form with files; an array is its field repeated"""
    additional: Mapping[str, object] = getattr(model, "additional_properties", {})
    files: RequestFiles = []
    for key, value in {**additional, **_given(model)}.items():
        items = typing.cast(list[object], value) if isinstance(value, list) else [value]
        files.extend((key, _form_field(item)) for item in items if item is not None)
    return files


def _form_field(value: object) -> FileTypes:
    if isinstance(value, File):
        return value.to_tuple()
    if _is_model(value) or isinstance(value, (Mapping, list)):
        return None, json.dumps(_plain(typing.cast(object, value))).encode(), "application/json"
    return None, _written(value).encode(), "text/plain"


def request(
    method: str,
    url: str,
    *,
    path: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
    headers: Mapping[str, object] | None = None,
    cookies: Mapping[str, object] | None = None,
    styles: Mapping[str, str] | None = None,
    body: typing.Any = UNSET,
    media_type: str = "",
) -> dict[str, typing.Any]:
    """What httpx needs to send an operation"""
    for name, value in (path or {}).items():
        url = url.replace("{" + name + "}", quote(_written(value), safe=""))
    arguments: dict[str, typing.Any] = {"method": method, "url": url}
    if query is not None:
        arguments["params"] = _query(_without_gaps(query), styles or {})
    if cookies is not None:
        arguments["cookies"] = {name: _written(value) for name, value in _without_gaps(cookies).items()}
    sent = {name: _written(value) for name, value in _without_gaps(headers or {}).items()}
    if not isinstance(body, Unset):
        argument, content = _body(body, media_type)
        arguments[argument] = content
        if argument != "files":  # httpx says the type of a form with files, since it makes up its boundary
            sent["Content-Type"] = media_type
    if sent or headers is not None:
        arguments["headers"] = sent
    return arguments


def _without_gaps(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None and not isinstance(value, Unset)}


def _query(values: Mapping[str, object], styles: Mapping[str, str]) -> dict[str, typing.Any]:
    """The parameters of a query. A style is what joins an array's items; `json` and `deepObject` are for objects"""
    found: dict[str, typing.Any] = {}
    for name, value in values.items():
        plain, style = _plain(value), styles.get(name)
        if style == "json":
            found[name] = json.dumps(plain)
        elif isinstance(plain, dict):
            items = typing.cast(dict[str, object], plain).items()
            found.update({f"{name}[{key}]" if style == "deepObject" else key: item for key, item in items})
        elif isinstance(plain, list) and style is not None:
            found[name] = style.join(_written(item) for item in typing.cast(list[object], plain))
        else:
            found[name] = plain
    return found


def _body(body: typing.Any, media_type: str) -> tuple[str, typing.Any]:
    """A body, and the argument of httpx that sends it"""
    if media_type == "multipart/form-data":
        return "files", multipart(body)
    if media_type == "application/x-www-form-urlencoded":
        plain = typing.cast(dict[str, object], _plain(body))
        items = {name: value for name, value in plain.items() if value is not None}
        return "data", {
            name: [_written(item) for item in typing.cast(list[object], value)]
            if isinstance(value, list)
            else _written(value)
            for name, value in items.items()
        }
    if isinstance(body, File):
        if body.payload.seekable():
            body.payload.seek(0)  # it may have been sent before
        return "content", body.payload.read()
    if media_type.partition(";")[0].endswith("json"):
        return "json", _plain(body)
    return "content", body if isinstance(body, bytes) else _written(body)
