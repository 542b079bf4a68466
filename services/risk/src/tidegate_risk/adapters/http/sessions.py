"""The sessions that this process decides for: their machines, to be read, and their time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tidegate_chassis.http import ApiError
from tidegate_kernel.money import use_money_context
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.shards import decision_shard

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.configuration.models import Session
    from tidegate_risk.adapters.http.context import Context

T = TypeVar("T")


class Desk(NamedTuple):
    """A session, its decision machine and its time."""

    session: Session
    machine: DecisionMachine
    now_ns: int

    async def aside(self, work: Callable[[DecisionMachine], T]) -> T:
        """Let a copy of the machine, as it stands now, be worked with while this one decides."""
        parameters, snapshot = self.machine.parameters, self.machine.snapshot()

        def worked() -> T:
            use_money_context()
            return work(DecisionMachine.restore(parameters, snapshot))

        return await asyncio.to_thread(worked)


def session_named(context: Context, name: str) -> Session:
    """Return a configured session; an unknown one is refused."""
    for session in context.configuration.sessions:
        if session.name == name:
            return session
    known = ", ".join(each.name for each in context.configuration.sessions)
    raise ApiError(404, "UNKNOWN_SESSION", f"one of {known}", name, "name one of these")


def session_meant(context: Context, name: str | None) -> Session:
    """Return a session that may be left out when there is only one."""
    found = context.configuration.sessions
    if name is None and len(found) > 1:
        known = ", ".join(each.name for each in found)
        raise ApiError(422, "SESSION_MISSING", f"session to be one of {known}", "none", "name one")
    return session_named(context, name or found[0].name)


def desk_of(context: Context, session: Session) -> Desk:
    """Return a session's desk; one whose shard does not run here is refused."""
    machine, now_ns = context.machine(decision_shard(session.name))
    assert isinstance(machine, DecisionMachine)
    return Desk(session, machine, now_ns)


def desks(context: Context, name: str | None) -> list[Desk]:
    """Return the desk of a session, or without a name those of all whose shards run here.

    Another replica may lead the others. Where none runs, the first one's reason is the answer.
    """
    if name is not None:
        return [desk_of(context, session_named(context, name))]
    found: list[Desk] = []
    failure: ApiError | None = None
    for session in context.configuration.sessions:
        try:
            found.append(desk_of(context, session))
        except ApiError as error:
            failure = failure or error
    if not found and failure is not None:
        raise failure
    return found


def venue_of(desk: Desk, symbol: str) -> str:
    """Return the one venue of a symbol; an unknown symbol, or one of several, is refused."""
    instruments = desk.machine.state.book.market.instruments.values()
    venues = sorted({each.venue for each in instruments if each.symbol == symbol})
    if len(venues) == 1:
        return venues[0]
    if venues:
        expected = f"venue to be one of {', '.join(venues)}"
        raise ApiError(422, "VENUE_MISSING", expected, "none", f"{symbol} has several: name one")
    known = sorted({each.symbol for each in instruments})
    shown = ", ".join(known[:20]) or "none yet: the feed has described nothing"
    raise ApiError(
        422,
        "UNKNOWN_SYMBOL",
        f"a symbol that the session's feed has described: {shown}",
        symbol,
        "mend it, or ask once the feed has begun",
    )
