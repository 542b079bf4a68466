"""The fold of the gate: levels, epochs, latches and what each level lets through."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.gate import (
    Action,
    Activity,
    Coverage,
    GateView,
    Level,
    checked_scope,
    may_cover,
    passes,
)

ORDER = Coverage(session="demo", account="paper", venue="XNAS", strategy="ema", symbol="AAPL")
CALL, HIGHER = "AAPL271217C00200000", "AAPL271217C00210000"
OPTION = msgspec.structs.replace(ORDER, symbol=CALL)
SPREAD = msgspec.structs.replace(ORDER, legs=(CALL, HIGHER))


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a gate event that the fold reads."""

    action: int
    scope: str
    level: int
    gate_epoch: int
    latches: tuple[str, ...] = ()


def raised(scope: str, level: Level, epoch: int) -> Change:
    """Say that a scope was raised."""
    return Change(action=Action.RAISED, scope=scope, level=level, gate_epoch=epoch)


def lowered(scope: str, level: Level, epoch: int, latches: tuple[str, ...] = ()) -> Change:
    """Say that a scope was lowered."""
    return Change(
        action=Action.LOWERED, scope=scope, level=level, gate_epoch=epoch, latches=latches
    )


def test_an_untouched_gate_is_open() -> None:
    """No event means OPEN and epoch 0."""
    view = GateView()
    assert view.level_for(ORDER) is Level.OPEN
    assert view.epoch_for(ORDER) == 0


@pytest.mark.parametrize(
    ("coverage", "symbols"),
    [(ORDER, ("AAPL",)), (OPTION, ("AAPL", CALL)), (SPREAD, ("AAPL", CALL, HIGHER))],
)
def test_an_option_is_covered_by_its_underlying(
    coverage: Coverage, symbols: tuple[str, ...]
) -> None:
    """And an order with legs by each of them; shares are not covered by an option's scope."""
    scopes = coverage.scopes()
    named = [scope for scope in scopes if scope.startswith(("symbol:", "instrument:"))]
    assert named == [
        scope for each in symbols for scope in (f"symbol:{each}", f"instrument:demo/{each}")
    ]
    assert len(scopes) == len(named) + 5


@pytest.mark.parametrize("scope", ORDER.scopes())
def test_each_covering_scope_shuts_the_gate_for_the_order(scope: str) -> None:
    """A raise in any of its scopes binds the order, and its epoch counts."""
    view = GateView()
    assert view.apply(raised(scope, Level.HALTED, 7))
    assert view.level_for(ORDER) is Level.HALTED
    assert view.epoch_for(ORDER) == 7
    assert view.cause_for(ORDER) == scope


@pytest.mark.parametrize(
    "scope",
    [
        "session:other",
        "account:other",
        "venue:XNYS",
        "strategy:demo/donchian",
        "strategy:other/ema",
        "symbol:MSFT",
    ],
)
def test_a_scope_that_does_not_cover_the_order_leaves_it_alone(scope: str) -> None:
    """Neither the level nor the epoch of a foreign scope binds the order."""
    view = GateView()
    view.apply(raised(scope, Level.LOCKED, 3))
    assert view.level_for(ORDER) is Level.OPEN
    assert view.epoch_for(ORDER) == 0
    assert view.epoch == 3


def test_the_worst_covering_scope_wins() -> None:
    """REDUCE_ONLY for everything does not soften HALTED for the symbol."""
    view = GateView()
    view.apply(raised("symbol:AAPL", Level.HALTED, 1))
    view.apply(raised("all", Level.REDUCE_ONLY, 2))
    assert view.level_for(ORDER) is Level.HALTED
    assert view.epoch_for(ORDER) == 2


def test_a_lowering_opens_only_its_own_scope() -> None:
    """Lowering everything leaves the session's own raise in force, and epochs never fall."""
    view = GateView()
    view.apply(raised("all", Level.HALTED, 1))
    view.apply(raised("session:demo", Level.REDUCE_ONLY, 2))
    view.apply(lowered("all", Level.OPEN, 2))
    assert view.level_for(ORDER) is Level.REDUCE_ONLY
    assert view.epoch_for(ORDER) == 2


def test_a_second_copy_of_an_event_changes_nothing() -> None:
    """A raise that was already folded cannot undo the lowering that followed it."""
    view = GateView()
    raising = raised("all", Level.HALTED, 1)
    view.apply(raising)
    view.apply(lowered("all", Level.OPEN, 1))
    assert not view.apply(raising)
    assert view.level_for(ORDER) is Level.OPEN


def test_a_lowering_older_than_a_raise_is_ignored() -> None:
    """A late copy of a lowering cannot undo a newer raise."""
    view = GateView()
    view.apply(raised("all", Level.HALTED, 1))
    view.apply(raised("all", Level.HALTED, 2))
    assert not view.apply(lowered("all", Level.OPEN, 1))
    assert view.level_for(ORDER) is Level.HALTED


@pytest.mark.parametrize("action", [Action.LOWERING_REQUESTED, Action.REQUEST_EXPIRED])
def test_a_request_changes_no_level(action: Action) -> None:
    """Asking is not lowering."""
    view = GateView()
    view.apply(raised("all", Level.HALTED, 1))
    assert not view.apply(Change(action=action, scope="all", level=Level.OPEN, gate_epoch=1))
    assert view.level_for(ORDER) is Level.HALTED


def test_a_latch_binds_until_a_lowering_names_it() -> None:
    """Folding the latch, and a lowering that does not name it, leave it in force."""
    view = GateView()
    view.add_latch("l1", "session:demo", Level.HALTED)
    assert view.level_for(ORDER) is Level.HALTED
    view.apply(
        Change(
            action=Action.LATCH_FOLDED,
            scope="session:demo",
            level=Level.HALTED,
            gate_epoch=1,
            latches=("l1",),
        )
    )
    view.apply(lowered("session:demo", Level.OPEN, 1))
    assert view.level_for(ORDER) is Level.HALTED
    view.apply(lowered("session:demo", Level.OPEN, 1, latches=("l1",)))
    assert view.level_for(ORDER) is Level.OPEN


@pytest.mark.parametrize("level", list(Level))
def test_cancels_pass_at_every_level(level: Level) -> None:
    """Nothing stops a cancel."""
    assert passes(level, Activity.CANCEL)


@pytest.mark.parametrize(
    ("activity", "levels"),
    [
        (Activity.INCREASE, {Level.OPEN}),
        (Activity.REDUCE, {Level.OPEN, Level.REDUCE_ONLY}),
        (Activity.FLATTEN, {Level.OPEN, Level.REDUCE_ONLY, Level.FLATTENING}),
    ],
)
def test_each_activity_passes_only_at_its_levels(activity: Activity, levels: set[Level]) -> None:
    """Increases need an open gate; strategies' reductions stop at HALTED."""
    assert {level for level in Level if passes(level, activity)} == levels


@pytest.mark.parametrize(
    "scope",
    ["all", "session:demo", "account:paper", "venue:XNAS", "strategy:demo/ema", "symbol:BTC/USDT"],
)
def test_a_scope_in_its_written_form_is_accepted(scope: str) -> None:
    """Every kind of scope has one spelling."""
    assert checked_scope(scope) == scope


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "ALL",
        "all:",
        "session",
        "session:",
        "strategy:ema",
        "strategy:/ema",
        "strategy:demo/",
        "symbol:A B",
        "desk:one",
    ],
)
def test_anything_else_is_not_a_scope(scope: str) -> None:
    """A misspelt scope is an error and not a scope that covers nothing."""
    with pytest.raises(IdentifierError, match="expected a scope"):
        checked_scope(scope)


@given(
    st.lists(st.tuples(st.sampled_from(ORDER.scopes()), st.sampled_from(list(Level))), max_size=12)
)
def test_the_level_is_the_worst_of_the_last_words(
    raises: list[tuple[str, Level]],
) -> None:
    """Whatever the order of raises, the last level of each scope counts, and the worst binds."""
    view = GateView()
    for epoch, (scope, level) in enumerate(raises, start=1):
        view.apply(raised(scope, level, epoch))
    last = dict(raises)
    assert view.level_for(ORDER) == max(last.values(), default=Level.OPEN)
    assert view.epoch_for(ORDER) == len(raises)


def test_a_view_survives_a_snapshot() -> None:
    """Encoding and decoding a view loses nothing."""
    view = GateView()
    view.apply(raised("all", Level.HALTED, 4))
    view.add_latch("l1", "symbol:AAPL", Level.LOCKED)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(view), type=GateView)
    assert again == view


@given(st.sampled_from(ORDER.scopes()))
def test_every_scope_of_an_order_may_cover_its_session(scope: str) -> None:
    """Whatever covers an order could cover one of its session."""
    assert may_cover(scope, ORDER.session, ORDER.account)


@pytest.mark.parametrize("scope", ["session:demo2", "account:demo", "strategy:demo2/ema"])
def test_scopes_of_others_cover_no_order_of_a_session(scope: str) -> None:
    """Names are compared whole."""
    assert not may_cover(scope, ORDER.session, ORDER.account)
