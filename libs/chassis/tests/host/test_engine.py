"""The engine's books are the same when its inputs are handled again."""

from decimal import Decimal

import pytest

from tidegate_chassis.host.engine import Bookkeeping, Engine, Taken, read_snapshot
from tidegate_chassis.host.inputs import Input, InputKind, Skipped, unpack_event
from tidegate_contracts.execution import QueryOrder, VenueOrder
from tidegate_kernel.machine import Called, Replied, TimerFired

from .toys import ToyParameters, ToySignals, bar_at


def _engine(state: bytes | None = None) -> Engine:
    books, machine = (Bookkeeping(), None) if state is None else read_snapshot(state)
    toy = ToySignals.restore(ToyParameters(), machine)
    return Engine("signals/toy/0", toy, books, frozenset())


def _bar(number: int) -> Input:
    return Input(
        InputKind.MESSAGE, bar_at(number), channel="market-data/replay-toy", k=number, chain=b"c"
    )


def _take(engine: Engine, numbers: range) -> list[Taken]:
    return [engine.take(_bar(number), number) for number in numbers]


def test_a_snapshot_continues_as_if_nothing_had_happened() -> None:
    """Restored half-way, the same inputs give the same rows, messages and chain."""
    whole, half = _engine(), _engine()
    expected = _take(whole, range(1, 11))
    _take(half, range(1, 6))
    again = _engine(half.snapshot())
    assert [t.row for t in _take(again, range(6, 11))] == [t.row for t in expected[5:]]
    assert again.snapshot() == whole.snapshot()


def test_a_channel_is_read_up_to_its_furthest_message_whatever_came_last() -> None:
    """A round's content decides the order of handling; a restart must not read any of it again."""
    engine = _engine()
    for number in (1, 4, 2, 3):
        engine.take(_bar(number), 4)
    assert engine.books.cursors["market-data/replay-toy"] == (4, b"c")


def test_what_was_skipped_moves_the_cursor_and_not_the_machine() -> None:
    """It takes a place in the journal, comes to nothing, and is the same when handled again."""
    engine = _engine()
    engine.take(_bar(1), 1)
    before = engine.machine.snapshot()
    skip = Input(InputKind.SKIPPED, Skipped(), channel="execution/toy", k=7, chain=b"d")
    taken = engine.take(skip, 1)
    assert (taken.row.n, taken.row.effects_hash, taken.outgoing) == (2, b"", ())
    assert unpack_event(taken.row) == Skipped()
    assert engine.machine.snapshot() == before
    assert engine.books.cursors["execution/toy"] == (7, b"d")


def test_journalled_inputs_read_back_as_they_were() -> None:
    """A row holds its event by value."""
    engine = _engine()
    for item in (_bar(1), Input(InputKind.TIMER, TimerFired("t", 5), name="t")):
        assert unpack_event(engine.take(item, 1).row) == item.event


@pytest.mark.parametrize(
    "item",
    [
        Input(InputKind.CALLED, Called("c", VenueOrder(filled_quantity=Decimal("107.0"))), "c"),
        Input(
            InputKind.REPLIED,
            Replied("venue", QueryOrder(), VenueOrder(filled_quantity=Decimal("107.0"))),
            "r",
        ),
    ],
)
def test_what_comes_as_objects_is_handled_as_the_journal_holds_it(item: Input) -> None:
    """Otherwise a snapshot would say 107.0 and its replay 107."""
    taken = _engine().take(item, 1)
    assert str(unpack_event(taken.row)) == str(taken.input.event)


def test_idle_inputs_have_no_effect_hash() -> None:
    """Only what did something is hashed."""
    rows = [t.row for t in _take(_engine(), range(1, 4))]
    assert [bool(row.effects_hash) for row in rows] == [False, False, True]


def test_reports_of_a_round_are_kept_until_the_next_instant() -> None:
    """A report is repeated as it was given, even after later rounds."""
    engine = _engine()
    engine.begin_round(100, 0)
    _take(engine, range(1, 4))
    first = engine.end_round(0)
    engine.begin_round(100, 1)
    _take(engine, range(4, 7))
    engine.end_round(1)
    assert engine.report_of(0) == first
    assert engine.report_of(-1).heads == {}
    engine.begin_round(200, 0)
    assert engine.report_of(-1).heads == {"signals/toy/0": 2}


def test_the_latest_time_is_remembered_for_the_clock_of_the_next_leader() -> None:
    """A replay's clock begins anew with every leader; no input may be handled earlier than one."""
    engine = _engine()
    _take(engine, range(5, 8))
    engine.take(_bar(8), 2)
    assert _engine(engine.snapshot()).books.at_ns == 7
