"""What the templates ask for: types, defaults and places, as the generated code declares them."""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.schema import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_document import Json
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.openapi import Endpoint
    from openapi_python_client.parser.properties.protocol import PropertyProtocol
    from openapi_python_client.parser.responses import Response
    from openapi_python_client.schema import UntrustedString
    from openapi_python_client.strings import ClassName

_MOMENTS = {"datetime.datetime", "datetime.date"}
_PLACEHOLDER = re.compile(r"{[^}]*}")
_JOINED_BY = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


def endpoints(data: GeneratorData) -> list[Endpoint]:
    return [one for collection in data.endpoint_collections_by_tag.values() for one in collection.endpoints]


def written_path(tree: Json, endpoint: Endpoint) -> str:
    """The path as the contract has it: the generator names its parameters as Python does."""
    path = _PLACEHOLDER.sub("{}", endpoint.path.get_untrusted_value())
    paths: list[str] = list(tree["paths"])
    return next(written for written in paths if _PLACEHOLDER.sub("{}", written) == path)


class Field(NamedTuple):
    """A model's field as it is declared."""

    code: str
    description: UntrustedString | None
    has_default: bool


def for_templates(tree: Json, data: GeneratorData) -> dict[str, object]:
    models = {model.class_info.name: model for model in data.models}
    operations = endpoints(data)
    sent = [body.prop for one in operations for body in one.bodies]
    sent += [parameter for one in operations for _, parameter in one.iter_all_parameters()]
    received = [response.prop for one in operations for response in one.responses]
    return {
        "answers": _reachable(received, models) - _reachable(sent, models),
        "fields": _fields,
        "additional_type": _additional_type,
        "declared": _declared,
        "body_type": _body_type,
        "media_type": _media_type,
        "answer": answer,
        "answer_type": _answer_type,
        "successes": _successes,
        "success_type": _success_type,
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


def branches(one: PropertyProtocol) -> list[PropertyProtocol]:
    return one.inner_properties if isinstance(one, UnionProperty) else [one]


def _kinds(one: PropertyProtocol, is_answer: bool = False) -> list[str]:
    """The types that a value can have, None last."""
    kinds = sorted(
        {branch.get_type_string(no_optional=True).as_unembedded_code() for branch in branches(one)}, key=str.lower
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


def answer(response: Response) -> tuple[str, str]:
    """Where an answer's body comes from, and its type."""
    source = response.source["attribute"]
    content = None if isinstance(response.data, Reference) else response.data.content
    if source == "response.content" and content and next(iter(content)).get_untrusted_value().startswith("text/"):
        source = "response.text"
    return source, _union(_kinds(response.prop, is_answer=True))


def _answer_type(endpoint: Endpoint) -> str:
    """The type of all bodies that an operation answers with, as its contract has them."""
    kinds = {
        kind for one in endpoint.responses if answer(one)[0] != "None" for kind in _kinds(one.prop, is_answer=True)
    }
    return _union(sorted(kinds - {"None"})) or "None"


def _successes(endpoint: Endpoint) -> list[Response]:
    """The answers that say success: those of 2xx, or else the one for all statuses."""
    found = [one for one in endpoint.responses.patterns if one.status_code.pattern.startswith("2")]
    return found or ([endpoint.responses.default] if endpoint.responses.default else [])


def _success_type(endpoint: Endpoint) -> str:
    kinds = {
        kind
        for one in _successes(endpoint)
        for kind in (_kinds(one.prop, is_answer=True) if answer(one)[0] != "None" else ["None"])
    }
    return _union([*sorted(kinds - {"None"}), *(["None"] if "None" in kinds else [])]) or "None"


def _styles(tree: Json, endpoint: Endpoint) -> dict[str, str]:
    """How parameters of the query are written that are not written as usual."""
    item = tree["paths"][written_path(tree, endpoint)]
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
