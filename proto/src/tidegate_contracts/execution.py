# Generated from proto/tidegate/execution/v1 by `make generate`; do not edit.
"""Orders and fills, and the requests and answers of a venue's port."""

from decimal import Decimal
from enum import IntEnum

import msgspec

from tidegate_kernel.money import ZERO


class Side(IntEnum):
    """The values of `tidegate.execution.v1.Side`."""

    UNSPECIFIED = 0
    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    """The values of `tidegate.execution.v1.OrderType`."""

    UNSPECIFIED = 0
    MARKET = 1
    LIMIT = 2
    STOP = 3
    """A market order from the moment at which the market trades at the trigger or beyond it."""
    STOP_LIMIT = 4
    """A limit order from that moment."""
    TRAILING_STOP = 5
    """A stop whose trigger follows the best price since it began to work, at the trail's distance.
    """


class TimeInForce(IntEnum):
    """The values of `tidegate.execution.v1.TimeInForce`."""

    UNSPECIFIED = 0
    DAY = 1
    GTC = 2
    IOC = 3
    FOK = 4
    GTD = 5
    """Until `expires_at_ns`."""


class AlgorithmKind(IntEnum):
    """Who decides when the parts of a sliced order leave."""

    UNSPECIFIED = 0
    TWAP = 1
    """Equal slices at equal times."""
    VWAP = 2
    """After each bar a share of what the bar traded."""
    ICEBERG = 3
    """A limit order of which only a part is open at a time."""


class OrderState(IntEnum):
    """The life cycle of an order."""

    UNSPECIFIED = 0
    PENDING = 1
    SUBMITTING = 2
    WORKING = 3
    PARTIALLY_FILLED = 4
    FILLED = 5
    CANCELLED = 6
    EXPIRED = 7
    REJECTED = 8
    UNKNOWN = 9


class Liquidity(IntEnum):
    """The values of `tidegate.execution.v1.Liquidity`."""

    UNSPECIFIED = 0
    MAKER = 1
    TAKER = 2


class VenueReportKind(IntEnum):
    """The kind of a venue report."""

    UNSPECIFIED = 0
    FILLED = 1
    CANCELLED = 2
    EXPIRED = 3
    REJECTED = 4


class AccountEntryKind(IntEnum):
    """Why holdings or cash changed without an order."""

    UNSPECIFIED = 0
    ADJUSTMENT = 1
    """What a person books so that the books agree with the venue."""
    DIVIDEND = 2
    """Cash paid on a holding; a short pays it."""
    SPLIT = 3
    """More or fewer units for the same total cost; the cash is what was paid for fractions."""
    BORROW_FEE = 4
    """What holding a short costs."""
    FUNDING = 5
    """What one side of a perpetual future pays the other."""
    INTEREST = 6
    """On cash, or on what was borrowed of it."""
    FEE = 7
    """A fee that belongs to no execution."""
    TRANSFER = 8
    """Brought in or taken out: neither profit nor loss."""
    OPTION_EXPIRY = 9
    """The option goes, worth nothing."""
    OPTION_EXERCISE = 10
    """A long option was used: one entry takes the option, another books what it was used for."""
    OPTION_ASSIGNMENT = 11
    """The same of a short option that somebody else used."""


class ExecutionAlgorithm(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How execution cuts an order into slices.

    The order itself is never sent: each slice is an order of its own under a later leg of the same
    signal, and all of them together are never more than it.
    """

    kind: AlgorithmKind = AlgorithmKind.UNSPECIFIED
    duration_ns: int = 0
    """Of TWAP and VWAP: how long slices are sent; what is left then is not ordered. 0 otherwise."""
    slices: int = 0
    """Of TWAP: how many slices; what one has not filled is carried to the next. 0 otherwise."""
    participation: Decimal | None = None
    """Of VWAP: the order's share of the traded volume, above 0 and at most 1."""
    display_quantity: Decimal | None = None
    """Of ICEBERG: the most that is open at a time."""


class OrderLeg(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One option of an order that has several."""

    symbol: str = ""
    side: Side = Side.UNSPECIFIED
    ratio: int = 0
    """Of this leg for each one of the order; the ratios of an order have no common divisor but 1.
    """


class LegFilled(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of a leg is executed, in units."""

    symbol: str = ""
    filled_quantity: Decimal = ZERO


class OrderSpecification(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be ordered: fixed by risk, checked again by execution, sent to the venue.

     An order with legs is one order for a structure of 2 to 4 options on one underlying, which is
    its symbol. It is bought once as its legs say; whoever sells a structure turns its legs around.
    Its quantity is that of a leg with the ratio 1, and it fills in whole structures.
    """

    client_order_id: str = ""
    """Derived from the signal's logical key and the leg, so a retry carries the same id."""
    venue: str = ""
    symbol: str = ""
    side: Side = Side.UNSPECIFIED
    """Of an order with legs BUY: its legs have sides of their own."""
    order_type: OrderType = OrderType.UNSPECIFIED
    quantity: Decimal = ZERO
    limit_price: Decimal | None = None
    """Of an order with legs the net price of a structure, for each unit: above 0 it is paid at most,
    below 0 that much is received at least.
    """
    time_in_force: TimeInForce = TimeInForce.UNSPECIFIED
    reduce_only: bool = False
    """The order may only bring the position nearer to zero; with legs, that of each of them."""
    stop_price: Decimal | None = None
    """Of an entry: where the position that it opens is to be closed at a loss; absent when unknown.
    """
    take_profit_price: Decimal | None = None
    """Of an entry: where the position that it opens is to be closed at a profit."""
    trigger_price: Decimal | None = None
    """A stop's: a buy is triggered at it or above, a sell at it or below.

    A LIMIT exit with one is both.
    """
    trail_amount: Decimal | None = None
    """Of TRAILING_STOP, one of the two: the trigger's distance from the best price, in quote currency.
    """
    trail_percent: Decimal | None = None
    """The same in percent of the best price: 2 is two percent."""
    expires_at_ns: int = 0
    """Of GTD: event time at which what is left of the order expires; 0 otherwise."""
    post_only: bool = False
    """Of limit orders: rejected rather than filled at once as a taker."""
    oco_group: str = ""
    """Orders that share a group are one choice (OCO): when one of them fills, wholly or in part, the
    others are reduced or cancelled. Empty when the order stands alone.
    """
    algorithm: ExecutionAlgorithm | None = None
    """Absent when the order is sent whole."""
    legs: tuple[OrderLeg, ...] = ()
    """Empty when the order is about its symbol alone."""
    extended_hours: bool = False
    """Of limit orders: they also work in the hours before and after the regular session, as far as the
    instrument's `extended_intervals` go. All others work in the regular session only.
    """


class OrderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An order changed its state."""

    session: str = ""
    account: str = ""
    strategy: str = ""
    signal_key: str = ""
    """The logical key of the signal that caused the order; empty for orders made by the gate."""
    leg: int = 0
    """Counts the orders of one signal, from 0."""
    specification: OrderSpecification
    previous_state: OrderState = OrderState.UNSPECIFIED
    state: OrderState = OrderState.UNSPECIFIED
    filled_quantity: Decimal = ZERO
    venue_order_id: str = ""
    """The venue's own id, empty until it is known."""
    decided_at_ns: int = 0
    """Event time of the decision: the event time of the signal."""
    event_at_ns: int = 0
    """Event time of this change."""
    reason_code: str = ""
    """A stable code such as VENUE_REJECTED or EXPIRED_BEFORE_SEND; empty when nothing went wrong.
    """
    reason: str = ""
    arrival_price: Decimal | None = None
    """The last close that was known when the order was written down; absent when none was."""
    market_price: Decimal | None = None
    """The last close that is known at this change; absent when none is."""
    sends: int = 0
    """How many requests to send it may have left before this change."""
    legs_filled: tuple[LegFilled, ...] = ()
    """Of an order with legs: what is booked of each; `filled_quantity` counts whole structures."""


class Fill(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A part of an order was executed. Applied once, by execution_id."""

    session: str = ""
    account: str = ""
    strategy: str = ""
    signal_key: str = ""
    leg: int = 0
    client_order_id: str = ""
    execution_id: str = ""
    """The venue's id of this execution."""
    venue: str = ""
    symbol: str = ""
    side: Side = Side.UNSPECIFIED
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    fee: Decimal = ZERO
    fee_currency: str = ""
    liquidity: Liquidity = Liquidity.UNSPECIFIED
    event_at_ns: int = 0
    """Event time at the venue."""


class SubmitOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Port request: send this order."""

    session: str = ""
    specification: OrderSpecification
    caused_at_ns: int = 0
    """Event time of the order's cause; the paper venue judges fills from here."""
    send_by_ns: int = 0
    """The host must not write the request to a socket after this wall time; 0 in lockstep sessions.
    """
    risk_increasing: bool = False
    """False for orders that only reduce a position; the host's guard lets those pass a REDUCE_ONLY
    gate.
    """
    exits: OrderSpecification | None = None
    """Of an entry that is sent with what will close it: the venue makes both at once, or neither.

    Its `client_order_id` is the exits' name here alone; they begin to work once the entry has
    filled.
    """


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port request: cancel this order. As a person's command: cancel it by hand."""

    session: str = ""
    client_order_id: str = ""
    venue: str = ""
    symbol: str = ""
    principal: str = ""
    """Of a command: who wants it, and why."""
    reason: str = ""


class ReplaceOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: cancel an open order and place what is left of it on other terms.

    Only what an approval already covers: no larger, at no worse price; everything else needs a
    verdict of its own.
    """

    session: str = ""
    client_order_id: str = ""
    quantity: Decimal | None = None
    """At most this is left open; absent: all that is left."""
    limit_price: Decimal | None = None
    """Absent terms stay as they are."""
    trigger_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    principal: str = ""
    reason: str = ""


class OrderCommandAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Answer to `CancelOrder` and `ReplaceOrder` as commands: the venue has yet to confirm the cancel."""

    client_order_id: str = ""
    accepted: bool = False
    code: str = ""
    """A stable code when it was not accepted, such as ORDER_UNKNOWN, ORDER_ENDED or RISK_INCREASING.
    """
    message: str = ""
    following_client_order_id: str = ""
    """Of a replacement: the order that is sent once the old one has ended; empty otherwise."""


class QueryOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port request: what became of this order? Safe to repeat."""

    session: str = ""
    client_order_id: str = ""
    venue: str = ""
    symbol: str = ""


class QueryAccount(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port request: what does the venue hold for this account? Safe to repeat."""

    session: str = ""
    entries_since_ns: int = 0
    """Also what the venue has booked by itself since this wall time and a while before; 0: not asked
    for.
    """


class OrderAccepted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port answer: the venue has taken the order."""

    client_order_id: str = ""
    venue_order_id: str = ""
    event_at_ns: int = 0


class OrderRejected(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port answer: the venue provably refused the order."""

    client_order_id: str = ""
    code: str = ""
    reason: str = ""
    event_at_ns: int = 0


class OutcomeUnknown(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port answer: nothing is proven. Never a rejection."""

    client_order_id: str = ""
    reason: str = ""


class CancelAnswered(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Port answer to a cancel: accepted (the report follows), or the order was not open."""

    client_order_id: str = ""
    accepted: bool = False
    reason: str = ""


class VenueExecution(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One execution as the venue books it."""

    execution_id: str = ""
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    fee: Decimal = ZERO
    fee_currency: str = ""
    liquidity: Liquidity = Liquidity.UNSPECIFIED
    event_at_ns: int = 0
    symbol: str = ""
    """Of an order with legs: the leg that was executed; empty otherwise."""


class VenueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Port answer to a query: the order as the venue knows it, with all its executions."""

    client_order_id: str = ""
    found: bool = False
    """False when the venue does not know the id."""
    venue_order_id: str = ""
    state: OrderState = OrderState.UNSPECIFIED
    """WORKING, PARTIALLY_FILLED, FILLED, CANCELLED, EXPIRED or REJECTED when found; UNKNOWN of an open
    order in an account that cannot be read: then nothing else is said of it.
    """
    filled_quantity: Decimal = ZERO
    executions: tuple[VenueExecution, ...] = ()
    specification: OrderSpecification | None = None
    """Present when found."""
    event_at_ns: int = 0
    legs_filled: tuple[LegFilled, ...] = ()
    """Of an order with legs that was found: what the venue counts of each leg; `filled_quantity` is
    then what makes whole structures.
    """


class VenueHolding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A holding at the venue."""

    symbol: str = ""
    quantity: Decimal = ZERO


class VenueReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a venue says by itself about an order: a fill, a cancel, an expiry."""

    session: str = ""
    client_order_id: str = ""
    venue_order_id: str = ""
    venue: str = ""
    symbol: str = ""
    kind: VenueReportKind = VenueReportKind.UNSPECIFIED
    execution: VenueExecution | None = None
    """For FILLED: the execution."""
    filled_quantity: Decimal = ZERO
    """Sum of all executions so far; of an order with legs, what makes whole structures."""
    event_at_ns: int = 0
    reason: str = ""
    legs_filled: tuple[LegFilled, ...] = ()
    """Of an order with legs: what the venue counts of each leg, as far as it says so here."""


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether an execution shard's account agrees with the venue's.

    Said after the first comparison of every term, and whenever it changes.
    """

    session: str = ""
    account: str = ""
    shard: str = ""
    """The execution shard."""
    term: int = 0
    """Term of the execution shard; a restart has a new one."""
    reconciled: bool = False
    open_orders: int = 0
    """Orders that have not ended here."""
    event_at_ns: int = 0
    reason: str = ""
    """Why the account is not reconciled; empty when it is."""


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Holdings or cash changed, and no order did it. Applied once, by entry_id."""

    session: str = ""
    account: str = ""
    strategy: str = ""
    """Whose holding changes; empty when it is the account's as a whole."""
    entry_id: str = ""
    """Derived from the venue's own id; unique in the session."""
    kind: AccountEntryKind = AccountEntryKind.UNSPECIFIED
    venue: str = ""
    symbol: str = ""
    """Empty when only cash changes and no instrument caused it."""
    quantity: Decimal = ZERO
    """Signed change of what is held, in units of the symbol."""
    price: Decimal | None = None
    """At which the quantity is booked; absent: the total cost of the holding stays what it was."""
    currency: str = ""
    """Of the cash."""
    cash: Decimal = ZERO
    """Signed change of the cash, everything included."""
    event_at_ns: int = 0
    """Event time at the venue."""
    principal: str = ""
    """Who booked it; empty when the venue did."""
    reason: str = ""
    approver: str = ""
    """Who else agreed to what a person booked."""


class VenueEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a venue says by itself about the account: the same, before it has an owner."""

    session: str = ""
    entry_id: str = ""
    """The venue's own id; said again it is the same entry."""
    kind: AccountEntryKind = AccountEntryKind.UNSPECIFIED
    venue: str = ""
    symbol: str = ""
    quantity: Decimal = ZERO
    price: Decimal | None = None
    currency: str = ""
    cash: Decimal = ZERO
    event_at_ns: int = 0
    reason: str = ""
    delivered_symbol: str = ""
    """Of an exercise or assignment: what came for the option or was given for it; the cash is of both.
    """
    delivered_quantity: Decimal = ZERO
    delivered_price: Decimal | None = None


class VenueAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Port answer to QueryAccount."""

    session: str = ""
    open_orders: tuple[VenueOrder, ...] = ()
    holdings: tuple[VenueHolding, ...] = ()
    currency: str = ""
    cash: Decimal = ZERO
    event_at_ns: int = 0
    entries: tuple[VenueEntry, ...] = ()
    """What the venue has booked by itself; UNSPECIFIED of what cannot be read, with the reason why.
    """


class AccountEntryAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Answer to a `VenueEntry` that was handed in, and to the command that books a difference away."""

    entry_id: str = ""
    accepted: bool = False
    code: str = ""
    """A stable code when it was not accepted."""
    message: str = ""
    request_id: str = ""
    """Of an adjustment that waits for another principal."""
    request_expires_at_ns: int = 0


class AdjustAccount(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: book away what differs between the books and the venue, exactly as it differs now."""

    session: str = ""
    symbol: str = ""
    """Empty when only cash differs."""
    quantity: Decimal = ZERO
    """The difference: what the venue holds more."""
    price: Decimal | None = None
    """At which it is booked; absent: by the cash, else the newest close."""
    cash: Decimal = ZERO
    """Zero, or all that the venue has more in cash."""
    strategy: str = ""
    """Whose it is; empty: what reduces a holding is shared by what is held, all else is nobody's.
    """
    transfer: bool = False
    """Booked as a transfer, which is neither profit nor loss."""
    principal: str = ""
    reason: str = ""
    asked_at_ns: int = 0
    """Wall time."""
    entry_id: str = ""
    """What the venue has booked and could not be read here, if this deals with one: its id."""


class ApproveAdjustment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Command: carry out an adjustment that somebody else has asked for."""

    session: str = ""
    request_id: str = ""
    principal: str = ""
    asked_at_ns: int = 0
    """Wall time."""
