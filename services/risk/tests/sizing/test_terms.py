"""From what a signal wishes to what its order says: type, prices on the tick, dates, worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import OrderType, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.money import is_multiple
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.sizing.terms import AT_MARKET, terms_of
from tidegate_risk.testing import START_NS, Desk, instrument, ordered, parameters, signal

LONG, SHORT = Direction.LONG, Direction.SHORT


@pytest.mark.parametrize(
    ("direction", "trigger", "limit", "on_tick"),
    [
        (LONG, "110.001", "111.009", ("110.01", "111.00")),
        (SHORT, "89.999", "88.001", ("89.99", "88.01")),
    ],
)
def test_triggers_move_away_from_the_market_and_limits_to_the_better_side(
    direction: Direction, trigger: str, limit: str, on_tick: tuple[str, str]
) -> None:
    """Nothing begins before it was meant to, and nothing pays more than was wished."""
    wish = signal(
        direction,
        entry_style=EntryStyle.STOP_LIMIT,
        trigger_price=Decimal(trigger),
        limit_price=Decimal(limit),
    )
    terms = terms_of(wish, instrument())
    assert terms.order_type == OrderType.STOP_LIMIT
    assert (terms.trigger_price, terms.limit_price) == tuple(map(Decimal, on_tick))


@given(
    st.sampled_from([LONG, SHORT]),
    st.decimals("0.5", 5_000, places=4),
    st.sampled_from(["0.01", "0.05", "0.25", "1"]),
)
def test_prices_lie_on_the_tick_and_never_become_worse(
    direction: Direction, price: Decimal, tick: str
) -> None:
    """For any price and tick: a trigger further away, a limit nearer, both within one tick."""
    wish = signal(
        direction, entry_style=EntryStyle.STOP_LIMIT, trigger_price=price, limit_price=price
    )
    terms = terms_of(wish, instrument(tick_size=Decimal(tick)))
    assert terms.trigger_price is not None
    assert terms.limit_price is not None
    sign = 1 if direction == LONG else -1
    assert 0 <= sign * (terms.trigger_price - price) < Decimal(tick)
    assert 0 <= sign * (price - terms.limit_price) < Decimal(tick)
    assert is_multiple(terms.trigger_price, Decimal(tick))
    assert is_multiple(terms.limit_price, Decimal(tick))


def test_a_plain_market_signal_has_nothing_to_work_out() -> None:
    """The very terms that every exit has."""
    assert terms_of(signal(), instrument()) is AT_MARKET


@pytest.mark.parametrize(
    ("wished", "expected"),
    [
        ({}, (OrderType.MARKET, TimeInForce.GTC, 0, False)),
        ({"time_in_force": TimeInForce.DAY}, (OrderType.MARKET, TimeInForce.DAY, 0, False)),
        (
            {
                "entry_style": EntryStyle.LIMIT,
                "limit_price": Decimal(99),
                "time_in_force": TimeInForce.GTD,
                "valid_for_ns": 600 * NS_PER_SECOND,
                "post_only": True,
            },
            (OrderType.LIMIT, TimeInForce.GTD, START_NS + 600 * NS_PER_SECOND, True),
        ),
        (
            {"entry_style": EntryStyle.STOP, "trigger_price": Decimal(101)},
            (OrderType.STOP, TimeInForce.GTC, 0, False),
        ),
    ],
)
def test_the_order_says_what_the_signal_wishes(
    wished: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """A date is event time: that of the signal, and how long it is valid for."""
    order = ordered(Desk().ask(**wished))
    found = (order.order_type, order.time_in_force, order.expires_at_ns, order.post_only)
    assert found == expected


def test_a_stop_entry_is_sized_at_the_worst_that_it_may_pay() -> None:
    """A tenth of 100,000 USD at 125 and 1 % worse, 126.25, is 79 shares."""
    desk = Desk(parameters(stop_slippage_fraction=Decimal("0.01")))
    order = ordered(desk.ask(entry_style=EntryStyle.STOP, trigger_price=Decimal(125)))
    assert order.quantity == 79


@pytest.mark.parametrize(
    ("direction", "trigger", "limit", "quantity", "stop"),
    [
        # 1,000 USD at risk over 10, and 1 % of 110 that the stop may slip: 11.1 a share.
        (LONG, "110", None, 90, "100"),
        # 2 between trigger and limit: 12 a share.
        (LONG, "110", "112", 83, "100"),
        (SHORT, "90", None, 91, "100"),
        (SHORT, "90", "88", 83, "100"),
    ],
)
def test_what_an_entry_may_overshoot_counts_as_risk_and_its_stop_is_measured_from_the_trigger(
    direction: Direction, trigger: str, limit: str | None, quantity: int, stop: str
) -> None:
    """If the worst fill is followed by the stop, a hundredth of equity is lost and no more."""
    told = parameters(
        stop_slippage_fraction=Decimal("0.01"), position_fraction=Decimal(1), short_allowed=True
    )
    wish: dict[str, Any] = {
        "entry_style": EntryStyle.STOP if limit is None else EntryStyle.STOP_LIMIT,
        "trigger_price": Decimal(trigger),
        "limit_price": None if limit is None else Decimal(limit),
        "stop_distance": Decimal(10),
    }
    order = ordered(Desk(told).ask(direction, **wish))
    assert order.quantity == quantity
    assert order.stop_price == Decimal(stop)


@pytest.mark.parametrize(
    ("style", "limit"), [(EntryStyle.STOP, None), (EntryStyle.STOP_LIMIT, Decimal(79))]
)
def test_a_short_stop_is_worth_no_less_than_the_same_sold_at_the_market(
    style: EntryStyle, limit: Decimal | None
) -> None:
    """A tenth of 100,000 USD at the newest close of 100, not at the trigger of 80."""
    desk = Desk(parameters(short_allowed=True))
    wish: dict[str, Any] = {
        "entry_style": style,
        "trigger_price": Decimal(80),
        "limit_price": limit,
    }
    assert ordered(desk.ask(SHORT, **wish)).quantity == 100
