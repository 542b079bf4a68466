"""Which prices, dates and marks each order type takes, and the grid that they lie on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderType, TimeInForce
from tidegate_execution.core.paper.resting import AT_ONCE
from tidegate_execution.core.paper.triggers import PERCENT
from tidegate_kernel.money import is_multiple, plain

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_contracts.market import Instrument

_STOPS = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
_TAKES_LIMIT = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_TAKES_TRIGGER = (OrderType.STOP, OrderType.STOP_LIMIT)


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A stable code and a sentence."""

    code: str
    reason: str


def wrong_form(
    specification: OrderSpecification, instrument: Instrument, arrives_at_ns: int
) -> Refused | None:
    """Return what is wrong with an order, whatever the account holds."""
    return (
        _wrong_quantity(specification, instrument)
        or _wrong_prices(specification, instrument.tick_size)
        or _wrong_time(specification, arrives_at_ns)
        or _wrong_hours(specification, instrument)
    )


def _wrong_quantity(specification: OrderSpecification, instrument: Instrument) -> Refused | None:
    quantity = specification.quantity
    if quantity <= 0 or not is_multiple(quantity, instrument.lot_size):
        expected = f"expected a multiple of the lot {plain(instrument.lot_size)}"
        return Refused("QUANTITY_OFF_LOT", f"{expected}, found {plain(quantity)}")
    if quantity < instrument.min_quantity:
        expected = f"expected at least {plain(instrument.min_quantity)}"
        return Refused("QUANTITY_TOO_SMALL", f"{expected}, found {plain(quantity)}")
    return None


def _wrong_prices(specification: OrderSpecification, tick: Decimal) -> Refused | None:
    kind, limit, trigger = (
        specification.order_type,
        specification.limit_price,
        specification.trigger_price,
    )
    refused = None
    if limit is not None or kind in _TAKES_LIMIT:
        refused = _off_tick("limit", limit, tick, needed=kind in _TAKES_LIMIT)
    if refused is None and (trigger is not None or kind in _TAKES_TRIGGER):
        refused = _off_tick("trigger", trigger, tick, needed=kind in _TAKES_TRIGGER)
    if refused is None and specification.post_only and kind != OrderType.LIMIT:
        refused = Refused("FORM", f"expected a limit order to be post-only, found {kind.name}")
    return refused or _wrong_trail(specification, tick)


def _off_tick(name: str, price: Decimal | None, tick: Decimal, *, needed: bool) -> Refused | None:
    if not needed:
        if price is None:
            return None
        return Refused("FORM", f"expected no {name} for this order type, found {plain(price)}")
    if price is None or price <= 0 or not is_multiple(price, tick):
        found = "none" if price is None else plain(price)
        expected = f"expected a {name} on the tick {plain(tick)}"
        return Refused("PRICE_OFF_TICK", f"{expected}, found {found}")
    return None


def _wrong_trail(specification: OrderSpecification, tick: Decimal) -> Refused | None:
    amount, percent = specification.trail_amount, specification.trail_percent
    needed = specification.order_type == OrderType.TRAILING_STOP
    given = (amount is not None) + (percent is not None)
    if given != needed:
        expected = "one of trail_amount and trail_percent" if needed else "no trail"
        return Refused("FORM", f"expected {expected} for this order type, found {given}")
    if percent is not None and not 0 < percent < PERCENT:
        return Refused("FORM", f"expected a trail of 0 to 100 percent, found {plain(percent)}")
    if amount is None:
        return None
    return _off_tick("trail_amount", amount, tick, needed=True)


def _wrong_time(specification: OrderSpecification, arrives_at_ns: int) -> Refused | None:
    force, date_ns = specification.time_in_force, specification.expires_at_ns
    if force != TimeInForce.GTD:
        if date_ns:
            return Refused("FORM", f"expected no date with {force.name}, found {date_ns}")
    elif date_ns <= arrives_at_ns:
        expected = f"expected a date after the arrival at {arrives_at_ns}"
        return Refused("DATE_PASSED", f"{expected}, found {date_ns}")
    if force in AT_ONCE and (specification.order_type in _STOPS or specification.post_only):
        return Refused("FORM", f"expected an order that may rest, found {force.name}")
    return None


def _wrong_hours(specification: OrderSpecification, instrument: Instrument) -> Refused | None:
    if not specification.extended_hours:
        return None
    kind, force = specification.order_type, specification.time_in_force
    if kind != OrderType.LIMIT or force not in (TimeInForce.DAY, TimeInForce.GTC):
        found = f"{kind.name} and {force.name}"
        return Refused("FORM", f"expected DAY or GTC and LIMIT for extended hours, found {found}")
    if not instrument.extended_intervals:
        expected = "expected an instrument that trades in extended hours"
        return Refused("EXTENDED_HOURS", f"{expected}, found {instrument.symbol}")
    return None
