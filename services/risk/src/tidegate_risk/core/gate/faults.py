"""Why a gate command is not carried out: a stable code and what to do instead.

What keeps a lowering out is in `lowering`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tidegate_kernel.errors import IdentifierError
from tidegate_kernel.gate import Level, checked_scope
from tidegate_risk.core.gate.table import RAISES

if TYPE_CHECKING:
    from tidegate_contracts.risk import RaiseGate


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
    message = scope_message(command.scope)
    return Fault("INVALID_SCOPE", message) if message else None


def unknown_request(request_id: str) -> Fault:
    """Refuse an approval of a request that is not pending."""
    return Fault(
        "REQUEST_UNKNOWN",
        f"expected the id of a pending request, found {request_id!r}; it may have expired or been "
        "carried out: file a new one",
    )


def scope_message(scope: str) -> str:
    """Return what is wrong with a scope, or nothing."""
    try:
        checked_scope(scope)
    except IdentifierError as error:
        return f"{error}; GET /v1/gate lists the scopes in use"
    return ""
