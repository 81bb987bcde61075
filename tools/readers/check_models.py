"""Each generated model must take its examples, and refuse null. Runs in the environment of the generator."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from types import ModuleType


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("models", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules["models"] = module
    spec.loader.exec_module(module)
    return module


def complaints(model: type[BaseModel], value: Any) -> list[str]:
    found: list[str] = []
    try:
        model.model_validate(value)
    except ValidationError as error:
        found.append(f"{model.__name__} does not take {value}: {error}")
    try:
        model.model_validate(None)
    except ValidationError:
        return found
    return [*found, f"{model.__name__} takes null"]


def main(path: str, examples: str) -> int:
    models = load(path)
    found: list[str] = []
    for name, value in json.loads(Path(examples).read_text(encoding="utf-8")):
        found += complaints(getattr(models, name), value)
    print("\n".join(found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
