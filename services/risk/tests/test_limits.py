"""Which limits apply to a strategy in a symbol, and which of two is the stricter one."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_risk.core.limits import LimitTable
from tidegate_risk.core.parameters import Limits, Override
from tidegate_risk.core.strictness import STRICTER, is_looser
from tidegate_risk.testing import WIDE, Desk, code, parameters


def override(scope: str, **changes: object) -> Override:
    """Return limits that differ in a scope."""
    return Override(scope, tuple(changes), msgspec.structs.replace(WIDE, **changes))


def test_without_overrides_the_sessions_limits_apply() -> None:
    """The very object: nothing is worked out."""
    assert LimitTable(WIDE).of("ema", "AAPL") is WIDE


def test_an_override_applies_in_its_scope_alone() -> None:
    """Looser or stricter, it takes the place of the session's limit."""
    table = LimitTable(WIDE, (override("strategy:ema", open_orders_max=7),))
    assert table.of("ema", "AAPL").open_orders_max == 7
    assert table.of("other", "AAPL") == WIDE
    assert table.of("ema", "AAPL") is table.of("ema", "AAPL")


@given(st.integers(1, 9), st.integers(1, 9))
def test_of_a_strategy_and_a_symbol_the_stricter_counts(strategy: int, symbol: int) -> None:
    """Of maxima the smaller, of minima the larger."""
    table = LimitTable(
        WIDE,
        (
            override(
                "strategy:ema", open_orders_max=strategy, trade_notional_min=Decimal(strategy)
            ),
            override("symbol:AAPL", open_orders_max=symbol, trade_notional_min=Decimal(symbol)),
        ),
    )
    limits = table.of("ema", "AAPL")
    assert limits.open_orders_max == min(strategy, symbol)
    assert limits.trade_notional_min == max(strategy, symbol)


def test_every_limit_has_a_direction_or_is_looser_with_every_change() -> None:
    """The table names no limit that does not exist."""
    assert set(STRICTER) <= set(Limits.__struct_fields__)


@pytest.mark.parametrize(
    ("name", "before", "after", "looser"),
    [
        ("open_orders_max", 3, 4, True),
        ("open_orders_max", 4, 3, False),
        ("cash_buffer_fraction", Decimal("0.5"), Decimal("0.1"), True),
        ("cash_buffer_fraction", Decimal("0.1"), Decimal("0.5"), False),
        ("open_orders_max", 3, 3, False),
    ],
)
def test_what_is_looser_takes_a_second_principal(
    name: str, before: object, after: object, *, looser: bool
) -> None:
    """And what is stricter, or the same, does not."""
    assert is_looser(name, before, after) is looser


def test_a_verdict_is_decided_under_the_limits_of_its_strategy() -> None:
    """One strategy may order less than the other."""
    told = msgspec.structs.replace(
        parameters(), overrides=(override("strategy:small", order_quantity_max=Decimal(99)),)
    )
    assert code(Desk(told).ask(strategy="small")) == "ORDER_QUANTITY"
    assert code(Desk(told).ask(strategy="large")) == "APPROVED"


def test_the_longest_window_of_any_override_is_remembered() -> None:
    """An approval is kept as long as some strategy's window may ask for it."""
    table = LimitTable(WIDE, (override("symbol:AAPL", duplicate_window_ns=10**18),))
    assert table.memory_ns == 10**18
    assert LimitTable(WIDE).memory_ns == WIDE.rate_window_ns
