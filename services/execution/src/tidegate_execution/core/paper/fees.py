"""What an execution costs at the paper venue, pure.

The rate is the maker's or the taker's; with tiers it is that of the highest tier that the value
traded on the 30 days before has reached. To it comes an amount per unit: per share, per contract.
An order costs at least its minimum, which its first execution pays.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Liquidity
from tidegate_kernel.money import ZERO, quantize
from tidegate_kernel.time import day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_contracts.market import Instrument
    from tidegate_execution.core.paper.parameters import FeeSchedule

BPS = Decimal(10_000)
FEE_PLACES = 8
VOLUME_DAYS = 30


def rate_bps(fees: FeeSchedule, liquidity: Liquidity, volume: Decimal) -> Decimal:
    """Return the share of its value that an execution costs, in basis points."""
    is_maker = liquidity == Liquidity.MAKER
    found = fees.maker_bps if is_maker else fees.taker_bps
    for tier in fees.tiers:
        if tier.volume_from <= volume:
            found = tier.maker_bps if is_maker else tier.taker_bps
    return fees.fee_bps if found is None else found


def rate_bps_max(fees: FeeSchedule) -> Decimal:
    """Return the highest rate that an order may have to pay."""
    if not fees.tiers and fees.maker_bps is None and fees.taker_bps is None:
        return fees.fee_bps
    rates = [fees.fee_bps, fees.maker_bps, fees.taker_bps]
    rates += [rate for tier in fees.tiers for rate in (tier.maker_bps, tier.taker_bps)]
    return max(rate for rate in rates if rate is not None)


def per_unit(fees: FeeSchedule, instrument: Instrument) -> Decimal:
    """Return what each unit costs besides a share of its value; of an option a contract's part."""
    if not fees.fee_per_contract or instrument.option is None:
        return fees.fee_per_unit
    return fees.fee_per_unit + fees.fee_per_contract / instrument.lot_size


def fee_of(each: Decimal, rate: Decimal, quantity: Decimal, cost: Decimal) -> Decimal:
    """Return the fee of an execution of a value ``cost``, before the order's minimum.

    ``each`` is what a unit costs besides.
    """
    fee = cost * rate / BPS
    if each:
        fee += quantity * each
    return quantize(fee, FEE_PLACES)


def with_minimum(minimum: Decimal, before: Decimal, fee: Decimal, *, first: bool) -> Decimal:
    """Return what an execution adds to the fees of its order, which come to its minimum at least.

    ``before`` is what the order's earlier executions came to without the minimum.
    """
    paid = ZERO if first else max(minimum, before)
    return max(minimum, before + fee) - paid


def volume_before(traded: Mapping[int, Decimal], at_ns: int) -> Decimal:
    """Return what was traded on the 30 UTC days before that of a time."""
    today = day_of(at_ns)
    return sum((value for day, value in traded.items() if today - VOLUME_DAYS <= day < today), ZERO)


def note_traded(traded: dict[int, Decimal], at_ns: int, cost: Decimal) -> None:
    """Add an execution's value to its day, and forget the days that no longer count."""
    today = day_of(at_ns)
    traded[today] = traded.get(today, ZERO) + cost
    # An order that arrives late may still fill on an earlier day.
    for day in [each for each in traded if each < today - 2 * VOLUME_DAYS]:
        del traded[day]
