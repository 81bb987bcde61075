"""Two generators by others read openapi.yaml, and what they make of it is put to use.

Neither may warn. TypeScript and Python then have to take every example of the contract as the type that was generated
for it, and refuse what is none.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import node
from contract_document import CONTRACT, ROOT, load, operations, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json

REQUIREMENTS = node.READERS / "requirements.txt"
ENVIRONMENT = ROOT / ".venv" / "readers"
_INSTALLED = ENVIRONMENT / REQUIREMENTS.name
# All that openapi-typescript says when all is well: its name, and what it wrote.
_PLEASED = ("✨ openapi-typescript ", "🚀 ")


class UnhappyError(Exception):
    """A generator warned, or what it made is of no use."""


@dataclass(frozen=True)
class Example:
    """A body as the contract shows it."""

    place: str
    """Its type, as openapi-typescript has it."""
    schema: str
    """The name of its schema, which in Python is the name of its class."""
    value: Any


def examples(contract: Json) -> Iterator[Example]:
    for operation in operations(contract):
        declared, types = operation.definition, f'operations["{operation.id}"]'
        bodies = {f'{types}["responses"]["{status}"]': body for status, body in declared["responses"].items()}
        if "requestBody" in declared:
            bodies[f'NonNullable<{types}["requestBody"]>'] = declared["requestBody"]
        for where, body in bodies.items():
            for media, described in resolve(contract, body)["content"].items():
                schema = described["schema"]["$ref"].rsplit("/", 1)[-1]
                for shown in described["examples"].values():
                    yield Example(f'{where}["content"]["{media}"]', schema, resolve(contract, shown)["value"])


def check_typescript(found: list[Example], folder: Path) -> None:
    # By default it takes a field with a default for one that must be given.
    options = ("--output", str(folder / "api.ts"), "--default-non-nullable", "false")
    done = node.run("openapi-typescript", str(CONTRACT), *options)
    said = [line for line in done.stdout.splitlines() if line]
    if done.returncode or not all(line.startswith(_PLEASED) for line in said):
        raise UnhappyError(f"openapi-typescript:\n{done.stdout}")
    use = ['import type { operations } from "./api";']
    for example in found:
        use += [f"({json.dumps(example.value)}) satisfies {example.place};"]
        use += ["// @ts-expect-error", f"null satisfies {example.place};"]
    (folder / "use.ts").write_text("\n".join(use) + "\n", encoding="utf-8")
    done = node.run("tsc", "--noEmit", "--strict", "--target", "es2022", str(folder / "use.ts"))
    if done.returncode:
        raise UnhappyError(f"TypeScript:\n{done.stdout}")


def check_python(found: list[Example], folder: Path) -> None:
    command = [
        *("-m", "datamodel_code_generator", "--input", str(CONTRACT), "--input-file-type", "openapi"),
        *("--output", str(folder / "models.py"), "--output-model-type", "pydantic_v2.BaseModel"),
        *("--target-python-version", "3.11", "--formatters", "builtin", "--use-annotated", "--strict-refs"),
        *("--schema-version", "3.1", "--schema-version-mode", "strict"),
        *("--openapi-scopes", "schemas", "paths", "parameters"),
    ]
    if said := _python(command):
        raise UnhappyError(f"datamodel-code-generator:\n{said}")
    pairs = json.dumps([(example.schema, example.value) for example in found])
    (folder / "examples.json").write_text(pairs, encoding="utf-8")
    if said := _python(
        [str(node.READERS / "check_models.py"), str(folder / "models.py"), str(folder / "examples.json")]
    ):
        raise UnhappyError(f"Python:\n{said}")


def _python(arguments: list[str]) -> str:
    """What the other environment's Python has to complain of; warnings are errors."""
    done = subprocess.run(
        [str(ENVIRONMENT / "bin" / "python"), "-W", "error", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout or (f"exit status {done.returncode}" if done.returncode else "")


def install() -> None:
    """What the requirements say, unless it is there already."""
    if _INSTALLED.exists() and _INSTALLED.read_bytes() == REQUIREMENTS.read_bytes():
        return
    print("Installing what tools/readers/requirements.txt says ...", flush=True)
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--requirement", str(REQUIREMENTS)], check=True)
    shutil.copyfile(REQUIREMENTS, _INSTALLED)


def main() -> int:
    node.install()
    install()
    found = list(examples(load()))
    with tempfile.TemporaryDirectory() as folder:
        for name, check in (("openapi-typescript", check_typescript), ("datamodel-code-generator", check_python)):
            try:
                check(found, Path(folder))
            except UnhappyError as error:
                print(error)
                return 1
            print(f"{name}: no warning, and its types take all {len(found)} examples of the contract")
    return 0


if __name__ == "__main__":
    sys.exit(main())
