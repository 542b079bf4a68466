"""All breakers of one session: they trip, clear, are lowered, recover, pause.

1. `watch` looks at what breakers watch; what it finds trips here, and is said in the same turn.
2. What has tripped is looked at again at a time that its breaker names; when what made it trip is
   over it is CLEARED, and the gate lets two principals lower it. In lockstep a declared policy may
   stand in for them.
3. The gate's word that its scope was lowered makes it RECOVERING, and sizes grow back.
4. While it holds, the rule `BREAKER_OPEN` refuses what its level does not let through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.risk import BreakerEvent, BreakerState, GateAction, GateLevel
from tidegate_kernel.machine import Publish, SetTimer
from tidegate_risk.core.breakers.breaker import Facts
from tidegate_risk.core.breakers.registry import BY_NAME
from tidegate_risk.core.breakers.standing import Standing
from tidegate_risk.core.breakers.table import Event, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.risk import GateEvent
    from tidegate_kernel.machine import Effect
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.breakers.breaker import Breaker, Finding
    from tidegate_risk.core.breakers.standing import BreakersState
    from tidegate_risk.core.parameters import DecisionParameters, Limits

TIMER = "breaker:"
POLICY = "policy:next_day"
"""Who lowers a breaker of a lockstep session where no people are."""


class Board:
    """The breakers of one session; everything but `state` is derived from it."""

    def __init__(self, parameters: DecisionParameters, book: Book, state: BreakersState) -> None:
        self.parameters = parameters
        self.limits: Limits = parameters.limits
        self.state = state
        self.book = book
        every = BY_NAME.values()
        self._enabled = frozenset(each.name for each in every if each.enabled(self.limits))

    # --- what happens -------------------------------------------------------------------------

    def take_timer(self, name: str, now_ns: int) -> Sequence[Effect]:
        """Look again at what has tripped, or end what is over."""
        standing = self.state.standings.get(name.removeprefix(TIMER))
        if standing is None:
            return ()
        if standing.state == BreakerState.TRIPPED:
            return self._look_again(standing, now_ns)
        if now_ns < standing.until_ns:
            return ()
        return self._move(standing, Event.TIME_UP, now_ns)

    def take_gate_event(self, event: GateEvent, now_ns: int) -> Sequence[Effect]:
        """Learn that the gate has raised for a breaker, or that its scope was lowered."""
        effects: list[Effect] = []
        for standing in [s for s in self.state.standings.values() if s.scope == event.scope]:
            if event.action == GateAction.RAISED:
                standing.raised = standing.raised or self._is_mine(event, standing)
            elif event.action == GateAction.LOWERED and event.level < standing.level:
                people = " and ".join(filter(None, (event.principal, event.approver)))
                if standing.raised and not event.breaker_session:
                    effects += self._lower(standing, people, now_ns)
        return effects

    def is_own(self, event: GateEvent) -> bool:
        """Tell whether the gate only carries out what this session's breakers have said.

        In lockstep that is known already, from the breakers themselves and at a known place.
        """
        parameters = self.parameters
        return parameters.lockstep and event.breaker_session == parameters.session

    # --- how ----------------------------------------------------------------------------------

    def facts(self, now_ns: int, *, is_told: bool = False) -> Facts:
        """Return what breakers look at: ``is_told`` counts what the account says as well."""
        marked = self.book.worth.equity
        return Facts(
            session=self.parameters.session,
            currency=self.parameters.currency,
            limits=self.limits,
            book=self.book,
            state=self.state,
            now_ns=now_ns,
            equity=self.book.equity(marked) if is_told else marked,
            marked_equity=marked,
        )

    def may_trip(self, breaker: Breaker, member: str = "") -> bool:
        """Tell whether a breaker is switched on and has not tripped already."""
        if breaker.name not in self._enabled:
            return False
        if not self.state.standings:
            return True
        scope = breaker.scope(self.parameters.session, member)
        standing = self.state.standings.get(f"{breaker.name}|{scope}")
        return standing is None or standing.state != BreakerState.TRIPPED

    def trip(self, finding: Finding, now_ns: int) -> Sequence[Effect]:
        """Trip what has been found, where its table lets it."""
        breaker = BY_NAME[finding.breaker]
        scope = breaker.scope(self.parameters.session, finding.member)
        key = f"{breaker.name}|{scope}"
        known = self.state.standings.get(key)
        before = State.ARMED if known is None else State(known.state)
        after = breaker.table.next(before, Event.TRIP)
        if after is None:
            return ()
        self.state.trips += 1
        standing = Standing(
            breaker=breaker.name,
            scope=scope,
            member=finding.member,
            state=BreakerState(after.value),
            level=breaker.level(self.limits),
            trip=self.state.trips,
            since_ns=now_ns,
            reason=finding.reason,
            until_ns=finding.until_ns,
        )
        self.state.standings[key] = standing
        at_ns = finding.until_ns or breaker.looks_again(now_ns)
        said = self._event(standing, before, now_ns, "", finding)
        return (Publish(said), SetTimer(f"{TIMER}{key}", at_ns))

    def _look_again(self, standing: Standing, now_ns: int) -> Sequence[Effect]:
        breaker, limits = BY_NAME[standing.breaker], self.limits
        over = not breaker.enabled(limits) or breaker.over(self.facts(now_ns), standing.member)
        if not over:
            key = f"{standing.breaker}|{standing.scope}"
            return (SetTimer(f"{TIMER}{key}", breaker.looks_again(now_ns)),)
        effects = self._move(standing, Event.OVER, now_ns)
        breaker.reset(self.facts(now_ns), standing.member)
        if limits.breakers.resumes_next_day and breaker.resumes and self.parameters.lockstep:
            return (*effects, *self._lower(standing, POLICY, now_ns))
        return effects

    def _lower(self, standing: Standing, principal: str, now_ns: int) -> Sequence[Effect]:
        breaker = BY_NAME[standing.breaker]
        if breaker.table.next(State(standing.state), Event.LOWERED) is None:
            return ()
        standing.until_ns = now_ns + self.limits.breakers.ramp_ns
        standing.since_ns = now_ns
        key = f"{standing.breaker}|{standing.scope}"
        return (
            *self._move(standing, Event.LOWERED, now_ns, principal),
            SetTimer(f"{TIMER}{key}", standing.until_ns),
        )

    def _move(
        self, standing: Standing, event: Event, now_ns: int, principal: str = ""
    ) -> Sequence[Effect]:
        before = State(standing.state)
        after = BY_NAME[standing.breaker].table.next(before, event)
        if after is None:
            return ()
        standing.state = BreakerState(after.value)
        if after is State.ARMED:
            standing.until_ns = 0
            del self.state.standings[f"{standing.breaker}|{standing.scope}"]
        return (Publish(self._event(standing, before, now_ns, principal)),)

    def _event(
        self,
        standing: Standing,
        before: State,
        now_ns: int,
        principal: str,
        finding: Finding | None = None,
    ) -> BreakerEvent:
        return BreakerEvent(
            session=self.parameters.session,
            account=self.parameters.account,
            breaker=standing.breaker,
            scope=standing.scope,
            previous_state=BreakerState(before.value),
            state=standing.state,
            level=GateLevel(standing.level) if standing.holds else GateLevel.OPEN,
            trip=standing.trip,
            at_ns=now_ns,
            until_ns=standing.until_ns,
            reason=standing.reason,
            numbers=finding.numbers if finding is not None else (),
            principal=principal,
            lockstep=self.parameters.lockstep,
        )

    def _is_mine(self, event: GateEvent, standing: Standing) -> bool:
        mine = event.breaker_session == self.parameters.session
        return mine and event.principal == f"breaker:{standing.breaker}"
