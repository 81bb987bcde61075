"""The generator, with templates that declare models and operations and leave reading and writing to one module."""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from contract_document import is_object
from openapi_python_client import Project
from openapi_python_client.config import ClassOverride, Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.schema import ParameterLocation, Reference, UntrustedString

from generation.contract import walk
from generation.normalization import FORMS, is_json, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_document import Json
    from openapi_python_client.parser.errors import GeneratorError, ParseError
    from openapi_python_client.parser.openapi import Endpoint
    from openapi_python_client.parser.responses import Response
    from openapi_python_client.strings import ClassName

    from generation.contract import Contract, ContractError

TEMPLATES = Path(__file__).parent / "templates"
TAKEN = ["Any", "AuthenticatedClient", "Client", "File", "Mapping", "RequestFiles", "Response", "Self", "Unset", "UUID"]
"""Names that a class of the contract can't have, since the modules use them."""
_METHODS = {"to_dict", "from_dict", "to_multipart", "additional_properties", "additional_keys"}
_SIMPLE = {
    f"{kind}_property.py.jinja" for kind in ("any", "string", "file", "literal_enum", "date", "datetime", "uuid")
}
_MOMENTS = {"datetime.datetime", "datetime.date"}
_PLACEHOLDER = re.compile(r"{[^}]*}")
_JOINED_BY = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

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
    PropertyProtocol._allowed_locations.add(ParameterLocation.HEADER)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    data = GeneratorData.from_dict(tree, config=config)
    if not isinstance(data, GeneratorData):
        raise contract.error((), f"the generator can't read it: {_sentence(data)}")
    for error in _errors(data):
        raise _placed(contract, error)
    _check_contents(contract, tree, data)
    _rename(data, config)
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    helpers: dict[str, Any] = _helpers(tree, data)
    project.env.globals.update(helpers)
    with contextlib.redirect_stdout(io.StringIO()):
        project.build()
    serialization = project.env.get_template("serialization.py.jinja").render()
    (package / "serialization.py").write_text(serialization, encoding="utf-8")


def _opaque(tree: Json) -> Iterator[str]:
    """The media types that the generator does not know: their content is bytes or text, as it is."""
    for _, node in walk(tree["paths"]):
        if is_object(node) and is_object(content := node.get("content")):
            yield from (name for name in content if not is_json(name) and name not in FORMS)


def _endpoints(data: GeneratorData) -> list[Endpoint]:
    return [one for collection in data.endpoint_collections_by_tag.values() for one in collection.endpoints]


def _errors(data: GeneratorData) -> list[ParseError]:
    collections = data.endpoint_collections_by_tag.values()
    return [*data.errors, *(error for collection in collections for error in collection.parse_errors)]


def _written_path(tree: Json, endpoint: Endpoint) -> str:
    """The path as the contract has it: the generator names its parameters as Python does."""
    path = _PLACEHOLDER.sub("{}", endpoint.path.get_untrusted_value())
    paths: list[str] = list(tree["paths"])
    return next(written for written in paths if _PLACEHOLDER.sub("{}", written) == path)


def _check_contents(contract: Contract, tree: Json, data: GeneratorData) -> None:
    """What the generator takes, and no program can send or read."""
    for endpoint in _endpoints(data):
        place = ("paths", _written_path(tree, endpoint), endpoint.method)
        for body in endpoint.bodies:
            media_type = body.content_type.get_untrusted_value()
            if media_type in FORMS and not all(isinstance(branch, ModelProperty) for branch in _branches(body.prop)):
                message = f"{media_type} has fields. Write an object, with a property for each field of the form."
                raise contract.error((*place, "requestBody", "content", media_type), message)
        for response in endpoint.responses:
            is_simple = all(branch.template in _SIMPLE for branch in _branches(response.prop))
            if _answer(response)[0] in {"response.content", "response.text"} and not is_simple:
                message = "only JSON can be read as this. Write `type: string`, with `format: binary` for bytes."
                raise contract.error((*place, "responses", response.status_code.pattern), message)


def _rename(data: GeneratorData, config: Config) -> None:
    """Fields and parameters whose names have another meaning in the code."""
    for model in data.models:
        for field in (*(model.required_properties or ()), *(model.optional_properties or ())):
            if field.python_name in _METHODS:
                field.set_python_name(UntrustedString(f"{field.python_name}_field"), config)
    for endpoint in _endpoints(data):
        for location, parameter in endpoint.iter_all_parameters():
            if endpoint.bodies and parameter.python_name == "body":
                parameter.set_python_name(UntrustedString(f"body_{location}"), config)


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


# --- What the templates ask for ----------------------------------------------------------------------------------


class Field(NamedTuple):
    """A model's field as it is declared."""

    code: str
    description: UntrustedString | None
    has_default: bool


def _helpers(tree: Json, data: GeneratorData) -> dict[str, object]:
    models = {model.class_info.name: model for model in data.models}
    endpoints = _endpoints(data)
    sent = [body.prop for one in endpoints for body in one.bodies]
    sent += [parameter for one in endpoints for _, parameter in one.iter_all_parameters()]
    received = [response.prop for one in endpoints for response in one.responses]
    return {
        "answers": _reachable(received, models) - _reachable(sent, models),
        "fields": _fields,
        "additional_type": _additional_type,
        "declared": _declared,
        "body_type": _body_type,
        "media_type": _media_type,
        "answer": _answer,
        "answer_type": _answer_type,
        "styles": functools.partial(_styles, tree),
    }


def _reachable(properties: Iterable[PropertyProtocol], models: dict[ClassName, ModelProperty]) -> set[str]:
    """The names of the models that are in what is sent or received."""
    found: set[str] = set()
    waiting = list(properties)
    while waiting:
        one = waiting.pop()
        if isinstance(one, ListProperty):
            waiting.append(one.inner_property)
        elif isinstance(one, UnionProperty):
            waiting += one.inner_properties
        elif isinstance(one, ModelProperty) and one.class_info.name not in found:
            found.add(one.class_info.name)
            model = models[one.class_info.name]
            waiting += [*(model.required_properties or ()), *(model.optional_properties or ())]
            waiting += [model.additional_properties] if model.additional_properties else []
    return found


def _branches(one: PropertyProtocol) -> list[PropertyProtocol]:
    return one.inner_properties if isinstance(one, UnionProperty) else [one]


def _kinds(one: PropertyProtocol, is_answer: bool = False) -> list[str]:
    """The types that a value can have, None last."""
    kinds = sorted(
        {branch.get_type_string(no_optional=True).as_unembedded_code() for branch in _branches(one)}, key=str.lower
    )
    kinds = [re.sub(r"\bAny\b", "object", kind) if is_answer or kind == "Any" else kind for kind in kinds]
    if is_answer and _MOMENTS & set(kinds):
        # Text beside a time is a time that can't be read: the model keeps it elsewhere.
        kinds = [kind for kind in kinds if kind != "str"]
    return [kind for kind in kinds if kind != "None"] + ["None"] * ("None" in kinds)


def _union(kinds: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(kinds))


def _fields(model: ModelProperty, is_answer: bool) -> list[Field]:
    """Those without a default first, as Python wants it."""
    properties = [*(model.required_properties or ()), *(model.optional_properties or ())]
    return sorted((_field(one, is_answer) for one in properties), key=lambda field: field.has_default)


def _field(one: PropertyProtocol, is_answer: bool) -> Field:
    code, default = _declaration(one, is_answer)
    name = one.name.get_untrusted_value()
    value = default
    if name != one.python_name:
        value = f"_attrs_field({f'default={default}, ' if default else ''}metadata={{'key': {name!r}}})"
    return Field(f"{code} = {value}" if value else code, one.description, bool(default))


def _declaration(one: PropertyProtocol, is_answer: bool) -> tuple[str, str]:
    """A name with its type, and the default, if there is one."""
    kinds, default = _kinds(one, is_answer), ""
    if is_answer and not one.required:
        kinds, default = [*kinds, "None"], "None"
    elif not is_answer:
        kinds = kinds if one.required else [*kinds, "Unset"]
        default = one.default.python_code.as_unembedded_code() if one.default else "" if one.required else "UNSET"
    return f"{one.python_name}: {_union(kinds)}", default


def _additional_type(model: ModelProperty, is_answer: bool) -> str:
    """The type of what a model holds beside its fields; nothing where it holds nothing."""
    additional = model.additional_properties
    if is_answer and (additional is None or model.optional_properties):
        return "object"  # there is room for what is unknown, and for optional fields of another shape
    if additional is None:
        return ""
    return _union(re.sub(r"\bAny\b", "object", kind) for kind in _kinds(additional, is_answer))


def _declared(parameter: PropertyProtocol) -> str:
    code, default = _declaration(parameter, is_answer=False)
    return f"{code} = {default}" if default else code


def _body_type(endpoint: Endpoint) -> str:
    kinds = _union(itertools.chain.from_iterable(_kinds(body.prop) for body in endpoint.bodies))
    return kinds if all(body.prop.required for body in endpoint.bodies) else f"{kinds} | Unset = UNSET"


def _media_type(endpoint: Endpoint) -> str:
    """Code that says the body's media type, by the body's class where there are several."""
    code = ""
    by_class: dict[str, str] = {}
    for body in endpoint.bodies:
        by_class.setdefault(_union(_kinds(body.prop)), body.content_type.get_untrusted_value())
    for kind, media_type in reversed(by_class.items()):
        code = f"{media_type!r} if isinstance(body, {kind.partition('[')[0]}) else {code}" if code else repr(media_type)
    return code


def _answer(response: Response) -> tuple[str, str]:
    """Where an answer's body comes from, and its type."""
    source = response.source["attribute"]
    content = None if isinstance(response.data, Reference) else response.data.content
    if source == "response.content" and content and next(iter(content)).get_untrusted_value().startswith("text/"):
        source = "response.text"
    return source, _union(_kinds(response.prop, is_answer=True))


def _answer_type(endpoint: Endpoint) -> str:
    """The type of all bodies that an operation answers with, as its contract has them."""
    kinds = {
        kind for one in endpoint.responses if _answer(one)[0] != "None" for kind in _kinds(one.prop, is_answer=True)
    }
    return _union(sorted(kinds - {"None"})) or "None"


def _styles(tree: Json, endpoint: Endpoint) -> dict[str, str]:
    """How parameters of the query are written that are not written as usual."""
    item = tree["paths"][_written_path(tree, endpoint)]
    described = [*item.get("parameters", ()), *item[endpoint.method].get("parameters", ())]
    styles: dict[str, str] = {}
    for one in described:
        style, is_array = one.get("style", "form"), one.get("schema", {}).get("type") == "array"
        if one["in"] != "query":
            continue
        if "content" in one:
            styles[one["name"]] = "json"
        elif style == "deepObject":
            styles[one["name"]] = style
        elif is_array and not one.get("explode", style == "form"):
            styles[one["name"]] = _JOINED_BY.get(style, ",")
    return styles
