"""What a bar does to the open orders of its listing: fill, expire, reject, cancel, or nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import (
    OrderState,
    Side,
    TimeInForce,
    VenueExecution,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.core.hours import hours_of
from tidegate_execution.core.paper.book import OPEN, PaperBook, PaperOrder, listing_of
from tidegate_execution.core.paper.choices import forget, reduce_others
from tidegate_execution.core.paper.fees import (
    fee_of,
    note_traded,
    per_unit,
    rate_bps,
    volume_before,
    with_minimum,
)
from tidegate_execution.core.paper.matching import (
    Offer,
    TakesLiquidity,
    phases_of,
    priority,
    quantity_of,
    visit,
    volume_budget,
)
from tidegate_execution.core.paper.parameters import (
    FeeSchedule,
    MatchingRules,
    PaperVenueParameters,
)
from tidegate_execution.core.paper.paths import Phase, Prices
from tidegate_execution.core.paper.resting import (
    begin,
    ends_at_ns,
    is_decided_at_once,
    is_over,
    may_fill,
)
from tidegate_kernel.hours import first_overlapping
from tidegate_kernel.machine import Effect, Publish
from tidegate_kernel.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_contracts.market import Instrument

_NOTHING_LEFT = "REDUCE_ONLY: nothing is left to reduce"
_NO_CASH = "INSUFFICIENT_CASH at the fill's price"
_NOT_AT_ONCE = "IOC or FOK: the first bar did not fill it"
_WOULD_TAKE = "POST_ONLY: it would have been filled at once, as a taker"


def fill_from_bar(
    book: PaperBook,
    parameters: PaperVenueParameters,
    orders: list[PaperOrder],
    prices: Prices,
    after_open: Callable[[], list[Effect]] = list,
) -> list[Effect]:
    """Let one bar act on open orders of its listing; ``after_open`` says what comes in between."""
    effects: list[Effect] = []
    rules = parameters.rules
    working = [each for each in orders if _begins(book, parameters, each, prices, effects)]
    if not working:
        return effects + after_open()
    budget = volume_budget(prices, rules)
    opened = True
    for phase, order in _schedule(working, prices, rules):
        if opened and phase != Phase.OPEN:
            opened = False
            effects += after_open()
        if order.state not in OPEN:
            continue
        found = visit(order.resting, prices, rules, phase)
        if found is not None:
            before = order.filled
            effects += _execute(book, parameters, order, found, budget)
            if budget is not None:
                budget -= order.filled - before
        if order.state in OPEN and is_decided_at_once(order.resting):
            effects.append(expire(book, parameters, order, prices.start_ns, _NOT_AT_ONCE))
    if opened:
        effects += after_open()
    ended = [e for e in working if e.state in OPEN and is_over(e.resting, prices.end_ns)]
    return effects + [
        expire(book, parameters, each, ends_at_ns(each.resting), _over(each)) for each in ended
    ]


def _begins(
    book: PaperBook,
    parameters: PaperVenueParameters,
    order: PaperOrder,
    prices: Prices,
    effects: list[Effect],
) -> bool:
    """Tell whether a bar may fill an order; one whose time has come expires."""
    resting = order.resting
    ends_ns = ends_at_ns(resting)
    if 0 < ends_ns <= prices.start_ns:
        effects.append(expire(book, parameters, order, ends_ns, _over(order)))
        return False
    if not may_fill(resting, prices.start_ns, prices.end_ns, parameters.rules.latency_ns):
        return False
    hours = hours_of(resting.specification, prices.instrument)
    if not hours:
        begin(resting, prices.start_ns)
        return True
    session = first_overlapping(hours, prices.start_ns, prices.end_ns)
    if session is None:
        return False
    begin(resting, prices.start_ns, session.closes_at_ns)
    return True


def _over(order: PaperOrder) -> str:
    is_dated = order.resting.specification.time_in_force == TimeInForce.GTD
    return "its date has come" if is_dated else "its day is over"


def _schedule(
    orders: list[PaperOrder], prices: Prices, rules: MatchingRules
) -> list[tuple[Phase, PaperOrder]]:
    """Return which order is looked at where, along the bar's path."""
    steps = [(phase, each) for each in orders for phase in phases_of(each.resting, prices, rules)]
    if len(orders) > 1:
        steps.sort(key=lambda step: priority(step[1].resting, step[0]))
    return steps


def _execute(
    book: PaperBook,
    parameters: PaperVenueParameters,
    order: PaperOrder,
    offer: Offer | TakesLiquidity,
    budget: Decimal | None,
) -> list[Effect]:
    """Fill an order from what it is offered, as far as it may be."""
    at_ns = offer.event_at_ns
    if isinstance(offer, TakesLiquidity):
        return [reject(book, parameters, order, at_ns, _WOULD_TAKE)]
    wanted = quantity_of(order.resting, offer, budget)
    if wanted <= 0:
        return []
    specification = order.resting.specification
    quantity = _reducible(book, order, wanted) if specification.reduce_only else wanted
    if quantity <= 0:
        return [expire(book, parameters, order, at_ns, _NOTHING_LEFT)]
    cost = quantity * offer.price
    instrument = book.instruments[listing_of(specification.venue, specification.symbol)]
    fee = charge(book, parameters.fees, order, instrument, (offer, quantity))
    lacks_cash = specification.side == Side.BUY and cost + fee > book.cash
    if lacks_cash and not specification.reduce_only and not parameters.negative_cash_allowed:
        return [reject(book, parameters, order, at_ns, _NO_CASH)]
    book.book(specification.symbol, specification.side, quantity, cost, fee)
    effects: list[Effect] = [_book_execution(book, parameters, order, offer, (quantity, fee))]
    if order.is_open and quantity < wanted:
        effects.append(expire(book, parameters, order, at_ns, _NOTHING_LEFT))
    if specification.oco_group:
        effects += _settle_choice(book, parameters, order, quantity)
    return effects


def _settle_choice(
    book: PaperBook, parameters: PaperVenueParameters, order: PaperOrder, quantity: Decimal
) -> list[Effect]:
    """Take what one order of a choice has filled from the others, in the same event."""
    ended = [order] if order.is_open and order.resting.remaining == 0 else []
    ended += reduce_others(book, order, quantity)
    effects: list[Effect] = []
    for each in ended:
        each.reason = f"OCO: {each.resting.specification.oco_group} is filled"
        end(book, parameters, each, OrderState.CANCELLED, order.event_at_ns)
        effects.append(report(parameters, each, VenueReportKind.CANCELLED, each.reason))
    return effects


def _reducible(book: PaperBook, order: PaperOrder, quantity: Decimal) -> Decimal:
    """Bound a reduce-only fill by what is held against it."""
    specification = order.resting.specification
    sign = 1 if specification.side == Side.BUY else -1
    return min(quantity, -sign * book.held(specification.symbol))


def charge(
    book: PaperBook,
    fees: FeeSchedule,
    order: PaperOrder,
    instrument: Instrument,
    traded: tuple[Offer, Decimal],
) -> Decimal:
    """Return what an execution costs; its value counts for the tiers of later days."""
    offer, quantity = traded
    cost, volume = quantity * offer.price, ZERO
    if fees.tiers:
        volume = volume_before(book.traded, offer.event_at_ns)
        note_traded(book.traded, offer.event_at_ns, cost)
    each = per_unit(fees, instrument)
    fee = fee_of(each, rate_bps(fees, offer.liquidity, volume), quantity, cost)
    if fees.order_fee_min:
        before, first = order.fees_without_min, not order.executions
        order.fees_without_min += fee
        fee = with_minimum(fees.order_fee_min, before, fee, first=first)
    return fee


def _book_execution(
    book: PaperBook,
    parameters: PaperVenueParameters,
    order: PaperOrder,
    offer: Offer,
    quantity_and_fee: tuple[Decimal, Decimal],
) -> Effect:
    quantity, fee = quantity_and_fee
    specification = order.resting.specification
    instrument = book.instruments[listing_of(specification.venue, specification.symbol)]
    number = order.executions_before + len(order.executions) + 1
    execution = VenueExecution(
        execution_id=f"pv-{order.client_order_id}-{number}",
        quantity=quantity,
        price=offer.price,
        fee=fee,
        fee_currency=instrument.quote_currency,
        liquidity=offer.liquidity,
        event_at_ns=offer.event_at_ns,
    )
    order.executions.append(execution)
    order.filled += quantity
    order.resting.remaining -= quantity
    order.event_at_ns = offer.event_at_ns
    order.state = OrderState.PARTIALLY_FILLED
    if order.resting.remaining == 0 and order.reduced == 0:
        end(book, parameters, order, OrderState.FILLED, offer.event_at_ns)
    return report(parameters, order, VenueReportKind.FILLED, "", execution)


def expire(
    book: PaperBook, parameters: PaperVenueParameters, order: PaperOrder, at_ns: int, reason: str
) -> Effect:
    """End an order whose time is over, or of which nothing can be filled any more."""
    order.reason = reason
    end(book, parameters, order, OrderState.EXPIRED, at_ns)
    return report(parameters, order, VenueReportKind.EXPIRED, reason)


def reject(
    book: PaperBook, parameters: PaperVenueParameters, order: PaperOrder, at_ns: int, reason: str
) -> Effect:
    """End an order that cannot be filled after all."""
    order.reason = reason
    end(book, parameters, order, OrderState.REJECTED, at_ns)
    return report(parameters, order, VenueReportKind.REJECTED, reason)


def end(
    book: PaperBook,
    parameters: PaperVenueParameters,
    order: PaperOrder,
    state: OrderState,
    at_ns: int,
) -> None:
    """Take an order out of the market and remember how it ended, for a while."""
    order.state, order.event_at_ns = state, at_ns
    specification = order.resting.specification
    identity = specification.client_order_id
    resting = book.resting.get(listing_of(specification.venue, specification.symbol), [])
    if identity in resting:
        resting.remove(identity)
    elif specification.legs and identity in book.structures:
        book.structures.remove(identity)
    book.ended.append(identity)
    while len(book.ended) > parameters.closed_orders_kept:
        forget(book, book.orders.pop(book.ended.pop(0)))


def report(
    parameters: PaperVenueParameters,
    order: PaperOrder,
    kind: VenueReportKind,
    reason: str,
    execution: VenueExecution | None = None,
) -> Effect:
    """Say by itself what happened to an order."""
    specification = order.resting.specification
    return Publish(
        VenueReport(
            session=parameters.session,
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            venue=specification.venue,
            symbol=specification.symbol,
            kind=kind,
            execution=execution,
            filled_quantity=order.filled,
            event_at_ns=order.event_at_ns,
            reason=reason,
            legs_filled=order.legs_filled() if specification.legs else (),
        )
    )
