"""Rows of signals."""

from __future__ import annotations

from tidegate_signals.adapters.projection import project
from tidegate_signals.core.machine import SignalsMachine
from tidegate_signals.testing import START_NS, bar, instrument, parameters, signals


def test_a_signal_is_a_row_under_its_logical_key() -> None:
    """Decimals are plain strings, names are words."""
    machine = SignalsMachine.restore(parameters(), None)
    machine.handle(instrument(), START_NS)
    closes = [1000, 1000, 1000, 1100]
    (signal,) = signals(machine, *(bar(day, close) for day, close in enumerate(closes)))
    (row,) = project(signal)
    assert (row.kind, row.key) == ("signal", f"demo|s0|AAPL|{signal.event_at_ns}|0")
    assert row.document["direction"] == "LONG"
    assert (row.document["reference_price"], row.document["limit_price"]) == ("11", None)
    assert row.document["at"] == "2024-01-05T00:00:00Z"


def test_nothing_else_makes_rows() -> None:
    """Signals are all that the service publishes."""
    assert project(bar(0, 1000)) == ()
