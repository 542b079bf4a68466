"""The text of prices."""

from __future__ import annotations

from tidegate_signals.core.strategies.placing import price_text


def test_prices_in_reasons_are_two_places_finer_than_the_instruments() -> None:
    """Averages lie between ticks."""
    assert price_text(10_012.3456, 2) == "100.1235"
    assert price_text(100.0, 8) == "0.000001"
