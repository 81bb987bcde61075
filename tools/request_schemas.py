"""Writes what the client needs of the contract while it runs: the schemas of requests, and when waiting ends.

They go into the generated package as data: `contract.json`, and `contract.py`, which reads it when it is first asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
COMPONENTS = "#/components/schemas/"
DEFINITIONS = "#/$defs/"

# What a check of a value needs no word of.
PROSE = {"description", "example", "examples", "externalDocs", "title", "xml", "$comment", "deprecated"}
# Under these keywords stand names or plain values, where a word such as `description` is no keyword.
NAMES = {"properties", "patternProperties", "dependentSchemas", "$defs"}
VALUES = {"enum", "const", "default", "required", "dependentRequired", "type", "x-rule"}

MODULE = '''\
"""What the contract says of requests, as data: JSON Schemas by operation, each complete by itself."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def contract() -> dict[str, Any]:
    """`requests`: per operation, the schemas of its JSON `body` and of its `parameters` by name.

    `settled`: the statuses of a video at which nothing more happens by itself.
    """
    from importlib.resources import files  # takes milliseconds, which importing a client should not

    data: dict[str, Any] = json.loads(files(__package__).joinpath("contract.json").read_text(encoding="utf-8"))
    return data
'''


def write(contract: Json, package: Path) -> None:
    text = json.dumps(extract(contract), ensure_ascii=False, indent=1)
    (package / "contract.json").write_text(text + "\n", encoding="utf-8")
    (package / "contract.py").write_text(MODULE, encoding="utf-8")


def extract(contract: Json) -> Json:
    requests = {one["operationId"]: _request(contract, one, shared) for one, shared in _operations(contract)}
    return {"requests": requests, "settled": _settled(contract)}


def _operations(contract: Json) -> Iterator[tuple[Json, list[Json]]]:
    """Each operation, and the parameters that it shares with the others of its path."""
    for item in contract.get("paths", {}).values():
        route = _followed(contract, item)
        for method in METHODS:
            if "operationId" in route.get(method, {}):
                yield route[method], route.get("parameters", [])


def _request(contract: Json, operation: Json, shared: list[Json]) -> Json:
    declared = [_followed(contract, one) for one in (*shared, *operation.get("parameters", []))]
    parameters = {one["name"]: _alone(contract, one["schema"]) for one in declared if "schema" in one}
    content = _followed(contract, operation.get("requestBody", {})).get("content", {})
    bodies = [media["schema"] for name, media in content.items() if _is_json(name) and "schema" in media]
    return {
        **({"body": _alone(contract, bodies[0])} if bodies else {}),
        **({"parameters": parameters} if parameters else {}),
    }


def _is_json(media_type: str) -> bool:
    name = media_type.partition(";")[0].strip().lower()
    return name == "application/json" or name.endswith("+json")


def _settled(contract: Json) -> list[str]:
    schemas: Iterable[Any] = contract.get("components", {}).get("schemas", {}).values()
    marked = (one["x-settled"] for one in schemas if isinstance(one, dict) and "x-settled" in one)
    return sorted({word for words in marked for word in words})


def _followed(contract: Json, value: Json) -> Json:
    """What a reference to a component of any kind names."""
    while "$ref" in value:
        found: Any = contract
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def _alone(contract: Json, schema: Any) -> Any:
    """The schema with all components that it needs beside it."""
    needed: dict[str, Any] = {}
    stripped = _stripped(schema)
    waiting = list(_components(stripped))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _stripped(contract["components"]["schemas"][name])
            waiting += _components(needed[name])
    if needed:
        stripped["$defs"] = {name: needed[name] for name in sorted(needed)} | stripped.get("$defs", {})
    return stripped


def _stripped(schema: Any) -> Any:
    """Without prose, and with references as they stand in the new place."""
    if isinstance(schema, list):
        return [_stripped(one) for one in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    made: Json = {}
    for keyword, value in cast("Json", schema).items():
        if keyword in PROSE:
            continue
        if keyword in VALUES or (keyword.startswith("x-") and keyword != "x-separated"):
            made[keyword] = value
        elif keyword in NAMES:
            made[keyword] = {name: _stripped(inner) for name, inner in value.items()}
        elif keyword == "$ref":
            made[keyword] = value.replace(COMPONENTS, DEFINITIONS)
        else:
            made[keyword] = _stripped(value)
    return made


def _components(schema: Any) -> Iterator[str]:
    """The names of the components that are referred to anywhere inside."""
    if isinstance(schema, list):
        for one in cast("list[Any]", schema):
            yield from _components(one)
    elif isinstance(schema, dict):
        for keyword, value in cast("Json", schema).items():
            if keyword == "$ref" and isinstance(value, str) and value.startswith(DEFINITIONS):
                yield value.removeprefix(DEFINITIONS).partition("/")[0]
            else:
                yield from _components(value)
