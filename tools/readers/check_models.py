"""Each generated model must accept its examples, and refuse null. Runs in the environment of the generator."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from pydantic import TypeAdapter, ValidationError


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    models = import_module("models")
    for name, example in json.loads((Path(folder) / "examples.json").read_text(encoding="utf-8")):
        model = TypeAdapter[object](getattr(models, name))
        model.validate_python(example)
        try:
            model.validate_python(None)
        except ValidationError:
            continue
        sys.exit(f"{name} accepts null")


if __name__ == "__main__":
    main(*sys.argv[1:])
