"""What holds for any history of findings, failures and acknowledgements."""

from __future__ import annotations

from collections import deque

import msgspec
from hypothesis import given, settings, strategies as st

from tidegate_alerts.core.machine import AlertsMachine
from tidegate_alerts.core.parameters import DeliverySettings
from tidegate_alerts.testing import HOUR, SECOND, START, WALL, account, fill, gate, refused
from tidegate_contracts.alerts import Alert, AlertDelivered, AlertState, DeliverAlert
from tidegate_contracts.risk import GateAction, GateLevel
from tidegate_kernel.machine import (
    CancelTimer,
    Effect,
    Event,
    Interrupted,
    Publish,
    Replied,
    Request,
    SetTimer,
    TimerFired,
)

PARAMETERS = msgspec.structs.replace(WALL, delivery=DeliverySettings(attempts_max=50))
TIMES = st.integers(START, START + 5 * HOUR)
MESSAGES = st.one_of(
    st.builds(fill, st.sampled_from(("AAPL", "MSFT")), TIMES),
    st.builds(refused, st.sampled_from(("A", "B")), TIMES),
    st.builds(account, st.integers(700, 1_000).map(str), TIMES),
    st.builds(gate, st.just(GateAction.RAISED), st.sampled_from(list(GateLevel)[2:])),
    st.builds(gate, st.just(GateAction.LOWERED), st.just(GateLevel.OPEN)),
)
FAILURES = st.lists(st.booleans(), max_size=60)


class World:
    """A host in small: it makes requests, loses some, and fires timers."""

    def __init__(self, failures: list[bool]) -> None:
        """Each request takes the next entry: True means that nobody knows its outcome."""
        self.machine = AlertsMachine.restore(PARAMETERS, None)
        self.failures = deque(failures)
        self.delivered: dict[tuple[str, str], Alert] = {}
        self.published: dict[str, Alert] = {}
        self.timers: dict[str, int] = {}
        self.now_ns = START

    def play(self, event: Event) -> None:
        """Handle an event and everything that follows from it at once."""
        waiting: deque[Event] = deque((event,))
        while waiting:
            for effect in self.machine.handle(waiting.popleft(), self.now_ns):
                waiting.extend(self._perform(effect))

    def settle(self) -> None:
        """Fire timers until none is left."""
        while self.timers:
            name, at_ns = min(self.timers.items(), key=lambda timer: timer[1])
            self.now_ns = max(self.now_ns, at_ns)
            del self.timers[name]
            self.play(TimerFired(name, at_ns))

    def _perform(self, effect: Effect) -> list[Event]:
        if isinstance(effect, SetTimer):
            assert not effect.makes_instant
            self.timers[effect.name] = effect.at_ns
        elif isinstance(effect, CancelTimer):
            self.timers.pop(effect.name, None)
        elif isinstance(effect, Publish):
            assert isinstance(effect.body, Alert)
            self.published[effect.body.alert_id] = effect.body
        elif isinstance(effect, Request):
            return [self._deliver(effect.body)]
        return []

    def _deliver(self, request: object) -> Event:
        assert isinstance(request, DeliverAlert)
        if self.failures and self.failures.popleft():
            return Interrupted("channels", request)
        self.delivered[request.alert.alert_id, request.channel] = request.alert
        return Replied("channels", request, AlertDelivered(channel=request.channel, delivered=True))


@settings(max_examples=80)
@given(st.lists(MESSAGES, max_size=25), FAILURES)
def test_the_last_word_of_every_alert_is_delivered_through_every_channel(
    messages: list[Event], failures: list[bool]
) -> None:
    """At least once, whatever is interrupted; nothing is left pending."""
    world = World(failures)
    for message in messages:
        world.play(message)
    world.settle()
    assert world.machine.state.deliveries.pending == {}
    for alert_id, alert in world.published.items():
        assert world.delivered[alert_id, "log"] == alert
        assert world.delivered[alert_id, "phone"] == alert


@settings(max_examples=80)
@given(st.lists(MESSAGES, max_size=25), FAILURES, st.data())
def test_a_restored_machine_goes_on_the_same(
    messages: list[Event], failures: list[bool], data: st.DataObject
) -> None:
    """A crash at any step changes no effect and no state after it."""
    steady, crashed = World(failures), World(failures)
    at = data.draw(st.integers(0, len(messages)))
    for step, message in enumerate(messages):
        if step == at:
            crashed.machine = AlertsMachine.restore(PARAMETERS, crashed.machine.snapshot())
        steady.play(message)
        crashed.play(message)
    assert steady.machine.snapshot() == crashed.machine.snapshot()
    assert steady.published == crashed.published


@settings(max_examples=80)
@given(st.lists(MESSAGES, max_size=40))
def test_an_alert_is_said_at_most_once_in_a_quiet_window_unless_it_is_urgent(
    messages: list[Event],
) -> None:
    """Fills and refusals of one subject are at least an hour of event time apart."""
    machine = AlertsMachine.restore(PARAMETERS, None)
    said: dict[str, int] = {}
    for message in messages:
        for effect in machine.handle(message, START):
            if not isinstance(effect, Publish):
                continue
            alert = effect.body
            assert isinstance(alert, Alert)
            if alert.rule in ("fill", "refusals") and alert.state is AlertState.REPEATED:
                assert alert.event_at_ns - said[alert.alert_id] >= HOUR
            said[alert.alert_id] = alert.event_at_ns


def test_the_wait_between_attempts_is_bounded() -> None:
    """Doubling stops at ten minutes."""
    world = World([True] * 30)
    world.play(fill())
    waits = []
    while world.timers:
        before = world.now_ns
        name, at_ns = min(world.timers.items(), key=lambda timer: timer[1])
        world.now_ns = at_ns
        del world.timers[name]
        waits.append(at_ns - before)
        world.play(TimerFired(name, at_ns))
    assert max(waits) <= 600 * SECOND
