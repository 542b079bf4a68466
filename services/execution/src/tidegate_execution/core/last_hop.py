"""The second check, at the last hop before the venue: one small rule per reason to refuse.

Risk has approved; here it is checked again by code that shares nothing with risk but the
contract, with caps and a rate budget that risk cannot write. Every rule fails closed.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

import msgspec

from tidegate_contracts.execution import (
    AlgorithmKind,
    OrderSpecification,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_contracts.risk import Verdict
from tidegate_execution.core.capabilities import unsupported
from tidegate_execution.core.order_form import faults_of, worst_price
from tidegate_execution.core.orders.legs import traded_symbols
from tidegate_execution.core.parameters import ExecutionParameters
from tidegate_execution.core.reasons import Code, Refusal
from tidegate_kernel.gate import Activity, Level, passes
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time


class LastHop(msgspec.Struct, frozen=True):
    """Everything that the rules look at."""

    verdict: Verdict
    specification: OrderSpecification
    parameters: ExecutionParameters
    now_ns: int
    newest_term: int
    gate_level: Level
    gate_cause: str
    gate_epoch_required: int
    forgotten_until_ns: int
    sent_in_window: int
    ready: bool
    not_ready_because: str
    # The last price that execution itself saw; None before the first.
    price: Decimal | None
    # Whether the unit of the volume of its bars is known; not in state from before that was kept.
    volume_known: bool

    @property
    def increases(self) -> bool:
        """Tell whether the order may bring a position further from zero."""
        return not self.specification.reduce_only


Rule: TypeAlias = Callable[[LastHop], Refusal | None]


def check(hop: LastHop, rules: tuple[Rule, ...] | None = None) -> Refusal | None:
    """Ask every rule in order, or those that are named; return the first refusal."""
    for rule in RULES if rules is None else rules:
        refusal = rule(hop)
        if refusal is not None:
            return refusal
    return None


def belongs_here(hop: LastHop) -> Refusal | None:
    """Session and account are this machine's."""
    mine = (hop.parameters.session, hop.parameters.account)
    found = (hop.verdict.session, hop.verdict.account)
    if found == mine:
        return None
    return Refusal(Code.SESSION_MISMATCH, f"expected session and account {mine}, found {found}")


def is_well_formed(hop: LastHop) -> Refusal | None:
    """The specification agrees with its verdict and names side, type and time in force."""
    specification = hop.specification
    wrong = [
        name
        for name, right in (
            ("symbol", specification.symbol == hop.verdict.symbol),
            ("side", specification.side != Side.UNSPECIFIED),
            ("order_type", specification.order_type != OrderType.UNSPECIFIED),
            ("time_in_force", specification.time_in_force != TimeInForce.UNSPECIFIED),
        )
        if not right
    ]
    if not wrong:
        return None
    message = f"expected an order as its verdict says, found a wrong {', '.join(wrong)}"
    return Refusal(Code.SPECIFICATION_INVALID, message)


def fields_fit_the_type(hop: LastHop) -> Refusal | None:
    """Each field that the order's type asks for is there, and no other; see `order_form`."""
    specification = hop.specification
    if specification.order_type == OrderType.UNSPECIFIED:
        return None
    faults = faults_of(specification, hop.now_ns)
    return Refusal(Code.SPECIFICATION_INVALID, "; ".join(faults)) if faults else None


def venue_can_do_it(hop: LastHop) -> Refusal | None:
    """The venue, or execution in its place, can do what the order asks for."""
    specification = hop.specification
    if specification.order_type == OrderType.UNSPECIFIED:
        return None
    if specification.time_in_force == TimeInForce.UNSPECIFIED:
        return None
    venue = hop.parameters.venue_kind_of(traded_symbols(specification)[0])
    found = unsupported(specification, venue)
    return Refusal(Code.ORDER_UNSUPPORTED, f"{found} at {venue.value}") if found else None


def id_derives_from_signal(hop: LastHop) -> Refusal | None:
    """The client order id is the signal's, so that a retry carries the same."""
    expected = client_order_id(hop.verdict.signal_key, 0)
    found = hop.specification.client_order_id
    if found == expected:
        return None
    return Refusal(Code.CLIENT_ORDER_ID_MISMATCH, f"expected {expected}, found {found}")


def is_not_forgotten(hop: LastHop) -> Refusal | None:
    """The signal is newer than every order that was forgotten, so it is no duplicate."""
    if hop.verdict.signal_event_at_ns > hop.forgotten_until_ns or not hop.forgotten_until_ns:
        return None
    message = f"expected a signal later than {format_time(hop.forgotten_until_ns)}"
    return Refusal(Code.DUPLICATE_ORDER, message)


def term_is_newest(hop: LastHop) -> Refusal | None:
    """No newer leader of risk is known."""
    if hop.verdict.term >= hop.newest_term:
        return None
    message = f"expected risk's term {hop.newest_term} or later, found {hop.verdict.term}"
    return Refusal(Code.TERM_STALE, message)


def knew_the_gate(hop: LastHop) -> Refusal | None:
    """The verdict knew the newest raise of every scope that covers the order."""
    if hop.verdict.gate_epoch >= hop.gate_epoch_required:
        return None
    message = (
        f"expected gate epoch {hop.gate_epoch_required} or later, found {hop.verdict.gate_epoch}"
    )
    return Refusal(Code.GATE_EPOCH_STALE, message)


def gate_lets_it_through(hop: LastHop) -> Refusal | None:
    """The worst of gate and latches passes such an order."""
    activity = Activity.INCREASE if hop.increases else Activity.REDUCE
    if passes(hop.gate_level, activity):
        return None
    level = f"{hop.gate_level.name} in {hop.gate_cause}"
    message = f"{level} does not let an order pass that may {activity.value}"
    return Refusal(Code.GATE_CLOSED, message)


def has_not_expired(hop: LastHop) -> Refusal | None:
    """The verdict still counts."""
    return expired(hop.verdict.expires_at_ns, hop.now_ns)


def expired(expires_at_ns: int, now_ns: int) -> Refusal | None:
    """Refuse what has expired; 0 never does."""
    if expires_at_ns == 0 or now_ns <= expires_at_ns:
        return None
    message = f"expected to send by {format_time(expires_at_ns)}, it is {format_time(now_ns)}"
    return Refusal(Code.VERDICT_EXPIRED, message)


def quantity_is_positive(hop: LastHop) -> Refusal | None:
    """The quantity is a number above 0; a reduce-only order may say 0: only cancel."""
    quantity = hop.specification.quantity
    if quantity.is_finite() and (quantity > 0 or (quantity == 0 and not hop.increases)):
        return None
    return Refusal(Code.QUANTITY_NOT_POSITIVE, f"expected a quantity above 0, found {quantity}")


def quantity_is_within_cap(hop: LastHop) -> Refusal | None:
    """The quantity, of legs all of them together, is within execution's own cap."""
    if hop.specification.reduce_only:
        return None
    cap, quantity = hop.parameters.caps.order_quantity_max, hop.specification.quantity
    if hop.specification.legs:
        quantity *= sum(leg.ratio for leg in hop.specification.legs)
    if quantity <= cap:
        return None
    message = f"expected at most {plain(cap)} units, found {plain(quantity)}"
    return Refusal(Code.CAP_ORDER_QUANTITY, message)


def notional_is_within_cap(hop: LastHop) -> Refusal | None:
    """Quantity at the worst of limit, trigger and execution's own price is within the cap.

    Of legs all prices add up, those of what is sold too.
    """
    if hop.specification.reduce_only:
        return None
    if hop.price is None:
        symbols = " and of ".join(traded_symbols(hop.specification))
        return Refusal(Code.PRICE_UNKNOWN, f"expected a bar of {symbols} before its first order")
    price = worst_price(hop.specification, hop.price)
    cap, notional = hop.parameters.caps.order_notional_max, hop.specification.quantity * price
    if notional <= cap:
        return None
    message = f"expected at most {plain(cap)}, found {plain(notional)} in the account's currency"
    return Refusal(Code.CAP_ORDER_NOTIONAL, message)


def rate_is_within_budget(hop: LastHop) -> Refusal | None:
    """Fewer orders than the budget were sent in the window; exits are never held up."""
    most = hop.parameters.rate.orders_max
    if hop.specification.reduce_only or hop.sent_in_window < most:
        return None
    seconds = hop.parameters.rate.window_ns / 1_000_000_000
    message = f"expected fewer than {most} orders in {seconds:g} s, found {hop.sent_in_window}"
    return Refusal(Code.RATE_BUDGET, message)


def account_is_reconciled(hop: LastHop) -> Refusal | None:
    """The venue agrees with the books; lockstep sessions are always ready."""
    if hop.ready or not hop.increases:
        return None
    message = f"expected a reconciled account, found: {hop.not_ready_because}"
    return Refusal(Code.NOT_RECONCILED, message)


def volume_is_known(hop: LastHop) -> Refusal | None:
    """A VWAP can measure its share of what the market trades."""
    algorithm, symbol = hop.specification.algorithm, hop.specification.symbol
    if algorithm is None or algorithm.kind != AlgorithmKind.VWAP or hop.volume_known:
        return None
    message = f"expected {symbol} to have been described, with the unit of its volume, found none"
    return Refusal(Code.VOLUME_UNKNOWN, message)


RULES: tuple[Rule, ...] = (
    belongs_here,
    is_well_formed,
    fields_fit_the_type,
    venue_can_do_it,
    id_derives_from_signal,
    is_not_forgotten,
    term_is_newest,
    knew_the_gate,
    gate_lets_it_through,
    has_not_expired,
    quantity_is_positive,
    quantity_is_within_cap,
    notional_is_within_cap,
    volume_is_known,
    rate_is_within_budget,
    account_is_reconciled,
)
"""Every rule, in the order in which they are asked."""

BOUNDS: tuple[Rule, ...] = (
    quantity_is_within_cap,
    notional_is_within_cap,
    rate_is_within_budget,
)
"""What a slice is asked about; gate and reconciliation are asked as of whatever follows."""
