"""Simulated hours hold, and every kind of fault happens; a deliberate mistake is found."""

import msgspec
import pytest

from tidegate_lab.simulate.campaign import Wanted, play_one
from tidegate_lab.simulate.hour import play
from tidegate_lab.simulate.mutants import MUTANTS, applied
from tidegate_lab.simulate.plan import plan_of
from tidegate_lab.simulate.shrinking import shrink
from tidegate_lab.simulate.world import VENUES


def test_an_hour_without_faults_trades_and_breaks_nothing() -> None:
    """Nothing is unknown and nobody dies, but orders are made and filled."""
    result = play(plan_of(1, 0, ("none",)))
    assert result.violations == ()
    assert result.orders >= 15
    assert result.crashes == 0
    assert result.goals["unknown"] == 0


@pytest.mark.parametrize(
    ("name", "hour", "invariant"),
    [
        ("volatile_outbox", 0, "I15"),
        ("timeout_means_rejected", 0, "I12"),
        ("blind_resend", 0, "I02"),
        ("uneven_end_is_no_matter", 21, "I12"),
        ("cover_sold_at_once", 10, "I06"),
        ("one_leg_closed_alone", 19, "I06"),
        ("legs_before_do_not_count", 16, "I03"),
        ("slice_forgotten_in_a_crash", 63, "I01"),
        ("replacement_needs_no_approval", 13, "I01"),
        ("replacement_reserves_nothing", 22, "I03"),
    ],
)
def test_a_mistake_breaks_its_invariant(name: str, hour: int, invariant: str) -> None:
    """A checker that cannot fail would prove nothing."""
    result = play_one(Wanted(1, (hour,), MUTANTS[name].kinds, name)).result
    assert invariant in {each.invariant for each in result.violations}


def test_a_violation_is_told_with_few_faults() -> None:
    """Faults that do not matter are left out of the story."""
    plan = msgspec.structs.replace(plan_of(1, 0, ("kill", "pause", "lost")), venue=VENUES[2])
    shrunk = shrink(plan, "snapshot_without_tail")
    assert shrunk is not None
    assert 0 < len(shrunk.plan.faults) < len(plan.faults)
    with applied("snapshot_without_tail"):
        again = play(shrunk.plan)
    assert again.violations[0] == shrunk.violation


def test_what_breaks_nothing_has_no_story() -> None:
    """There is nothing to shrink in an hour that holds."""
    assert shrink(plan_of(1, 0, ("none",))) is None
