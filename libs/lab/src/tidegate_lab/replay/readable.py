"""Messages as documents: enumerations by name, amounts as plain decimals, bytes as hex."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from tidegate_kernel.money import plain

Document = dict[str, Any]


def document_of(body: msgspec.Struct) -> Document:
    """Return a message's fields, by name."""
    return {name: value_of(getattr(body, name)) for name in body.__struct_fields__}


def value_of(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return a value as JSON can hold it."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return value


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.name),
    (msgspec.Struct, document_of),
    (Decimal, plain),
    (bytes, bytes.hex),
    (dict, lambda value: {str(name): value_of(each) for name, each in value.items()}),
    ((list, tuple), lambda value: [value_of(each) for each in value]),
)


def short(schema: str) -> str:
    """Return a schema's last part: ``Fill`` of ``tidegate.execution.v1.Fill``."""
    return schema.rpartition(".")[2]
