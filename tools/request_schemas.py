"""Writes what the client needs of the contract while it runs: the schemas of requests, and when waiting ends.

They go into the generated package as data: `contract.json`, and `contract.py`, which reads it when it is first asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from contract_document import is_list, is_object, operations, resolve, schema_names

if TYPE_CHECKING:
    from pathlib import Path

    from contract_document import Json

COMPONENTS = "#/components/schemas/"
DEFINITIONS = "#/$defs/"

# What a check of a value needs no word of.
PROSE = {"description", "example", "examples", "externalDocs", "title", "xml", "$comment", "deprecated"}
# Under these keywords stand names or plain values, where a word such as `description` is no keyword.
NAMES = {"properties", "patternProperties", "dependentSchemas", "$defs"}
VALUES = {"enum", "const", "default", "required", "dependentRequired", "type"}
SEPARATED = "x-separated"  # the schema of what stands between the commas of a parameter

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

    package = files(__name__.rpartition(".")[0])
    data: dict[str, Any] = json.loads(package.joinpath("contract.json").read_text(encoding="utf-8"))
    return data
'''


def write(contract: Json, package: Path) -> None:
    text = json.dumps(extract(contract), ensure_ascii=False, indent=1)
    (package / "contract.json").write_text(text + "\n", encoding="utf-8")
    (package / "contract.py").write_text(MODULE, encoding="utf-8")


def extract(contract: Json) -> Json:
    requests = {
        one.id: _request(contract, one.definition, contract["paths"][one.path].get("parameters", []))
        for one in operations(contract)
    }
    return {"requests": requests, "settled": _settled(contract)}


def _request(contract: Json, operation: Json, shared: list[Json]) -> Json:
    """`shared` are the parameters that the operation has in common with the others of its path."""
    declared = [resolve(contract, one) for one in (*shared, *operation.get("parameters", []))]
    parameters = {one["name"]: _alone(contract, one["schema"]) for one in declared if "schema" in one}
    content = resolve(contract, operation.get("requestBody", {})).get("content", {})
    bodies = [media["schema"] for name, media in content.items() if _is_json(name) and "schema" in media]
    return {
        **({"body": _alone(contract, bodies[0])} if bodies else {}),
        **({"parameters": parameters} if parameters else {}),
    }


def _is_json(media_type: str) -> bool:
    name = media_type.partition(";")[0].strip().lower()
    return name == "application/json" or name.endswith("+json")


def _settled(contract: Json) -> list[str]:
    schemas = contract.get("components", {}).get("schemas", {}).values()
    marked = (one["x-settled"] for one in schemas if is_object(one) and "x-settled" in one)
    return sorted({word for words in marked for word in words})


def _alone(contract: Json, schema: Json) -> Json:
    """The schema with all components that it needs beside it."""
    alone = _stripped(schema)
    if names := sorted(schema_names(contract, schema)):
        needed = {name: _stripped(contract["components"]["schemas"][name]) for name in names}
        alone["$defs"] = needed | alone.get("$defs", {})
    return alone


def _stripped(schema: Json) -> Json:
    """Without prose, and with references as they stand in the new place."""
    if is_list(schema):
        return [_stripped(one) for one in schema]
    if not is_object(schema):
        return schema
    return {keyword: _value(keyword, value) for keyword, value in schema.items() if keyword not in PROSE}


def _value(keyword: str, value: Json) -> Json:
    if keyword in VALUES or (keyword.startswith("x-") and keyword != SEPARATED):
        return value
    if keyword in NAMES:
        return {name: _stripped(inner) for name, inner in value.items()}
    return value.replace(COMPONENTS, DEFINITIONS) if keyword == "$ref" else _stripped(value)
