"""The generator, with templates that declare models and operations and leave reading and writing to one module."""

from __future__ import annotations

import contextlib
import io
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract_document import is_object
from openapi_python_client import Project
from openapi_python_client.config import ClassOverride, Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.schema import ParameterLocation, UntrustedString
from openapi_python_client.strings import PythonIdentifier

from generation.contract import walk
from generation.declarations import answer, branches, endpoints, for_templates, written_path
from generation.normalization import FORMS, is_json, normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json
    from openapi_python_client.parser.errors import GeneratorError, ParseError
    from openapi_python_client.parser.openapi import EndpointCollection

    from generation.contract import Contract, ContractError

TEMPLATES = Path(__file__).parent / "templates"
TAKEN = ["Any", "AuthenticatedClient", "Client", "File", "Mapping", "RequestFiles", "Response", "Self", "Unset", "UUID"]
"""Names that a class of the contract can't have, since the modules use them."""
_METHODS = {"to_dict", "from_dict", "to_multipart", "additional_properties", "additional_keys"}
_SIMPLE = {
    f"{kind}_property.py.jinja" for kind in ("any", "string", "file", "literal_enum", "date", "datetime", "uuid")
}

ADVICE = {
    "Could not find reference": "Describe it under `components/schemas`.",
    "duplicate models": "Another schema has that name in Python: give one of them another name or `title`.",
    "same python_name": "Give one of the fields another name.",
    "conflicting enums": "Give one of the lists a `title` or a name of its own under `components/schemas`.",
    "default value": "Write a `default` that fits the schema, or none.",
    "non-object": "Write the `allOf` of objects only, or the schema's keywords beside each other.",
    "can't be merged": "Say the field's type in one part of the `allOf` only.",
    "status code": "Write a status such as `'404'`, `'4XX'` or `default`.",
    "path parameter": "Declare each parameter that the path names, as required, and no other one.",
    "Circular": "Let one of the schemas say what it is instead of referring to the next.",
    "multipart": "Write an object, with one property for each field of the form.",
}
"""What to write instead, by a piece of what the generator says."""


def build(contract: Contract, settings: Path, package: Path) -> None:
    """Writes the package. Raises ContractError where the generator can't read a part of the contract."""
    try:
        tree = normalize(contract.tree)
    except RecursionError:
        raise contract.error(
            (), "references run in a circle. Let them lead to whole schemas under `components`."
        ) from None
    config = Config.from_sources(
        ConfigFile.load_from_path(settings),
        MetaType.NONE,
        Path("openapi.yaml"),
        "utf-8",
        overwrite=False,
        output_path=package,
    )
    config.post_hooks = []
    config.content_type_overrides = {**dict.fromkeys(_opaque(tree), "application/octet-stream")}
    config.class_overrides = {name: ClassOverride.model_validate({"class_name": f"{name}Model"}) for name in TAKEN}
    # The generator writes no arrays, times and unions into headers; ours does.
    PropertyProtocol._allowed_locations.add(ParameterLocation.HEADER)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - no setting does it
    data = GeneratorData.from_dict(tree, config=config)
    if not isinstance(data, GeneratorData):
        raise contract.error((), f"the generator can't read it: {_sentence(data)}")
    for error in _errors(data):
        raise _placed(contract, error)
    _check_contents(contract, tree, data)
    _rename(data, config)
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    helpers: dict[str, Any] = for_templates(tree, data)
    helpers["endpoint_modules"] = partial(_modules, config)
    project.env.globals.update(helpers)
    with contextlib.redirect_stdout(io.StringIO()):
        project.build()
    for name in ("lazy.py", "serialization.py"):
        (package / name).write_text(project.env.get_template(f"{name}.jinja").render(), encoding="utf-8")


def _opaque(tree: Json) -> Iterator[str]:
    """The media types that the generator does not know: their content is bytes or text, as it is."""
    for _, node in walk(tree["paths"]):
        if is_object(node) and is_object(content := node.get("content")):
            yield from (name for name in content if not is_json(name) and name not in FORMS)


def _errors(data: GeneratorData) -> list[ParseError]:
    collections = data.endpoint_collections_by_tag.values()
    return [*data.errors, *(error for collection in collections for error in collection.parse_errors)]


def _check_contents(contract: Contract, tree: Json, data: GeneratorData) -> None:
    """What the generator takes, and no program can send or read."""
    for endpoint in endpoints(data):
        place = ("paths", written_path(tree, endpoint), endpoint.method)
        for body in endpoint.bodies:
            media_type = body.content_type.get_untrusted_value()
            if media_type in FORMS and not all(isinstance(branch, ModelProperty) for branch in branches(body.prop)):
                message = f"{media_type} has fields. Write an object, with a property for each field of the form."
                raise contract.error((*place, "requestBody", "content", media_type), message)
        for response in endpoint.responses:
            is_simple = all(branch.template in _SIMPLE for branch in branches(response.prop))
            if answer(response)[0] in {"response.content", "response.text"} and not is_simple:
                message = "only JSON can be read as this. Write `type: string`, with `format: binary` for bytes."
                raise contract.error((*place, "responses", response.status_code.pattern), message)


def _rename(data: GeneratorData, config: Config) -> None:
    """Fields and parameters whose names have another meaning in the code."""
    for model in data.models:
        for field in (*(model.required_properties or ()), *(model.optional_properties or ())):
            if field.python_name in _METHODS:
                field.set_python_name(UntrustedString(f"{field.python_name}_field"), config)
    for endpoint in endpoints(data):
        for location, parameter in endpoint.iter_all_parameters():
            if endpoint.bodies and parameter.python_name == "body":
                parameter.set_python_name(UntrustedString(f"body_{location}"), config)


def _modules(config: Config, tag: EndpointCollection) -> list[str]:
    """The modules of a tag's operations, as the generator names them."""
    return sorted(PythonIdentifier(endpoint.name, config.field_prefix) for endpoint in tag.endpoints)


def _sentence(error: GeneratorError) -> str:
    said = " ".join((error.detail or error.header).partition("Failure to process schema")[0].split())
    said = re.sub(
        r"Unable to parse this part of your OpenAPI document: : | <[^>]* object at [^>]*>( and <[^>]*>)?", "", said
    )
    return said.rstrip(".") + "."


def _placed(contract: Contract, error: ParseError) -> ContractError:
    """What the generator says, about the place in the contract, and what to write instead."""
    within: tuple[str | int, ...] = ()
    if match := re.search(r"parsing ([A-Z]+) (\S+) within", error.header):
        within = ("paths", match[2], match[1].lower())
    elif match := re.search(r"schema (?:/components/schemas/)?(\w+):?$", error.header.strip()):
        within = ("components", "schemas", match[1])
    if error.data is not None:
        data = error.data.model_dump(by_alias=True, exclude_unset=True, mode="json")
        within = contract.find(data, within)
    said = _sentence(error)
    advice = next((advice for piece, advice in ADVICE.items() if piece.lower() in said.lower()), "")
    return contract.error(within, f"the generator can't express it: {said} {advice}".strip())
