"""All breakers of one session: they trip, clear, are lowered, recover, pause.

1. What a breaker watches is looked at when it may have changed: equity at fills, at the account's
   snapshots, and at bars that leave their band (`bands`). What trips is said in the same turn.
2. What has tripped is looked at again at a time that its breaker names; when what made it trip is
   over it is CLEARED, and the gate lets two principals lower it. In lockstep a declared policy may
   stand in for them.
3. The gate's word that its scope was lowered makes it RECOVERING, and sizes grow back.
4. While it holds, the rule `BREAKER_OPEN` refuses what its level does not let through.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.risk import BreakerEvent, BreakerState, GateAction, GateLevel
from tidegate_kernel.machine import Publish, SetTimer
from tidegate_risk.core.breakers.bands import Band, bands_of, first_outside
from tidegate_risk.core.breakers.breaker import Breaker, Facts, Finding
from tidegate_risk.core.breakers.registry import BY_NAME, ON_EQUITY
from tidegate_risk.core.breakers.standing import Standing
from tidegate_risk.core.breakers.table import Event, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar
    from tidegate_contracts.risk import GateEvent
    from tidegate_kernel.machine import Effect
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.breakers.standing import BreakersState
    from tidegate_risk.core.parameters import DecisionParameters, Limits

TIMER = "breaker:"
POLICY = "policy:next_day"
"""Who lowers a breaker of a lockstep session where no people are."""
_INFINITE = Decimal("Infinity")


class Board:
    """The breakers of one session; everything but `state` is derived from it."""

    def __init__(self, parameters: DecisionParameters, book: Book, state: BreakersState) -> None:
        self.parameters = parameters
        self.state = state
        self._book = book
        # None: something has changed, so that they must be worked out anew.
        self._bands: dict[str, Band] | None = None
        # Whether a bar must be looked at at all.
        self.watches_bars = True

    @property
    def limits(self) -> Limits:
        """The session's limits."""
        return self.parameters.limits

    # --- what happens -------------------------------------------------------------------------

    def look_anew(self) -> None:
        """Something that equity or its limits depend on has changed."""
        self._bands, self.watches_bars = None, True

    def take_bar(self, bar: Bar, now_ns: int) -> Sequence[Effect]:
        """Look at a bar that the book has marked."""
        bands = self._bands
        if bands is not None:
            band = bands.get(f"{bar.venue}|{bar.symbol}")
            if band is None or band[0] < bar.close < band[1]:
                return ()
        effects = self._judge(now_ns, self._book.marked_equity())
        self._renew_bands(now_ns)
        return effects

    def take_fill(self, now_ns: int) -> Sequence[Effect]:
        """Look at equity after a fill."""
        effects = self._judge(now_ns, self._book.marked_equity())
        self.look_anew()
        return effects

    def take_account(self, now_ns: int) -> Sequence[Effect]:
        """Look at equity after the account was told, and measure from it."""
        equity, state = self._book.equity(), self.state
        effects = self._judge(now_ns, equity)
        state.peak_equity = max(state.peak_equity, equity)
        state.jump_reference = self._book.marked_equity()
        self.look_anew()
        return effects

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

    # --- what is asked ------------------------------------------------------------------------

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row whose bar could trip a breaker; see `Frame`.

        Limits of the day change with the day, so while anything is held it is looked at there.
        """
        if not self.watches_bars:
            return last
        if self._bands is None:
            self._renew_bands(frame.end_ns(first))
        assert self._bands is not None
        if not self._bands:
            return last
        day_ends = frame.row_at(self._book.day_ends_ns)
        return first_outside(self._bands, frame, first, min(last, max(first, day_ends)))

    # --- how ----------------------------------------------------------------------------------

    def _facts(self, now_ns: int, equity: Decimal | None = None) -> Facts:
        return Facts(
            session=self.parameters.session,
            currency=self.parameters.currency,
            limits=self.limits,
            book=self._book,
            state=self.state,
            now_ns=now_ns,
            equity=self._book.marked_equity() if equity is None else equity,
        )

    def _judge(self, now_ns: int, equity: Decimal) -> Sequence[Effect]:
        facts = self._facts(now_ns, equity)
        found = [
            each.find(facts)
            for each in ON_EQUITY
            if each.breaker.enabled(self.limits) and not self._has_tripped(each.breaker)
        ]
        return self.trip((finding for finding in found if finding is not None), now_ns)

    def _has_tripped(self, breaker: Breaker) -> bool:
        scope = breaker.scope(self.parameters.session, "")
        standing = self.state.standings.get(f"{breaker.name}|{scope}")
        return standing is not None and standing.state == BreakerState.TRIPPED

    def _renew_bands(self, now_ns: int) -> None:
        if not self._book.holdings.positions:
            self._bands, self.watches_bars = {}, False
            return
        facts = self._facts(now_ns)
        watching = [
            each
            for each in ON_EQUITY
            if each.breaker.enabled(self.limits) and not self._has_tripped(each.breaker)
        ]
        floor = max((each.floor(facts) for each in watching), default=-_INFINITE)
        ceilings = (each.ceiling(facts) for each in watching if each.ceiling is not None)
        ceiling = min(ceilings, default=_INFINITE)
        self._bands = bands_of(self._book, facts.equity, floor, ceiling)

    def trip(self, findings: Iterable[Finding], now_ns: int) -> Sequence[Effect]:
        """Trip what has been found, where its table lets it."""
        effects: list[Effect] = []
        for finding in findings:
            effects += self._trip(finding, now_ns)
        return effects

    def _trip(self, finding: Finding, now_ns: int) -> Sequence[Effect]:
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
        over = not breaker.enabled(limits) or breaker.over(self._facts(now_ns), standing.member)
        if not over:
            key = f"{standing.breaker}|{standing.scope}"
            return (SetTimer(f"{TIMER}{key}", breaker.looks_again(now_ns)),)
        effects = self._move(standing, Event.OVER, now_ns)
        breaker.reset(self._facts(now_ns), standing.member)
        self.look_anew()
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
