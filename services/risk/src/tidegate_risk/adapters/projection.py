"""What each published message leaves behind in the service's database.

Rows for queries, each the newest of its key:

==============  ==========================  ======================================================
kind            key                         holds
==============  ==========================  ======================================================
`verdict`       the signal's logical key    every verdict with all its numbers, for good
`limits`        session, version, request   a change of limits or a request for one, whole
`gate`          the scope                   the scope's level and the event that set it
`gate_request`  the request's id            a lowering request and what became of it
`breaker`       breaker|scope               a breaker's last word: where it stands and why
==============  ==========================  ======================================================

And for good, one entry of `audit_log` for every verdict, and for every event of the gate, of
breakers and of the limits.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.definition import AuditEntry, Row
from tidegate_contracts.risk import BreakerEvent, GateAction, GateEvent, LimitsChanged, Verdict
from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import ExecutionAlgorithm, OrderSpecification
    from tidegate_kernel.machine import Body

VERDICT = "verdict"
LIMITS = "limits"
GATE = "gate"
GATE_REQUEST = "gate_request"
BREAKER = "breaker"

_REQUEST_STATES = {
    GateAction.LOWERING_REQUESTED: "pending",
    GateAction.LOWERED: "carried out",
    GateAction.REQUEST_EXPIRED: "expired",
}

Document = dict[str, object]


def project(body: Body) -> list[Row | AuditEntry]:
    """Return the rows of a published message, and its entry of the audit."""
    if isinstance(body, Verdict):
        return _verdict_rows(body)
    if isinstance(body, GateEvent):
        return _gate_rows(body)
    if isinstance(body, BreakerEvent):
        return _breaker_rows(body)
    if isinstance(body, LimitsChanged):
        return _limits_rows(body)
    return []


def _verdict_rows(verdict: Verdict) -> list[Row | AuditEntry]:
    document = verdict_document(verdict)
    answer = verdict.refusal.message if verdict.refusal else "every rule passed"
    audit = AuditEntry(
        session=verdict.session,
        at_ns=verdict.decided_at_ns,
        who=verdict.principal or f"risk/{verdict.session}",
        what=verdict.refusal.code if verdict.refusal else verdict.decision.name,
        about=verdict.signal_key,
        why=": ".join(filter(None, (verdict.reason, answer))),
        numbers={
            **{each.name: plain(each.value) for each in verdict.numbers},
            "limits_version": verdict.limits_version,
        },
    )
    return [
        Row(VERDICT, verdict.signal_key, document),
        audit,
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
        "limits_version": verdict.limits_version,
        "principal": verdict.principal,
        "reason": verdict.reason,
        "decided_at_ns": verdict.decided_at_ns,
        "expires_at_ns": verdict.expires_at_ns,
        "numbers": {
            each.name: {"value": plain(each.value), "unit": each.unit} for each in verdict.numbers
        },
    }


def _order(specification: OrderSpecification) -> Document:
    return {
        "client_order_id": specification.client_order_id,
        "venue": specification.venue,
        "side": specification.side.name,
        "order_type": specification.order_type.name,
        "quantity": plain(specification.quantity),
        "limit_price": _price(specification.limit_price),
        "trigger_price": _price(specification.trigger_price),
        "trail_amount": _price(specification.trail_amount),
        "trail_percent": _price(specification.trail_percent),
        "stop_price": _price(specification.stop_price),
        "take_profit_price": _price(specification.take_profit_price),
        "time_in_force": specification.time_in_force.name,
        "expires_at_ns": specification.expires_at_ns,
        "post_only": specification.post_only,
        "extended_hours": specification.extended_hours,
        "reduce_only": specification.reduce_only,
        "algorithm": _algorithm(specification.algorithm) if specification.algorithm else None,
        "legs": [
            {"symbol": leg.symbol, "side": leg.side.name, "ratio": leg.ratio}
            for leg in specification.legs
        ]
        or None,
    }


def _algorithm(algorithm: ExecutionAlgorithm) -> Document:
    return {
        "kind": algorithm.kind.name,
        "duration_ns": algorithm.duration_ns,
        "slices": algorithm.slices,
        "participation": _price(algorithm.participation),
        "display_quantity": _price(algorithm.display_quantity),
    }


def _price(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _breaker_rows(event: BreakerEvent) -> list[Row | AuditEntry]:
    numbers = {each.name: plain(each.value) for each in event.numbers}
    document: Document = {
        "session": event.session,
        "breaker": event.breaker,
        "scope": event.scope,
        "state": event.state.name,
        "level": event.level.name,
        "trip": event.trip,
        "at_ns": event.at_ns,
        "until_ns": event.until_ns,
        "reason": event.reason,
        "principal": event.principal,
    }
    audit = AuditEntry(
        session=event.session,
        at_ns=event.at_ns,
        who=event.principal or f"breaker:{event.breaker}",
        what=f"BREAKER_{event.state.name}",
        about=event.scope,
        why=event.reason,
        numbers={"level": event.level.name, "trip": event.trip, **numbers},
    )
    return [Row(BREAKER, f"{event.breaker}|{event.scope}", document), audit]


def _gate_rows(event: GateEvent) -> list[Row | AuditEntry]:
    rows: list[Row | AuditEntry] = [_gate_audit(event)]
    if event.request_id:
        rows.append(Row(GATE_REQUEST, event.request_id, _request(event)))
    if event.action in (GateAction.RAISED, GateAction.LATCH_FOLDED, GateAction.LOWERED):
        rows.append(Row(GATE, event.scope, _scope(event)))
    return rows


def _gate_audit(event: GateEvent) -> AuditEntry:
    asked = {"requested_level": event.requested_level.name} if event.requested_level else {}
    named = {
        "request_id": event.request_id,
        "latches": list(event.latches),
        "retired_sessions": list(event.retired_sessions),
    }
    return AuditEntry(
        session="",
        at_ns=event.at_ns,
        who=" and ".join(filter(None, (event.principal, event.approver))),
        what=event.action.name,
        about=event.scope,
        why=event.reason,
        numbers={
            "level": event.level.name,
            "gate_epoch": event.gate_epoch,
            **asked,
            **{name: value for name, value in named.items() if value},
        },
    )


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


def _limits_rows(event: LimitsChanged) -> list[Row | AuditEntry]:
    changes = [msgspec.to_builtins(each) for each in event.changes]
    document: Document = {
        "session": event.session,
        "action": event.action.name,
        "version": event.version,
        "sha256": event.sha256,
        "at": format_time(event.at_ns) if event.at_ns > 0 else "",
        "principal": event.principal,
        "approver": event.approver,
        "reason": event.reason,
        "request_id": event.request_id,
        "document": json.loads(event.document or "{}"),
        "document_sha256": event.document_sha256,
        "changes": changes,
    }
    audit = AuditEntry(
        session=event.session,
        at_ns=event.at_ns,
        who=" and ".join(filter(None, (event.principal, event.approver))),
        what=f"LIMITS_{event.action.name}",
        about=event.request_id or f"limits of {event.session}",
        why=event.reason,
        numbers={
            "version": event.version,
            "sha256": event.sha256,
            "document_sha256": event.document_sha256,
            "changes": changes,
        },
    )
    key = f"{event.version}|{event.action.name}|{event.request_id}|{event.document_sha256}"
    return [Row(LIMITS, key, document), audit]
