"""How entries are placed."""

from __future__ import annotations

from tidegate_signals.core.strategies.placing import Order, entry_limit, price_text


def test_a_limit_is_better_than_the_close_for_the_side_that_enters() -> None:
    """Below for a buyer, above for a seller, and absent at the market."""
    assert entry_limit(Order.LIMIT, 10_000, 20, buying=True) == 9_980.0
    assert entry_limit(Order.LIMIT, 10_000, 20, buying=False) == 10_020.0
    assert entry_limit(Order.MARKET, 10_000, 20, buying=True) is None


def test_prices_in_reasons_are_two_places_finer_than_the_instruments() -> None:
    """Averages lie between ticks."""
    assert price_text(10_012.3456, 2) == "100.1235"
    assert price_text(100.0, 8) == "0.000001"
