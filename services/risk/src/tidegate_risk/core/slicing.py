"""The parts of an order that is to be carried out in slices fit together.

A person's command names what an iceberg shows; a strategy, which knows no sizes, only its share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_contracts.execution import AlgorithmKind, OrderType, TimeInForce
from tidegate_kernel.time import NS_PER_DAY, NS_PER_MILLISECOND, NS_PER_SECOND, format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from tidegate_contracts.execution import ExecutionAlgorithm

Judged = tuple[str, object, str, bool]
"""A part's name, what it is, what is expected, and whether it is that."""
KINDS = (AlgorithmKind.TWAP, AlgorithmKind.VWAP, AlgorithmKind.ICEBERG)
SLICES_MAX = 1_000
DAYS_MAX = 7
_LASTING = (TimeInForce.UNSPECIFIED, TimeInForce.GTC)


class Sliced(NamedTuple):
    """An order that is to be sliced, as far as its algorithm asks about it."""

    algorithm: ExecutionAlgorithm
    order_type: OrderType
    time_in_force: TimeInForce


def positive(value: Decimal) -> bool:
    """Tell whether a number is finite and above 0."""
    return value.is_finite() and value > 0


def parts(order: Sliced) -> Iterator[Judged]:
    """Judge the order, then what its kind of algorithm is told; but not what an iceberg shows."""
    kind = order.algorithm.kind
    yield "algorithm", kind, "TWAP, VWAP or ICEBERG", kind in KINDS
    yield from (_iceberg if kind == AlgorithmKind.ICEBERG else _scheduled)(order)


def left_out(name: str, value: object, algorithm: ExecutionAlgorithm) -> Judged:
    """Judge a part that another kind of algorithm has."""
    return name, value, f"to be left out for {algorithm.kind.name}", value is None


def _iceberg(order: Sliced) -> Iterator[Judged]:
    algorithm = order.algorithm
    limited = order.order_type == OrderType.LIMIT
    yield "order_type", order.order_type, "LIMIT for ICEBERG", limited
    lasts = order.time_in_force in (*_LASTING, TimeInForce.GTD)
    yield "time_in_force", order.time_in_force, "GTC or GTD for ICEBERG", lasts
    yield left_out("over", algorithm.duration_ns or None, algorithm)
    yield left_out("slices", algorithm.slices or None, algorithm)
    yield left_out("participation", algorithm.participation, algorithm)


def _scheduled(order: Sliced) -> Iterator[Judged]:
    algorithm = order.algorithm
    name, over_ns = algorithm.kind.name, algorithm.duration_ns
    simple = order.order_type in (OrderType.MARKET, OrderType.LIMIT)
    yield "order_type", order.order_type, f"MARKET or LIMIT for {name}", simple
    lasts = order.time_in_force in _LASTING
    yield "time_in_force", order.time_in_force, f"GTC for {name}, whose own time ends it", lasts
    within = 0 < over_ns <= DAYS_MAX * NS_PER_DAY
    given = _told(over_ns) if over_ns else None
    yield "over", given, f"more than nothing and at most {DAYS_MAX} days for {name}", within
    yield left_out("display_quantity", algorithm.display_quantity, algorithm)
    if algorithm.kind == AlgorithmKind.TWAP:
        yield from _twap(algorithm)
        return
    share = algorithm.participation
    valid = share is not None and positive(share) and share <= 1
    yield "participation", share, f"above 0 and at most 1 for {name}", valid
    yield left_out("slices", algorithm.slices or None, algorithm)


def _twap(algorithm: ExecutionAlgorithm) -> Iterator[Judged]:
    slices, over_ns = algorithm.slices, algorithm.duration_ns
    yield "slices", slices or None, f"from 1 to {SLICES_MAX} for TWAP", 0 < slices <= SLICES_MAX
    slow = over_ns >= slices * NS_PER_SECOND
    expected = f"at least 1 s for each of {slices} slices"
    yield "over", _told(over_ns), expected, slow
    yield left_out("participation", algorithm.participation, algorithm)


def _told(duration_ns: int) -> str:
    return format_duration(duration_ns // NS_PER_MILLISECOND * NS_PER_MILLISECOND)
