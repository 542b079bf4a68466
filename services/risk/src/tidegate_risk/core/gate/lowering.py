"""The rules of lowering, each with its code; the first that objects is the answer.

``docs/reference/gate.md`` is generated from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from tidegate_kernel.gate import Level
from tidegate_kernel.time import format_time
from tidegate_risk.core.gate import breaking
from tidegate_risk.core.gate.faults import Fault, scope_message
from tidegate_risk.core.gate.table import GATE_TABLE, LOWERINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_contracts.risk import ApproveLowering, RequestLowering
    from tidegate_risk.core.gate.state import GateState, Lowering, SessionStanding


class Asked(NamedTuple):
    """A request, and the gate as it stands."""

    command: RequestLowering
    state: GateState


class Approval(NamedTuple):
    """An approval of a pending request, and the gate as it stands."""

    command: ApproveLowering
    request: Lowering
    state: GateState
    now_ns: int


T = TypeVar("T", Asked, Approval)


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """One thing that must hold."""

    code: str
    # A sentence for people: what must hold.
    requires: str
    # Returns "expected ..., found ...; what to do", or nothing when it holds.
    objection: Callable[[T], str]


def request_fault(asked: Asked) -> Fault | None:
    """Refuse a request that could not be carried out as the gate stands."""
    return _first_fault(REQUEST_RULES, asked)


def approval_fault(approval: Approval) -> Fault | None:
    """Refuse an approval that may not be carried out now."""
    return _first_fault(APPROVAL_RULES, approval)


def _first_fault(rules: tuple[Rule[T], ...], question: T) -> Fault | None:
    for rule in rules:
        message = rule.objection(question)
        if message:
            return Fault(rule.code, message)
    return None


def _scope(asked: Asked) -> str:
    return scope_message(asked.command.scope)


def _reason(asked: Asked) -> str:
    return "" if asked.command.reason else "expected a reason, found none; say why lowering is safe"


def _level(asked: Asked) -> str:
    level = asked.command.level
    if level and Level(level) in LOWERINGS:
        return ""
    return (
        f"expected a level from OPEN to FLATTENING, found {level.name}; only a raise leads to "
        "LOCKED"
    )


def _below_asked(asked: Asked) -> str:
    return _nothing_to_lower(asked.command.scope, Level(asked.command.level), asked.state)


def _seen(asked: Asked) -> str:
    if asked.command.seen_epoch > 0:
        return ""
    return (
        f"expected the epoch at which {asked.command.scope} was seen, found "
        f"{asked.command.seen_epoch or 'none'}; look at the gate and give the scope's epoch there: "
        "nobody lowers what they have not seen"
    )


def _told(asked: Asked) -> str:
    newest = asked.state.view.epoch
    if asked.command.seen_epoch <= newest:
        return ""
    return (
        f"expected an epoch up to the gate's newest, {newest}, found {asked.command.seen_epoch}; "
        "look at the gate and give the scope's epoch there"
    )


def _not_raised_since_seen(asked: Asked) -> str:
    return _raised_since(asked.command.scope, asked.command.seen_epoch, asked.state)


def _two_principals(approval: Approval) -> str:
    asked_by = approval.request.principal
    if approval.command.principal != asked_by:
        return ""
    return (
        f"expected another principal than {asked_by}, who filed the request, found the same; "
        "a second person must approve it"
    )


def _in_time(approval: Approval) -> str:
    expires_at_ns = approval.request.expires_at_ns
    if approval.now_ns < expires_at_ns:
        return ""
    return (
        f"expected an approval before {format_time(expires_at_ns)}, found "
        f"{format_time(approval.now_ns)}; file a new request"
    )


def _not_raised_since(approval: Approval) -> str:
    return _raised_since(approval.request.scope, approval.request.raise_epoch, approval.state)


def _raised_since(scope: str, seen_epoch: int, state: GateState) -> str:
    """Object to a raise of a scope that the request's author has not seen."""
    newest = state.view.raise_epochs.get(scope, 0)
    if newest <= seen_epoch:
        return ""
    return (
        f"expected no raise of {scope} after epoch {seen_epoch}, which was seen, found one at "
        f"epoch {newest}; look at who raised it and why, and file a new request if it may be "
        "lowered too"
    )


def _breakers_over(approval: Approval) -> str:
    request = approval.request
    held = breaking.holding(approval.state, request.scope, request.level, request.retired)
    if held is None:
        return ""
    return (
        f"expected what tripped {held.breaker} of session {held.session} to be over, found it in "
        f"force ({held.reason}); approve again once the breaker is CLEARED"
    )


def _no_unknown_order(approval: Approval) -> str:
    scope = approval.request.scope
    unknown = approval.state.unknown_in(scope, approval.request.retired)
    if not unknown:
        return ""
    return (
        f"expected every order in {scope} to be reconciled, found {len(unknown)} of "
        f"unknown outcome, first {unknown[0]}; approve again once they are resolved"
    )


def _restarted(approval: Approval) -> str:
    scope, state = approval.request.scope, approval.state
    if state.view.level_of(scope) is not Level.LOCKED:
        return ""
    then = state.locks.get(scope, {})
    sessions = _not_retired(approval)
    old = [name for name, session in sessions if session.term <= then.get(name, 0)]
    if not old:
        return ""
    return (
        f"expected execution to have been restarted since {scope} was LOCKED, found no newer "
        f"term of {_named(old)}; restart execution, wait until it is reconciled and approve again"
    )


def _reconciled(approval: Approval) -> str:
    scope = approval.request.scope
    sessions = _not_retired(approval)
    found = [(name, session) for name, session in sessions if session.reconciled is False]
    if not found:
        return ""
    names = [name for name, _ in found]
    return (
        f"expected every account in {scope} to be reconciled, found {_named(names)} not to be; "
        "wait until execution has reconciled it and approve again. It says: "
        f"{found[0][1].reason or 'nothing'}"
    )


def _not_retired(approval: Approval) -> list[tuple[str, SessionStanding]]:
    """Return the sessions in the scope that somebody can still reconcile and restart."""
    sessions = approval.state.sessions_in(approval.request.scope)
    return [each for each in sessions if each[0] not in approval.request.retired]


def _below_approved(approval: Approval) -> str:
    return _nothing_to_lower(approval.request.scope, approval.request.level, approval.state)


def _nothing_to_lower(scope: str, level: Level, state: GateState) -> str:
    current = state.view.level_of(scope)
    if GATE_TABLE.next(current, LOWERINGS[level]) is not None:
        return ""
    return (
        f"expected a level below the one in force in {scope}, {current.name}, found {level.name}; "
        "another scope may hold the order: list them all"
    )


def _named(sessions: list[str]) -> str:
    return ", ".join(f"session {name}" for name in sessions)


REQUEST_RULES: tuple[Rule[Asked], ...] = (
    Rule("INVALID_SCOPE", "The scope is one of the gate's.", _scope),
    Rule("REASON_MISSING", "A reason is given.", _reason),
    Rule("INVALID_LEVEL", "The level is one from `OPEN` to `FLATTENING`.", _level),
    Rule("NOTHING_TO_LOWER", "The level is below the one in force in the scope.", _below_asked),
    Rule("EPOCH_MISSING", "It names the epoch at which its author has seen the scope.", _seen),
    Rule("EPOCH_UNKNOWN", "The gate has reached that epoch.", _told),
    Rule("RAISED_SINCE", "The scope was not raised after it.", _not_raised_since_seen),
)

APPROVAL_RULES: tuple[Rule[Approval], ...] = (
    Rule("SAME_PRINCIPAL", "Another principal approves than the one who asked.", _two_principals),
    Rule("REQUEST_EXPIRED", "The request's time is not over.", _in_time),
    Rule(
        "RAISED_SINCE",
        "The scope was not raised after what the request's author has seen.",
        _not_raised_since,
    ),
    Rule(
        "BREAKER_TRIPPED",
        "What made a breaker trip in the scope is over: it is `CLEARED`.",
        _breakers_over,
    ),
    Rule(
        "UNRECONCILED",
        "No order in the scope has an unknown outcome. Here and below, sessions that were no "
        "longer configured when the lowering was asked for do not count: nobody can reconcile "
        "them any more.",
        _no_unknown_order,
    ),
    Rule(
        "NOT_RESTARTED",
        "From `LOCKED` only: execution of every session in the scope that the gate has heard of "
        "was restarted. It has reported under a newer term than the newest that was known when "
        "the scope was `LOCKED`.",
        _restarted,
    ),
    Rule(
        "UNRECONCILED",
        "No session in the scope is reported as unreconciled. After a restart that means: the "
        "account has been compared with the venue's under the new term.",
        _reconciled,
    ),
    Rule("NOTHING_TO_LOWER", "The level is below the one in force in the scope.", _below_approved),
)
