"""How the account stands is said once in every term, and whenever it changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tidegate_contracts.execution import QueryAccount, Reconciliation
from tidegate_contracts.risk import GateLevel
from tidegate_execution.testing import (
    DAY_0_NS,
    SessionRig,
    bar,
    execution_parameters,
    instrument,
    published,
    raised,
    verdict,
)
from tidegate_kernel.gate import Level
from tidegate_kernel.machine import Interrupted, TermStarted
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND

NOW_NS = DAY_0_NS + NS_PER_DAY
FLAT = (100, 101, 99, 100)


def started(*, lockstep: bool) -> SessionRig:
    """Return a session in its first term that has closed one bar."""
    rig = SessionRig(parameters=execution_parameters(lockstep=lockstep))
    rig.instant(NOW_NS, [TermStarted(1), instrument(), bar(0, FLAT)])
    return rig


def told(rig: SessionRig) -> list[tuple[int, bool]]:
    """Return term and standing of everything that was said of the account."""
    return [(each.term, each.reconciled) for each in said(rig)]


def said(rig: SessionRig) -> list[Reconciliation]:
    """Return what was said of the account."""
    return [body for body in rig.said if isinstance(body, Reconciliation)]


@pytest.mark.parametrize("lockstep", [True, False])
def test_the_first_comparison_of_a_term_is_told_once(*, lockstep: bool) -> None:
    """Later comparisons that find the same say nothing."""
    rig = started(lockstep=lockstep)
    for number in range(1, 4):
        rig.instant(NOW_NS + number * 30 * NS_PER_SECOND)
    assert told(rig) == [(1, True)]
    (first,) = said(rig)
    assert (first.session, first.account, first.shard) == ("demo", "demo", "execution/demo")
    assert (first.event_at_ns, first.open_orders, first.reason) == (NOW_NS, 0, "")


def test_nothing_is_told_before_the_first_comparison() -> None:
    """A machine that has only begun its term knows nothing of the account."""
    rig = SessionRig(parameters=execution_parameters(lockstep=False))
    effects = rig.execution.handle(TermStarted(1), NOW_NS)
    assert published(effects, Reconciliation) == []


def test_a_new_leader_says_that_it_must_compare_and_then_what_it_found() -> None:
    """In between nobody may believe what the leader before it said."""
    rig = started(lockstep=False)
    rig.instant(NOW_NS, [TermStarted(2)])
    assert told(rig) == [(1, True), (2, False), (2, True)]
    assert said(rig)[1].reason == "a new leader has not compared the account yet"


def test_a_restart_in_lockstep_is_one_message_and_no_question() -> None:
    """What was compared still holds there, so it is said again under the new term."""
    rig = started(lockstep=True)
    calls = rig.calls
    rig.instant(NOW_NS, [TermStarted(2)])
    assert (told(rig), rig.calls) == ([(1, True), (2, True)], calls)


def test_a_restart_in_lockstep_waits_for_a_comparison_under_way() -> None:
    """Its answer is told, not what was known before the question."""
    rig = started(lockstep=True)
    rig.instant(NOW_NS, [raised(GateLevel.LOCKED)])
    rig.instant(NOW_NS, [TermStarted(2)])
    assert rig.execution.confirmation().level is Level.LOCKED
    assert told(rig) == [(1, True), (2, True)]


def test_a_silent_venue_is_told_and_so_is_its_return() -> None:
    """Every change within a term is said."""
    rig = started(lockstep=False)
    question = QueryAccount(session="demo")
    rig.instant(NOW_NS, [Interrupted("venue", question)])
    rig.instant(NOW_NS, [Interrupted("venue", question)])
    assert told(rig) == [(1, True), (1, False)]
    assert "did not answer" in said(rig)[-1].reason
    rig.instant(NOW_NS + 60 * NS_PER_SECOND)
    assert told(rig)[-1] == (1, True)


def test_open_orders_are_counted() -> None:
    """They are no contradiction; whoever reads the message sees how many there are."""
    rig = started(lockstep=False)
    rig.instant(NOW_NS, [verdict(NOW_NS, limit_price=Decimal(90))])
    rig.instant(NOW_NS, [TermStarted(2)])
    assert [each.open_orders for each in said(rig)] == [0, 1, 1]
