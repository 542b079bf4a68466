"""The parts of an order that is to be carried out in slices fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import AlgorithmKind, OrderType, TimeInForce
from tidegate_kernel.identifiers import MANUAL
from tidegate_kernel.time import NS_PER_DAY, NS_PER_MILLISECOND, NS_PER_SECOND, format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from tidegate_contracts.execution import ExecutionAlgorithm
    from tidegate_contracts.risk import PlaceOrder

Judged = tuple[str, object, str, bool]
"""A part's name, what it is, what is expected, and whether it is that."""
KINDS = (AlgorithmKind.TWAP, AlgorithmKind.VWAP, AlgorithmKind.ICEBERG)
SLICES_MAX = 1_000
DAYS_MAX = 7
_LASTING = (TimeInForce.UNSPECIFIED, TimeInForce.GTC)


def positive(value: Decimal) -> bool:
    """Tell whether a number is finite and above 0."""
    return value.is_finite() and value > 0


def parts(command: PlaceOrder) -> Iterator[Judged]:
    """Judge the order that is to be sliced, then what its kind of algorithm is told."""
    algorithm = command.algorithm
    if algorithm is None:
        return
    kind, found = algorithm.kind, algorithm.kind.name
    yield "algorithm", found, "TWAP, VWAP or ICEBERG", kind in KINDS
    own = command.strategy == MANUAL
    yield "algorithm", found, "to be left out when a strategy's position is closed", own
    yield from (_iceberg if kind == AlgorithmKind.ICEBERG else _scheduled)(command, algorithm)


def _iceberg(command: PlaceOrder, algorithm: ExecutionAlgorithm) -> Iterator[Judged]:
    shown, whole = algorithm.display_quantity, command.quantity
    limited = command.order_type == OrderType.LIMIT
    yield "order_type", command.order_type, "LIMIT for ICEBERG", limited
    lasts = command.time_in_force in (*_LASTING, TimeInForce.GTD)
    yield "time_in_force", command.time_in_force, "GTC or GTD for ICEBERG", lasts
    valid = shown is not None and positive(shown) and shown < whole
    yield "display_quantity", shown, f"above 0 and below the quantity, {whole}, for ICEBERG", valid
    yield _left_out("over", algorithm.duration_ns or None, algorithm)
    yield _left_out("slices", algorithm.slices or None, algorithm)
    yield _left_out("participation", algorithm.participation, algorithm)


def _scheduled(command: PlaceOrder, algorithm: ExecutionAlgorithm) -> Iterator[Judged]:
    name, over_ns = algorithm.kind.name, algorithm.duration_ns
    simple = command.order_type in (OrderType.MARKET, OrderType.LIMIT)
    yield "order_type", command.order_type, f"MARKET or LIMIT for {name}", simple
    lasts = command.time_in_force in _LASTING
    yield "time_in_force", command.time_in_force, f"GTC for {name}, whose own time ends it", lasts
    within = 0 < over_ns <= DAYS_MAX * NS_PER_DAY
    given = _told(over_ns) if over_ns else None
    yield "over", given, f"more than nothing and at most {DAYS_MAX} days for {name}", within
    yield _left_out("display_quantity", algorithm.display_quantity, algorithm)
    if algorithm.kind == AlgorithmKind.TWAP:
        yield from _twap(algorithm)
        return
    share = algorithm.participation
    valid = share is not None and positive(share) and share <= 1
    yield "participation", share, f"above 0 and at most 1 for {name}", valid
    yield _left_out("slices", algorithm.slices or None, algorithm)


def _twap(algorithm: ExecutionAlgorithm) -> Iterator[Judged]:
    slices, over_ns = algorithm.slices, algorithm.duration_ns
    yield "slices", slices or None, f"from 1 to {SLICES_MAX} for TWAP", 0 < slices <= SLICES_MAX
    slow = over_ns >= slices * NS_PER_SECOND
    expected = f"at least 1 s for each of {slices} slices"
    yield "over", _told(over_ns), expected, slow
    yield _left_out("participation", algorithm.participation, algorithm)


def _told(duration_ns: int) -> str:
    return format_duration(duration_ns // NS_PER_MILLISECOND * NS_PER_MILLISECOND)


def _left_out(name: str, value: object, algorithm: ExecutionAlgorithm) -> Judged:
    return name, value, f"to be left out for {algorithm.kind.name}", value is None
