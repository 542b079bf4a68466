"""Turns pydantic's errors into problems that name the field, what was expected and what came."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tidegate_chassis.configuration.document import Place, place_text
from tidegate_chassis.configuration.problem import Problem
from tidegate_chassis.configuration.wording import as_part, expected_in, found_in


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
    return Problem(path, expected_in(detail), found_in(detail))


def known_keys(place: Place, schema: Mapping[str, object]) -> list[str]:
    """Return the keys that the model at a place knows."""
    properties = _node(place, schema).get("properties")
    return sorted(properties) if isinstance(properties, dict) else []


def _wanted(place: Place, schema: Mapping[str, object]) -> str:
    description = _node(place, schema).get("description")
    return as_part(str(description)) if description else "a value"


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
