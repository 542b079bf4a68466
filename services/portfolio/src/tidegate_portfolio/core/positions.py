"""Positions at average cost: what a fill moves in cash, cost and realised profit.

The ledger's amounts are rounded, average cost is not (34 digits). The two meet here: an opening
fill adds exactly its rounded notional to the cost; a closing fill sets the cost to what the rest
is worth at average cost, which is 0 when nothing is left. Realised profit is the difference, so
cash, cost and profit always balance to the last digit.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_kernel.money import ZERO
from tidegate_kernel.valuation import apply_fill
from tidegate_portfolio.core.ledger import amount


class Holding(msgspec.Struct):
    """One instrument in one book: the account's, or a strategy's."""

    venue: str
    symbol: str
    currency: str
    quantity: Decimal = ZERO
    # Per unit, in full precision; 0 when flat.
    average_cost: Decimal = ZERO
    # Signed cost of what is held, as the ledger has it.
    cost: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    # The mark until a bar gives one.
    last_price: Decimal = ZERO
    # Realised profit less fees since the position was last flat.
    trip_pnl: Decimal = ZERO


class Booking(msgspec.Struct, frozen=True, gc=False):
    """What one fill moved. ``cash + cost = realized``, exactly."""

    cash_change: Decimal
    cost_change: Decimal
    realized: Decimal
    # Profit after fees of the round trip that the fill ended, if it ended one.
    trip_pnl: Decimal | None


def book(
    holding: Holding, quantity: Decimal, price: Decimal, fee: Decimal, lot: Decimal = ZERO
) -> Booking:
    """Book a signed fill into a holding; ``fee`` counts in the holding's currency.

    A fill through zero ends the round trip and opens the next one; its fee belongs to the first.
    So does one that leaves less than a ``lot``: fees in kind leave dust that no order can sell.
    """
    assert quantity != 0, f"{holding.symbol}: expected a fill with a quantity, found 0"
    before = holding.quantity
    cash_change, cost_change = _move(holding, quantity, price)
    realized = cash_change + cost_change
    holding.last_price = price
    holding.realized_pnl += realized
    holding.fees += fee
    trip_pnl = holding.trip_pnl + realized - fee
    after = holding.quantity
    opens = before == 0 or (before > 0) == (quantity > 0)
    ended = not opens and (after == 0 or (after > 0) != (before > 0) or abs(after) < lot)
    holding.trip_pnl = ZERO if ended else trip_pnl
    return Booking(cash_change, cost_change, realized, trip_pnl if ended else None)


def give(holding: Holding, quantity: Decimal, price: Decimal) -> Booking:
    """Take a fee in kind off a holding: units given away, worth ``cash_change`` at the price.

    That worth is the fee, which `book` has counted; what the units had cost is realised here.
    """
    cash_change, cost_change = _move(holding, -quantity, price)
    realized = cash_change + cost_change
    holding.realized_pnl += realized
    holding.trip_pnl += realized
    return Booking(cash_change, cost_change, realized, None)


def rebook(holding: Holding, quantity: Decimal, price: Decimal | None) -> Booking:
    """Change what is held without a trade: at a price, or with the total cost as it was.

    Without a price what leaves nothing, or turns around, has its cost realised at zero.
    """
    before = holding.quantity
    after = before + quantity
    if price is None and before * after > 0:
        holding.quantity, holding.average_cost = after, holding.cost / after
        return Booking(ZERO, ZERO, ZERO, None)
    cash_change, cost_change = _move(holding, quantity, price or ZERO)
    realized = cash_change + cost_change
    if price:
        holding.last_price = price
    holding.realized_pnl += realized
    trip_pnl = holding.trip_pnl + realized
    ended = before != 0 and before * after <= 0
    holding.trip_pnl = ZERO if ended else trip_pnl
    return Booking(cash_change, cost_change, realized, trip_pnl if ended else None)


def _move(holding: Holding, quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
    """Move signed units in or out at a price; return what that moves in cash and in cost."""
    before = holding.quantity
    cash_change = -amount(quantity * price)
    after, average_cost, _ = apply_fill(before, holding.average_cost, quantity, price)
    opens = before == 0 or (before > 0) == (quantity > 0)
    cost = holding.cost - cash_change if opens else amount(after * average_cost)
    cost_change = cost - holding.cost
    holding.quantity = after
    holding.average_cost = average_cost
    holding.cost = cost
    return cash_change, cost_change


def market_value(holding: Holding, mark: Decimal) -> Decimal:
    """Return what a holding is worth at a mark, negative when short."""
    return amount(holding.quantity * mark)
