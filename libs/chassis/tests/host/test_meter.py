"""What a shard has said is counted."""

from tidegate_chassis.host import meter
from tidegate_chassis.telemetry import PROCESS, names
from tidegate_contracts.alerts import Alert, AlertState, Severity
from tidegate_contracts.risk import GateAction, GateEvent


def test_the_epoch_of_the_gate_is_that_of_the_last_raise() -> None:
    """A lowering names the epoch that it lowers, which is no news."""
    meter.said(GateEvent(action=GateAction.RAISED, scope="all", gate_epoch=7))
    meter.said(GateEvent(action=GateAction.LOWERED, scope="all", gate_epoch=3))
    assert PROCESS.value(names.GATE_EPOCH) == 7


def test_an_alert_counts_when_it_is_raised() -> None:
    """Not when it is repeated, noticed or over."""
    for state in (AlertState.RAISED, AlertState.REPEATED, AlertState.RESOLVED):
        meter.said(Alert(session="metered", severity=Severity.CRITICAL, state=state))
    assert PROCESS.value(names.ALERTS, ("metered", "critical")) == 1
