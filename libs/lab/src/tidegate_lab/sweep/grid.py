"""The parameters to try: axes of values, and the points of the grid that they span."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import product
from math import prod
from typing import TYPE_CHECKING

import msgspec

from tidegate_lab.backtest.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate_lab.statistics.plateau import Point

POINTS_MAX = 1_000_000
_OPTION = "--grid"
_FORM = "NAME=FIRST:LAST:STEP or NAME=VALUE,VALUE,..."
_WORDS: dict[str, Value] = {"true": True, "false": False}

Value = int | float | str | bool
"""What a parameter may be."""


class Axis(msgspec.Struct, frozen=True):
    """A parameter and the values to try, in order."""

    name: str
    values: tuple[Value, ...]


class Grid(msgspec.Struct, frozen=True):
    """Every combination of the axes' values."""

    axes: tuple[Axis, ...]

    @property
    def size(self) -> int:
        """How many points there are."""
        return prod(len(axis.values) for axis in self.axes)

    def points(self) -> Iterator[Point]:
        """Yield every point; the last axis changes fastest."""
        return product(*(range(len(axis.values)) for axis in self.axes))

    def parameters(self, point: Point) -> dict[str, Value]:
        """Return the parameters of a point."""
        return {axis.name: axis.values[place] for axis, place in zip(self.axes, point, strict=True)}


def parse_grid(texts: Sequence[str]) -> Grid:
    """Read axes such as ``fast=5:50:5`` (both ends belong to it) or ``slow=20,50,100``."""
    if not texts:
        raise OptionError(_OPTION, "at least one axis", "none", f"{_OPTION} {_FORM}")
    axes = tuple(_axis(text) for text in texts)
    names = [axis.name for axis in axes]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise OptionError(_OPTION, "each parameter once", f"{twice[0]} twice")
    grid = Grid(axes)
    if grid.size > POINTS_MAX:
        raise OptionError(_OPTION, f"at most {POINTS_MAX:,} points", f"{grid.size:,}")
    return grid


def _axis(text: str) -> Axis:
    name, equals, rest = (part.strip() for part in text.partition("="))
    if not name or not equals or not rest:
        raise OptionError(_OPTION, _FORM, text)
    values = _range(text, rest) if ":" in rest else tuple(_value(part) for part in rest.split(","))
    if len(set(values)) != len(values) or "" in values:
        raise OptionError(_OPTION, "values that differ", text)
    return Axis(name, values)


def _range(text: str, rest: str) -> tuple[Value, ...]:
    """Return first, first + step, ... up to last; decimals, so that 0.1 steps do not drift."""
    try:
        first, last, step = (Decimal(part.strip()) for part in rest.split(":"))
    except (InvalidOperation, ValueError):
        raise OptionError(_OPTION, _FORM, text) from None
    if not (first.is_finite() and last.is_finite() and step > 0) or last < first:
        raise OptionError(_OPTION, "FIRST at most LAST, and a STEP above 0", text)
    count = int((last - first) / step) + 1
    if count > POINTS_MAX:
        raise OptionError(_OPTION, f"at most {POINTS_MAX:,} points", f"{count:,}")
    return tuple(_number(first + place * step) for place in range(count))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _value(text: str) -> Value:
    text = text.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return _number(Decimal(text))
    except InvalidOperation:
        return text
