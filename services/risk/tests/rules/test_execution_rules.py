"""Rules about what a strategy's orders do to each other: repeats, and meeting oneself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import OrderState, Side
from tidegate_contracts.risk import GateAction, GateEvent, GateLevel
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_risk.core.book.repeats import Repeats
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import SESSION, START_NS, Desk, code, instrument, parameters


def executed(desk: Desk, strategy: str = "ema") -> str:
    """Let a strategy buy 100 shares, all of which leave the books again but as an execution."""
    desk.now_ns += 1
    verdict = desk.ask(strategy=strategy)
    if verdict.specification is not None:
        desk.fill(verdict)
        desk.report(verdict, OrderState.FILLED, 100)
        desk.machine.state.book.holdings.owned.clear()
    return code(verdict)


def repeating(**limits: Any) -> Desk:  # noqa: ANN401
    """Return a desk that disables a strategy after three equal executions."""
    return Desk(parameters(**{"repeat_executions_max": 3, "repeat_window_ns": 100, **limits}))


def lowered(scope: str) -> GateEvent:
    """Say that two principals have lowered a scope of the gate."""
    return GateEvent(action=GateAction.LOWERED, scope=scope, level=GateLevel.OPEN, gate_epoch=1)


def test_a_strategy_that_repeats_itself_is_disabled_until_a_person_enables_it() -> None:
    """Three equal executions pass, a fourth does not, however long it waits."""
    desk = repeating()
    assert [executed(desk) for _ in range(4)] == ["APPROVED"] * 3 + [Code.REPEATED_EXECUTIONS]
    desk.now_ns += 10**6
    assert executed(desk) == Code.REPEATED_EXECUTIONS
    for scope in ("all", "strategy:other/ema", f"strategy:{SESSION}/other", f"session:{SESSION}"):
        desk.tell(lowered(scope))
        assert executed(desk) == Code.REPEATED_EXECUTIONS
    desk.tell(lowered(f"strategy:{SESSION}/ema"))
    assert [executed(desk) for _ in range(4)] == ["APPROVED"] * 3 + [Code.REPEATED_EXECUTIONS]


def test_a_disabled_strategy_does_not_disable_another_and_may_leave() -> None:
    """The scope is the strategy, and an exit is never refused for it."""
    desk = repeating()
    for _ in range(3):
        executed(desk)
    assert executed(desk, "other") == "APPROVED"
    desk.machine.state.book.holdings.owned["ema|XNAS|AAPL"] = Decimal(100)
    assert code(desk.ask(Direction.FLAT)) == "APPROVED"


@pytest.mark.parametrize(
    ("wait_ns", "expected"), [(98, Code.REPEATED_EXECUTIONS), (99, "APPROVED")]
)
def test_an_execution_after_the_window_begins_a_new_row(wait_ns: int, expected: str) -> None:
    """Within the window it is the third, after it the first; an execution takes 1 ns."""
    desk = repeating()
    executed(desk)
    executed(desk)
    desk.now_ns += wait_ns
    executed(desk)
    assert executed(desk) == expected


def test_another_quantity_begins_a_new_row() -> None:
    """Only what is the same again counts."""
    desk = repeating()
    for _ in range(2):
        executed(desk)
    fill = desk.fill(desk.ask(stop_distance=Decimal(25)))
    assert fill.quantity == 40
    desk.machine.state.book.holdings.owned.clear()
    assert executed(desk) == "APPROVED"
    assert executed(desk) == "APPROVED"


def test_an_order_filled_in_parts_is_one_execution() -> None:
    """Its first fill counts it."""
    desk = repeating()
    verdict = desk.ask()
    for _ in range(4):
        desk.fill(verdict, 25)
    assert desk.machine.state.book.repeats.runs["ema|XNAS|AAPL"].count == 1
    assert desk.machine.state.book.repeats.disabled == {}


def test_a_repeated_message_of_a_fill_is_no_execution() -> None:
    """The same execution id counts once."""
    desk = repeating()
    verdict = desk.ask()
    fill = desk.fill(verdict, 10)
    desk.tell(fill)
    assert desk.machine.state.book.repeats.runs["ema|XNAS|AAPL"].count == 1


def test_a_fill_of_an_unknown_order_is_an_execution() -> None:
    """What risk knows nothing of is counted at its own quantity."""
    desk = repeating()
    verdict = desk.ask()
    desk.machine.state.book.orders.by_id.clear()
    desk.fill(verdict, 25)
    desk.fill(verdict, 25)
    run = desk.machine.state.book.repeats.runs["ema|XNAS|AAPL"]
    assert (run.count, run.quantity) == (2, Decimal(25))


sides = st.sampled_from([Side.BUY, Side.SELL])


@given(st.lists(st.tuples(sides, st.integers(1, 2), st.integers(0, 3)), max_size=30))
def test_a_run_is_the_equal_executions_at_the_end(history: list[tuple[Side, int, int]]) -> None:
    """As a naive count from the end backwards says, windows of two units included."""
    repeats, now_ns, done = Repeats(), 0, list[tuple[Side, int, int]]()
    for side, quantity, wait_ns in history:
        now_ns += wait_ns
        repeats.end_old(("ema", "AAPL"), now_ns - 2)
        run = repeats.note(("ema", "AAPL"), side, Decimal(quantity), now_ns)
        done.append((side, quantity, now_ns))
        count = 1
        while (
            count < len(done)
            and done[-count - 1][:2] == (side, quantity)
            and done[-count][2] - done[-count - 1][2] < 2
        ):
            count += 1
        assert run.count == count


def test_enabling_a_strategy_forgets_its_rows_and_no_others() -> None:
    """It begins anew everywhere."""
    repeats = Repeats()
    for strategy in ("ema", "emax"):
        repeats.note((strategy, "XNAS|A"), Side.BUY, Decimal(1), START_NS)
        repeats.disable(strategy, START_NS)
    repeats.disable("ema", START_NS + 1)
    assert repeats.disabled["ema"] == START_NS
    repeats.enable("ema")
    assert list(repeats.runs) == ["emax|XNAS|A"]
    assert list(repeats.disabled) == ["emax"]


def resting(
    desk: Desk, direction: Direction, limit: str | None, strategy: str, symbol: str = "AAPL"
) -> str:
    """Ask for an entry at a limit, or at the market."""
    if limit is None:
        return code(desk.ask(direction, symbol, strategy))
    limited: dict[str, Any] = {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal(limit)}
    return code(desk.ask(direction, symbol, strategy, **limited))


@pytest.mark.parametrize(
    ("bid", "offer", "expected"),
    [
        ("99", "99.01", "APPROVED"),
        ("99", "99", Code.SELF_TRADE),
        (None, "200", Code.SELF_TRADE),
        ("1", None, Code.SELF_TRADE),
        (None, None, "APPROVED"),
    ],
)
@pytest.mark.parametrize("buys_first", [True, False])
def test_an_order_does_not_meet_one_of_the_same_account(
    bid: str | None, offer: str | None, expected: str, *, buys_first: bool
) -> None:
    """Prices that touch meet, and a market order meets every limit, whichever came first."""
    desk = Desk(parameters(short_allowed=True))
    both = [(Direction.LONG, bid, "first"), (Direction.SHORT, offer, "second")]
    first, second = both if buys_first else reversed(both)
    assert resting(desk, *first) == "APPROVED"
    assert resting(desk, *second) == expected


def test_an_ended_order_is_not_met() -> None:
    """Even while its fills have not all arrived."""
    desk = Desk(parameters(short_allowed=True))
    limited: dict[str, Any] = {"entry_style": EntryStyle.LIMIT, "limit_price": Decimal(100)}
    first = desk.ask(strategy="first", **limited)
    desk.report(first, OrderState.FILLED, 100)
    assert code(desk.ask(Direction.SHORT, strategy="second")) == "APPROVED"


def test_another_symbols_order_is_not_met() -> None:
    """Only the same listing trades with itself."""
    desk = Desk(parameters(short_allowed=True), ["A", "B"])
    resting(desk, Direction.LONG, "100", "first", "A")
    assert resting(desk, Direction.SHORT, "100", "second", "B") == "APPROVED"


def test_an_exit_is_not_kept_by_an_order_that_it_could_meet() -> None:
    """Getting out comes first."""
    desk = Desk(parameters(short_allowed=True))
    desk.hold(strategy="first")
    resting(desk, Direction.LONG, "99", "second")
    assert code(desk.ask(Direction.FLAT, strategy="first")) == "APPROVED"


@pytest.mark.parametrize(("largest", "expected"), [("100", "APPROVED"), ("99", Code.MAX_QUANTITY)])
def test_the_venues_largest_quantity_binds(largest: str, expected: str) -> None:
    """Exactly as much as the venue takes passes."""
    desk = Desk()
    desk.tell(instrument(max_quantity=Decimal(largest)))
    assert code(desk.ask()) == expected
