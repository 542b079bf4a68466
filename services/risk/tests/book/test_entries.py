"""Account entries in risk's book: positions, cash, the day's loss, and what breakers measure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import AccountEntry, AccountEntryKind as Kind
from tidegate_contracts.risk import BreakerEvent
from tidegate_kernel.gate import Level
from tidegate_kernel.machine import Publish
from tidegate_risk.core.breakers.limits import Percent, Plain
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.testing import (
    ACCOUNT,
    ASLEEP,
    SESSION,
    START_NS,
    VENUE,
    Desk,
    bar,
    parameters,
)

if TYPE_CHECKING:
    from tidegate_risk.core.parameters import DecisionParameters

HELD = f"{VENUE}|AAPL"


def entry(kind: Kind, entry_id: str = "e1", **fields: Any) -> AccountEntry:  # noqa: ANN401 - any of its fields
    """Return an account entry of what `ema` holds of AAPL."""
    values: dict[str, Any] = {
        "session": SESSION,
        "account": ACCOUNT,
        "strategy": "ema",
        "venue": VENUE,
        "symbol": "AAPL",
        "currency": "USD",
        "event_at_ns": START_NS,
    }
    return AccountEntry(kind=kind, entry_id=entry_id, **(values | fields))


def holding(told: DecisionParameters | None = None) -> tuple[Desk, Decimal]:
    """Return a desk whose strategy holds AAPL at 100, and how much of it."""
    desk = Desk(told)
    desk.hold()
    return desk, desk.machine.state.book.holdings.position(HELD)


def test_a_dividend_is_profit_of_the_day_and_of_the_trade() -> None:
    """Equity grows, and a loss of the day is smaller by it."""
    desk, held = holding()
    book = desk.machine.state.book
    desk.tell(bar(close=9_900, end_ns=START_NS + 1))
    assert book.daily_loss(desk.now_ns) == held
    desk.tell(entry(Kind.DIVIDEND, cash=Decimal(100)))
    assert book.daily_loss(desk.now_ns) == held - 100
    assert book.marked_equity() == 100_000 - held + 100
    assert desk.machine.state.breakers.results.trades[f"ema|{HELD}"].result == 100


def test_a_transfer_is_neither_loss_nor_jump_nor_drawdown() -> None:
    """Half the account is taken out: nothing trips, and the day has lost nothing."""
    breakers = msgspec.structs.replace(
        ASLEEP,
        daily_loss=Plain(enabled=True, level=Level.REDUCE_ONLY),
        pnl_jump=Percent(enabled=True, level=Level.REDUCE_ONLY, percent=Decimal(5)),
    )
    desk, _ = holding(parameters(breakers=breakers))
    effects = desk.tell(entry(Kind.TRANSFER, strategy="", symbol="", cash=Decimal(-50_000)))
    assert not [e for e in effects if isinstance(e, Publish) and isinstance(e.body, BreakerEvent)]
    state = desk.machine.state
    assert state.book.daily_loss(desk.now_ns) == 0
    assert state.book.equity() == 50_000
    assert state.breakers.peak_equity == state.breakers.jump_reference == 50_000


def test_a_loss_without_an_order_trips_the_day() -> None:
    """A fee of most of the account is a loss like any other."""
    breakers = msgspec.structs.replace(
        ASLEEP, daily_loss=Plain(enabled=True, level=Level.REDUCE_ONLY)
    )
    desk, _ = holding(parameters(daily_loss_max_percent=Decimal(2), breakers=breakers))
    effects = desk.tell(entry(Kind.FEE, strategy="", symbol="", cash=Decimal(-50_000)))
    tripped = [
        e.body.breaker
        for e in effects
        if isinstance(e, Publish) and isinstance(e.body, BreakerEvent)
    ]
    assert "daily_loss" in tripped


def test_an_entry_counts_once_across_a_restart() -> None:
    """By its id, which a snapshot keeps."""
    desk, _ = holding()
    said = entry(Kind.FUNDING, cash=Decimal(-3))
    desk.tell(said)
    before = desk.machine.snapshot()
    desk.machine = DecisionMachine.restore(parameters(), before)
    assert desk.tell(said) == ()
    assert desk.machine.snapshot() == before


@pytest.mark.parametrize(("event_at_ns", "price"), [(START_NS, 50), (START_NS - 1, 100)])
def test_a_split_brings_a_price_of_before_over_it(event_at_ns: int, price: int) -> None:
    """Twice the units at half the price; a bar that ended after the split has its price already."""
    desk, held = holding()
    desk.tell(entry(Kind.SPLIT, quantity=held, event_at_ns=event_at_ns))
    book = desk.machine.state.book
    assert book.holdings.owned_by("ema", HELD) == 2 * held
    assert book.market.price_of(HELD) == price
    trade = desk.machine.state.breakers.results.trades[f"ema|{HELD}"]
    assert (trade.quantity, trade.average) == (2 * held, Decimal(50))


def test_an_option_that_expires_is_a_trade_that_was_lost() -> None:
    """It ends the trade at zero and counts in the row of losses; an adjustment does not."""
    for kind, losses in ((Kind.OPTION_EXPIRY, {"ema": 1}), (Kind.ADJUSTMENT, {})):
        desk, held = holding()
        desk.tell(entry(kind, quantity=-held, price=Decimal(0)))
        state = desk.machine.state
        assert HELD not in state.book.holdings.positions
        assert state.breakers.results.losses_of_strategy == losses
        assert f"ema|{HELD}" not in state.breakers.results.trades


MOVES = st.lists(
    st.tuples(
        st.sampled_from([each for each in Kind if each]),
        st.integers(0, 8),
        st.integers(-9, 9),
        st.sampled_from((None, Decimal(0), Decimal(101))),
        st.integers(-500, 500),
        st.sampled_from(("ema", "mean", "")),
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(MOVES, st.integers(0, 8))
def test_positions_and_cash_are_the_sum_of_entries(
    moves: list[tuple[Kind, int, int, Decimal | None, int, str]], restart: int
) -> None:
    """Each id once, whatever the kind, with a restart anywhere; strategies add up to it."""
    desk, held = holding()
    expected: dict[str, tuple[int, int]] = {}
    for step, (kind, number, quantity, price, cash, strategy) in enumerate(moves):
        if step == restart:
            desk.machine = DecisionMachine.restore(parameters(), desk.machine.snapshot())
        identity = f"{kind.name}{number}"
        fields = {"quantity": Decimal(quantity), "price": price, "cash": Decimal(cash)}
        desk.tell(entry(kind, identity, strategy=strategy, **fields))
        expected.setdefault(identity, (quantity, cash))
    found = desk.machine.state.book.holdings
    assert found.position(HELD) == held + sum(each for each, _ in expected.values())
    assert found.cash == 100_000 - 100 * held + sum(each for _, each in expected.values())
    assert sum(found.owned.values()) == found.position(HELD)
