"""Mends the known faults of openapi-python-client in a freshly generated package.

Every mend says how often it must apply, worked out from the contract alone. When the generator changes under it, the
count is off and generation fails: better no client than one that is mended halfway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
Schema = dict[str, Any]


class MismatchError(Exception):
    """The generated code is not what a mend was written for."""


class Contract:
    """What the mends need to know of the contract in order to say how often they apply."""

    def __init__(self, document: Schema) -> None:
        self._schemas: dict[str, Schema] = document["components"]["schemas"]
        self._responses: dict[str, Schema] = document["components"].get("responses", {})
        self.operations: list[Schema] = [
            operation for path in document["paths"].values() for method, operation in path.items() if method in METHODS
        ]

    def _resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def _objects(self) -> Iterator[Schema]:
        return (schema for schema in self._schemas.values() if schema.get("type") == "object")

    def _properties(self) -> Iterator[Schema]:
        for schema in self._objects():
            for declared in schema.get("properties", {}).values():
                yield self._resolve(declared)

    def _branches(self) -> Iterator[Schema]:
        for schema in self._properties():
            for branch in schema.get("anyOf", ()):
                yield self._resolve(branch)

    def count_operations(self) -> int:
        return len(self.operations)

    def count_multipart(self) -> int:
        bodies = (operation.get("requestBody", {}).get("content", {}) for operation in self.operations)
        return sum("multipart/form-data" in body for body in bodies)

    def count_failures(self) -> int:
        return sum(status.startswith(("4", "5")) for operation in self.operations for status in operation["responses"])

    def count_shapeless(self) -> int:
        return sum(set(schema) <= {"description"} for schema in self._properties())

    def count_extensible(self) -> int:
        return sum(schema.get("additionalProperties") is not False for schema in self._objects())

    def count_free_form(self) -> int:
        return sum("additionalProperties" not in schema for schema in self._objects())

    def count_object_branches(self) -> int:
        return sum(branch.get("type") == "object" for branch in self._branches())

    def count_list_branches(self) -> int:
        return sum(
            branch.get("type") == "array" and self._resolve(branch["items"]).get("type") == "object"
            for branch in self._branches()
        )

    def count_open_enums(self) -> int:
        def is_open(schema: Schema) -> bool:
            strings = [branch for branch in schema.get("anyOf", ()) if branch.get("type") == "string"]
            return any("enum" in one for one in strings) and any("enum" not in one for one in strings)

        return sum(is_open(schema) for schema in self._properties())


@dataclass(frozen=True)
class Mend:
    name: str
    why: str
    files: str
    pattern: str
    replacement: str | Callable[[re.Match[str]], str]
    times: Callable[[Contract], int]


def _twice(_: Contract) -> int:
    """Client and AuthenticatedClient repeat each other."""
    return 2


def _once(_: Contract) -> int:
    return 1


def _same_branch(match: re.Match[str]) -> str:
    indent, is_elif, branch = match[1], match[2], match[4]
    return f"\n{indent}else:\n{branch}" if is_elif else f"\n{indent}{branch.lstrip()}"


MENDS = (
    Mend(
        "boundary",
        "a fixed multipart boundary lets a file's own bytes end the part; without it httpx makes a random one",
        "api/**/*.py",
        r'\n +headers\["Content-Type"\] = "multipart/form-data; boundary=\+\+\+"\n',
        "\n",
        Contract.count_multipart,
    ),
    Mend(
        "status",
        "proxies answer codes such as 520, which http.HTTPStatus refuses",
        "api/**/*.py",
        r"HTTPStatus\(\s*response\.status_code\s*\)",
        "response.status_code",
        Contract.count_operations,
    ),
    Mend("status type", "see status", "types.py", r"status_code: HTTPStatus\n", "status_code: int\n", _once),
    Mend(
        "failure bodies",
        "a declared failure may come with a proxy's HTML, which must not raise",
        "api/**/*.py",
        r"(response_[45]\d\d) = (\w+)\.from_dict\(\s*response\.json\(\)\s*\)",
        r"\1 = errors.parse_failure(\2.from_dict, response)",
        Contract.count_failures,
    ),
    Mend(
        "failure parser",
        "see failure bodies",
        "errors.py",
        r'\n__all__ = \["UnexpectedStatus"\]\n',
        '''
T = TypeVar("T")


def parse_failure(parse: Callable[[dict[str, Any]], T], response: httpx.Response) -> T | None:
    """The body of a failure, or None when it is not the documented one: a proxy in between may answer anything"""
    try:
        return parse(response.json())
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None


__all__ = ["UnexpectedStatus", "parse_failure"]
''',
        _once,
    ),
    Mend(
        "failure parser imports",
        "see failure bodies",
        "errors.py",
        r'(\A""".*"""\n)',
        r"\1\nfrom collections.abc import Callable\nfrom typing import Any, TypeVar\n\nimport httpx\n",
        _once,
    ),
    Mend(
        "request half",
        "retries and typed errors need the request apart from its sending",
        "api/**/*.py",
        r"\b_get_kwargs\(",
        "get_kwargs(",
        lambda contract: 3 * contract.count_operations(),
    ),
    Mend(
        "response half",
        "retries and typed errors need the parsing apart from the sending",
        "api/**/*.py",
        r"\b_parse_response\(",
        "parse_response(",
        lambda contract: 2 * contract.count_operations(),
    ),
    Mend(
        "token in repr",
        "a secret must not show",
        "client.py",
        r"\n    token: str\n",
        "\n    token: str = field(repr=False)\n",
        _once,
    ),
    Mend(
        "headers and cookies in repr",
        "they carry secrets; and the bare dict has no types",
        "client.py",
        r"field\(\s*factory=dict, kw_only=True, alias=\"(headers|cookies)\"\s*\)",
        r'field(factory=dict[str, str], kw_only=True, repr=False, alias="\1")',
        lambda _: 4,
    ),
    Mend(
        "httpx arguments in repr",
        "they may carry secrets (auth, headers); and the bare dict has no types",
        "client.py",
        r"field\(\s*factory=dict, kw_only=True, alias=\"httpx_args\"\s*\)",
        'field(factory=dict[str, Any], kw_only=True, repr=False, alias="httpx_args")',
        _twice,
    ),
    Mend(
        "default timeout",
        "None switches timeouts off, so a dead connection hangs for ever",
        "client.py",
        r"field\(\s*default=None, kw_only=True, alias=\"timeout\"\s*\)",
        'field(default=httpx.Timeout(60.0, connect=10.0), kw_only=True, alias="timeout")',
        _twice,
    ),
    Mend(
        "with_… in place",
        "a copy with other settings must not change the client that it was made from",
        "client.py",
        r"        if self\._client is not None:\n"
        r"            self\._client\.(\w+)(?:\.update\(\w+\)| = \w+)\n"
        r"        if self\._async_client is not None:\n"
        r"            self\._async_client\.\1(?:\.update\(\w+\)| = \w+)\n",
        "",
        lambda _: 6,
    ),
    Mend(
        "exit arguments",
        "forwarded as object, which the type checkers refuse",
        "client.py",
        r"__(a?)exit__\(self, \*args: object, \*\*kwargs: Any\) -> None:",
        r"__\1exit__(self, exc_type: type[BaseException] | None = None, exc_value: BaseException | None = None, "
        r"traceback: TracebackType | None = None) -> None:",
        lambda _: 4,
    ),
    Mend(
        "exit forwarding",
        "see exit arguments",
        "client.py",
        r"__(a?)exit__\(\s*\*args, \*\*kwargs\s*\)",
        r"__\1exit__(exc_type, exc_value, traceback)",
        lambda _: 4,
    ),
    Mend(
        "exit import",
        "see exit arguments",
        "client.py",
        r"\nfrom typing import Any, Self\n",
        "\nfrom types import TracebackType\nfrom typing import Any, Self\n",
        _once,
    ),
    Mend(
        "unset in repr",
        "an address in a signature or a repr tells nobody anything",
        "types.py",
        r"\n    def __bool__\(self\) -> Literal\[False\]:\n        return False\n",
        "\n    def __bool__(self) -> Literal[False]:\n        return False\n\n"
        '    def __repr__(self) -> str:\n        return "UNSET"\n',
        _once,
    ),
    Mend(
        "shapeless fields",
        "Any switches the caller's type checker off, object does not",
        "models/*.py",
        r": Any \| Unset = UNSET",
        ": object = UNSET",
        Contract.count_shapeless,
    ),
    Mend(
        "additional properties",
        "a bare dict as the factory has no types",
        "models/*.py",
        r"additional_properties: (dict\[str, \w+\]) = _attrs_field\(\s*init=False, factory=dict\s*\)",
        r"additional_properties: \1 = _attrs_field(init=False, factory=\1)",
        Contract.count_extensible,
    ),
    Mend(
        "additional property in",
        "Any switches the caller's type checker off, object does not",
        "models/*.py",
        r"def __setitem__\(self, key: str, value: Any\)",
        "def __setitem__(self, key: str, value: object)",
        Contract.count_free_form,
    ),
    Mend(
        "additional property out",
        "Any switches the caller's type checker off, object does not",
        "models/*.py",
        r"def __getitem__\(self, key: str\) -> Any:",
        "def __getitem__(self, key: str) -> object:",
        Contract.count_free_form,
    ),
    Mend(
        "additional properties' type",
        "Any switches the caller's type checker off, object does not",
        "models/*.py",
        r"additional_properties: dict\[str, Any\] = _attrs_field\(init=False, factory=dict\[str, Any\]\)",
        "additional_properties: dict[str, object] = _attrs_field(init=False, factory=dict[str, object])",
        Contract.count_free_form,
    ),
    Mend(
        "objects in unions",
        "isinstance(data, dict) tells nothing of keys and values",
        "models/*.py",
        r"\.from_dict\(\s*data\s*\)",
        ".from_dict(cast(dict[str, Any], data))",
        Contract.count_object_branches,
    ),
    Mend(
        "lists in unions",
        "isinstance(data, list) tells nothing of the items",
        "models/*.py",
        r"\n( +)(\w+) = \[\]\n +_\2 = data\n( +for \w+ in _\2:\n +\w+ = (\w+)\.from_dict\()",
        r"\n\1\2: list[\4] = []\n\1_\2 = cast(list[dict[str, Any]], data)\n\3",
        Contract.count_list_branches,
    ),
    Mend(
        "open enums",
        "both branches do the same",
        "models/*.py",
        r"\n( +)(el)?if isinstance\(self\.(\w+), str\):\n +\w+ = self\.\3\n\1else:\n( +\w+ = self\.\3\n)",
        _same_branch,
        Contract.count_open_enums,
    ),
)


def mend(package: Path, document: Schema) -> list[tuple[str, int]]:
    """Applies every mend to the package in place; says how often each applied.

    Raises MismatchError, with every count that is off, when the generator no longer writes what a mend looks for.
    """
    contract = Contract(document)
    counts: list[tuple[str, int]] = []
    wrong: list[str] = []
    for one in MENDS:
        found = 0
        for path in sorted(package.glob(one.files)):
            text, times = re.subn(one.pattern, one.replacement, path.read_text(encoding="utf-8"))
            if times:
                path.write_text(text, encoding="utf-8")
                found += times
        counts.append((one.name, found))
        if found != (expected := one.times(contract)):
            wrong.append(f"{one.name}: found {found} places to mend, expected {expected} ({one.why})")
    if wrong:
        raise MismatchError("\n".join(wrong))
    return counts
