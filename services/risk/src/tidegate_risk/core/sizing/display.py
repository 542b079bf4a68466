"""What an iceberg shows: the strategy's share of the order, as its venue takes orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.money import round_down

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import ExecutionAlgorithm
    from tidegate_contracts.market import Instrument
    from tidegate_contracts.signals import Signal


def algorithm_for(
    signal: Signal, instrument: Instrument, quantity: Decimal, price: Decimal
) -> ExecutionAlgorithm | None:
    """Return how an order of this size is sliced.

    An iceberg shows its share, rounded up to the lot, and at least what the venue takes as an order
    by itself. If that is all of it, nothing is left to hide: the order is sent whole.
    """
    algorithm, share = signal.algorithm, signal.display_fraction
    if algorithm is None or share is None:
        return algorithm
    shown = max(_lots_up(quantity * share, instrument), smallest_order(instrument, price))
    if shown >= quantity:
        return None
    return msgspec.structs.replace(algorithm, display_quantity=shown)


def smallest_order(instrument: Instrument, price: Decimal) -> Decimal:
    """Return the least that the venue takes as one order at a price, in whole lots."""
    enough = instrument.min_notional / price if price > 0 else instrument.min_quantity
    return _lots_up(max(instrument.min_quantity, enough), instrument)


def _lots_up(quantity: Decimal, instrument: Instrument) -> Decimal:
    lots = round_down(quantity, instrument.lot_size)
    return lots if lots == quantity else lots + instrument.lot_size
