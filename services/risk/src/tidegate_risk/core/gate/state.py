"""What the gate machine remembers."""

from __future__ import annotations

import msgspec

from tidegate_contracts.risk import GateAnswer
from tidegate_kernel.gate import Coverage, GateView, Level, may_cover
from tidegate_risk.core.gate.breaking import HeldScope

ANSWERS_REMEMBERED = 1_000
"""Commands whose answers are kept, so that a repeated call gets the same one."""


class Lowering(msgspec.Struct, frozen=True):
    """A request to lower a scope, waiting for a second principal."""

    scope: str
    level: Level
    principal: str
    reason: str
    expires_at_ns: int
    # The scope's newest raise, which the request's author has seen: a newer one voids it.
    raise_epoch: int
    # Sessions that are no longer configured: nobody can reconcile them any more.
    retired: tuple[str, ...] = ()


class FoldedLatch(msgspec.Struct, frozen=True):
    """A latch that the gate knows; an ended one is remembered so that a late copy is ignored."""

    scope: str
    level: Level
    ended: bool


class SessionStanding(msgspec.Struct, frozen=True):
    """What execution has last said of a session's account; None: nothing yet."""

    account: str
    term: int = 0
    reconciled: bool | None = None
    reason: str = ""


class GateState(msgspec.Struct):
    """The gate, its pending requests, and how orders and accounts stand."""

    view: GateView
    requests: dict[str, Lowering] = {}
    requests_made: int = 0
    latches: dict[str, FoldedLatch] = {}
    unknown_orders: dict[str, Coverage] = {}
    answers: dict[str, GateAnswer] = {}
    # Every session that was heard of, by its name.
    sessions: dict[str, SessionStanding] = {}
    # By LOCKED scope: each session's newest term when that was reached last.
    locks: dict[str, dict[str, int]] = {}
    # What breakers hold, by breaker|scope.
    breakers: dict[str, HeldScope] = {}
    # By scope: the epoch of its newest raise, while only breakers of lockstep sessions have raised.
    simulated: dict[str, int] = {}

    def hear_of(self, session: str, account: str) -> None:
        """Remember a session that execution has not reported on yet."""
        if session not in self.sessions:
            self.sessions[session] = SessionStanding(account)

    def sessions_in(self, scope: str) -> list[tuple[str, SessionStanding]]:
        """Return the sessions that a scope may cover, by name."""
        return [
            (name, standing)
            for name, standing in sorted(self.sessions.items())
            if may_cover(scope, name, standing.account)
        ]

    def follow_lock(self, scope: str) -> None:
        """Note under which terms a scope became LOCKED, or that it no longer is."""
        if self.view.level_of(scope) is Level.LOCKED:
            self.locks[scope] = {name: each.term for name, each in self.sessions_in(scope)}
        else:
            self.locks.pop(scope, None)

    def is_simulated(self, scope: str) -> bool:
        """Tell whether nobody but breakers of lockstep sessions keeps a scope shut, if anybody."""
        if self.view.level_of(scope) is Level.OPEN:
            return True
        return self.simulated.get(scope) == self.view.raise_epochs.get(scope)

    def unknown_in(self, scope: str, retired: tuple[str, ...] = ()) -> list[str]:
        """Return the orders of unknown outcome that a scope covers, but for some sessions."""
        return [
            order
            for order, coverage in self.unknown_orders.items()
            if scope in coverage.scopes() and coverage.session not in retired
        ]

    def retire(self, sessions: tuple[str, ...]) -> None:
        """Forget sessions that are no longer configured; one that comes back is heard of anew."""
        for name in sessions:
            self.sessions.pop(name, None)
        self.unknown_orders = {
            order: coverage
            for order, coverage in self.unknown_orders.items()
            if coverage.session not in sessions
        }
        self.breakers = {
            key: held for key, held in self.breakers.items() if held.session not in sessions
        }

    def open_latches(self, scope: str, above: Level) -> tuple[str, ...]:
        """Return the latches on a scope that hold it above a level."""
        return tuple(
            latch_id
            for latch_id, latch in self.latches.items()
            if latch.scope == scope and latch.level > above and not latch.ended
        )

    def end_latches(self, latch_ids: tuple[str, ...]) -> None:
        """Note that a lowering has named these latches."""
        for latch_id in latch_ids:
            latch = self.latches[latch_id]
            self.latches[latch_id] = FoldedLatch(latch.scope, latch.level, ended=True)

    def remember_answer(self, call_id: str, answer: GateAnswer) -> None:
        """Keep an answer for the case that the same call comes again."""
        self.answers[call_id] = answer
        if len(self.answers) > ANSWERS_REMEMBERED:
            del self.answers[next(iter(self.answers))]
