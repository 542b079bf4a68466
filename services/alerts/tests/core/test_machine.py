"""The alerts machine, fact by fact."""

from __future__ import annotations

import msgspec
import pytest

from tidegate_alerts.core.book import alert_id_of
from tidegate_alerts.core.machine import AlertsMachine
from tidegate_alerts.core.parameters import ChannelParameters, DeliverySettings
from tidegate_alerts.testing import (
    HOUR,
    SECOND,
    START,
    WALL,
    account,
    fill,
    gate,
    published,
    refused,
    requested,
)
from tidegate_contracts.alerts import (
    AcknowledgeAlert,
    Alert,
    AlertDelivered,
    AlertState,
    DeliverAlert,
    Severity,
)
from tidegate_contracts.host import CommandRefused
from tidegate_contracts.market import FeedState, FeedStatus
from tidegate_contracts.risk import Decision, GateAction, GateLevel, Verdict
from tidegate_kernel.machine import (
    Answer,
    Called,
    CancelTimer,
    CauseMissing,
    Interrupted,
    Publish,
    Replied,
    SetTimer,
    TimerFired,
    Withheld,
)

FILL_ID = alert_id_of("demo", "fill", "trend/AAPL")
LOCKSTEP = msgspec.structs.replace(WALL, lockstep=True)


@pytest.fixture
def machine() -> AlertsMachine:
    """Return a machine on the wall's clock, with a log and a phone."""
    return AlertsMachine.restore(WALL, None)


def outcome(request: DeliverAlert, *, delivered: bool) -> Replied:
    """Return the outcome of a delivery."""
    answer = AlertDelivered(
        channel=request.channel, delivered=delivered, reason="" if delivered else "busy"
    )
    return Replied("channels", request, answer)


def to_phone(effects: object) -> DeliverAlert:
    """Return the one request for the phone."""
    (request,) = [each for each in requested(effects) if each.channel == "phone"]  # type: ignore[arg-type]
    return request


def acknowledge(alert_id: str, principal: str = "operator") -> Called:
    """Return the command."""
    return Called("c1", AcknowledgeAlert(session="demo", alert_id=alert_id, principal=principal))


def test_a_finding_is_published_and_delivered_through_every_channel(machine: AlertsMachine) -> None:
    """The alert carries all that is said; each channel gets the same."""
    effects = machine.handle(fill(), START)
    (alert,) = published(effects, Alert)
    assert (alert.alert_id, alert.rule, alert.state) == (FILL_ID, "fill", AlertState.RAISED)
    assert (alert.session, alert.occurrences, alert.event_at_ns) == ("demo", 1, START)
    assert [(each.channel, each.alert) for each in requested(effects)] == [
        ("log", alert),
        ("phone", alert),
    ]


def test_what_no_rule_minds_changes_nothing(machine: AlertsMachine) -> None:
    """An approval and a healthy account leave neither effects nor state."""
    before = machine.snapshot()
    assert not machine.handle(Verdict(session="demo", decision=Decision.APPROVED), START)
    assert not machine.handle(account("1000"), START)
    assert machine.snapshot() == before


def test_repetitions_within_the_quiet_window_are_counted_and_told_with_the_next_word(
    machine: AlertsMachine,
) -> None:
    """Ten fills in an hour are one alert; the next one says that it was the eleventh."""
    machine.handle(fill(), START)
    for minute in range(1, 10):
        assert not machine.handle(fill(at_ns=START + minute * 60 * SECOND), START)
    (again,) = published(machine.handle(fill(at_ns=START + HOUR), START), Alert)
    assert (again.state, again.occurrences) == (AlertState.REPEATED, 11)


def test_other_subjects_are_other_alerts(machine: AlertsMachine) -> None:
    """Fills of another symbol, and refusals for another reason, are told at once."""
    assert published(machine.handle(fill("AAPL"), START), Alert)
    assert published(machine.handle(fill("MSFT"), START), Alert)
    assert published(machine.handle(refused("A"), START), Alert)
    assert published(machine.handle(refused("B"), START), Alert)


def test_a_gate_that_is_raised_further_is_never_quiet(machine: AlertsMachine) -> None:
    """HALTED, then FLATTENING a second later: both are told."""
    first = machine.handle(gate(GateAction.RAISED), START)
    worse = gate(GateAction.RAISED, GateLevel.FLATTENING, at_ns=START + SECOND)
    second = machine.handle(worse, START)
    states = [a.state for a in (*published(first, Alert), *published(second, Alert))]
    assert states == [AlertState.RAISED, AlertState.REPEATED]


def test_a_higher_severity_raises_again(machine: AlertsMachine) -> None:
    """From REDUCE_ONLY (warning) to HALTED (critical)."""
    machine.handle(gate(GateAction.RAISED, GateLevel.REDUCE_ONLY), START)
    (worse,) = published(machine.handle(gate(GateAction.RAISED), START), Alert)
    assert (worse.state, worse.severity) == (AlertState.RAISED, Severity.CRITICAL)


def test_what_ends_is_resolved_with_the_severity_that_it_had(machine: AlertsMachine) -> None:
    """People who were told of a critical thing are told that it is over."""
    machine.handle(gate(GateAction.RAISED), START)
    effects = machine.handle(gate(GateAction.LOWERED, GateLevel.OPEN), START)
    (alert,) = published(effects, Alert)
    assert (alert.state, alert.severity) == (AlertState.RESOLVED, Severity.CRITICAL)
    assert len(requested(effects)) == 2


def test_what_never_began_cannot_end(machine: AlertsMachine) -> None:
    """The start of a feed that was never stale is no news."""
    started = FeedStatus(feed="replay-demo", state=FeedState.STARTED, at_ns=START)
    assert not machine.handle(started, START)


def test_a_channel_gets_nothing_below_its_severity() -> None:
    """A pager for critical alerts does not ring for a fill."""
    pager = ChannelParameters(name="pager", kind="webhook", severity_min=Severity.CRITICAL)
    machine = AlertsMachine.restore(msgspec.structs.replace(WALL, channels=(pager,)), None)
    assert not requested(machine.handle(fill(), START))
    assert requested(machine.handle(gate(GateAction.RAISED), START))


def test_an_acknowledgement_is_published_with_its_principal(machine: AlertsMachine) -> None:
    """The answer and the publication are the same alert; nothing is delivered."""
    machine.handle(fill(), START)
    machine.handle(fill(at_ns=START + 1), START)
    effects = machine.handle(acknowledge(FILL_ID), START)
    (alert,) = published(effects, Alert)
    assert (alert.state, alert.principal) == (AlertState.ACKNOWLEDGED, "operator")
    assert alert.occurrences == 2
    assert effects == (Publish(alert), Answer("c1", alert))


def test_acknowledging_twice_answers_the_same_and_publishes_nothing(
    machine: AlertsMachine,
) -> None:
    """The first principal stays the one who took notice."""
    machine.handle(fill(), START)
    first = machine.handle(acknowledge(FILL_ID), START)
    second = machine.handle(acknowledge(FILL_ID, "approver"), START)
    assert second == (first[-1],)


def test_an_unknown_alert_cannot_be_acknowledged(machine: AlertsMachine) -> None:
    """The answer is a refusal with a stable code."""
    (answer,) = machine.handle(acknowledge("fill-nothing"), START)
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, CommandRefused)
    assert answer.body.code == "ALERT_UNKNOWN"


def test_an_acknowledged_alert_is_raised_anew_after_the_quiet_window(
    machine: AlertsMachine,
) -> None:
    """A new episode begins and counts from one."""
    machine.handle(fill(), START)
    machine.handle(acknowledge(FILL_ID), START)
    assert not machine.handle(fill(at_ns=START + 1), START)
    (alert,) = published(machine.handle(fill(at_ns=START + HOUR), START), Alert)
    assert (alert.state, alert.occurrences, alert.principal) == (AlertState.RAISED, 1, "")


def test_a_failed_delivery_is_tried_again_after_a_while_that_doubles(
    machine: AlertsMachine,
) -> None:
    """5 s, then 10 s; the timers make no instant."""
    request = to_phone(machine.handle(fill(), START))
    name = f"{FILL_ID}@phone"
    (first,) = machine.handle(outcome(request, delivered=False), START)
    assert first == SetTimer(name, START + 5 * SECOND, makes_instant=False)
    again = machine.handle(TimerFired(name, START + 5 * SECOND), START + 5 * SECOND)
    assert requested(again) == [request]
    (second,) = machine.handle(Interrupted("channels", request), START + 6 * SECOND)
    assert second == SetTimer(name, START + 16 * SECOND, makes_instant=False)


def test_a_delivered_alert_is_not_tried_again(machine: AlertsMachine) -> None:
    """A success ends the delivery, and a late failure of it is nothing."""
    request = to_phone(machine.handle(fill(), START))
    assert not machine.handle(outcome(request, delivered=True), START)
    assert not machine.handle(outcome(request, delivered=False), START)
    assert not machine.handle(TimerFired(f"{FILL_ID}@phone", START), START)


def test_a_newer_word_replaces_the_one_that_waits(machine: AlertsMachine) -> None:
    """The older delivery's timer is cancelled, and its late outcome does not count."""
    old = to_phone(machine.handle(fill(), START))
    machine.handle(outcome(old, delivered=False), START)
    effects = machine.handle(fill(at_ns=START + HOUR), START)
    assert CancelTimer(f"{FILL_ID}@phone") in effects
    machine.handle(outcome(old, delivered=True), START)
    assert f"{FILL_ID}@phone" in machine.state.deliveries.pending


def test_a_channel_that_never_answers_becomes_an_alert_for_the_others() -> None:
    """After the last attempt the failed channel is told through the log, and not through itself."""
    parameters = msgspec.structs.replace(WALL, delivery=DeliverySettings(attempts_max=2))
    machine = AlertsMachine.restore(parameters, None)
    request = to_phone(machine.handle(fill(), START))
    machine.handle(outcome(request, delivered=False), START)
    machine.handle(TimerFired(f"{FILL_ID}@phone", START), START)
    held = Withheld("channels", request, "PORT_UNAVAILABLE", "no route")
    effects = machine.handle(held, START)
    (alert,) = published(effects, Alert)
    assert (alert.rule, alert.severity) == ("delivery", Severity.WARNING)
    assert "PORT_UNAVAILABLE: no route" in alert.text
    assert [each.channel for each in requested(effects)] == ["log"]


def test_a_channel_that_works_again_ends_its_alert() -> None:
    """The next success resolves it."""
    parameters = msgspec.structs.replace(WALL, delivery=DeliverySettings(attempts_max=1))
    machine = AlertsMachine.restore(parameters, None)
    machine.handle(outcome(to_phone(machine.handle(fill(), START)), delivered=False), START)
    request = to_phone(machine.handle(fill("MSFT"), START))
    (alert,) = published(machine.handle(outcome(request, delivered=True), START), Alert)
    assert (alert.rule, alert.state) == ("delivery", AlertState.RESOLVED)


def test_a_lockstep_session_delivers_to_the_log_only() -> None:
    """A replay of a year does not ring a phone."""
    machine = AlertsMachine.restore(LOCKSTEP, None)
    assert [each.channel for each in requested(machine.handle(fill(), START))] == ["log"]


def test_a_lockstep_session_delivers_everywhere_when_it_is_told_to() -> None:
    """`deliver_in_replay` opens the other channels."""
    parameters = msgspec.structs.replace(LOCKSTEP, delivery=DeliverySettings(in_replay=True))
    machine = AlertsMachine.restore(parameters, None)
    assert len(requested(machine.handle(fill(), START))) == 2


def test_the_book_is_bounded_and_forgets_what_is_over_first() -> None:
    """With room for two, a resolved alert goes before an older one that is still raised."""
    parameters = msgspec.structs.replace(WALL, alerts_max=2)
    machine = AlertsMachine.restore(parameters, None)
    machine.handle(fill("AAPL"), START)
    machine.handle(gate(GateAction.RAISED), START)
    machine.handle(gate(GateAction.LOWERED, GateLevel.OPEN), START)
    machine.handle(fill("MSFT"), START)
    assert [known.alert.rule for known in machine.state.book.known.values()] == ["fill", "fill"]


def test_a_message_whose_causes_are_missing_is_told_all_the_same(machine: AlertsMachine) -> None:
    """People are told what is known."""
    assert published(machine.handle(CauseMissing(fill(), (("fills", 3),)), START), Alert)
