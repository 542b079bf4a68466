"""What must hold before limits are changed; the first rule that objects is the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from tidegate_kernel.time import format_time
from tidegate_risk.core.changes.standing import REQUESTS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_contracts.risk import ApproveLimits, ChangeLimits
    from tidegate_risk.core.changes.standing import LimitsRequest, LimitsStanding


class Fault(NamedTuple):
    """A refused command."""

    code: str
    # Always "expected ..., found ...; what to do".
    message: str


class Wanted(NamedTuple):
    """A document that somebody wants in force, and the limits as they stand."""

    command: ChangeLimits
    standing: LimitsStanding


class Approval(NamedTuple):
    """An approval of a request, and the limits as they stand."""

    command: ApproveLimits
    request: LimitsRequest
    standing: LimitsStanding


T = TypeVar("T", Wanted, Approval)


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """One thing that must hold."""

    code: str
    # A sentence for people: what must hold.
    requires: str
    # Returns "expected ..., found ...; what to do", or nothing when it holds.
    objection: Callable[[T], str]


def first_fault(rules: tuple[Rule[T], ...], question: T) -> Fault | None:
    """Return the first objection with its code."""
    for rule in rules:
        message = rule.objection(question)
        if message:
            return Fault(rule.code, message)
    return None


def unknown_request(request_id: str) -> Fault:
    """Refuse an approval of a request that does not wait."""
    return Fault(
        "REQUEST_UNKNOWN",
        f"expected the id of a document that waits for approval, found {request_id!r}; it may "
        "have expired or been approved: propose the document again",
    )


def unreadable(reason: str) -> Fault:
    """Refuse a document whose limits cannot be read."""
    return Fault(
        "DOCUMENT_INVALID",
        f"expected the limits that this version of the service knows, found {reason}; propose the "
        "document through the service's own endpoint",
    )


def _reason(wanted: Wanted) -> str:
    if wanted.command.reason.strip():
        return ""
    return "expected a reason, found none; say why the limits change"


def _version(wanted: Wanted) -> str:
    meant, current = wanted.command.replaces_version, wanted.standing.version
    if meant in (0, current):
        return ""
    return (
        f"expected a document made for version {current}, which is in force, found one for "
        f"version {meant}; look at what has changed since and propose it again"
    )


def _another(wanted: Wanted) -> str:
    document = wanted.standing.document
    if wanted.command.sha256 != document.sha256:
        return ""
    return (
        f"expected another document than the one in force, found the same ({document.sha256[:12]})"
        "; nothing has to be done"
    )


def _room(wanted: Wanted) -> str:
    waiting = len(wanted.standing.requests)
    if waiting < REQUESTS_MAX:
        return ""
    return (
        f"expected fewer than {REQUESTS_MAX} documents to wait for approval, found {waiting}; "
        "approve one, or wait until they expire"
    )


def _two_principals(approval: Approval) -> str:
    asked_by = approval.request.principal
    if approval.command.principal != asked_by:
        return ""
    return (
        f"expected another principal than {asked_by}, who proposed the document, found the same; "
        "a second person must approve it"
    )


def _in_time(approval: Approval) -> str:
    expires_at_ns, asked_at_ns = approval.request.expires_at_ns, approval.command.asked_at_ns
    if asked_at_ns < expires_at_ns:
        return ""
    return (
        f"expected an approval before {format_time(expires_at_ns)}, found "
        f"{format_time(asked_at_ns)}; propose the document again"
    )


def _not_changed_since(approval: Approval) -> str:
    meant, current = approval.request.replaces_version, approval.standing.version
    if meant == current:
        return ""
    return (
        f"expected version {meant} of the limits to be in force still, found version {current}; "
        "look at what has changed since and propose the document again"
    )


CHANGE_RULES: tuple[Rule[Wanted], ...] = (
    Rule("REASON_MISSING", "A reason is given.", _reason),
    Rule("VERSION_CHANGED", "The version that it is meant to replace is in force.", _version),
    Rule("NOTHING_CHANGES", "It is another document than the one in force.", _another),
    Rule("TOO_MANY_REQUESTS", f"Fewer than {REQUESTS_MAX} documents wait.", _room),
)

APPROVAL_RULES: tuple[Rule[Approval], ...] = (
    Rule("SAME_PRINCIPAL", "Another principal approves than the one who asked.", _two_principals),
    Rule("REQUEST_EXPIRED", "The request's time is not over, on the wall's clock.", _in_time),
    Rule("VERSION_CHANGED", "The limits were not changed after the request.", _not_changed_since),
)
