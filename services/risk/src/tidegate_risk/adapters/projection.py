"""Rows for queries: what each published message leaves behind in the service's database.

==============  ==========================  ======================================================
kind            key                         holds
==============  ==========================  ======================================================
`verdict`       the signal's logical key    every verdict with all its numbers, for good
`exposure`      the session                 the numbers of the session's newest verdict
`gate`          the scope                   the scope's level and the event that set it
`gate_request`  the request's id            a lowering request and what became of it
`audit`         what, when and about what   who did what and why: every verdict and gate event
==============  ==========================  ======================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.definition import Row
from tidegate_contracts.risk import GateAction, GateEvent, Verdict
from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification
    from tidegate_kernel.machine import Body

VERDICT = "verdict"
EXPOSURE = "exposure"
GATE = "gate"
GATE_REQUEST = "gate_request"
AUDIT = "audit"

_REQUEST_STATES = {
    GateAction.LOWERING_REQUESTED: "pending",
    GateAction.LOWERED: "carried out",
    GateAction.REQUEST_EXPIRED: "expired",
}

Document = dict[str, object]


def project(body: Body) -> list[Row]:
    """Return the rows of a published message."""
    if isinstance(body, Verdict):
        return _verdict_rows(body)
    if isinstance(body, GateEvent):
        return _gate_rows(body)
    return []


def _verdict_rows(verdict: Verdict) -> list[Row]:
    document = verdict_document(verdict)
    what = verdict.refusal.code if verdict.refusal else "APPROVED"
    audit: Document = {
        "at": format_time(verdict.decided_at_ns),
        "session": verdict.session,
        "who": f"risk/{verdict.session}",
        "what": what,
        "about": verdict.signal_key,
        "why": verdict.refusal.message if verdict.refusal else "every rule passed",
    }
    exposure: Document = {
        "session": verdict.session,
        "decided_at_ns": verdict.decided_at_ns,
        "numbers": document["numbers"],
    }
    return [
        Row(VERDICT, verdict.signal_key, document),
        Row(EXPOSURE, verdict.session, exposure),
        Row(AUDIT, f"verdict|{verdict.signal_key}", audit),
    ]


def verdict_document(verdict: Verdict) -> Document:
    """Write a verdict as JSON: decimals as plain text, enums by name."""
    return {
        "session": verdict.session,
        "account": verdict.account,
        "strategy": verdict.strategy,
        "symbol": verdict.symbol,
        "signal_key": verdict.signal_key,
        "signal_event_at_ns": verdict.signal_event_at_ns,
        "decision": verdict.decision.name,
        "order": _order(verdict.specification) if verdict.specification else None,
        "risk_increasing": verdict.risk_increasing,
        "code": verdict.refusal.code if verdict.refusal else None,
        "message": verdict.refusal.message if verdict.refusal else None,
        "term": verdict.term,
        "gate_epoch": verdict.gate_epoch,
        "decided_at_ns": verdict.decided_at_ns,
        "expires_at_ns": verdict.expires_at_ns,
        "numbers": {
            each.name: {"value": plain(each.value), "unit": each.unit} for each in verdict.numbers
        },
    }


def _order(specification: OrderSpecification) -> Document:
    limit = specification.limit_price
    return {
        "client_order_id": specification.client_order_id,
        "venue": specification.venue,
        "side": specification.side.name,
        "order_type": specification.order_type.name,
        "quantity": plain(specification.quantity),
        "limit_price": plain(limit) if limit is not None else None,
        "time_in_force": specification.time_in_force.name,
        "reduce_only": specification.reduce_only,
    }


def _gate_rows(event: GateEvent) -> list[Row]:
    rows = [Row(AUDIT, _audit_key(event), _audit(event))]
    if event.request_id:
        rows.append(Row(GATE_REQUEST, event.request_id, _request(event)))
    if event.action in (GateAction.RAISED, GateAction.LATCH_FOLDED, GateAction.LOWERED):
        rows.append(Row(GATE, event.scope, _scope(event)))
    return rows


def _audit_key(event: GateEvent) -> str:
    about = event.request_id or "|".join(event.latches)
    return f"gate|{event.gate_epoch}|{event.action.name}|{event.scope}|{about}"


def _audit(event: GateEvent) -> Document:
    return {
        "at": format_time(event.at_ns),
        "session": "",
        "who": " and ".join(filter(None, (event.principal, event.approver))),
        "what": f"{event.action.name} {(event.requested_level or event.level).name}",
        "about": event.scope,
        "why": event.reason,
    }


def _scope(event: GateEvent) -> Document:
    return {
        "scope": event.scope,
        "level": event.level.name,
        "gate_epoch": event.gate_epoch,
        "action": event.action.name,
        "at_ns": event.at_ns,
        "principal": event.principal,
        "approver": event.approver,
        "reason": event.reason,
        "latches": list(event.latches),
    }


def _request(event: GateEvent) -> Document:
    return {
        "request_id": event.request_id,
        "scope": event.scope,
        "state": _REQUEST_STATES[event.action],
        "principal": event.principal,
        "approver": event.approver,
        "reason": event.reason,
        "retired_sessions": list(event.retired_sessions),
        "expires_at_ns": event.request_expires_at_ns,
        "requested_level": event.requested_level.name,
    }
