"""Execution that is not heard may have sent an order all the same."""

from tidegate_lab.simulate.hour import play
from tidegate_lab.simulate.plan import Fault, Plan, seed_of
from tidegate_lab.simulate.world import VenueKind

PLAN = Plan(
    seed_of(2, 255),
    VenueKind(remote=True, ids_unique_for_ever=True),
    (
        Fault("lost_reports", 3.7858, for_s=7.297_899_244_289_065, share=0.6),
        Fault("late_landing", 6.3355, for_s=2.655_526_761_133_107_7, share=0.3),
        Fault("pause", 12.9701, "risk-a", for_s=2.650_379_140_250_280_8),
        Fault("crash", 13.0093, "risk-b", amount=1, point="before_commit"),
        Fault("crash", 13.3053, "execution", amount=1, point="before_publish"),
        Fault("nats_outage", 15.8139, for_s=7.462_127_215_140_429),
    ),
)


def test_an_approval_stays_reserved_while_execution_cannot_be_heard() -> None:
    """It sends an order and dies unheard, and the bus is away for longer than verdicts live."""
    assert play(PLAN).violations == ()
