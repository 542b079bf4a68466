"""A restored backup is recognised, whatever the end of the stream looks like."""

from tidegate_lab.simulate.hour import play
from tidegate_lab.simulate.plan import Fault, Plan, seed_of
from tidegate_lab.simulate.world import VENUES

PLAN = Plan(
    seed_of(2, 258),
    VENUES[2],
    (
        Fault("crash", 5.4709, "execution", point="before_request", amount=2),
        Fault("postgres_outage", 10.3508, "alerts", for_s=1.081_008_971_414_937_8),
        Fault("lost", 14.1108, for_s=2.886_602_878_681_141_5, share=0.1, amount=2.0),
        Fault("restored_backup", 16.7516, "execution", for_s=1.603_445_164_565_404_8),
    ),
)


def test_what_is_said_again_does_not_hide_later_messages() -> None:
    """An old message whose acknowledgement got lost is the stream's last; later ones are there."""
    result = play(PLAN)
    assert result.violations == ()
    assert result.goals["backup_refused"] == 1
