# Generated from proto/tidegate/execution/v1 by `make generate`; do not edit.
# ruff: noqa: ANN401 -- upb messages have no static types.
"""Codecs of `tidegate_contracts.execution`."""

from typing import Any

from tidegate_contracts._wire.checks import (
    Codec,
    Members,
    decimal_of,
    decimal_or_zero,
    decimal_text,
    present,
)
from tidegate_contracts.execution import (
    AccountEntry,
    AccountEntryAnswer,
    AccountEntryKind,
    AdjustAccount,
    AlgorithmKind,
    ApproveAdjustment,
    CancelAnswered,
    CancelOrder,
    ExecutionAlgorithm,
    Fill,
    LegFilled,
    Liquidity,
    OrderAccepted,
    OrderCommandAnswer,
    OrderEvent,
    OrderLeg,
    OrderRejected,
    OrderSpecification,
    OrderState,
    OrderType,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    Reconciliation,
    ReplaceOrder,
    Side,
    SubmitOrder,
    TimeInForce,
    VenueAccount,
    VenueEntry,
    VenueExecution,
    VenueHolding,
    VenueOrder,
    VenueReport,
    VenueReportKind,
)

_ACCOUNT_ENTRY_KIND = Members(AccountEntryKind)
_ALGORITHM_KIND = Members(AlgorithmKind)
_LIQUIDITY = Members(Liquidity)
_ORDER_STATE = Members(OrderState)
_ORDER_TYPE = Members(OrderType)
_SIDE = Members(Side)
_TIME_IN_FORCE = Members(TimeInForce)
_VENUE_REPORT_KIND = Members(VenueReportKind)


def write_execution_algorithm(wire: Any, body: ExecutionAlgorithm) -> None:
    """Fill a wire message from a `ExecutionAlgorithm`."""
    wire.kind = body.kind
    wire.duration_ns = body.duration_ns
    wire.slices = body.slices
    if body.participation is not None:
        wire.participation = decimal_text(body.participation, "participation")
    if body.display_quantity is not None:
        wire.display_quantity = decimal_text(body.display_quantity, "display_quantity")


def read_execution_algorithm(wire: Any) -> ExecutionAlgorithm:
    """Make a `ExecutionAlgorithm` from a wire message."""
    return ExecutionAlgorithm(
        kind=_ALGORITHM_KIND[wire.kind],
        duration_ns=wire.duration_ns,
        slices=wire.slices,
        participation=decimal_of(wire.participation, "participation")
        if wire.HasField("participation")
        else None,
        display_quantity=decimal_of(wire.display_quantity, "display_quantity")
        if wire.HasField("display_quantity")
        else None,
    )


def write_order_leg(wire: Any, body: OrderLeg) -> None:
    """Fill a wire message from a `OrderLeg`."""
    wire.symbol = body.symbol
    wire.side = body.side
    wire.ratio = body.ratio


def read_order_leg(wire: Any) -> OrderLeg:
    """Make a `OrderLeg` from a wire message."""
    return OrderLeg(
        symbol=wire.symbol,
        side=_SIDE[wire.side],
        ratio=wire.ratio,
    )


def write_leg_filled(wire: Any, body: LegFilled) -> None:
    """Fill a wire message from a `LegFilled`."""
    wire.symbol = body.symbol
    wire.filled_quantity = decimal_text(body.filled_quantity, "filled_quantity")


def read_leg_filled(wire: Any) -> LegFilled:
    """Make a `LegFilled` from a wire message."""
    return LegFilled(
        symbol=wire.symbol,
        filled_quantity=decimal_or_zero(wire.filled_quantity, "filled_quantity"),
    )


def write_order_specification(wire: Any, body: OrderSpecification) -> None:
    """Fill a wire message from a `OrderSpecification`."""
    wire.client_order_id = body.client_order_id
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.side = body.side
    wire.order_type = body.order_type
    wire.quantity = decimal_text(body.quantity, "quantity")
    if body.limit_price is not None:
        wire.limit_price = decimal_text(body.limit_price, "limit_price")
    wire.time_in_force = body.time_in_force
    wire.reduce_only = body.reduce_only
    if body.stop_price is not None:
        wire.stop_price = decimal_text(body.stop_price, "stop_price")
    if body.take_profit_price is not None:
        wire.take_profit_price = decimal_text(body.take_profit_price, "take_profit_price")
    if body.trigger_price is not None:
        wire.trigger_price = decimal_text(body.trigger_price, "trigger_price")
    if body.trail_amount is not None:
        wire.trail_amount = decimal_text(body.trail_amount, "trail_amount")
    if body.trail_percent is not None:
        wire.trail_percent = decimal_text(body.trail_percent, "trail_percent")
    wire.expires_at_ns = body.expires_at_ns
    wire.post_only = body.post_only
    wire.oco_group = body.oco_group
    if body.algorithm is not None:
        wire.algorithm.SetInParent()
        write_execution_algorithm(wire.algorithm, body.algorithm)
    for order_leg in body.legs:
        write_order_leg(wire.legs.add(), order_leg)
    wire.extended_hours = body.extended_hours


def read_order_specification(wire: Any) -> OrderSpecification:
    """Make a `OrderSpecification` from a wire message."""
    return OrderSpecification(
        client_order_id=wire.client_order_id,
        venue=wire.venue,
        symbol=wire.symbol,
        side=_SIDE[wire.side],
        order_type=_ORDER_TYPE[wire.order_type],
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        limit_price=decimal_of(wire.limit_price, "limit_price")
        if wire.HasField("limit_price")
        else None,
        time_in_force=_TIME_IN_FORCE[wire.time_in_force],
        reduce_only=wire.reduce_only,
        stop_price=decimal_of(wire.stop_price, "stop_price")
        if wire.HasField("stop_price")
        else None,
        take_profit_price=decimal_of(wire.take_profit_price, "take_profit_price")
        if wire.HasField("take_profit_price")
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
        expires_at_ns=wire.expires_at_ns,
        post_only=wire.post_only,
        oco_group=wire.oco_group,
        algorithm=read_execution_algorithm(wire.algorithm) if wire.HasField("algorithm") else None,
        legs=tuple([read_order_leg(item) for item in wire.legs]),
        extended_hours=wire.extended_hours,
    )


def write_order_event(wire: Any, body: OrderEvent) -> None:
    """Fill a wire message from a `OrderEvent`."""
    wire.session = body.session
    wire.account = body.account
    wire.strategy = body.strategy
    wire.signal_key = body.signal_key
    wire.leg = body.leg
    wire.specification.SetInParent()
    write_order_specification(wire.specification, body.specification)
    wire.previous_state = body.previous_state
    wire.state = body.state
    wire.filled_quantity = decimal_text(body.filled_quantity, "filled_quantity")
    wire.venue_order_id = body.venue_order_id
    wire.decided_at_ns = body.decided_at_ns
    wire.event_at_ns = body.event_at_ns
    wire.reason_code = body.reason_code
    wire.reason = body.reason
    if body.arrival_price is not None:
        wire.arrival_price = decimal_text(body.arrival_price, "arrival_price")
    if body.market_price is not None:
        wire.market_price = decimal_text(body.market_price, "market_price")
    wire.sends = body.sends
    for leg_filled in body.legs_filled:
        write_leg_filled(wire.legs_filled.add(), leg_filled)


def read_order_event(wire: Any) -> OrderEvent:
    """Make a `OrderEvent` from a wire message."""
    return OrderEvent(
        session=wire.session,
        account=wire.account,
        strategy=wire.strategy,
        signal_key=wire.signal_key,
        leg=wire.leg,
        specification=read_order_specification(present(wire, "specification")),
        previous_state=_ORDER_STATE[wire.previous_state],
        state=_ORDER_STATE[wire.state],
        filled_quantity=decimal_or_zero(wire.filled_quantity, "filled_quantity"),
        venue_order_id=wire.venue_order_id,
        decided_at_ns=wire.decided_at_ns,
        event_at_ns=wire.event_at_ns,
        reason_code=wire.reason_code,
        reason=wire.reason,
        arrival_price=decimal_of(wire.arrival_price, "arrival_price")
        if wire.HasField("arrival_price")
        else None,
        market_price=decimal_of(wire.market_price, "market_price")
        if wire.HasField("market_price")
        else None,
        sends=wire.sends,
        legs_filled=tuple([read_leg_filled(item) for item in wire.legs_filled]),
    )


def write_fill(wire: Any, body: Fill) -> None:
    """Fill a wire message from a `Fill`."""
    wire.session = body.session
    wire.account = body.account
    wire.strategy = body.strategy
    wire.signal_key = body.signal_key
    wire.leg = body.leg
    wire.client_order_id = body.client_order_id
    wire.execution_id = body.execution_id
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.side = body.side
    wire.quantity = decimal_text(body.quantity, "quantity")
    wire.price = decimal_text(body.price, "price")
    wire.fee = decimal_text(body.fee, "fee")
    wire.fee_currency = body.fee_currency
    wire.liquidity = body.liquidity
    wire.event_at_ns = body.event_at_ns


def read_fill(wire: Any) -> Fill:
    """Make a `Fill` from a wire message."""
    return Fill(
        session=wire.session,
        account=wire.account,
        strategy=wire.strategy,
        signal_key=wire.signal_key,
        leg=wire.leg,
        client_order_id=wire.client_order_id,
        execution_id=wire.execution_id,
        venue=wire.venue,
        symbol=wire.symbol,
        side=_SIDE[wire.side],
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        price=decimal_or_zero(wire.price, "price"),
        fee=decimal_or_zero(wire.fee, "fee"),
        fee_currency=wire.fee_currency,
        liquidity=_LIQUIDITY[wire.liquidity],
        event_at_ns=wire.event_at_ns,
    )


def write_submit_order(wire: Any, body: SubmitOrder) -> None:
    """Fill a wire message from a `SubmitOrder`."""
    wire.session = body.session
    wire.specification.SetInParent()
    write_order_specification(wire.specification, body.specification)
    wire.caused_at_ns = body.caused_at_ns
    wire.send_by_ns = body.send_by_ns
    wire.risk_increasing = body.risk_increasing
    if body.exits is not None:
        wire.exits.SetInParent()
        write_order_specification(wire.exits, body.exits)


def read_submit_order(wire: Any) -> SubmitOrder:
    """Make a `SubmitOrder` from a wire message."""
    return SubmitOrder(
        session=wire.session,
        specification=read_order_specification(present(wire, "specification")),
        caused_at_ns=wire.caused_at_ns,
        send_by_ns=wire.send_by_ns,
        risk_increasing=wire.risk_increasing,
        exits=read_order_specification(wire.exits) if wire.HasField("exits") else None,
    )


def write_cancel_order(wire: Any, body: CancelOrder) -> None:
    """Fill a wire message from a `CancelOrder`."""
    wire.session = body.session
    wire.client_order_id = body.client_order_id
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.principal = body.principal
    wire.reason = body.reason


def read_cancel_order(wire: Any) -> CancelOrder:
    """Make a `CancelOrder` from a wire message."""
    return CancelOrder(
        session=wire.session,
        client_order_id=wire.client_order_id,
        venue=wire.venue,
        symbol=wire.symbol,
        principal=wire.principal,
        reason=wire.reason,
    )


def write_replace_order(wire: Any, body: ReplaceOrder) -> None:
    """Fill a wire message from a `ReplaceOrder`."""
    wire.session = body.session
    wire.client_order_id = body.client_order_id
    if body.quantity is not None:
        wire.quantity = decimal_text(body.quantity, "quantity")
    if body.limit_price is not None:
        wire.limit_price = decimal_text(body.limit_price, "limit_price")
    if body.trigger_price is not None:
        wire.trigger_price = decimal_text(body.trigger_price, "trigger_price")
    if body.trail_amount is not None:
        wire.trail_amount = decimal_text(body.trail_amount, "trail_amount")
    if body.trail_percent is not None:
        wire.trail_percent = decimal_text(body.trail_percent, "trail_percent")
    wire.principal = body.principal
    wire.reason = body.reason


def read_replace_order(wire: Any) -> ReplaceOrder:
    """Make a `ReplaceOrder` from a wire message."""
    return ReplaceOrder(
        session=wire.session,
        client_order_id=wire.client_order_id,
        quantity=decimal_of(wire.quantity, "quantity") if wire.HasField("quantity") else None,
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
        principal=wire.principal,
        reason=wire.reason,
    )


def write_order_command_answer(wire: Any, body: OrderCommandAnswer) -> None:
    """Fill a wire message from a `OrderCommandAnswer`."""
    wire.client_order_id = body.client_order_id
    wire.accepted = body.accepted
    wire.code = body.code
    wire.message = body.message
    wire.following_client_order_id = body.following_client_order_id


def read_order_command_answer(wire: Any) -> OrderCommandAnswer:
    """Make a `OrderCommandAnswer` from a wire message."""
    return OrderCommandAnswer(
        client_order_id=wire.client_order_id,
        accepted=wire.accepted,
        code=wire.code,
        message=wire.message,
        following_client_order_id=wire.following_client_order_id,
    )


def write_query_order(wire: Any, body: QueryOrder) -> None:
    """Fill a wire message from a `QueryOrder`."""
    wire.session = body.session
    wire.client_order_id = body.client_order_id
    wire.venue = body.venue
    wire.symbol = body.symbol


def read_query_order(wire: Any) -> QueryOrder:
    """Make a `QueryOrder` from a wire message."""
    return QueryOrder(
        session=wire.session,
        client_order_id=wire.client_order_id,
        venue=wire.venue,
        symbol=wire.symbol,
    )


def write_query_account(wire: Any, body: QueryAccount) -> None:
    """Fill a wire message from a `QueryAccount`."""
    wire.session = body.session
    wire.entries_since_ns = body.entries_since_ns


def read_query_account(wire: Any) -> QueryAccount:
    """Make a `QueryAccount` from a wire message."""
    return QueryAccount(
        session=wire.session,
        entries_since_ns=wire.entries_since_ns,
    )


def write_order_accepted(wire: Any, body: OrderAccepted) -> None:
    """Fill a wire message from a `OrderAccepted`."""
    wire.client_order_id = body.client_order_id
    wire.venue_order_id = body.venue_order_id
    wire.event_at_ns = body.event_at_ns


def read_order_accepted(wire: Any) -> OrderAccepted:
    """Make a `OrderAccepted` from a wire message."""
    return OrderAccepted(
        client_order_id=wire.client_order_id,
        venue_order_id=wire.venue_order_id,
        event_at_ns=wire.event_at_ns,
    )


def write_order_rejected(wire: Any, body: OrderRejected) -> None:
    """Fill a wire message from a `OrderRejected`."""
    wire.client_order_id = body.client_order_id
    wire.code = body.code
    wire.reason = body.reason
    wire.event_at_ns = body.event_at_ns


def read_order_rejected(wire: Any) -> OrderRejected:
    """Make a `OrderRejected` from a wire message."""
    return OrderRejected(
        client_order_id=wire.client_order_id,
        code=wire.code,
        reason=wire.reason,
        event_at_ns=wire.event_at_ns,
    )


def write_outcome_unknown(wire: Any, body: OutcomeUnknown) -> None:
    """Fill a wire message from a `OutcomeUnknown`."""
    wire.client_order_id = body.client_order_id
    wire.reason = body.reason


def read_outcome_unknown(wire: Any) -> OutcomeUnknown:
    """Make a `OutcomeUnknown` from a wire message."""
    return OutcomeUnknown(
        client_order_id=wire.client_order_id,
        reason=wire.reason,
    )


def write_cancel_answered(wire: Any, body: CancelAnswered) -> None:
    """Fill a wire message from a `CancelAnswered`."""
    wire.client_order_id = body.client_order_id
    wire.accepted = body.accepted
    wire.reason = body.reason


def read_cancel_answered(wire: Any) -> CancelAnswered:
    """Make a `CancelAnswered` from a wire message."""
    return CancelAnswered(
        client_order_id=wire.client_order_id,
        accepted=wire.accepted,
        reason=wire.reason,
    )


def write_venue_execution(wire: Any, body: VenueExecution) -> None:
    """Fill a wire message from a `VenueExecution`."""
    wire.execution_id = body.execution_id
    wire.quantity = decimal_text(body.quantity, "quantity")
    wire.price = decimal_text(body.price, "price")
    wire.fee = decimal_text(body.fee, "fee")
    wire.fee_currency = body.fee_currency
    wire.liquidity = body.liquidity
    wire.event_at_ns = body.event_at_ns
    wire.symbol = body.symbol


def read_venue_execution(wire: Any) -> VenueExecution:
    """Make a `VenueExecution` from a wire message."""
    return VenueExecution(
        execution_id=wire.execution_id,
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        price=decimal_or_zero(wire.price, "price"),
        fee=decimal_or_zero(wire.fee, "fee"),
        fee_currency=wire.fee_currency,
        liquidity=_LIQUIDITY[wire.liquidity],
        event_at_ns=wire.event_at_ns,
        symbol=wire.symbol,
    )


def write_venue_order(wire: Any, body: VenueOrder) -> None:
    """Fill a wire message from a `VenueOrder`."""
    wire.client_order_id = body.client_order_id
    wire.found = body.found
    wire.venue_order_id = body.venue_order_id
    wire.state = body.state
    wire.filled_quantity = decimal_text(body.filled_quantity, "filled_quantity")
    for venue_execution in body.executions:
        write_venue_execution(wire.executions.add(), venue_execution)
    if body.specification is not None:
        wire.specification.SetInParent()
        write_order_specification(wire.specification, body.specification)
    wire.event_at_ns = body.event_at_ns
    for leg_filled in body.legs_filled:
        write_leg_filled(wire.legs_filled.add(), leg_filled)


def read_venue_order(wire: Any) -> VenueOrder:
    """Make a `VenueOrder` from a wire message."""
    return VenueOrder(
        client_order_id=wire.client_order_id,
        found=wire.found,
        venue_order_id=wire.venue_order_id,
        state=_ORDER_STATE[wire.state],
        filled_quantity=decimal_or_zero(wire.filled_quantity, "filled_quantity"),
        executions=tuple([read_venue_execution(item) for item in wire.executions]),
        specification=read_order_specification(wire.specification)
        if wire.HasField("specification")
        else None,
        event_at_ns=wire.event_at_ns,
        legs_filled=tuple([read_leg_filled(item) for item in wire.legs_filled]),
    )


def write_venue_holding(wire: Any, body: VenueHolding) -> None:
    """Fill a wire message from a `VenueHolding`."""
    wire.symbol = body.symbol
    wire.quantity = decimal_text(body.quantity, "quantity")


def read_venue_holding(wire: Any) -> VenueHolding:
    """Make a `VenueHolding` from a wire message."""
    return VenueHolding(
        symbol=wire.symbol,
        quantity=decimal_or_zero(wire.quantity, "quantity"),
    )


def write_venue_account(wire: Any, body: VenueAccount) -> None:
    """Fill a wire message from a `VenueAccount`."""
    wire.session = body.session
    for venue_order in body.open_orders:
        write_venue_order(wire.open_orders.add(), venue_order)
    for venue_holding in body.holdings:
        write_venue_holding(wire.holdings.add(), venue_holding)
    wire.currency = body.currency
    wire.cash = decimal_text(body.cash, "cash")
    wire.event_at_ns = body.event_at_ns
    for venue_entry in body.entries:
        write_venue_entry(wire.entries.add(), venue_entry)


def read_venue_account(wire: Any) -> VenueAccount:
    """Make a `VenueAccount` from a wire message."""
    return VenueAccount(
        session=wire.session,
        open_orders=tuple([read_venue_order(item) for item in wire.open_orders]),
        holdings=tuple([read_venue_holding(item) for item in wire.holdings]),
        currency=wire.currency,
        cash=decimal_or_zero(wire.cash, "cash"),
        event_at_ns=wire.event_at_ns,
        entries=tuple([read_venue_entry(item) for item in wire.entries]),
    )


def write_venue_report(wire: Any, body: VenueReport) -> None:
    """Fill a wire message from a `VenueReport`."""
    wire.session = body.session
    wire.client_order_id = body.client_order_id
    wire.venue_order_id = body.venue_order_id
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.kind = body.kind
    if body.execution is not None:
        wire.execution.SetInParent()
        write_venue_execution(wire.execution, body.execution)
    wire.filled_quantity = decimal_text(body.filled_quantity, "filled_quantity")
    wire.event_at_ns = body.event_at_ns
    wire.reason = body.reason
    for leg_filled in body.legs_filled:
        write_leg_filled(wire.legs_filled.add(), leg_filled)


def read_venue_report(wire: Any) -> VenueReport:
    """Make a `VenueReport` from a wire message."""
    return VenueReport(
        session=wire.session,
        client_order_id=wire.client_order_id,
        venue_order_id=wire.venue_order_id,
        venue=wire.venue,
        symbol=wire.symbol,
        kind=_VENUE_REPORT_KIND[wire.kind],
        execution=read_venue_execution(wire.execution) if wire.HasField("execution") else None,
        filled_quantity=decimal_or_zero(wire.filled_quantity, "filled_quantity"),
        event_at_ns=wire.event_at_ns,
        reason=wire.reason,
        legs_filled=tuple([read_leg_filled(item) for item in wire.legs_filled]),
    )


def write_reconciliation(wire: Any, body: Reconciliation) -> None:
    """Fill a wire message from a `Reconciliation`."""
    wire.session = body.session
    wire.account = body.account
    wire.shard = body.shard
    wire.term = body.term
    wire.reconciled = body.reconciled
    wire.open_orders = body.open_orders
    wire.event_at_ns = body.event_at_ns
    wire.reason = body.reason


def read_reconciliation(wire: Any) -> Reconciliation:
    """Make a `Reconciliation` from a wire message."""
    return Reconciliation(
        session=wire.session,
        account=wire.account,
        shard=wire.shard,
        term=wire.term,
        reconciled=wire.reconciled,
        open_orders=wire.open_orders,
        event_at_ns=wire.event_at_ns,
        reason=wire.reason,
    )


def write_account_entry(wire: Any, body: AccountEntry) -> None:
    """Fill a wire message from a `AccountEntry`."""
    wire.session = body.session
    wire.account = body.account
    wire.strategy = body.strategy
    wire.entry_id = body.entry_id
    wire.kind = body.kind
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.quantity = decimal_text(body.quantity, "quantity")
    if body.price is not None:
        wire.price = decimal_text(body.price, "price")
    wire.currency = body.currency
    wire.cash = decimal_text(body.cash, "cash")
    wire.event_at_ns = body.event_at_ns
    wire.principal = body.principal
    wire.reason = body.reason
    wire.approver = body.approver


def read_account_entry(wire: Any) -> AccountEntry:
    """Make a `AccountEntry` from a wire message."""
    return AccountEntry(
        session=wire.session,
        account=wire.account,
        strategy=wire.strategy,
        entry_id=wire.entry_id,
        kind=_ACCOUNT_ENTRY_KIND[wire.kind],
        venue=wire.venue,
        symbol=wire.symbol,
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        price=decimal_of(wire.price, "price") if wire.HasField("price") else None,
        currency=wire.currency,
        cash=decimal_or_zero(wire.cash, "cash"),
        event_at_ns=wire.event_at_ns,
        principal=wire.principal,
        reason=wire.reason,
        approver=wire.approver,
    )


def write_venue_entry(wire: Any, body: VenueEntry) -> None:
    """Fill a wire message from a `VenueEntry`."""
    wire.session = body.session
    wire.entry_id = body.entry_id
    wire.kind = body.kind
    wire.venue = body.venue
    wire.symbol = body.symbol
    wire.quantity = decimal_text(body.quantity, "quantity")
    if body.price is not None:
        wire.price = decimal_text(body.price, "price")
    wire.currency = body.currency
    wire.cash = decimal_text(body.cash, "cash")
    wire.event_at_ns = body.event_at_ns
    wire.reason = body.reason
    wire.delivered_symbol = body.delivered_symbol
    wire.delivered_quantity = decimal_text(body.delivered_quantity, "delivered_quantity")
    if body.delivered_price is not None:
        wire.delivered_price = decimal_text(body.delivered_price, "delivered_price")


def read_venue_entry(wire: Any) -> VenueEntry:
    """Make a `VenueEntry` from a wire message."""
    return VenueEntry(
        session=wire.session,
        entry_id=wire.entry_id,
        kind=_ACCOUNT_ENTRY_KIND[wire.kind],
        venue=wire.venue,
        symbol=wire.symbol,
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        price=decimal_of(wire.price, "price") if wire.HasField("price") else None,
        currency=wire.currency,
        cash=decimal_or_zero(wire.cash, "cash"),
        event_at_ns=wire.event_at_ns,
        reason=wire.reason,
        delivered_symbol=wire.delivered_symbol,
        delivered_quantity=decimal_or_zero(wire.delivered_quantity, "delivered_quantity"),
        delivered_price=decimal_of(wire.delivered_price, "delivered_price")
        if wire.HasField("delivered_price")
        else None,
    )


def write_account_entry_answer(wire: Any, body: AccountEntryAnswer) -> None:
    """Fill a wire message from a `AccountEntryAnswer`."""
    wire.entry_id = body.entry_id
    wire.accepted = body.accepted
    wire.code = body.code
    wire.message = body.message
    wire.request_id = body.request_id
    wire.request_expires_at_ns = body.request_expires_at_ns


def read_account_entry_answer(wire: Any) -> AccountEntryAnswer:
    """Make a `AccountEntryAnswer` from a wire message."""
    return AccountEntryAnswer(
        entry_id=wire.entry_id,
        accepted=wire.accepted,
        code=wire.code,
        message=wire.message,
        request_id=wire.request_id,
        request_expires_at_ns=wire.request_expires_at_ns,
    )


def write_adjust_account(wire: Any, body: AdjustAccount) -> None:
    """Fill a wire message from a `AdjustAccount`."""
    wire.session = body.session
    wire.symbol = body.symbol
    wire.quantity = decimal_text(body.quantity, "quantity")
    if body.price is not None:
        wire.price = decimal_text(body.price, "price")
    wire.cash = decimal_text(body.cash, "cash")
    wire.strategy = body.strategy
    wire.transfer = body.transfer
    wire.principal = body.principal
    wire.reason = body.reason
    wire.asked_at_ns = body.asked_at_ns
    wire.entry_id = body.entry_id


def read_adjust_account(wire: Any) -> AdjustAccount:
    """Make a `AdjustAccount` from a wire message."""
    return AdjustAccount(
        session=wire.session,
        symbol=wire.symbol,
        quantity=decimal_or_zero(wire.quantity, "quantity"),
        price=decimal_of(wire.price, "price") if wire.HasField("price") else None,
        cash=decimal_or_zero(wire.cash, "cash"),
        strategy=wire.strategy,
        transfer=wire.transfer,
        principal=wire.principal,
        reason=wire.reason,
        asked_at_ns=wire.asked_at_ns,
        entry_id=wire.entry_id,
    )


def write_approve_adjustment(wire: Any, body: ApproveAdjustment) -> None:
    """Fill a wire message from a `ApproveAdjustment`."""
    wire.session = body.session
    wire.request_id = body.request_id
    wire.principal = body.principal
    wire.asked_at_ns = body.asked_at_ns


def read_approve_adjustment(wire: Any) -> ApproveAdjustment:
    """Make a `ApproveAdjustment` from a wire message."""
    return ApproveAdjustment(
        session=wire.session,
        request_id=wire.request_id,
        principal=wire.principal,
        asked_at_ns=wire.asked_at_ns,
    )


CODECS: tuple[Codec, ...] = (
    Codec(
        ExecutionAlgorithm,
        "tidegate.execution.v1.ExecutionAlgorithm",
        write_execution_algorithm,
        read_execution_algorithm,
    ),
    Codec(OrderLeg, "tidegate.execution.v1.OrderLeg", write_order_leg, read_order_leg),
    Codec(LegFilled, "tidegate.execution.v1.LegFilled", write_leg_filled, read_leg_filled),
    Codec(
        OrderSpecification,
        "tidegate.execution.v1.OrderSpecification",
        write_order_specification,
        read_order_specification,
    ),
    Codec(OrderEvent, "tidegate.execution.v1.OrderEvent", write_order_event, read_order_event),
    Codec(Fill, "tidegate.execution.v1.Fill", write_fill, read_fill),
    Codec(SubmitOrder, "tidegate.execution.v1.SubmitOrder", write_submit_order, read_submit_order),
    Codec(CancelOrder, "tidegate.execution.v1.CancelOrder", write_cancel_order, read_cancel_order),
    Codec(
        ReplaceOrder, "tidegate.execution.v1.ReplaceOrder", write_replace_order, read_replace_order
    ),
    Codec(
        OrderCommandAnswer,
        "tidegate.execution.v1.OrderCommandAnswer",
        write_order_command_answer,
        read_order_command_answer,
    ),
    Codec(QueryOrder, "tidegate.execution.v1.QueryOrder", write_query_order, read_query_order),
    Codec(
        QueryAccount, "tidegate.execution.v1.QueryAccount", write_query_account, read_query_account
    ),
    Codec(
        OrderAccepted,
        "tidegate.execution.v1.OrderAccepted",
        write_order_accepted,
        read_order_accepted,
    ),
    Codec(
        OrderRejected,
        "tidegate.execution.v1.OrderRejected",
        write_order_rejected,
        read_order_rejected,
    ),
    Codec(
        OutcomeUnknown,
        "tidegate.execution.v1.OutcomeUnknown",
        write_outcome_unknown,
        read_outcome_unknown,
    ),
    Codec(
        CancelAnswered,
        "tidegate.execution.v1.CancelAnswered",
        write_cancel_answered,
        read_cancel_answered,
    ),
    Codec(
        VenueExecution,
        "tidegate.execution.v1.VenueExecution",
        write_venue_execution,
        read_venue_execution,
    ),
    Codec(VenueOrder, "tidegate.execution.v1.VenueOrder", write_venue_order, read_venue_order),
    Codec(
        VenueHolding, "tidegate.execution.v1.VenueHolding", write_venue_holding, read_venue_holding
    ),
    Codec(
        VenueAccount, "tidegate.execution.v1.VenueAccount", write_venue_account, read_venue_account
    ),
    Codec(VenueReport, "tidegate.execution.v1.VenueReport", write_venue_report, read_venue_report),
    Codec(
        Reconciliation,
        "tidegate.execution.v1.Reconciliation",
        write_reconciliation,
        read_reconciliation,
    ),
    Codec(
        AccountEntry, "tidegate.execution.v1.AccountEntry", write_account_entry, read_account_entry
    ),
    Codec(VenueEntry, "tidegate.execution.v1.VenueEntry", write_venue_entry, read_venue_entry),
    Codec(
        AccountEntryAnswer,
        "tidegate.execution.v1.AccountEntryAnswer",
        write_account_entry_answer,
        read_account_entry_answer,
    ),
    Codec(
        AdjustAccount,
        "tidegate.execution.v1.AdjustAccount",
        write_adjust_account,
        read_adjust_account,
    ),
    Codec(
        ApproveAdjustment,
        "tidegate.execution.v1.ApproveAdjustment",
        write_approve_adjustment,
        read_approve_adjustment,
    ),
)
