"""Which rows wait for the next commit, and how long."""

from tidegate_chassis.host.deferred import HELD_MAX, Deferred
from tidegate_chassis.host.engine import Bookkeeping, Engine, Taken
from tidegate_chassis.host.inputs import Input, InputKind
from tidegate_kernel.machine import TimerFired

from .toys import ToyParameters, ToySignals, bar_at

PATIENCE_S = 3600.0
IDLE, DECIDING = 1, 3
"""Which bars, counted from one, the counter only counts and which make it signal."""


def _taken(number: int) -> Taken:
    engine = Engine(
        "signals/toy/0", ToySignals(ToyParameters(), number - 1), Bookkeeping(), frozenset()
    )
    return engine.take(Input(InputKind.MESSAGE, bar_at(number)), 0)


def test_only_prices_that_change_nothing_wait() -> None:
    """A signal does not, nor does anything else, however little comes of it."""
    deferred = Deferred(PATIENCE_S)
    engine = Engine("signals/toy/0", ToySignals(ToyParameters(), 0), Bookkeeping(), frozenset())
    timer = engine.take(Input(InputKind.TIMER, TimerFired("x", 0), name="x"), 0)
    assert deferred.may_take([_taken(IDLE)])
    assert not deferred.may_take([_taken(DECIDING)])
    assert not deferred.may_take([_taken(IDLE), _taken(DECIDING)])
    assert not deferred.may_take([timer])


def test_what_waits_goes_before_what_comes() -> None:
    """The journal keeps the order of handling."""
    deferred = Deferred(PATIENCE_S)
    first, second, last = _taken(IDLE), _taken(IDLE), _taken(DECIDING)
    deferred.take([first])
    deferred.take([second])
    assert deferred.before([last]) == [first, second, last]
    deferred.clear()
    assert deferred.before([last]) == [last]


def test_nothing_waits_for_ever() -> None:
    """Neither longer than its patience nor in unbounded number."""
    impatient, patient = Deferred(0.0), Deferred(PATIENCE_S)
    for each in (impatient, patient):
        each.take([_taken(IDLE)])
    assert impatient.is_due()
    assert not impatient.may_take([_taken(IDLE)])
    assert impatient.wait_s(1.0) == 0.0
    assert patient.may_take([_taken(IDLE)])
    assert patient.wait_s(1.0) == 1.0
    assert patient.is_due(HELD_MAX)
