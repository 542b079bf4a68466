"""What is closed, what is still missing to a target, and what the order then says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import OrderState, OrderType, TimeInForce
from tidegate_contracts.risk import Verdict
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_risk.testing import Desk, code, ordered, parameters


def numbers(verdict: Verdict) -> dict[str, tuple[Decimal, str]]:
    """Return a verdict's numbers and their units by name."""
    return {each.name: (each.value, each.unit) for each in verdict.numbers}


def test_an_exit_is_not_asked_for_twice() -> None:
    """What an open exit closes already is no longer there to close."""
    desk = Desk()
    held = ordered(desk.hold())
    closing = ordered(desk.ask(Direction.FLAT))
    assert closing.quantity == held.quantity == 100
    assert closing.reduce_only
    assert code(desk.ask(Direction.FLAT)) == "NOTHING_TO_CLOSE"


def test_an_exit_that_filled_in_part_leaves_the_rest_to_be_closed_by_itself() -> None:
    """The open exit goes on closing what is left of it."""
    desk = Desk()
    desk.hold()
    desk.fill(desk.ask(Direction.FLAT), quantity=40)
    assert code(desk.ask(Direction.FLAT)) == "NOTHING_TO_CLOSE"


def test_exits_of_another_symbol_count_there_only() -> None:
    """Closing one symbol takes nothing away from another."""
    desk = Desk(symbols=("AAPL", "MSFT"))
    desk.hold("AAPL")
    desk.hold("MSFT")
    assert ordered(desk.ask(Direction.FLAT, "MSFT")).quantity == 100
    assert ordered(desk.ask(Direction.FLAT, "AAPL")).quantity == 100


def test_two_strategies_close_their_own() -> None:
    """Another strategy's open exit does not count as this one's."""
    desk = Desk()
    desk.hold(strategy="first")
    desk.hold(strategy="second")
    assert ordered(desk.ask(Direction.FLAT, strategy="first")).quantity == 100
    assert ordered(desk.ask(Direction.FLAT, strategy="second")).quantity == 100


def test_no_exit_closes_more_than_the_account_holds() -> None:
    """Where another strategy is short, only what the account itself is long is closed."""
    desk = Desk(parameters(short_allowed=True))
    desk.hold(strategy="long")
    short = desk.ask(Direction.SHORT, strategy="short")
    desk.fill(short, quantity=60)
    assert code(desk.ask(Direction.FLAT, strategy="long")) == "NOTHING_TO_CLOSE"
    desk.report(short, OrderState.CANCELLED, filled=60)
    assert ordered(desk.ask(Direction.FLAT, strategy="long")).quantity == 40


def test_one_share_is_closed() -> None:
    """The smallest position counts as one."""
    desk = Desk()
    desk.fill(desk.ask(), quantity=1)
    assert ordered(desk.ask(Direction.FLAT)).quantity == 1


def test_one_share_is_an_order() -> None:
    """A target of a single lot is ordered, and so is a single missing one."""
    desk = Desk(parameters(position_fraction=Decimal("0.001")))
    assert ordered(desk.ask()).quantity == 1
    desk = Desk()
    desk.fill(desk.ask(), quantity=99)
    assert code(desk.ask(ordinal=9)) == "ALREADY_AT_TARGET"


def test_another_strategys_open_exit_is_not_missing_to_a_target() -> None:
    """Only a strategy's own orders count towards what it wants to hold."""
    desk = Desk()
    desk.hold(strategy="first")
    desk.hold(strategy="second")
    desk.ask(Direction.FLAT, strategy="second")
    assert code(desk.ask(strategy="first")) == "ALREADY_AT_TARGET"


def test_a_limit_counts_for_limit_entries_only() -> None:
    """An entry at the market is one, even where the signal names a price."""
    specification = ordered(Desk().ask(limit_price=Decimal(90)))
    assert (specification.order_type, specification.limit_price) == (OrderType.MARKET, None)
    limited = ordered(Desk().ask(entry_style=EntryStyle.LIMIT, limit_price=Decimal("90.005")))
    assert (limited.order_type, limited.limit_price) == (OrderType.LIMIT, Decimal("90.00"))
    assert limited.time_in_force == TimeInForce.GTC


def test_an_exits_value_is_said() -> None:
    """An exit is valued at the newest close, too."""
    desk = Desk()
    desk.hold()
    assert numbers(desk.ask(Direction.FLAT))["order_notional"] == (Decimal(10_000), "USD")


@pytest.mark.parametrize(
    ("name", "value"), [("quantity_by_fraction", "100"), ("quantity_by_stop", "333.33333333")]
)
def test_offers_are_said_in_units_to_eight_places(name: str, value: str) -> None:
    """Every offer is in the verdict, rounded to what a person can check."""
    found = numbers(Desk().ask(stop_distance=Decimal(3)))[name]
    assert found == (Decimal(value), "AAPL")


def test_the_key_is_the_signals_own() -> None:
    """Session, strategy, symbol, time and ordinal make the key, in this order."""
    desk = Desk()
    verdict = desk.ask(ordinal=7)
    assert verdict.signal_key == f"demo|ema|AAPL|{desk.now_ns}|7"
