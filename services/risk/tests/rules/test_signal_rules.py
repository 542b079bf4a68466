"""Rules about the signal: each refuses one unit beyond its limit and passes at the limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_contracts.risk import GateAction, GateEvent, GateLevel
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import SESSION, START_NS, Desk, bar, code, instrument, parameters


def raised(level: GateLevel, scope: str = "all", epoch: int = 1) -> GateEvent:
    """Say that the gate was raised."""
    return GateEvent(action=GateAction.RAISED, scope=scope, level=level, gate_epoch=epoch)


def account(**changes: Any) -> AccountSnapshot:  # noqa: ANN401
    """Return a snapshot of an untouched account."""
    usual: dict[str, Any] = {
        "session": SESSION,
        "equity": Decimal(100_000),
        "day_start_equity": Decimal(100_000),
        "event_at_ns": START_NS,
    }
    return AccountSnapshot(**{**usual, **changes})


def test_an_ordinary_signal_is_approved() -> None:
    """Nothing binds: the desk of these tests approves."""
    assert code(Desk().ask()) == "APPROVED"


@pytest.mark.parametrize("change", [{"session": "other"}, {"feed": "replay-other"}], ids=str)
def test_a_signal_of_another_session_or_feed_is_refused(change: dict[str, Any]) -> None:
    """Signal, session and feed belong together."""
    assert code(Desk().ask(**change)) == Code.FOREIGN_SIGNAL


@pytest.mark.parametrize(
    "change",
    [
        {"direction": Direction.UNSPECIFIED},
        {"strategy": ""},
        {"symbol": ""},
        {"strength": 0.0},
        {"strength": 1.000001},
        {"strength": float("nan")},
        {"confidence": -0.000001},
        {"confidence": 1.000001},
        {"confidence": float("nan")},
        {"reference_price": Decimal(0)},
        {"reference_price": Decimal("NaN")},
        {"reference_price": Decimal("Infinity")},
        {"stop_distance": Decimal(0)},
        {"stop_distance": Decimal(-1)},
        {"entry_style": EntryStyle.LIMIT},
        {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal(0)},
        {"event_at_ns": 0},
    ],
    ids=str,
)
def test_a_signal_with_an_impossible_field_is_refused(change: dict[str, Any]) -> None:
    """No NaN, nothing missing, nothing out of bounds becomes an order."""
    assert code(Desk().ask(**change)) == Code.SIGNAL_INVALID


@pytest.mark.parametrize(
    "change",
    [
        {"strength": 0.000001},
        {"confidence": 0.0},
        {"stop_distance": Decimal("0.01")},
        {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal("0.01")},
    ],
    ids=str,
)
def test_a_signal_at_the_edge_of_its_bounds_is_valid(change: dict[str, Any]) -> None:
    """The smallest allowed values are not refused as invalid."""
    assert code(Desk().ask(**change)) != Code.SIGNAL_INVALID


def test_a_signal_from_the_future_is_refused_beyond_the_clocks_tolerance() -> None:
    """Clocks may differ by as much as a signal may be old, and not by a nanosecond more."""
    desk = Desk(parameters(signal_age_max_ns=100))
    assert code(desk.ask(event_at_ns=START_NS + 101)) == Code.SIGNAL_INVALID
    assert code(desk.ask(event_at_ns=START_NS + 100)) == "APPROVED"


@pytest.mark.parametrize("level", [GateLevel.HALTED, GateLevel.FLATTENING, GateLevel.LOCKED])
def test_a_halted_gate_refuses_entries_and_exits(level: GateLevel) -> None:
    """From HALTED on, no strategy's order passes."""
    desk = Desk()
    desk.hold()
    desk.tell(raised(level))
    assert code(desk.ask(strategy="other")) == Code.GATE_CLOSED
    assert code(desk.ask(Direction.FLAT)) == Code.GATE_CLOSED


def test_a_reduce_only_gate_refuses_entries_and_lets_exits_pass() -> None:
    """REDUCE_ONLY lets a strategy out."""
    desk = Desk()
    desk.hold()
    desk.tell(raised(GateLevel.REDUCE_ONLY))
    assert code(desk.ask(strategy="other")) == Code.GATE_CLOSED
    assert code(desk.ask(Direction.FLAT)) == "APPROVED"


def test_a_gate_raised_elsewhere_does_not_bind_but_its_epoch_is_known() -> None:
    """The verdict carries the newest raise of any scope, so execution can compare."""
    desk = Desk()
    desk.tell(raised(GateLevel.HALTED, "symbol:MSFT", epoch=9))
    verdict = desk.ask()
    assert code(verdict) == "APPROVED"
    assert verdict.gate_epoch == 9


def test_an_unknown_instrument_is_refused() -> None:
    """What the feed has not described cannot be sized."""
    assert code(Desk().ask(symbol="MSFT")) == Code.INSTRUMENT_UNKNOWN


@pytest.mark.parametrize(
    "change", [{"tradable": False}, {"lot_size": Decimal(0)}, {"tick_size": Decimal(0)}], ids=str
)
def test_an_instrument_that_cannot_be_traded_is_refused(change: dict[str, Any]) -> None:
    """Not tradable, or described without a grid."""
    desk = Desk()
    desk.tell(instrument(**change))
    assert code(desk.ask()) == Code.INSTRUMENT_NOT_TRADABLE


@pytest.mark.parametrize(
    ("allowed", "shortable", "expected"),
    [
        (True, True, "APPROVED"),
        (False, True, Code.SHORT_NOT_ALLOWED),
        (True, False, Code.SHORT_NOT_ALLOWED),
    ],
)
def test_short_needs_both_leaves(*, allowed: bool, shortable: bool, expected: str) -> None:
    """Limits and venue must both allow it."""
    desk = Desk(parameters(short_allowed=allowed))
    desk.tell(instrument(shortable=shortable))
    assert code(desk.ask(Direction.SHORT)) == expected


def test_an_old_signal_is_refused_one_nanosecond_after_its_limit() -> None:
    """Exactly as old as allowed passes."""
    desk = Desk(parameters(signal_age_max_ns=100))
    desk.now_ns += 100
    assert code(desk.ask(event_at_ns=START_NS)) == "APPROVED"
    desk.now_ns += 1
    assert code(desk.ask(event_at_ns=START_NS)) == Code.SIGNAL_EXPIRED


def test_an_old_exit_is_not_refused() -> None:
    """Being late is no reason to keep a position."""
    desk = Desk(parameters(signal_age_max_ns=100))
    desk.hold()
    desk.now_ns += 101
    assert code(desk.ask(Direction.FLAT, event_at_ns=START_NS)) == "APPROVED"


def test_no_price_is_refused() -> None:
    """An instrument without a bar cannot be valued."""
    desk = Desk()
    desk.tell(instrument("MSFT"))
    assert code(desk.ask(symbol="MSFT")) == Code.PRICE_MISSING


def test_a_price_of_zero_is_refused() -> None:
    """Zero is not a price."""
    desk = Desk()
    desk.tell(bar(close=0, end_ns=START_NS + 1))
    assert code(desk.ask()) == Code.PRICE_MISSING


def test_a_stale_price_is_refused_one_nanosecond_after_its_limit() -> None:
    """Exactly two bars old passes."""
    desk = Desk(parameters(price_age_max_bars=2))
    desk.now_ns += 2 * NS_PER_DAY
    assert code(desk.ask()) == "APPROVED"
    desk.now_ns += 1
    assert code(desk.ask()) == Code.PRICE_STALE


def test_a_stale_price_does_not_keep_an_exit() -> None:
    """A market order out needs no price."""
    desk = Desk(parameters(price_age_max_bars=1))
    desk.hold()
    desk.now_ns += 10 * NS_PER_DAY
    assert code(desk.ask(Direction.FLAT)) == "APPROVED"


def test_an_unbooked_fill_is_refused_one_nanosecond_after_its_limit() -> None:
    """The portfolio has exactly the lag to book a fill; a snapshot that booked it mends it."""
    desk = Desk(parameters(account_lag_max_ns=100), ["AAPL", "MSFT"])
    desk.hold()
    desk.now_ns += 100
    assert code(desk.ask(symbol="MSFT")) == "APPROVED"
    desk.now_ns += 1
    assert code(desk.ask(symbol="MSFT", strategy="other")) == Code.ACCOUNT_STALE
    desk.tell(account(fills_booked=1))
    assert code(desk.ask(symbol="MSFT", strategy="other")) == "APPROVED"


def test_stale_marks_in_the_account_are_refused() -> None:
    """An account that cannot value its positions opens no more."""
    desk = Desk()
    desk.tell(account(marks_stale=True))
    assert code(desk.ask()) == Code.ACCOUNT_STALE


@pytest.mark.parametrize(("equity", "expected"), [(1, Code.SIZE_ZERO), (0, Code.EQUITY_EXHAUSTED)])
def test_no_equity_is_refused(equity: int, expected: str) -> None:
    """One dollar is equity, though too little for a share; zero is none."""
    desk = Desk()
    desk.tell(account(equity=Decimal(equity), day_start_equity=Decimal(equity)))
    assert code(desk.ask()) == expected


@pytest.mark.parametrize(
    ("equity", "expected"), [("98000.01", "APPROVED"), ("98000", Code.DAILY_LOSS)]
)
def test_the_daily_loss_binds_at_its_limit(equity: str, expected: str) -> None:
    """A loss of 2 % of 100,000 refuses; a cent less passes."""
    desk = Desk(parameters(daily_loss_max_percent=Decimal(2)))
    desk.tell(account(equity=Decimal(equity)))
    assert code(desk.ask()) == expected


def test_the_daily_loss_is_seen_without_the_portfolio() -> None:
    """Risk marks its own book: 100 shares that fall by 21 dollars lose more than 2 %."""
    desk = Desk(parameters(daily_loss_max_percent=Decimal(2)), ["AAPL", "MSFT"])
    desk.hold()
    desk.tell(bar(close=7_900, end_ns=START_NS + 1))
    assert code(desk.ask(symbol="MSFT")) == Code.DAILY_LOSS


def test_a_new_day_begins_without_a_loss() -> None:
    """The loss is measured from what the book was worth before the day's first input."""
    desk = Desk(parameters(daily_loss_max_percent=Decimal(2)), ["AAPL", "MSFT"])
    desk.hold()
    desk.tell(bar(close=7_900, end_ns=START_NS + 1))
    desk.now_ns += NS_PER_DAY
    assert code(desk.ask(symbol="MSFT")) == "APPROVED"


def test_a_daily_loss_does_not_keep_an_exit() -> None:
    """Getting out is always allowed."""
    desk = Desk(parameters(daily_loss_max_percent=Decimal(2)))
    desk.hold()
    desk.tell(bar(close=1_000, end_ns=START_NS + 1))
    assert code(desk.ask(Direction.FLAT)) == "APPROVED"


def test_the_rate_refuses_the_order_after_the_last_allowed() -> None:
    """Two orders in the window pass, the third does not, and passes when the first has left."""
    desk = Desk(parameters(rate_orders_max=2, rate_window_ns=100), ["A", "B", "C"])
    assert code(desk.ask(symbol="A")) == "APPROVED"
    desk.now_ns += 1
    assert code(desk.ask(symbol="B")) == "APPROVED"
    assert code(desk.ask(symbol="C")) == Code.RATE_EXCEEDED
    desk.now_ns = START_NS + 100
    assert code(desk.ask(symbol="C")) == "APPROVED"
