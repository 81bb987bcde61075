# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""Names that a package loads when they are used: each module takes time to load, and a program needs few of them"""

import importlib
import sys
from collections.abc import Callable, Mapping


def lazy_names(
    package: str, modules: Mapping[str, tuple[str, ...]]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package (PEP 562), by the modules that have its names; a module without names is
    meant itself. For type checkers, the package imports the same names under TYPE_CHECKING"""
    places = {name: module for module, names in modules.items() for name in names or [module.rpartition(".")[2]]}

    def load(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(places[name], package)
        value: object = getattr(module, name) if modules[places[name]] else module
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: sorted({*vars(sys.modules[package]), *places})
