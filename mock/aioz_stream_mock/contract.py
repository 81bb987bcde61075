"""The contract, read once at start-up and compiled: it decides which requests are accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import urlsplit

import jsonschema_rs
import yaml

from aioz_stream_mock.errors import bad_request, join_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Json = dict[str, Any]
JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | float | bool | None"

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
JSON = "application/json"
FORM = "multipart/form-data"
MAX_FINDINGS = 5
# In C where PyYAML was built with it: the contract is most of what a start takes.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER_BITS = {"int32": 32, "int64": 64}
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


class ContractError(Exception):
    """The contract can't be served; the message says why."""


@dataclass(frozen=True)
class CompiledSchema:
    """One compiled schema."""

    definition: Json
    validator: jsonschema_rs.Draft202012Validator

    def check(self, value: object, at: str = "") -> None:
        """Refuse a value that the schema does not take, naming the first few offending places."""
        errors = self.validator.iter_errors(value)
        findings = [
            _finding(at + _pointer(error.instance_path), error.message) for error in islice(errors, MAX_FINDINGS)
        ]
        if findings:
            raise bad_request(join_findings(findings))

    def accepts(self, value: object) -> bool:
        return self.validator.is_valid(value)

    def coerce(self, text: str) -> object:
        """Give a text from a query, a header or a form the type that its schema asks for, if it can have it.

        Anything else stays a text, and the schema then reports the wrong type.
        """
        wanted = self.definition.get("type")
        if wanted in ("number", "integer") and _NUMBER.fullmatch(text):
            return _number(text)
        if wanted == "boolean" and text in ("true", "false"):
            return text == "true"
        return text


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query or in a header."""

    name: str
    place: str
    required: bool
    schema: CompiledSchema

    def read(self, values: Sequence[str]) -> object | None:
        """The one value among those that came, or None for an optional parameter that did not."""
        if len(values) > 1:
            raise bad_request(f"/{self.name}: given more than once")
        if not values:
            if self.required:
                raise bad_request(f"/{self.name}: is required")
            return None
        value = self.schema.coerce(values[0])
        self.schema.check(value, f"/{self.name}")
        return value


@dataclass(frozen=True)
class Body:
    """What an operation takes as its body."""

    media_type: str
    schema: CompiledSchema
    fields: Mapping[str, CompiledSchema]
    files: frozenset[str]


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    id: str
    method: str
    path: str
    success: int
    parameters: tuple[Parameter, ...]
    body: Body | None
    answer: Json
    """The schema of the JSON that is answered when all went well; empty where the contract has none."""
    unservable: str
    """Why this server can't read the operation's requests; empty where it can."""


class Contract:
    """All operations of one OpenAPI document."""

    def __init__(self, document: Json) -> None:
        self.prefix: str
        self.document = document
        """As it was read."""
        try:
            self._document = cast("Json", _with_integer_formats(document))
            self.prefix = urlsplit(str(document["servers"][0]["url"])).path.rstrip("/")
            self.operations: dict[str, Operation] = {operation.id: operation for operation in self._operations()}
        except ContractError:
            raise
        except (
            LookupError,
            TypeError,
            AttributeError,
            ValueError,
            RecursionError,
            jsonschema_rs.ReferencingError,
        ) as error:
            raise ContractError(f"the contract can't be read: {type(error).__name__}: {error}") from error

    def _operations(self) -> Iterator[Operation]:
        for path, unresolved in self._document["paths"].items():
            item = self.resolve(unresolved)
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: Json) -> Operation:
        operation: Json = item[method]
        declared = [self.resolve(p) for p in [*item.get("parameters", []), *operation.get("parameters", [])]]
        codes = [str(code) for code in operation["responses"]]
        body, unservable = self._body(operation.get("requestBody"))
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            # Where the contract names two, the higher one says more: 201 that something was created, 200 only
            # that the request succeeded.
            success=max((int(code) for code in codes if code.startswith("2") and code.isdecimal()), default=200),
            # A path is matched by the router, which never hands over an empty segment.
            parameters=tuple(self._parameter(p) for p in declared if p["in"] in ("query", "header")),
            body=body,
            answer=self._answer(operation["responses"]),
            unservable=unservable,
        )

    def _parameter(self, declared: Json) -> Parameter:
        schema = self.compile(declared["schema"])
        return Parameter(declared["name"], declared["in"], bool(declared.get("required")), schema)

    def _body(self, unresolved: Json | None) -> tuple[Body | None, str]:
        """What an operation takes as its body, and why that can't be served; one of the two is missing."""
        if unresolved is None:
            return None, ""
        content: Json = self.resolve(unresolved)["content"]
        if len(content) != 1 or next(iter(content)) not in (JSON, FORM):
            return None, f"this mock server reads {JSON} and {FORM}, and no body of {', '.join(content)}."
        media_type, media = next(iter(content.items()))
        schema = self.compile(media["schema"])
        fields = {name: self.compile(field) for name, field in schema.definition.get("properties", {}).items()}
        files = frozenset(name for name, field in fields.items() if field.definition.get("format") == "binary")
        return Body(media_type, schema, fields, files), ""

    def _answer(self, responses: Json) -> Json:
        declared = [self.resolve(response) for code, response in responses.items() if str(code).startswith("2")]
        schemas: list[Json] = [one["content"][JSON]["schema"] for one in declared if JSON in one.get("content", {})]
        return schemas[0] if schemas else {}

    def compile(self, schema: Json) -> CompiledSchema:
        """A schema of this contract, ready to check values."""
        # The components come along, so that references inside the schema can be resolved.
        root = {"allOf": [schema], "components": self._document.get("components", {})}
        return CompiledSchema(self.resolve(schema), jsonschema_rs.Draft202012Validator(root))

    def resolve(self, node: Json) -> Json:
        """What a reference points at; anything else is given back as it is."""
        for _ in range(16):
            if "$ref" not in node:
                return node
            node = self._lookup(node["$ref"])
        raise ContractError("references in the contract run in a circle")

    def _lookup(self, reference: str) -> Json:
        if not reference.startswith("#/"):
            raise ContractError(f"{reference}: only references inside the contract are followed")
        node: Any = self._document
        for step in reference[2:].split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
        return cast("Json", node)


def _with_integer_formats(node: JsonValue) -> JsonValue:
    """Give integers the bounds of their format: JSON Schema ignores the format, but the API means a width by it."""
    if isinstance(node, list):
        return [_with_integer_formats(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {name: _with_integer_formats(value) for name, value in node.items()}
    bits, kind, conditions = _INTEGER_BITS.get(str(copy.get("format"))), copy.get("type"), copy.get("allOf", [])
    if bits is None or "integer" not in (kind if isinstance(kind, list) else [kind]):
        return copy
    width: JsonValue = {"minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}
    return {**copy, "allOf": [*(conditions if isinstance(conditions, list) else []), width]}


def load_contract(path: Path | None = None) -> Contract:
    """Read a contract from a file, by default the one that this server was made for."""
    try:
        text = path.read_text(encoding="utf-8") if path else _packaged()
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe ones
    except OSError as error:
        raise ContractError(f"the contract {path} can't be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"the contract {path} is not UTF-8") from error
    except yaml.YAMLError as error:
        raise ContractError(f"the contract is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise ContractError("the contract is not an OpenAPI document")
    return Contract(cast("Json", document))


def _packaged() -> str:
    """The contract of the installed package; in a checkout, the one at the root, two levels up."""
    beside = resources.files("aioz_stream_mock").joinpath("openapi.yaml")
    if beside.is_file():
        return beside.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "openapi.yaml").read_text(encoding="utf-8")


def _finding(place: str, message: str) -> str:
    return f"{place}: {message}" if place else message


def _pointer(path: Sequence[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _number(text: str) -> object:
    value = float(text)
    # 1e400 reads as infinity; left a text, it is refused as one.
    if value in (float("inf"), float("-inf")):
        return text
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
