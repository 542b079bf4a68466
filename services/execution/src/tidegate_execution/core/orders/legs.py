"""Orders with legs: what they trade, how much of it is filled, and whether that is whole.

1. An order with legs is one order at the venue, under one id. Each execution is of one leg, and is
   booked under the leg's symbol.
2. Its own filled quantity is what makes whole structures: of each leg the filled quantity through
   its ratio, the least of them, in whole contracts.
3. It ends as incomplete if its venue has ended it while its legs do not make whole structures, and
   nothing more is to be heard of it. Then somebody holds a part that nobody wanted: the account is
   halted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import LegFilled, Side
from tidegate_kernel.contracts import CONTRACT_UNITS
from tidegate_kernel.money import ZERO, plain, round_down
from tidegate_kernel.structures import Leg

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from tidegate_contracts.execution import OrderLeg, OrderSpecification
    from tidegate_execution.core.orders.order import Order
    from tidegate_execution.core.state import ExecutionState

SIGNS = {Side.BUY: 1, Side.SELL: -1}


def traded_symbols(specification: OrderSpecification) -> tuple[str, ...]:
    """Return what an order buys and sells: its symbol, or those of its legs in their order."""
    if not specification.legs:
        return (specification.symbol,)
    return tuple(leg.symbol for leg in specification.legs)


def trades_same(first: OrderSpecification, second: OrderSpecification) -> bool:
    """Tell whether two orders buy or sell a symbol in common."""
    if not (first.legs or second.legs):
        return first.symbol == second.symbol
    return not set(traded_symbols(first)).isdisjoint(traded_symbols(second))


def legs_of(specification: OrderSpecification) -> list[Leg]:
    """Return the legs as `tidegate_kernel.structures` reads them."""
    return [Leg(leg.symbol, SIGNS.get(leg.side, 0), leg.ratio) for leg in specification.legs]


def leg_named(specification: OrderSpecification, symbol: str) -> OrderLeg | None:
    """Return the leg of a symbol, if the order has one."""
    return next((leg for leg in specification.legs if leg.symbol == symbol), None)


def take_leg(order: Order, symbol: str, quantity: Decimal) -> None:
    """Count an execution of a leg, and what is whole with it."""
    order.legs_filled[symbol] = order.legs_filled.get(symbol, ZERO) + quantity
    order.filled_quantity = structures_in(order.specification, order.legs_filled)


def structures_in(specification: OrderSpecification, filled: dict[str, Decimal]) -> Decimal:
    """Return the quantity of whole structures in what is filled of the legs."""
    least = min(filled.get(leg.symbol, ZERO) / leg.ratio for leg in specification.legs)
    return round_down(least, CONTRACT_UNITS)


def hear_legs(order: Order, told: Iterable[LegFilled], *, anew: bool = False) -> None:
    """Note what the venue counts of each leg; ``anew``: it is its whole knowledge."""
    reported = {} if anew else order.legs_reported
    for each in told:
        counted = max(reported.get(each.symbol, ZERO), each.filled_quantity)
        reported[each.symbol] = counted
    order.legs_reported = reported


def lacks_legs(order: Order) -> bool:
    """Tell whether the venue counts more of a leg than is booked."""
    if not order.legs_reported:
        return False
    booked = order.legs_filled
    return any(booked.get(each, ZERO) < count for each, count in order.legs_reported.items())


def told_legs(order: Order) -> tuple[LegFilled, ...]:
    """Return what is booked of each leg, in their order."""
    return tuple(
        LegFilled(symbol=leg.symbol, filled_quantity=order.legs_filled.get(leg.symbol, ZERO))
        for leg in order.specification.legs
    )


def is_uneven(order: Order) -> bool:
    """Tell whether the legs that are filled do not make whole structures."""
    whole, filled = order.filled_quantity, order.legs_filled
    legs = order.specification.legs
    return any(filled.get(leg.symbol, ZERO) != whole * leg.ratio for leg in legs)


def is_overfilled(order: Order) -> bool:
    """Tell whether more of a leg is filled than the order has of it."""
    specification = order.specification
    return any(
        order.legs_filled.get(leg.symbol, ZERO) > specification.quantity * leg.ratio
        for leg in specification.legs
    )


def described(order: Order) -> str:
    """Say what is filled of each leg."""
    found = (f"{plain(each.filled_quantity)} {each.symbol}" for each in told_legs(order))
    return f"expected whole structures, found {', '.join(found)}"


def trades(order: Order, symbol: str, sign: int) -> bool:
    """Tell whether an order trades a symbol on one side, +1 for buys."""
    specification = order.specification
    if not specification.legs:
        return specification.symbol == symbol and order.sign == sign
    leg = leg_named(specification, symbol)
    return leg is not None and SIGNS[leg.side] == sign


def remaining_of(order: Order, symbol: str, sign: int) -> Decimal:
    """Return how much of a symbol an order may still trade on one side, +1 for buys."""
    if not trades(order, symbol, sign):
        return ZERO
    leg = leg_named(order.specification, symbol)
    if leg is None:
        return order.remaining
    whole = order.specification.quantity * leg.ratio
    return max(whole - order.legs_filled.get(symbol, ZERO), ZERO)


def price_of(state: ExecutionState, specification: OrderSpecification) -> Decimal | None:
    """Return the last price of what an order trades; of legs the net one; None if not known."""
    if not specification.legs:
        return state.price_of(f"{specification.venue}|{specification.symbol}")
    total = ZERO
    for leg in specification.legs:
        price = state.price_of(f"{specification.venue}|{leg.symbol}")
        if price is None:
            return None
        total += SIGNS.get(leg.side, 0) * leg.ratio * price
    return total


def gross_price_of(state: ExecutionState, specification: OrderSpecification) -> Decimal | None:
    """Return the sum of what the legs of one structure cost, sold ones as much as bought ones."""
    if not specification.legs:
        return price_of(state, specification)
    prices = [state.price_of(f"{specification.venue}|{e.symbol}") for e in specification.legs]
    known = [each for each in prices if each is not None]
    if len(known) < len(prices):
        return None
    return sum((p * leg.ratio for p, leg in zip(known, specification.legs, strict=True)), ZERO)
