# Generated from proto/tidegate/risk/v1/risk.proto by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.risk`."""

from typing import Any

from tidegate_contracts._wire.checks import (
    Codec,
    Members,
    decimal_of,
    decimal_or_zero,
    decimal_text,
)
from tidegate_contracts._wire.execution import (
    read_execution_algorithm,
    read_order_leg,
    read_order_specification,
    write_execution_algorithm,
    write_order_leg,
    write_order_specification,
)
from tidegate_contracts.execution import OrderType, Side, TimeInForce
from tidegate_contracts.risk import (
    ApproveLimits,
    ApproveLowering,
    BreakerEvent,
    BreakerState,
    ChangeLimits,
    Decision,
    DecisionNumber,
    GateAction,
    GateAnswer,
    GateEvent,
    GateLatch,
    GateLevel,
    Heartbeat,
    LimitChange,
    LimitsAction,
    LimitsAnswer,
    LimitsChanged,
    PlaceOrder,
    PlaceOrderAnswer,
    RaiseGate,
    Refusal,
    RequestLowering,
    Verdict,
)

_BREAKER_STATE = Members(BreakerState)
_DECISION = Members(Decision)
_GATE_ACTION = Members(GateAction)
_GATE_LEVEL = Members(GateLevel)
_LIMITS_ACTION = Members(LimitsAction)
_ORDER_TYPE = Members(OrderType)
_SIDE = Members(Side)
_TIME_IN_FORCE = Members(TimeInForce)


def write_decision_number(wire: Any, body: DecisionNumber) -> None:
    """Fill a wire message from a `DecisionNumber`."""
    wire.name = body.name
    wire.value = decimal_text(body.value, "value")
    wire.unit = body.unit


def read_decision_number(wire: Any) -> DecisionNumber:
    """Make a `DecisionNumber` from a wire message."""
    return DecisionNumber(
        name=wire.name,
        value=decimal_or_zero(wire.value, "value"),
        unit=wire.unit,
    )


def write_refusal(wire: Any, body: Refusal) -> None:
    """Fill a wire message from a `Refusal`."""
    wire.code = body.code
    wire.message = body.message


def read_refusal(wire: Any) -> Refusal:
    """Make a `Refusal` from a wire message."""
    return Refusal(
        code=wire.code,
        message=wire.message,
    )


def write_verdict(wire: Any, body: Verdict) -> None:
    """Fill a wire message from a `Verdict`."""
    wire.session = body.session
    wire.account = body.account
    wire.strategy = body.strategy
    wire.symbol = body.symbol
    wire.signal_key = body.signal_key
    wire.signal_event_at_ns = body.signal_event_at_ns
    wire.decision = body.decision
    if body.specification is not None:
        wire.specification.SetInParent()
        write_order_specification(wire.specification, body.specification)
    wire.risk_increasing = body.risk_increasing
    if body.refusal is not None:
        wire.refusal.SetInParent()
        write_refusal(wire.refusal, body.refusal)
    wire.term = body.term
    wire.gate_epoch = body.gate_epoch
    wire.decided_at_ns = body.decided_at_ns
    wire.expires_at_ns = body.expires_at_ns
    for decision_number in body.numbers:
        write_decision_number(wire.numbers.add(), decision_number)
    wire.limits_version = body.limits_version
    wire.principal = body.principal
    wire.reason = body.reason
    wire.exact = body.exact


def read_verdict(wire: Any) -> Verdict:
    """Make a `Verdict` from a wire message."""
    return Verdict(
        session=wire.session,
        account=wire.account,
        strategy=wire.strategy,
        symbol=wire.symbol,
        signal_key=wire.signal_key,
        signal_event_at_ns=wire.signal_event_at_ns,
        decision=_DECISION[wire.decision],
        specification=read_order_specification(wire.specification)
        if wire.HasField("specification")
        else None,
        risk_increasing=wire.risk_increasing,
        refusal=read_refusal(wire.refusal) if wire.HasField("refusal") else None,
        term=wire.term,
        gate_epoch=wire.gate_epoch,
        decided_at_ns=wire.decided_at_ns,
        expires_at_ns=wire.expires_at_ns,
        numbers=tuple([read_decision_number(item) for item in wire.numbers]),
        limits_version=wire.limits_version,
        principal=wire.principal,
        reason=wire.reason,
        exact=wire.exact,
    )


def write_gate_event(wire: Any, body: GateEvent) -> None:
    """Fill a wire message from a `GateEvent`."""
    wire.action = body.action
    wire.scope = body.scope
    wire.level = body.level
    wire.gate_epoch = body.gate_epoch
    wire.at_ns = body.at_ns
    wire.principal = body.principal
    wire.reason = body.reason
    wire.request_id = body.request_id
    wire.request_expires_at_ns = body.request_expires_at_ns
    wire.approver = body.approver
    wire.latches.extend(body.latches)
    wire.requested_level = body.requested_level
    wire.retired_sessions.extend(body.retired_sessions)
    wire.breaker_session = body.breaker_session


def read_gate_event(wire: Any) -> GateEvent:
    """Make a `GateEvent` from a wire message."""
    return GateEvent(
        action=_GATE_ACTION[wire.action],
        scope=wire.scope,
        level=_GATE_LEVEL[wire.level],
        gate_epoch=wire.gate_epoch,
        at_ns=wire.at_ns,
        principal=wire.principal,
        reason=wire.reason,
        request_id=wire.request_id,
        request_expires_at_ns=wire.request_expires_at_ns,
        approver=wire.approver,
        latches=tuple(wire.latches),
        requested_level=_GATE_LEVEL[wire.requested_level],
        retired_sessions=tuple(wire.retired_sessions),
        breaker_session=wire.breaker_session,
    )


def write_breaker_event(wire: Any, body: BreakerEvent) -> None:
    """Fill a wire message from a `BreakerEvent`."""
    wire.session = body.session
    wire.account = body.account
    wire.breaker = body.breaker
    wire.scope = body.scope
    wire.previous_state = body.previous_state
    wire.state = body.state
    wire.level = body.level
    wire.trip = body.trip
    wire.at_ns = body.at_ns
    wire.until_ns = body.until_ns
    wire.reason = body.reason
    for decision_number in body.numbers:
        write_decision_number(wire.numbers.add(), decision_number)
    wire.principal = body.principal
    wire.lockstep = body.lockstep


def read_breaker_event(wire: Any) -> BreakerEvent:
    """Make a `BreakerEvent` from a wire message."""
    return BreakerEvent(
        session=wire.session,
        account=wire.account,
        breaker=wire.breaker,
        scope=wire.scope,
        previous_state=_BREAKER_STATE[wire.previous_state],
        state=_BREAKER_STATE[wire.state],
        level=_GATE_LEVEL[wire.level],
        trip=wire.trip,
        at_ns=wire.at_ns,
        until_ns=wire.until_ns,
        reason=wire.reason,
        numbers=tuple([read_decision_number(item) for item in wire.numbers]),
        principal=wire.principal,
        lockstep=wire.lockstep,
    )


def write_heartbeat(wire: Any, body: Heartbeat) -> None:
    """Fill a wire message from a `Heartbeat`."""
    wire.shard = body.shard
    wire.session = body.session
    wire.term = body.term
    wire.gate_epoch = body.gate_epoch
    wire.sent_at_ns = body.sent_at_ns


def read_heartbeat(wire: Any) -> Heartbeat:
    """Make a `Heartbeat` from a wire message."""
    return Heartbeat(
        shard=wire.shard,
        session=wire.session,
        term=wire.term,
        gate_epoch=wire.gate_epoch,
        sent_at_ns=wire.sent_at_ns,
    )


def write_raise_gate(wire: Any, body: RaiseGate) -> None:
    """Fill a wire message from a `RaiseGate`."""
    wire.scope = body.scope
    wire.level = body.level
    wire.principal = body.principal
    wire.reason = body.reason


def read_raise_gate(wire: Any) -> RaiseGate:
    """Make a `RaiseGate` from a wire message."""
    return RaiseGate(
        scope=wire.scope,
        level=_GATE_LEVEL[wire.level],
        principal=wire.principal,
        reason=wire.reason,
    )


def write_request_lowering(wire: Any, body: RequestLowering) -> None:
    """Fill a wire message from a `RequestLowering`."""
    wire.scope = body.scope
    wire.level = body.level
    wire.principal = body.principal
    wire.reason = body.reason
    wire.configured_sessions.extend(body.configured_sessions)
    wire.seen_epoch = body.seen_epoch


def read_request_lowering(wire: Any) -> RequestLowering:
    """Make a `RequestLowering` from a wire message."""
    return RequestLowering(
        scope=wire.scope,
        level=_GATE_LEVEL[wire.level],
        principal=wire.principal,
        reason=wire.reason,
        configured_sessions=tuple(wire.configured_sessions),
        seen_epoch=wire.seen_epoch,
    )


def write_approve_lowering(wire: Any, body: ApproveLowering) -> None:
    """Fill a wire message from a `ApproveLowering`."""
    wire.request_id = body.request_id
    wire.principal = body.principal


def read_approve_lowering(wire: Any) -> ApproveLowering:
    """Make a `ApproveLowering` from a wire message."""
    return ApproveLowering(
        request_id=wire.request_id,
        principal=wire.principal,
    )


def write_gate_latch(wire: Any, body: GateLatch) -> None:
    """Fill a wire message from a `GateLatch`."""
    wire.latch_id = body.latch_id
    wire.shard = body.shard
    wire.session = body.session
    wire.scope = body.scope
    wire.level = body.level
    wire.principal = body.principal
    wire.reason = body.reason
    wire.at_ns = body.at_ns


def read_gate_latch(wire: Any) -> GateLatch:
    """Make a `GateLatch` from a wire message."""
    return GateLatch(
        latch_id=wire.latch_id,
        shard=wire.shard,
        session=wire.session,
        scope=wire.scope,
        level=_GATE_LEVEL[wire.level],
        principal=wire.principal,
        reason=wire.reason,
        at_ns=wire.at_ns,
    )


def write_gate_answer(wire: Any, body: GateAnswer) -> None:
    """Fill a wire message from a `GateAnswer`."""
    wire.accepted = body.accepted
    wire.code = body.code
    wire.message = body.message
    wire.scope = body.scope
    wire.level = body.level
    wire.gate_epoch = body.gate_epoch
    wire.request_id = body.request_id
    wire.request_expires_at_ns = body.request_expires_at_ns


def read_gate_answer(wire: Any) -> GateAnswer:
    """Make a `GateAnswer` from a wire message."""
    return GateAnswer(
        accepted=wire.accepted,
        code=wire.code,
        message=wire.message,
        scope=wire.scope,
        level=_GATE_LEVEL[wire.level],
        gate_epoch=wire.gate_epoch,
        request_id=wire.request_id,
        request_expires_at_ns=wire.request_expires_at_ns,
    )


def write_limit_change(wire: Any, body: LimitChange) -> None:
    """Fill a wire message from a `LimitChange`."""
    wire.scope = body.scope
    wire.name = body.name
    wire.before = body.before
    wire.after = body.after
    wire.looser = body.looser


def read_limit_change(wire: Any) -> LimitChange:
    """Make a `LimitChange` from a wire message."""
    return LimitChange(
        scope=wire.scope,
        name=wire.name,
        before=wire.before,
        after=wire.after,
        looser=wire.looser,
    )


def write_limits_changed(wire: Any, body: LimitsChanged) -> None:
    """Fill a wire message from a `LimitsChanged`."""
    wire.action = body.action
    wire.session = body.session
    wire.account = body.account
    wire.version = body.version
    wire.sha256 = body.sha256
    wire.at_ns = body.at_ns
    wire.principal = body.principal
    wire.approver = body.approver
    wire.reason = body.reason
    wire.request_id = body.request_id
    wire.request_expires_at_ns = body.request_expires_at_ns
    wire.document = body.document
    wire.document_sha256 = body.document_sha256
    for limit_change in body.changes:
        write_limit_change(wire.changes.add(), limit_change)


def read_limits_changed(wire: Any) -> LimitsChanged:
    """Make a `LimitsChanged` from a wire message."""
    return LimitsChanged(
        action=_LIMITS_ACTION[wire.action],
        session=wire.session,
        account=wire.account,
        version=wire.version,
        sha256=wire.sha256,
        at_ns=wire.at_ns,
        principal=wire.principal,
        approver=wire.approver,
        reason=wire.reason,
        request_id=wire.request_id,
        request_expires_at_ns=wire.request_expires_at_ns,
        document=wire.document,
        document_sha256=wire.document_sha256,
        changes=tuple([read_limit_change(item) for item in wire.changes]),
    )


def write_change_limits(wire: Any, body: ChangeLimits) -> None:
    """Fill a wire message from a `ChangeLimits`."""
    wire.document = body.document
    wire.sha256 = body.sha256
    wire.resolved = body.resolved
    wire.principal = body.principal
    wire.reason = body.reason
    wire.replaces_version = body.replaces_version
    wire.asked_at_ns = body.asked_at_ns


def read_change_limits(wire: Any) -> ChangeLimits:
    """Make a `ChangeLimits` from a wire message."""
    return ChangeLimits(
        document=wire.document,
        sha256=wire.sha256,
        resolved=wire.resolved,
        principal=wire.principal,
        reason=wire.reason,
        replaces_version=wire.replaces_version,
        asked_at_ns=wire.asked_at_ns,
    )


def write_approve_limits(wire: Any, body: ApproveLimits) -> None:
    """Fill a wire message from a `ApproveLimits`."""
    wire.request_id = body.request_id
    wire.principal = body.principal
    wire.asked_at_ns = body.asked_at_ns


def read_approve_limits(wire: Any) -> ApproveLimits:
    """Make a `ApproveLimits` from a wire message."""
    return ApproveLimits(
        request_id=wire.request_id,
        principal=wire.principal,
        asked_at_ns=wire.asked_at_ns,
    )


def write_limits_answer(wire: Any, body: LimitsAnswer) -> None:
    """Fill a wire message from a `LimitsAnswer`."""
    wire.accepted = body.accepted
    wire.code = body.code
    wire.message = body.message
    wire.version = body.version
    wire.sha256 = body.sha256
    wire.request_id = body.request_id
    wire.request_expires_at_ns = body.request_expires_at_ns
    for limit_change in body.changes:
        write_limit_change(wire.changes.add(), limit_change)


def read_limits_answer(wire: Any) -> LimitsAnswer:
    """Make a `LimitsAnswer` from a wire message."""
    return LimitsAnswer(
        accepted=wire.accepted,
        code=wire.code,
        message=wire.message,
        version=wire.version,
        sha256=wire.sha256,
        request_id=wire.request_id,
        request_expires_at_ns=wire.request_expires_at_ns,
        changes=tuple([read_limit_change(item) for item in wire.changes]),
    )


def write_place_order(wire: Any, body: PlaceOrder) -> None:
    """Fill a wire message from a `PlaceOrder`."""
    wire.session = body.session
    wire.key = body.key
    wire.principal = body.principal
    wire.reason = body.reason
    wire.strategy = body.strategy
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.side = body.side
    wire.order_type = body.order_type
    wire.quantity = decimal_text(body.quantity, "quantity")
    if body.limit_price is not None:
        wire.limit_price = decimal_text(body.limit_price, "limit_price")
    if body.trigger_price is not None:
        wire.trigger_price = decimal_text(body.trigger_price, "trigger_price")
    if body.trail_amount is not None:
        wire.trail_amount = decimal_text(body.trail_amount, "trail_amount")
    if body.trail_percent is not None:
        wire.trail_percent = decimal_text(body.trail_percent, "trail_percent")
    wire.time_in_force = body.time_in_force
    wire.valid_for_ns = body.valid_for_ns
    wire.post_only = body.post_only
    if body.stop_price is not None:
        wire.stop_price = decimal_text(body.stop_price, "stop_price")
    if body.take_profit_price is not None:
        wire.take_profit_price = decimal_text(body.take_profit_price, "take_profit_price")
    wire.reduce_only = body.reduce_only
    if body.algorithm is not None:
        wire.algorithm.SetInParent()
        write_execution_algorithm(wire.algorithm, body.algorithm)
    for order_leg in body.legs:
        write_order_leg(wire.legs.add(), order_leg)
    wire.extended_hours = body.extended_hours


def read_place_order(wire: Any) -> PlaceOrder:
    """Make a `PlaceOrder` from a wire message."""
    return PlaceOrder(
        session=wire.session,
        key=wire.key,
        principal=wire.principal,
        reason=wire.reason,
        strategy=wire.strategy,
        venue=wire.venue,
        symbol=wire.symbol,
        side=_SIDE[wire.side],
        order_type=_ORDER_TYPE[wire.order_type],
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        limit_price=decimal_of(wire.limit_price, "limit_price")
        if wire.HasField("limit_price")
        else None,
        trigger_price=decimal_of(wire.trigger_price, "trigger_price")
        if wire.HasField("trigger_price")
        else None,
        trail_amount=decimal_of(wire.trail_amount, "trail_amount")
        if wire.HasField("trail_amount")
        else None,
        trail_percent=decimal_of(wire.trail_percent, "trail_percent")
        if wire.HasField("trail_percent")
        else None,
        time_in_force=_TIME_IN_FORCE[wire.time_in_force],
        valid_for_ns=wire.valid_for_ns,
        post_only=wire.post_only,
        stop_price=decimal_of(wire.stop_price, "stop_price")
        if wire.HasField("stop_price")
        else None,
        take_profit_price=decimal_of(wire.take_profit_price, "take_profit_price")
        if wire.HasField("take_profit_price")
        else None,
        reduce_only=wire.reduce_only,
        algorithm=read_execution_algorithm(wire.algorithm) if wire.HasField("algorithm") else None,
        legs=tuple([read_order_leg(item) for item in wire.legs]),
        extended_hours=wire.extended_hours,
    )


def write_place_order_answer(wire: Any, body: PlaceOrderAnswer) -> None:
    """Fill a wire message from a `PlaceOrderAnswer`."""
    wire.accepted = body.accepted
    wire.code = body.code
    wire.message = body.message
    if body.verdict is not None:
        wire.verdict.SetInParent()
        write_verdict(wire.verdict, body.verdict)


def read_place_order_answer(wire: Any) -> PlaceOrderAnswer:
    """Make a `PlaceOrderAnswer` from a wire message."""
    return PlaceOrderAnswer(
        accepted=wire.accepted,
        code=wire.code,
        message=wire.message,
        verdict=read_verdict(wire.verdict) if wire.HasField("verdict") else None,
    )


CODECS: tuple[Codec, ...] = (
    Codec(
        DecisionNumber,
        "tidegate.risk.v1.DecisionNumber",
        write_decision_number,
        read_decision_number,
    ),
    Codec(Refusal, "tidegate.risk.v1.Refusal", write_refusal, read_refusal),
    Codec(Verdict, "tidegate.risk.v1.Verdict", write_verdict, read_verdict),
    Codec(GateEvent, "tidegate.risk.v1.GateEvent", write_gate_event, read_gate_event),
    Codec(BreakerEvent, "tidegate.risk.v1.BreakerEvent", write_breaker_event, read_breaker_event),
    Codec(Heartbeat, "tidegate.risk.v1.Heartbeat", write_heartbeat, read_heartbeat),
    Codec(RaiseGate, "tidegate.risk.v1.RaiseGate", write_raise_gate, read_raise_gate),
    Codec(
        RequestLowering,
        "tidegate.risk.v1.RequestLowering",
        write_request_lowering,
        read_request_lowering,
    ),
    Codec(
        ApproveLowering,
        "tidegate.risk.v1.ApproveLowering",
        write_approve_lowering,
        read_approve_lowering,
    ),
    Codec(GateLatch, "tidegate.risk.v1.GateLatch", write_gate_latch, read_gate_latch),
    Codec(GateAnswer, "tidegate.risk.v1.GateAnswer", write_gate_answer, read_gate_answer),
    Codec(LimitChange, "tidegate.risk.v1.LimitChange", write_limit_change, read_limit_change),
    Codec(
        LimitsChanged, "tidegate.risk.v1.LimitsChanged", write_limits_changed, read_limits_changed
    ),
    Codec(ChangeLimits, "tidegate.risk.v1.ChangeLimits", write_change_limits, read_change_limits),
    Codec(
        ApproveLimits, "tidegate.risk.v1.ApproveLimits", write_approve_limits, read_approve_limits
    ),
    Codec(LimitsAnswer, "tidegate.risk.v1.LimitsAnswer", write_limits_answer, read_limits_answer),
    Codec(PlaceOrder, "tidegate.risk.v1.PlaceOrder", write_place_order, read_place_order),
    Codec(
        PlaceOrderAnswer,
        "tidegate.risk.v1.PlaceOrderAnswer",
        write_place_order_answer,
        read_place_order_answer,
    ),
)
