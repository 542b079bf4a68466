"""What a value had to be and what came, in plain words, from what pydantic says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FOUND_LENGTH_MAX = 60
_EXPECTED = {
    "missing": "a value",
    "extra_forbidden": "no such field",
    "json_invalid": "JSON",
    "decimal_parsing": "a decimal number",
    "decimal_type": "a decimal number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}
_COUNTS = {
    "too_short": ("at least", "min_length", "item"),
    "too_long": ("at most", "max_length", "item"),
    "string_too_short": ("at least", "min_length", "character"),
    "string_too_long": ("at most", "max_length", "character"),
    "decimal_max_places": ("at most", "decimal_places", "decimal place"),
}


def expected_in(detail: Mapping[str, Any]) -> str:
    """Return what was expected, of one entry of ``ValidationError.errors()``."""
    kind, context = str(detail["type"]), detail.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"{words} {str(context[name]).removesuffix('.0')}"
    if kind in _COUNTS:
        words, name, counted = _COUNTS[kind]
        return f"{words} {context[name]} {counted}{'' if context[name] == 1 else 's'}"
    if kind in {"literal_error", "enum"}:
        return f"one of {context['expected']}"
    if kind == "value_error":
        return _sentence(detail).partition(", found ")[0].removeprefix("expected ")
    message = str(detail["msg"]).removeprefix("Input should be ").removeprefix("String should ")
    return message[:1].lower() + message[1:]


def found_in(detail: Mapping[str, Any]) -> str:
    """Return what came: as the error's own sentence tells it, else the value."""
    if detail["type"] == "missing":
        return "nothing"
    said = _sentence(detail).partition(", found ")[2] if detail["type"] == "value_error" else ""
    return said or shown(detail["input"])


def shown(value: object) -> str:
    """Write a value on part of a line."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= _FOUND_LENGTH_MAX else text[: _FOUND_LENGTH_MAX - 1] + "…"


def as_part(sentence: str) -> str:
    """Write a description as a part of a sentence; a name or a word in capitals stays as it is."""
    plain = sentence[1:2].islower() or sentence[1:2] == " "
    first = sentence[:1].lower() if plain else sentence[:1]
    return f"{first}{sentence[1:].rstrip('.')}"


def _sentence(detail: Mapping[str, Any]) -> str:
    """Return what a check of ours said: ``expected …, found …``."""
    return str(detail["ctx"]["error"])
