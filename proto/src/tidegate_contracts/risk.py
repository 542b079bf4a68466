# Generated from proto/tidegate/risk/v1/risk.proto by `make generate`; do not edit.
"""Verdicts, and the gate: the kill switch."""

from decimal import Decimal
from enum import IntEnum

import msgspec

from tidegate_contracts.execution import (
    ExecutionAlgorithm,
    OrderLeg,
    OrderSpecification,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_kernel.money import ZERO


class Decision(IntEnum):
    """The values of `tidegate.risk.v1.Decision`."""

    UNSPECIFIED = 0
    APPROVED = 1
    REFUSED = 2


class GateLevel(IntEnum):
    """Levels of the gate, worst last."""

    UNSPECIFIED = 0
    OPEN = 1
    REDUCE_ONLY = 2
    HALTED = 3
    FLATTENING = 4
    LOCKED = 5


class GateAction(IntEnum):
    """The values of `tidegate.risk.v1.GateAction`."""

    UNSPECIFIED = 0
    RAISED = 1
    LOWERING_REQUESTED = 2
    LOWERED = 3
    REQUEST_EXPIRED = 4
    LATCH_FOLDED = 5


class BreakerState(IntEnum):
    """Where a breaker stands in its scope."""

    UNSPECIFIED = 0
    ARMED = 1
    """It watches."""
    TRIPPED = 2
    """It holds its level, and what made it trip is not over."""
    CLEARED = 3
    """It holds its level; what made it trip is over, so that two principals may lower the gate."""
    RECOVERING = 4
    """It was lowered, and sizes grow back until `until_ns`."""
    PAUSED = 5
    """A short pause that ends by itself at `until_ns`; the gate is not raised."""


class LimitsAction(IntEnum):
    """The values of `tidegate.risk.v1.LimitsAction`."""

    UNSPECIFIED = 0
    CHANGED = 1
    """Another document is in force."""
    PROPOSED = 2
    """A looser document waits for a second principal."""
    EXPIRED = 3
    """It has waited for too long."""
    HELD_BACK = 4
    """The configuration holds looser limits than those in force: they stay until somebody proposes the
    others.
    """


class DecisionNumber(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A number that a decision was made on."""

    name: str = ""
    """For example `equity`, `quantity_by_stop`, `limit_max_order_notional`."""
    value: Decimal = ZERO
    unit: str = ""
    """For example `USD`, `shares`, `fraction`."""


class Refusal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why a signal was refused."""

    code: str = ""
    """A stable code such as STALE_PRICE; the list is in docs/reference/refusals.md."""
    message: str = ""
    """What was expected, what came, what would pass."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one signal. A signal gets exactly one."""

    session: str = ""
    account: str = ""
    strategy: str = ""
    symbol: str = ""
    signal_key: str = ""
    """Logical key of the signal."""
    signal_event_at_ns: int = 0
    decision: Decision = Decision.UNSPECIFIED
    specification: OrderSpecification | None = None
    """Present when approved."""
    risk_increasing: bool = False
    refusal: Refusal | None = None
    """Present when refused."""
    term: int = 0
    """Term of the decision shard that decided."""
    gate_epoch: int = 0
    """Newest raise of the gate that the decision knew."""
    decided_at_ns: int = 0
    expires_at_ns: int = 0
    """Session time after which the verdict no longer counts; 0 in lockstep sessions."""
    numbers: tuple[DecisionNumber, ...] = ()
    """Everything that the decision was made on."""
    limits_version: int = 0
    """Version of the limits that the decision was made under."""
    principal: str = ""
    """Who placed the order by hand, and why; empty when a strategy's signal asked."""
    reason: str = ""
    exact: bool = False
    """Of an order that only reduces: it closes at most its quantity and leaves the strategy's open
    entries alone. Otherwise it means "get out": entries are cancelled, and all that is held then is
    closed.
    """


class GateEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The gate changed, or somebody asked for it. The gate is the fold of these events."""

    action: GateAction = GateAction.UNSPECIFIED
    scope: str = ""
    """`all`, `session:<name>`, `account:<name>`, `venue:<name>`, `strategy:<session>/<name>` or
    `symbol:<symbol>`.
    """
    level: GateLevel = GateLevel.UNSPECIFIED
    """The level of the scope after this event."""
    gate_epoch: int = 0
    """Grows with every raise; verdicts decided before it no longer count in a scope that covers them.
    """
    at_ns: int = 0
    principal: str = ""
    """Who did it: a principal, or `breaker:<name>`."""
    reason: str = ""
    request_id: str = ""
    """Of a lowering: its request's id, valid until `request_expires_at_ns`."""
    request_expires_at_ns: int = 0
    approver: str = ""
    """Of a lowering: who approved it."""
    latches: tuple[str, ...] = ()
    """Latches that this event folds in or ends."""
    requested_level: GateLevel = GateLevel.UNSPECIFIED
    """Of a lowering and its request: the level that is asked for."""
    retired_sessions: tuple[str, ...] = ()
    """Of a lowering and its request: sessions that are no longer configured, so that nobody can
    reconcile them; they do not keep the gate shut.
    """
    breaker_session: str = ""
    """Of what a breaker did: the session whose BreakerEvent this carries out.

    In lockstep that session acts on the BreakerEvent alone.
    """


class BreakerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A breaker of a session changed its state: the fold of these is what its breakers hold shut."""

    session: str = ""
    account: str = ""
    breaker: str = ""
    """For example `daily_loss`; the list is in docs/reference/breakers.md."""
    scope: str = ""
    """`session:<name>`, `strategy:<session>/<name>` or `instrument:<session>/<symbol>`."""
    previous_state: BreakerState = BreakerState.UNSPECIFIED
    state: BreakerState = BreakerState.UNSPECIFIED
    level: GateLevel = GateLevel.UNSPECIFIED
    """What it lets through in its scope from now on; OPEN when it holds nothing."""
    trip: int = 0
    """Counts the session's trips and pauses; the events of one trip carry the same number."""
    at_ns: int = 0
    until_ns: int = 0
    """Of a pause and of a recovery: when it ends by itself. Else 0."""
    reason: str = ""
    """What was expected, what came, what must be true before it is lowered."""
    numbers: tuple[DecisionNumber, ...] = ()
    """What it was decided on."""
    principal: str = ""
    """Who lowered it: principals, or the declared policy of a simulated operator."""
    lockstep: bool = False
    """The session's clock is simulated: a declared policy may stand in for people."""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Risk is alive and has committed. Core NATS only, signed."""

    shard: str = ""
    """The decision shard."""
    session: str = ""
    term: int = 0
    gate_epoch: int = 0
    """Newest gate_epoch that the shard has journalled."""
    sent_at_ns: int = 0
    """Wall time of the sender."""


class RaiseGate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: make the gate at least this strict in a scope."""

    scope: str = ""
    level: GateLevel = GateLevel.UNSPECIFIED
    principal: str = ""
    reason: str = ""


class RequestLowering(msgspec.Struct, frozen=True, kw_only=True):
    """Command: ask for a lowering; another principal must approve it."""

    scope: str = ""
    level: GateLevel = GateLevel.UNSPECIFIED
    principal: str = ""
    reason: str = ""
    configured_sessions: tuple[str, ...] = ()
    """The sessions that are configured now.

    A session that the gate has heard of and that is not among them is retired by the lowering.
    Empty: none is retired.
    """
    seen_epoch: int = 0
    """The `gate_epoch` of the scope that its author has seen.

    Refused when there is none, and when the scope was raised after it.
    """


class ApproveLowering(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: approve a lowering."""

    request_id: str = ""
    principal: str = ""


class GateLatch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A raise that reached an execution shard without risk; reported until risk has folded it in."""

    latch_id: str = ""
    """Unique id of the latch."""
    shard: str = ""
    session: str = ""
    scope: str = ""
    level: GateLevel = GateLevel.UNSPECIFIED
    principal: str = ""
    reason: str = ""
    at_ns: int = 0


class GateAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Answer to a gate command."""

    accepted: bool = False
    code: str = ""
    """A stable code when it was not accepted: SAME_PRINCIPAL, REQUEST_UNKNOWN, REQUEST_EXPIRED,
    RAISED_SINCE, UNRECONCILED, NOT_RESTARTED...
    """
    message: str = ""
    scope: str = ""
    level: GateLevel = GateLevel.UNSPECIFIED
    gate_epoch: int = 0
    request_id: str = ""
    request_expires_at_ns: int = 0


class LimitChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One limit that two documents say differently."""

    scope: str = ""
    """`session`, `strategy:<name>`, `symbol:<symbol>` or `strategy:<name>|symbol:<symbol>`: where it
    applies.
    """
    name: str = ""
    before: str = ""
    after: str = ""
    looser: bool = False


class LimitsChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of a session changed, or somebody asked for it."""

    action: LimitsAction = LimitsAction.UNSPECIFIED
    session: str = ""
    account: str = ""
    version: int = 0
    """The document in force after this event."""
    sha256: str = ""
    at_ns: int = 0
    """Session time."""
    principal: str = ""
    """Who asked: a principal, or `configuration` for the file that a restart has read."""
    approver: str = ""
    """Who approved a looser document."""
    reason: str = ""
    request_id: str = ""
    request_expires_at_ns: int = 0
    """Wall time; a request is approved before it or not at all."""
    document: str = ""
    """The document that was asked for, as canonical JSON, and its hash."""
    document_sha256: str = ""
    changes: tuple[LimitChange, ...] = ()
    """What it says differently from the one in force before."""


class ChangeLimits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: put another document of limits in force.

    Only one that loosens nothing takes effect at once.
    """

    document: str = ""
    """The document as canonical JSON, its hash, and the limits that it comes to in this session."""
    sha256: str = ""
    resolved: str = ""
    principal: str = ""
    reason: str = ""
    replaces_version: int = 0
    """The version that it is meant to replace; 0: whichever is in force."""
    asked_at_ns: int = 0
    """Wall time: requests wait on the wall's clock, whatever the session's is."""


class ApproveLimits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: approve a looser document that somebody else has asked for."""

    request_id: str = ""
    principal: str = ""
    asked_at_ns: int = 0
    """Wall time."""


class LimitsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a command about limits."""

    accepted: bool = False
    code: str = ""
    """A stable code when it was not accepted: SAME_PRINCIPAL, REQUEST_UNKNOWN, REQUEST_EXPIRED,
    VERSION_CHANGED...
    """
    message: str = ""
    version: int = 0
    """The document in force."""
    sha256: str = ""
    request_id: str = ""
    """Set when the document waits for a second principal."""
    request_expires_at_ns: int = 0
    changes: tuple[LimitChange, ...] = ()


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Command: decide an order that a person places by hand, as a signal is decided.

    It gets exactly one verdict: a retry with the same key gets the same one.
    """

    session: str = ""
    key: str = ""
    """Chosen by whoever asks, unique in its session."""
    principal: str = ""
    reason: str = ""
    strategy: str = ""
    """Whose position it is: `manual`, or the strategy whose position an order that only reduces
    closes.
    """
    venue: str = ""
    symbol: str = ""
    side: Side = Side.UNSPECIFIED
    order_type: OrderType = OrderType.UNSPECIFIED
    quantity: Decimal = ZERO
    """Never more is ordered; an order that only reduces orders less when less is held."""
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    trail_amount: Decimal | None = None
    """Of a trailing stop, one of the two; see OrderSpecification."""
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.UNSPECIFIED
    valid_for_ns: int = 0
    """Of GTD: how long after its decision the order expires; 0 otherwise."""
    post_only: bool = False
    stop_price: Decimal | None = None
    """Where the position that it opens is to be closed, at a loss and at a profit."""
    take_profit_price: Decimal | None = None
    reduce_only: bool = False
    """It may only bring the position nearer to zero.

    Without it an order that can do nothing else is taken as one that only reduces.
    """
    algorithm: ExecutionAlgorithm | None = None
    """Absent when the order is to be sent whole."""
    legs: tuple[OrderLeg, ...] = ()
    """Of an order for several options at once: what each one of it holds; see OrderSpecification.
    """
    extended_hours: bool = False
    """Of LIMIT: also before and after the regular session; see OrderSpecification."""


class PlaceOrderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to `PlaceOrder`."""

    accepted: bool = False
    """False when there is no verdict: the key belongs to another order."""
    code: str = ""
    """A stable code when it was not accepted: KEY_TAKEN."""
    message: str = ""
    verdict: Verdict | None = None
