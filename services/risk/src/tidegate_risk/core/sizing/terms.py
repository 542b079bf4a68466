"""How an entry's order is to work: its type, its prices on the tick, and how long it may.

Prices never become worse for who ordered: a limit is rounded to the better side, a trigger away
from the market, so that nothing begins to work before it was meant to.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, NamedTuple

from tidegate_contracts.execution import OrderType, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.money import ZERO
from tidegate_risk.core.hours import is_around_the_session

if TYPE_CHECKING:
    from tidegate_contracts.market import Instrument
    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.question import Question


class Terms(NamedTuple):
    """What an order says beside its side and quantity."""

    order_type: OrderType = OrderType.MARKET
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    expires_at_ns: int = 0
    post_only: bool = False
    extended_hours: bool = False


AT_MARKET = Terms()
"""What an exit of a strategy says, and most entries."""

TRIGGERED = frozenset({EntryStyle.STOP, EntryStyle.STOP_LIMIT})
"""Styles that wait for the market to reach a trigger."""
LIMITED = frozenset({EntryStyle.LIMIT, EntryStyle.STOP_LIMIT})

TYPES = {
    EntryStyle.MARKET: OrderType.MARKET,
    EntryStyle.LIMIT: OrderType.LIMIT,
    EntryStyle.STOP: OrderType.STOP,
    EntryStyle.STOP_LIMIT: OrderType.STOP_LIMIT,
}


def terms_of(signal: Signal, instrument: Instrument) -> Terms:
    """Return the terms that a signal wishes; its prices were judged before (`valid_signal`)."""
    style, lives = signal.entry_style, signal.time_in_force
    if style == EntryStyle.MARKET and lives == TimeInForce.UNSPECIFIED:
        return AT_MARKET
    away = ROUND_CEILING if signal.direction == Direction.LONG else ROUND_FLOOR
    nearer = ROUND_FLOOR if signal.direction == Direction.LONG else ROUND_CEILING
    limit = trigger = None
    if style in TRIGGERED:
        trigger = _on_tick(signal.trigger_price, instrument, away)
    if style in LIMITED:
        limit = _on_tick(signal.limit_price, instrument, nearer)
    good_till_date = lives == TimeInForce.GTD
    return Terms(
        order_type=TYPES[style],
        limit_price=limit,
        trigger_price=trigger,
        time_in_force=lives or TimeInForce.GTC,
        expires_at_ns=signal.event_at_ns + signal.valid_for_ns if good_till_date else 0,
        post_only=signal.post_only,
        extended_hours=signal.extended_hours,
    )


def leaving(question: Question, instrument: Instrument, *, buys: bool) -> Terms:
    """Return the terms of a strategy's exit: at the market, for leaving must not wait.

    Around the regular session venues take limit orders only. There the limit is
    ``price_collar_fraction`` worse than the newest close, so that it trades at once, if anything
    does.
    """
    signal = question.signal
    if not (signal.extended_hours and is_around_the_session(instrument, question.now_ns)):
        return AT_MARKET
    close = question.price or signal.reference_price
    away = close * question.limits.price_collar_fraction
    limit = _on_tick(close + away if buys else close - away, instrument, ROUND_HALF_EVEN)
    assert limit is not None, "a price was given"
    limit = max(limit, instrument.tick_size)
    return Terms(order_type=OrderType.LIMIT, limit_price=limit, extended_hours=True)


def worst_price(terms: Terms, question: Question, *, buys: bool) -> Decimal:
    """Return the price that an entry is valued at: as far as it is bounded, the highest.

    What is sold is valued at its limit, its trigger or the newest close, whichever is the highest.
    A limit bounds what is bought; a stop without one buys at its trigger, at the newest close if
    that is higher, and `stop_slippage_fraction` worse.
    """
    limit, trigger, close = terms.limit_price, terms.trigger_price, question.price
    if buys and limit is not None:
        return limit
    known = [each for each in (limit, trigger, close) if each is not None]
    assert known, "an entry is sized only after the price rule has passed"
    highest = max(known)
    stop_buys = buys and trigger is not None
    return highest * (1 + question.limits.stop_slippage_fraction) if stop_buys else highest


def overshoot(terms: Terms, question: Question) -> Decimal:
    """Return how much worse than its trigger an entry may fill; 0 for one without a trigger."""
    if terms.trigger_price is None:
        return ZERO
    if terms.limit_price is not None:
        return abs(terms.limit_price - terms.trigger_price)
    return terms.trigger_price * question.limits.stop_slippage_fraction


def _on_tick(price: Decimal | None, instrument: Instrument, rounding: str) -> Decimal | None:
    if price is None:
        return None
    ticks = (price / instrument.tick_size).to_integral_value(rounding)
    return ticks * instrument.tick_size
