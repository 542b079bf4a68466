"""An order with legs as one: whole structures, executed at their net price.

A structure is executed when its last leg is. Its net price is what its legs cost, those that came
first first; legs that make no whole structure belong to none, and are not measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_execution.core.quality.executed import Executed
from tidegate_kernel.contracts import CONTRACT_UNITS
from tidegate_kernel.money import ZERO, round_down

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from tidegate_kernel.structures import Leg


class _Part(NamedTuple):
    """What is not used up of an execution."""

    quantity: Decimal
    price: Decimal
    fee: Decimal


def structures_of(
    legs: Sequence[Leg], executions: Iterable[tuple[str, Executed]]
) -> tuple[Executed, ...]:
    """Return the whole structures that executions of legs make, at their net prices, by time.

    ``executions``: each with the symbol of its leg.
    """
    waiting: dict[str, list[_Part]] = {leg.symbol: [] for leg in legs}
    found = []
    for symbol, each in sorted(executions, key=lambda one: one[1].event_at_ns):
        waiting[symbol].append(_Part(each.quantity, each.price, each.fee))
        whole = round_down(
            min(sum((p.quantity for p in waiting[e.symbol]), ZERO) / e.ratio for e in legs),
            CONTRACT_UNITS,
        )
        if whole == 0:
            continue
        net = fees = ZERO
        for leg in legs:
            cost, fee = _take(waiting[leg.symbol], whole * leg.ratio)
            net += leg.sign * cost
            fees += fee
        found.append(Executed(whole, net / whole, fees, each.event_at_ns))
    return tuple(found)


def _take(parts: list[_Part], quantity: Decimal) -> tuple[Decimal, Decimal]:
    """Use up a quantity, oldest first; return what it cost, and its fees."""
    cost = fees = ZERO
    while quantity > 0:
        part = parts.pop(0)
        taken = min(part.quantity, quantity)
        fee = part.fee if taken == part.quantity else part.fee * taken / part.quantity
        cost += taken * part.price
        fees += fee
        quantity -= taken
        if taken < part.quantity:
            parts.insert(0, _Part(part.quantity - taken, part.price, part.fee - fee))
    return cost, fees
