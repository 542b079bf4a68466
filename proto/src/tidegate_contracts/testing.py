"""Random messages for property tests. Needs hypothesis, which only development installs."""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body

B = TypeVar("B", bound="Body")

_DIGITS_MAX = 34
_INT32_FIELDS = {
    *("round", "leg", "ordinal", "level", "price_scale", "size_scale"),
    *("open_positions", "open_orders", "slices", "ratio"),
}
"""Fields that are int32 on the wire; all other integers have 64 bits."""


def decimals() -> st.SearchStrategy[Decimal]:
    """Return finite decimals of at most 34 digits, many of them not normalised."""
    limit = 10**_DIGITS_MAX - 1
    coefficients = st.integers(-limit, limit) | st.integers(-1000, 1000)
    return st.builds(lambda c, e: Decimal(f"{c}E{e}"), coefficients, st.integers(-18, 6))


def bodies(kind: type[B]) -> st.SearchStrategy[B]:
    """Return random messages of a type."""
    hints = get_type_hints(kind)
    fields = {
        field.name: _values(hints[field.name], field.name) for field in msgspec.structs.fields(kind)
    }
    return st.builds(kind, **fields)


def _values(hint: Any, name: str) -> st.SearchStrategy[Any]:  # noqa: ANN401 -- a type's annotation
    arguments = get_args(hint)
    if get_origin(hint) is tuple:
        return st.lists(_values(arguments[0], name), max_size=3).map(tuple)
    if NoneType in arguments:
        return st.none() | _values(arguments[0], name)
    if issubclass(hint, IntEnum):
        return st.sampled_from(list(hint))
    if issubclass(hint, msgspec.Struct):
        return bodies(hint)
    return _scalars(hint, name)


def _scalars(hint: type[Any], name: str) -> st.SearchStrategy[Any]:
    limit = 2 ** (31 if name in _INT32_FIELDS else 63)
    known: dict[type[Any], st.SearchStrategy[Any]] = {
        str: st.text(st.characters(codec="utf-8"), max_size=20),
        bytes: st.binary(max_size=20),
        bool: st.booleans(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        int: st.integers(-limit, limit - 1),
        Decimal: decimals(),
    }
    return known[hint]
