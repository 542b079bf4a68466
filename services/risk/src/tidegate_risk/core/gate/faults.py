"""Why a gate command is not carried out: a stable code and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.gate import Level, checked_scope
from tidegate_kernel.time import format_time
from tidegate_risk.core.gate.table import GATE_TABLE, LOWERINGS, RAISES

if TYPE_CHECKING:
    from tidegate_contracts.risk import ApproveLowering, RaiseGate, RequestLowering
    from tidegate_risk.core.gate.state import GateState, Lowering


class Fault(NamedTuple):
    """A refused command."""

    code: str
    # Always "expected ..., found ...; what to do".
    message: str


def raise_fault(command: RaiseGate) -> Fault | None:
    """Refuse a raise that names no scope or no level to raise to; nothing else keeps it out."""
    if Level(command.level or 1) not in RAISES:
        return Fault(
            "INVALID_LEVEL",
            f"expected a level above OPEN, found {command.level.name}; lowering is a request",
        )
    return _scope_fault(command.scope)


def request_fault(command: RequestLowering, state: GateState) -> Fault | None:
    """Refuse a request that could not be carried out as the gate stands."""
    fault = _scope_fault(command.scope)
    if fault is not None:
        return fault
    if not command.reason:
        return Fault("REASON_MISSING", "expected a reason, found none; say why lowering is safe")
    if not command.level or Level(command.level) not in LOWERINGS:
        return Fault(
            "INVALID_LEVEL",
            f"expected a level from OPEN to FLATTENING, found {command.level.name}; only a raise "
            "leads to LOCKED",
        )
    return _nothing_to_lower(command.scope, Level(command.level), state)


def approval_fault(
    command: ApproveLowering, request: Lowering, state: GateState, now_ns: int
) -> Fault | None:
    """Refuse an approval by the same principal, too late, overtaken, or with unknown orders."""
    if command.principal == request.principal:
        return Fault(
            "SAME_PRINCIPAL",
            f"expected another principal than {request.principal}, who filed the request; a second "
            "person must approve it",
        )
    if now_ns >= request.expires_at_ns:
        return Fault(
            "REQUEST_EXPIRED",
            f"expected an approval before {format_time(request.expires_at_ns)}, found "
            f"{format_time(now_ns)}; file a new request",
        )
    if state.view.raise_epochs.get(request.scope, 0) != request.raise_epoch:
        return Fault(
            "RAISED_SINCE",
            f"expected no raise of {request.scope} since the request, found a newer one; look at "
            "its reason and file a new request",
        )
    unknown = state.unknown_in(request.scope)
    if unknown:
        return Fault(
            "UNRECONCILED",
            f"expected every order in {request.scope} to be reconciled, found {len(unknown)} of "
            f"unknown outcome, first {unknown[0]}; approve again once they are resolved",
        )
    return _nothing_to_lower(request.scope, request.level, state)


def unknown_request(request_id: str) -> Fault:
    """Refuse an approval of a request that is not pending."""
    return Fault(
        "REQUEST_UNKNOWN",
        f"expected the id of a pending request, found {request_id!r}; it may have expired or been "
        "carried out: file a new one",
    )


def _nothing_to_lower(scope: str, level: Level, state: GateState) -> Fault | None:
    current = state.view.level_of(scope)
    if GATE_TABLE.next(current, LOWERINGS[level]) is not None:
        return None
    return Fault(
        "NOTHING_TO_LOWER",
        f"expected a level below the one in force in {scope}, {current.name}, found {level.name}; "
        "another scope may hold the order: list them all",
    )


def _scope_fault(scope: str) -> Fault | None:
    try:
        checked_scope(scope)
    except IdentifierError as error:
        return Fault("INVALID_SCOPE", f"{error}; GET /v1/gate lists the scopes in use")
    return None
