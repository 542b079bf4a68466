"""Orders that also work before and after the regular session: who may ask, when, and how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import OrderType, Side, TimeInForce
from tidegate_contracts.market import OpenInterval
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import START_NS, Desk, code, instrument, ordered, parameters

REGULAR = (
    OpenInterval(opens_at_ns=START_NS - 1_000, closes_at_ns=START_NS - 900),
    OpenInterval(opens_at_ns=START_NS + 100, closes_at_ns=START_NS + 200),
)
EXTENDED = (OpenInterval(opens_at_ns=START_NS + 50, closes_at_ns=START_NS + 300),)
AROUND: dict[str, Any] = {
    "entry_style": EntryStyle.LIMIT,
    "limit_price": Decimal(100),
    "extended_hours": True,
}
AT_LIMIT = {**AROUND, "extended_hours": False}


def desk(
    offset_ns: int,
    *,
    holds: bool = False,
    **limits: Any,  # noqa: ANN401 - any limit by its name
) -> Desk:
    """Return a desk at a moment of a day with hours around its regular session."""
    told = {"extended_hours_allowed": True, "price_collar_fraction": Decimal("0.05"), **limits}
    made = Desk(parameters(**told))
    if holds:
        made.hold()
    made.tell(instrument(open_intervals=REGULAR, extended_intervals=EXTENDED))
    made.now_ns = START_NS + offset_ns
    return made


@pytest.mark.parametrize(
    ("offset_ns", "regular", "around"),
    [
        (49, Code.VENUE_CLOSED, Code.VENUE_CLOSED),
        (50, Code.VENUE_CLOSED, "APPROVED"),
        (99, Code.VENUE_CLOSED, "APPROVED"),
        (100, "APPROVED", "APPROVED"),
        (199, "APPROVED", "APPROVED"),
        (200, Code.VENUE_CLOSED, "APPROVED"),
        (299, Code.VENUE_CLOSED, "APPROVED"),
        (300, Code.VENUE_CLOSED, Code.VENUE_CLOSED),
    ],
)
def test_who_asks_for_extended_hours_has_them(offset_ns: int, regular: str, around: str) -> None:
    """And nobody else has: an interval holds its first moment and not its last."""
    made = desk(offset_ns)
    assert code(made.ask(strategy="one", **AT_LIMIT)) == regular
    verdict = made.ask(strategy="two", **AROUND)
    assert code(verdict) == around
    if around == "APPROVED":
        assert ordered(verdict).extended_hours


def test_who_does_not_ask_is_told_what_may_pass_now() -> None:
    """The refusal names the opening, and the other way."""
    refusal = desk(60).ask(**AT_LIMIT).refusal
    assert refusal is not None
    assert "found its hours around the regular session" in refusal.message
    assert "a limit order with extended_hours may pass now" in refusal.message


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"entry_style": EntryStyle.MARKET, "limit_price": None},
            "extended_hours only for a LIMIT",
        ),
        (
            {"entry_style": EntryStyle.STOP, "limit_price": None, "trigger_price": Decimal(110)},
            "extended_hours only for a LIMIT",
        ),
        (
            {"entry_style": EntryStyle.STOP_LIMIT, "trigger_price": Decimal(100)},
            "extended_hours only for a LIMIT",
        ),
        ({"time_in_force": TimeInForce.IOC}, "DAY or GTC with extended_hours"),
        ({"time_in_force": TimeInForce.FOK}, "DAY or GTC with extended_hours"),
        ({"time_in_force": TimeInForce.GTD, "valid_for_ns": 10}, "DAY or GTC with extended_hours"),
    ],
)
def test_what_no_venue_takes_around_the_session_is_refused_by_name(
    changes: dict[str, Any], expected: str
) -> None:
    """Limit orders that rest, and no others; inside the regular session too."""
    verdict = desk(150).ask(**{**AROUND, **changes})
    assert code(verdict) == Code.SIGNAL_INVALID
    assert verdict.refusal is not None
    assert expected in verdict.refusal.message


@pytest.mark.parametrize("lives", [TimeInForce.DAY, TimeInForce.GTC])
def test_they_work_for_the_day_or_until_cancelled(lives: TimeInForce) -> None:
    """As the order says."""
    order = ordered(desk(60).ask(**AROUND, time_in_force=lives))
    assert (order.time_in_force, order.extended_hours) == (lives, True)


def test_by_default_the_limits_allow_none() -> None:
    """The refusal says which limit; without the wish the same order passes."""
    made = desk(150, extended_hours_allowed=False)
    verdict = made.ask(**AROUND)
    assert code(verdict) == Code.EXTENDED_HOURS
    assert verdict.refusal is not None
    assert "extended_hours_allowed" in verdict.refusal.message
    assert code(made.ask(**AT_LIMIT)) == "APPROVED"


def test_an_instrument_without_such_hours_is_named() -> None:
    """Crypto, options, and fractions of most shares have none."""
    made = desk(150)
    made.tell(instrument(open_intervals=REGULAR))
    verdict = made.ask(**AROUND)
    assert code(verdict) == Code.EXTENDED_HOURS
    assert verdict.refusal is not None
    assert "found AAPL, which names none" in verdict.refusal.message


@pytest.mark.parametrize("allowed", [True, False])
def test_an_exit_around_the_session_is_a_limit_order_that_trades_at_once(*, allowed: bool) -> None:
    """At the collar's far end; what limits say of entries keeps nobody from getting out."""
    made = desk(60, holds=True, extended_hours_allowed=allowed)
    order = ordered(made.ask(Direction.FLAT, extended_hours=True))
    assert (order.order_type, order.reduce_only) == (OrderType.LIMIT, True)
    assert (order.limit_price, order.extended_hours) == (Decimal("95.00"), True)
    assert order.time_in_force == TimeInForce.GTC


@pytest.mark.parametrize("offset_ns", [100, 199])
def test_an_exit_in_the_session_goes_to_the_market(offset_ns: int) -> None:
    """Leaving must not wait."""
    order = ordered(desk(offset_ns, holds=True).ask(Direction.FLAT, extended_hours=True))
    assert (order.order_type, order.extended_hours) == (OrderType.MARKET, False)


def test_an_exit_of_what_has_no_such_hours_is_one_of_the_regular_session() -> None:
    """A strategy that asks for them trades other symbols too."""
    made = desk(60, holds=True)
    made.tell(instrument(open_intervals=REGULAR))
    assert code(made.ask(Direction.FLAT, extended_hours=True)) == Code.VENUE_CLOSED
    made.now_ns = START_NS + 100
    assert ordered(made.ask(Direction.FLAT, extended_hours=True)).order_type == OrderType.MARKET


BY_HAND: dict[str, Any] = {
    "order_type": OrderType.LIMIT,
    "limit_price": Decimal(100),
    "extended_hours": True,
}


@pytest.mark.parametrize("lives", [TimeInForce.GTC, TimeInForce.DAY])
def test_a_person_may_ask_for_them_too(lives: TimeInForce) -> None:
    """Of the very quantity, and at the very price; the same order without the wish must wait."""
    made = desk(60)
    order = ordered(made.place(Side.BUY, 7, time_in_force=lives, **BY_HAND))
    assert (order.extended_hours, order.quantity, order.limit_price) == (
        True,
        Decimal(7),
        Decimal(100),
    )
    waiting = made.place(Side.BUY, 7, **{**BY_HAND, "extended_hours": False})
    assert code(waiting) == Code.VENUE_CLOSED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"order_type": OrderType.MARKET, "limit_price": None}, "only for a LIMIT order"),
        (
            {"order_type": OrderType.STOP, "limit_price": None, "trigger_price": Decimal(110)},
            "only for a LIMIT order",
        ),
        ({"time_in_force": TimeInForce.IOC}, "DAY or GTC with extended_hours"),
    ],
)
def test_an_order_by_hand_that_no_venue_takes_then_is_refused_by_name(
    changes: dict[str, Any], expected: str
) -> None:
    """In the regular session as well."""
    verdict = desk(150).place(Side.BUY, 7, **{**BY_HAND, **changes})
    assert code(verdict) == Code.ORDER_INVALID
    assert verdict.refusal is not None
    assert expected in verdict.refusal.message


def test_a_person_gets_out_around_the_session_whatever_the_limits_say() -> None:
    """Where there are such hours; where there are none, that is said and not passed over."""
    made = desk(150, extended_hours_allowed=False)
    made.fill(made.place(Side.BUY, 7, order_type=OrderType.LIMIT, limit_price=Decimal(100)))
    made.now_ns = START_NS + 250
    order = ordered(made.place(Side.SELL, 7, reduce_only=True, **BY_HAND))
    assert (order.reduce_only, order.extended_hours) == (True, True)
    made.tell(instrument(open_intervals=EXTENDED))
    assert code(made.place(Side.SELL, 7, reduce_only=True, **BY_HAND)) == Code.EXTENDED_HOURS
