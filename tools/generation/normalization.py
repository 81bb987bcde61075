"""The contract in the words that the generator knows; what it means stays the same."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from contract_document import is_list, is_object

from generation.contract import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_document import Json

_COMPONENT = re.compile(r"#/components/schemas/[^/]+")
_NAMES = {
    *("properties", "patternProperties", "dependentSchemas", "$defs", "schemas"),
    *("responses", "parameters", "requestBodies", "headers", "content"),
}
"""What is in these goes by names that people choose, which may be any keyword."""
_DATA = {"example", "examples", "default", "const", "enum", "links"}
_SHAPES = ("$ref", "type", "properties", "items", "enum", "const", "allOf", "anyOf", "oneOf")
_BYTES = {"format": "binary"}
_TYPES: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
    list: "array",
    dict: "object",
}
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def is_json(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().endswith(("/json", "+json"))


def normalize(tree: Json) -> Json:
    """A copy in which references lead to whole schemas only. Raises RecursionError where they run in a circle."""
    copy: Json = json.loads(json.dumps(tree))
    copy["paths"] = {path: _inline(copy, item) for path, item in copy["paths"].items()}
    for section, components in copy.get("components", {}).items():
        copy["components"][section] = _inline(copy, components, are_names=True)
    normalized: Json = _each(copy)
    return normalized


def _inline(tree: Json, node: Any, are_names: bool = False) -> Any:
    """With what references lead to in their place, but for whole schemas: the generator names classes after them."""
    if is_list(node):
        return [_inline(tree, item) for item in node]
    if not is_object(node):
        return node
    reference = None if are_names else node.get("$ref")
    if isinstance(reference, str) and not _COMPONENT.fullmatch(reference):
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _inline(tree, {**resolve(tree, reference), **beside})
    inlined = _within(node, are_names, functools.partial(_inline, tree))
    if is_list(parts := node.get("allOf")) and len(parts) > 1:
        inlined["allOf"] = [_inline(tree, _unless_object(tree, part)) for part in parts]
    return inlined


def _within(node: Json, are_names: bool, change: Callable[[Any, bool], Any]) -> Json:
    """With a change of all that is inside and no data."""
    return {
        key: value
        if not are_names and (key in _DATA or key.startswith("x-"))
        else change(value, key in _NAMES and not are_names)
        for key, value in node.items()
    }


def _unless_object(tree: Json, part: Json) -> Json:
    """The schema that a part refers to, where that is no object: the generator merges objects only."""
    schema = part
    while "$ref" in schema:
        schema = resolve(tree, schema["$ref"])
    return part if schema.get("type", "object") == "object" and "enum" not in schema else schema


def _each(node: Any, are_names: bool = False) -> Any:
    """Rewrites what is inside first."""
    if is_list(node):
        return [_each(item) for item in node]
    if not is_object(node):
        return node
    inside = _within(node, are_names, _each)
    if are_names:
        anything: Json = {}
        return {key: anything if value is True else value for key, value in inside.items() if value is not False}
    for rewrite in _REWRITES:
        rewrite(inside)
    return inside


def _write_boolean_schemas(node: Json) -> None:
    """`true` and `false` as schemas."""
    for key in ("items", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems"):
        if isinstance(node.get(key), bool):
            del node[key]
    if node.get("type") == "array" and "items" not in node and "prefixItems" not in node:
        node["items"] = {}


def _split_enums(node: Json) -> None:
    """Words of several types are alternatives, one for each type; only text and integers can be listed in Python."""
    words = node.get("enum")
    if not is_list(words):
        return
    types = list(dict.fromkeys(_type(word) for word in words))
    if set(types) <= {"string", "null"} or types == ["integer"]:
        return
    del node["enum"]
    node.pop("type", None)
    listed = {"string", "integer"} if "number" not in types else {"string"}
    node["anyOf"] = [
        {"type": kind, **({"enum": [word for word in words if _type(word) == kind]} if kind in listed else {})}
        for kind in types
    ]


def _type(value: Any) -> str:
    return _TYPES[type(value)]


def _name_constants(node: Json) -> None:
    """A constant that is no text or integer is its type."""
    value: Any = node.get("const", "")
    if not isinstance(value, str) and type(value) is not int:
        del node["const"]
        node.setdefault("type", _type(value))
        _write_boolean_schemas(node)


def _leave_out_defaults(node: Json) -> None:
    """A default that is a list or an object is left to the service."""
    if is_object(node.get("default")) or is_list(node.get("default")):
        del node["default"]


def _leave_out_conditions(node: Json) -> None:
    """Alternatives that only name fields, or bounds, are conditions and no types."""
    for key in ("allOf", "anyOf", "oneOf"):
        branches = node.get(key)
        if is_list(branches) and branches and any(shape in node for shape in _SHAPES if shape != key):
            kept = [one for one in branches if not is_object(one) or any(shape in one for shape in _SHAPES)]
            if not kept or ("properties" in node and not any(one.keys() & {"$ref", "type", "allOf"} for one in kept)):
                del node[key]


def _keep_fields(node: Json) -> None:
    """A single part is taken for the whole by the generator, fields beside it or not."""
    parts = [part for word in ("allOf", "anyOf", "oneOf") for part in node.get(word, ())]
    if "properties" in node and len(parts) == 1 and "$ref" in parts[0]:
        node["allOf"] = [*parts, {"type": "object"}]
        node.pop("anyOf", None)
        node.pop("oneOf", None)


def _merge_simple_parts(node: Json) -> None:
    """`allOf` of parts that are no objects is one schema with all their words."""
    parts = node.get("allOf")
    if not is_list(parts) or any(part.keys() & {"$ref", "properties", "allOf"} for part in parts):
        return
    if any(part.get("type", "object") != "object" for part in parts):
        del node["allOf"]
        for part in parts:
            node.update({key: value for key, value in part.items() if key not in node})


def _describe_bytes(node: Json) -> None:
    """Content without a schema, and content with a media type of its own, is text or bytes."""
    content = node.get("content")
    for media_type, media in content.items() if is_object(content) else ():
        if not is_object(media) or is_json(media_type):
            continue
        if not media.get("schema"):
            media["schema"] = {"type": "string", **({} if media_type.startswith("text/") else _BYTES)}
        schema: Json = media["schema"]
        for part in schema.get("properties", {}).values() if media_type in FORMS else [schema]:
            for one in (part, part.get("items", {})):
                if "contentMediaType" in one and "contentEncoding" not in one:
                    one.update({"type": "string", **_BYTES})


def _describe_parameters(node: Json) -> None:
    """A parameter that is a document has the schema of its content."""
    content = node.get("content")
    if "in" in node and "name" in node and "schema" not in node and is_object(content):
        node["schema"] = next(iter(content.values())).get("schema", {})


_REWRITES: tuple[Callable[[Json], None], ...] = (
    _write_boolean_schemas,
    _split_enums,
    _name_constants,
    _leave_out_defaults,
    _leave_out_conditions,
    _keep_fields,
    _merge_simple_parts,
    _describe_bytes,
    _describe_parameters,
)
