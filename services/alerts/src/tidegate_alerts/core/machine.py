"""The alerts machine: messages of every service in, alerts and their deliveries out.

What happens to each input:

1. A message goes to the rules that look at its type; most say nothing, and nothing happens.
2. A finding is entered into the book of alerts. If it is to be said (`states.py`), the alert is
   published and its deliveries are requested.
3. An outcome of a delivery ends it, or plans the next attempt. In lockstep, outcomes arrive
   outside the rounds and no timer makes an instant, so deliveries never slow a replay; unless
   ``in_replay`` is set, they go to the log only.
4. `AcknowledgeAlert` notes who has taken notice and answers with the alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec

from tidegate_alerts.core.book import AlertBook
from tidegate_alerts.core.delivery import RULE, Deliveries, deliverable, undeliverable
from tidegate_alerts.core.parameters import AlertsParameters
from tidegate_alerts.core.rules import RulesState, watchers_of
from tidegate_alerts.core.rules.gate import Ownership
from tidegate_contracts.alerts import AcknowledgeAlert, AlertDelivered, DeliverAlert
from tidegate_contracts.host import CommandRefused
from tidegate_kernel.machine import (
    Answer,
    Called,
    CauseMissing,
    Interrupted,
    Publish,
    Replied,
    TimerFired,
    Withheld,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tidegate_alerts.core.finding import Finding
    from tidegate_kernel.machine import Effect, Event


class State(msgspec.Struct):
    """All that a snapshot of the machine holds."""

    book: AlertBook = msgspec.field(default_factory=AlertBook)
    rules: RulesState = msgspec.field(default_factory=RulesState)
    deliveries: Deliveries = msgspec.field(default_factory=Deliveries)


class AlertsMachine:
    """What people must know about one session."""

    def __init__(self, parameters: AlertsParameters, state: State) -> None:
        """Use `restore`; it also makes a new machine."""
        self._parameters = parameters
        self._state = state
        self._channels = parameters.open_channels()
        owner = Ownership(parameters.session, parameters.account)
        self._watchers = watchers_of(parameters.rules, state.rules, owner)
        self._handlers: dict[type, Callable[..., Sequence[Effect]]] = {
            Called: self._on_called,
            CauseMissing: self._on_cause_missing,
            Interrupted: self._on_interrupted,
            Replied: self._on_replied,
            TimerFired: self._on_timer,
            Withheld: self._on_withheld,
        }

    def handle(self, event: Event, now_ns: int) -> Sequence[Effect]:
        """Take one event; a message that no rule reads is a programmer's error."""
        kind = type(event)
        watchers = self._watchers.get(kind)
        if watchers is None:
            return self._handlers[kind](event, now_ns)
        effects: list[Effect] = []
        for watcher in watchers:
            effects += self._enter(watcher(event))
        return effects

    def snapshot(self) -> bytes:
        """Return the whole state."""
        return _ENCODER.encode(self._state)

    @classmethod
    def restore(cls, parameters: msgspec.Struct, snapshot: bytes | None) -> Self:
        """Build the machine, from a snapshot unless it is new."""
        assert isinstance(parameters, AlertsParameters)
        return cls(parameters, State() if snapshot is None else _DECODER.decode(snapshot))

    @property
    def state(self) -> State:
        """The state, for whoever holds the machine in one process: tests and the lab."""
        return self._state

    def _enter(self, findings: Iterable[Finding], without: str = "") -> list[Effect]:
        """Say what the book says is to be said, through every channel but ``without``."""
        parameters, state = self._parameters, self._state
        channels = [each for each in self._channels if each.name != without]
        effects: list[Effect] = []
        for finding in findings:
            alert = state.book.take(parameters.session, finding, parameters.quiet_ns)
            if alert is not None:
                effects.append(Publish(alert))
                effects += state.deliveries.start(alert, channels, parameters.delivery)
                state.book.forget(parameters.alerts_max)
        return effects

    # --- deliveries ---------------------------------------------------------------------------

    def _on_replied(self, event: Replied, now_ns: int) -> Sequence[Effect]:
        request, answer = event.request, event.answer
        assert isinstance(request, DeliverAlert)
        assert isinstance(answer, AlertDelivered)
        if not answer.delivered:
            return self._failed(request, answer.reason, now_ns)
        if self._state.deliveries.succeed(request) and request.alert.rule != RULE:
            return self._enter((deliverable(answer, now_ns),))
        return ()

    def _on_interrupted(self, event: Interrupted, now_ns: int) -> Sequence[Effect]:
        assert isinstance(event.request, DeliverAlert)
        return self._failed(event.request, "nobody knows whether it arrived", now_ns)

    def _on_withheld(self, event: Withheld, now_ns: int) -> Sequence[Effect]:
        assert isinstance(event.request, DeliverAlert)
        return self._failed(event.request, f"{event.code}: {event.reason}", now_ns)

    def _failed(self, request: DeliverAlert, reason: str, now_ns: int) -> Sequence[Effect]:
        delivery = self._parameters.delivery
        effects, given_up = self._state.deliveries.fail(request, delivery, now_ns)
        if not given_up:
            return effects
        finding = undeliverable(request, reason, now_ns)
        return self._enter((finding,), without=request.channel)

    def _on_timer(self, timer: TimerFired, _now_ns: int) -> Sequence[Effect]:
        return self._state.deliveries.retry(timer.name)

    # --- commands -----------------------------------------------------------------------------

    def _on_called(self, call: Called, _now_ns: int) -> Sequence[Effect]:
        command = call.body
        assert isinstance(command, AcknowledgeAlert), f"expected AcknowledgeAlert, found {command}"
        alert, news = self._state.book.acknowledge(command.alert_id, command.principal)
        if alert is None:
            return (Answer(call.call_id, _unknown(command)),)
        answer = Answer(call.call_id, alert)
        return (Publish(alert), answer) if news else (answer,)

    def _on_cause_missing(self, missing: CauseMissing, now_ns: int) -> Sequence[Effect]:
        """Go on without the causes: people are told what is known."""
        return self.handle(missing.body, now_ns)


def _unknown(command: AcknowledgeAlert) -> CommandRefused:
    return CommandRefused(
        code="ALERT_UNKNOWN",
        message=f"session {command.session} has no alert {command.alert_id}",
        expected="the id of an alert that is still kept",
        found=command.alert_id,
        hint="see /v1/alerts",
    )


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(State)
