"""Turns pydantic's errors into problems that name the field, what was expected and what came."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tidegate_chassis.configuration.document import Place, place_text
from tidegate_chassis.configuration.problem import Problem

_EXPECTED = {
    "decimal_parsing": "a decimal number",
    "decimal_type": "a decimal number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_FOUND_LENGTH_MAX = 60


def explain(
    error: ValidationError, tree: object, schema: Mapping[str, object]
) -> Iterator[tuple[Place, Problem]]:
    """Yield (place, problem) for every error; ``tree`` is the judged tree of plain values."""
    details = error.errors(include_url=False)
    for detail in details:
        place = tuple(detail["loc"])
        if not (detail["type"] == "too_short" and _holds_another(place, details)):
            yield place, _problem(detail, place, tree, schema)


def _holds_another(place: Place, details: Sequence[ErrorDetails]) -> bool:
    """Tell whether an item is wrong: pydantic then counts it as missing from its list."""
    return any(len(d["loc"]) > len(place) and d["loc"][: len(place)] == place for d in details)


def _problem(
    detail: ErrorDetails, place: Place, tree: object, schema: Mapping[str, object]
) -> Problem:
    path = place_text(place, tree) or "tidegate.yaml"
    kind = detail["type"]
    if kind == "missing":
        return Problem(path, _wanted(place, schema), "nothing", "add it")
    if kind == "extra_forbidden":
        known = known_keys(place[:-1], schema)
        near = difflib.get_close_matches(str(place[-1]), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "remove it"
        return Problem(path, f"one of {', '.join(known)}", f"the unknown key {place[-1]!r}", hint)
    if kind == "value_error":
        expected, _, found = str(detail["ctx"]["error"]).partition(", found ")
        return Problem(path, expected.removeprefix("expected "), found or _shown(detail["input"]))
    return Problem(path, _expected(detail), _shown(detail["input"]))


def _expected(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    known = _EXPECTED.get(detail["type"])
    if known:
        return known
    if detail["type"] == "literal_error":
        return f"one of {context['expected']}"
    if detail["type"] == "too_short":
        return f"at least {context['min_length']} item"
    message = detail["msg"].removeprefix("Input should be ").removeprefix("String should ")
    return message[:1].lower() + message[1:]


def known_keys(place: Place, schema: Mapping[str, object]) -> list[str]:
    """Return the keys that the model at a place knows."""
    properties = _node(place, schema).get("properties")
    return sorted(properties) if isinstance(properties, dict) else []


def _wanted(place: Place, schema: Mapping[str, object]) -> str:
    description = _node(place, schema).get("description")
    return str(description).rstrip(".") if description else "a value"


def _node(place: Place, schema: Mapping[str, object]) -> Mapping[str, object]:
    node = schema
    for step in place:
        node = _resolved(node, schema)
        inner = node.get("properties") if isinstance(step, str) else {step: node.get("items")}
        child = inner.get(step) if isinstance(inner, dict) else None
        if not isinstance(child, dict):
            return {}
        node = child
    resolved = _resolved(node, schema)
    return {**resolved, **{key: node[key] for key in ("description",) if key in node}}


def _resolved(node: Mapping[str, object], schema: Mapping[str, object]) -> Mapping[str, object]:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    definitions = schema["$defs"]
    return definitions[reference.rsplit("/", 1)[-1]] if isinstance(definitions, dict) else {}


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _FOUND_LENGTH_MAX else text[: _FOUND_LENGTH_MAX - 1] + "…"
