"""What holds for any history of bars, fills and account entries."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from hypothesis import given, settings, strategies as st

from tidegate_contracts import codec
from tidegate_contracts.execution import AccountEntry, AccountEntryKind, Fill, Side
from tidegate_contracts.market import Bar
from tidegate_contracts.portfolio import AccountSnapshot, LedgerEntry
from tidegate_contracts.subjects import subject_of
from tidegate_kernel.fees import taken_in_kind
from tidegate_kernel.machine import Publish, SetTimer, TimerFired
from tidegate_kernel.money import ZERO
from tidegate_portfolio.core.machine import PortfolioMachine
from tidegate_portfolio.testing import (
    DAY,
    PARAMETERS,
    START,
    bar,
    entry,
    fill,
    new_machine,
    published,
)

if TYPE_CHECKING:
    from random import Random

    from tidegate_kernel.machine import Effect

Known = Bar | Fill | AccountEntry
SYMBOLS = ("AAPL", "MSFT", "BTC/USDT")
PRICES = st.decimals("0.01", 9_999, places=6).map(str)
QUANTITIES = st.decimals(-100, 100, places=8).filter(bool).map(str)
FEES = st.decimals(-1, 5, places=10)


@st.composite
def histories(draw: st.DrawFn) -> list[Known]:
    """Draw some days, each with bars of all symbols and some fills, duplicates among them."""
    history: list[Known] = []
    for day in range(1, draw(st.integers(1, 8)) + 1):
        history += [bar(day, draw(st.integers(1, 900_000)), symbol) for symbol in SYMBOLS]
        for execution in draw(st.lists(st.integers(0, 30), max_size=4)):
            history.append(
                fill(
                    f"x{execution}",
                    draw(QUANTITIES),
                    draw(PRICES),
                    symbol=draw(st.sampled_from(SYMBOLS)),
                    strategy=draw(st.sampled_from(("trend", "fade", ""))),
                    fee=draw(FEES),
                    fee_currency=draw(st.sampled_from(("USD", "BTC"))),
                    event_at_ns=START + (day - 1) * DAY,
                )
            )
        history += draw(st.lists(entries_of(START + (day - 1) * DAY), max_size=2))
    return history


@st.composite
def entries_of(draw: st.DrawFn, at_ns: int) -> AccountEntry:
    """An account entry of any kind, with any of its parts, that may be said again."""
    kind = draw(st.sampled_from([each for each in AccountEntryKind if each]))
    quantity = Decimal(draw(st.sampled_from((0, 1, -3, 7))))
    price = draw(st.sampled_from((None, Decimal(0), Decimal("99.5"))))
    symbol = draw(st.sampled_from(SYMBOLS if quantity else (*SYMBOLS, "")))
    return entry(
        kind,
        f"{kind.name}{symbol}{draw(st.integers(0, 3))}",
        symbol=symbol,
        strategy=draw(st.sampled_from(("trend", "fade", ""))),
        quantity=quantity,
        price=price,
        cash=draw(FEES) - draw(FEES),
        currency=draw(st.sampled_from(("USD", "BTC"))),
        event_at_ns=at_ns,
    )


def play(machine: PortfolioMachine, event: Known, now_ns: int) -> list[Effect]:
    """Handle an event and the timers that it sets for now."""
    effects = list(machine.handle(event, now_ns))
    for effect in tuple(effects):
        if isinstance(effect, SetTimer):
            effects += machine.handle(TimerFired(effect.name, effect.at_ns), now_ns)
    return effects


def time_of(event: Known) -> int:
    """Return the instant at which an event of a history is known."""
    return event.end_ns if isinstance(event, Bar) else event.event_at_ns + DAY


@settings(max_examples=60)
@given(histories())
def test_the_ledger_balances_after_every_message(history: list[Known]) -> None:
    """I10: balances sum to zero in each currency, and the published entries are those balances."""
    machine = new_machine()
    entries: list[LedgerEntry] = []
    for event in history:
        entries += published(play(machine, event, time_of(event)), LedgerEntry)
        assert machine.state.ledger.balanced()
    balances: dict[str, dict[str, Decimal]] = {}
    for line in entries:
        account = balances.setdefault(line.account, {})
        account[line.currency] = account.get(line.currency, ZERO) + line.amount
    assert balances == machine.state.ledger.balances


@settings(max_examples=60)
@given(histories())
def test_positions_are_the_sum_of_fills_and_entries_and_equity_adds_up(
    history: list[Known],
) -> None:
    """Equity = cash + value = capital + transfers + realised + unrealised - fees, exactly."""
    machine = new_machine()
    booked: dict[str, dict[str, Decimal]] = {symbol: {} for symbol in SYMBOLS}
    for event in history:
        if isinstance(event, Fill):
            signed = event.quantity if event.side is Side.BUY else -event.quantity
            signed -= taken_in_kind(event.symbol, event.fee, event.fee_currency)
            booked[event.symbol].setdefault(event.execution_id, signed)
        elif isinstance(event, AccountEntry) and event.symbol:
            booked[event.symbol].setdefault(event.entry_id, event.quantity)
        for account in published(play(machine, event, time_of(event)), AccountSnapshot):
            assert account.equity == account.cash + account.positions_value
            made = account.realized_pnl + account.unrealized_pnl - account.fees
            assert account.equity == PARAMETERS.capital + (account.transfers or ZERO) + made
    ledger = machine.state.ledger
    for symbol, fills in booked.items():
        held = ledger.balance(f"assets:position:{symbol}", symbol)
        assert held == sum(fills.values(), ZERO)


@settings(max_examples=40)
@given(histories(), st.data())
def test_a_restored_machine_goes_on_the_same(history: list[Known], data: st.DataObject) -> None:
    """A crash at any step changes no effect and no state after it."""
    steady, crashed = new_machine(), new_machine()
    at = data.draw(st.integers(0, len(history)))
    for step, event in enumerate(history):
        if step == at:
            crashed = PortfolioMachine.restore(PARAMETERS, crashed.snapshot())
        now_ns = time_of(event)
        assert play(steady, event, now_ns) == play(crashed, event, now_ns)
    assert steady.snapshot() == crashed.snapshot()


@settings(max_examples=40)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_bars_within_an_instant_does_not_matter(
    history: list[Known], random: Random
) -> None:
    """Snapshots are taken when all bars of an instant are in, so their order cannot show."""
    shuffled = list(history)
    for start, event in enumerate(history):
        if isinstance(event, Bar) and event.symbol == SYMBOLS[0]:
            instant = history[start : start + len(SYMBOLS)]
            random.shuffle(instant)
            shuffled[start : start + len(SYMBOLS)] = instant
    one, other = new_machine(), new_machine()
    first = [effect for event in history for effect in play(one, event, time_of(event))]
    second = [effect for event in shuffled for effect in play(other, event, time_of(event))]
    assert first == second


@settings(max_examples=30)
@given(histories())
def test_no_float_enters_the_books(history: list[Known]) -> None:
    """Neither the state nor a message holds a floating-point number."""
    machine = new_machine()
    for event in history:
        effects = play(machine, event, time_of(event))
        assert not _floats(msgspec.to_builtins(effects, builtin_types=(Decimal,)))
    assert not _floats(msgspec.msgpack.decode(machine.snapshot()))


@settings(max_examples=30)
@given(histories())
def test_every_message_survives_the_wire(history: list[Known]) -> None:
    """What is published reads back as the same values, and has a subject."""
    machine = new_machine()
    for event in history:
        for effect in play(machine, event, time_of(event)):
            if isinstance(effect, Publish):
                payload = codec.encode(effect.body)
                assert codec.decode(codec.schema_of(effect.body), payload) == effect.body
                assert subject_of(effect.body).startswith("portfolio.demo.")


def _floats(tree: object) -> bool:
    if isinstance(tree, dict):
        return any(_floats(value) for value in tree.values())
    if isinstance(tree, list | tuple):
        return any(_floats(value) for value in tree)
    return isinstance(tree, float)
