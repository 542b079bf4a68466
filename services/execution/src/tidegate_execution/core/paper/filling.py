"""What a bar does to one open order: fill it, in whole or in part, expire it, or nothing."""

from __future__ import annotations

from decimal import Decimal

from tidegate_contracts.execution import (
    OrderState,
    Side,
    VenueExecution,
    VenueReport,
    VenueReportKind,
)
from tidegate_execution.core.paper.book import PaperBook, PaperOrder, listing_of
from tidegate_execution.core.paper.matching import (
    BPS,
    Match,
    Prices,
    begin_day,
    day_is_over,
    is_decided_at_once,
    match,
    may_fill,
)
from tidegate_execution.core.paper.parameters import PaperVenueParameters
from tidegate_kernel.machine import Effect, Publish
from tidegate_kernel.money import quantize

FEE_PLACES = 8


def fill_from_bar(
    book: PaperBook,
    parameters: PaperVenueParameters,
    order: PaperOrder,
    prices: Prices,
    budget: Decimal | None,
) -> list[Effect]:
    """Let one bar act on one open order."""
    resting, rules = order.resting, parameters.rules
    if day_is_over(resting, prices.start_ns):
        return [_expire(book, parameters, order, resting.day_ends_at_ns, "its day is over")]
    if not may_fill(resting, prices.start_ns, prices.end_ns, rules.latency_ns):
        return []
    begin_day(resting, prices.start_ns)
    effects: list[Effect] = []
    found = match(resting, prices, rules, budget)
    if found is not None:
        effects += _execute(book, parameters, order, found)
    if order.is_open and is_decided_at_once(resting):
        reason = f"{resting.specification.time_in_force.name}: the first bar did not fill it"
        effects.append(_expire(book, parameters, order, prices.start_ns, reason))
    if order.is_open and day_is_over(resting, prices.end_ns):
        at_ns = resting.day_ends_at_ns
        effects.append(_expire(book, parameters, order, at_ns, "its day is over"))
    return effects


def _execute(
    book: PaperBook, parameters: PaperVenueParameters, order: PaperOrder, found: Match
) -> list[Effect]:
    specification = order.resting.specification
    quantity = _reducible(book, order, found.quantity)
    if quantity <= 0:
        reason = "REDUCE_ONLY: nothing is left to reduce"
        return [_expire(book, parameters, order, found.event_at_ns, reason)]
    cost = quantity * found.price
    fee = _fee(parameters, quantity, cost)
    lacks_cash = specification.side == Side.BUY and cost + fee > book.cash
    if lacks_cash and not specification.reduce_only and not parameters.negative_cash_allowed:
        order.reason = "INSUFFICIENT_CASH at the fill's price"
        end(book, parameters, order, OrderState.REJECTED, found.event_at_ns)
        return [report(parameters, order, VenueReportKind.REJECTED, order.reason)]
    book.book(specification.symbol, specification.side, quantity, cost, fee)
    effects: list[Effect] = [_book_execution(book, parameters, order, found, (quantity, fee))]
    if order.is_open and quantity < found.quantity:
        reason = "REDUCE_ONLY: nothing is left to reduce"
        effects.append(_expire(book, parameters, order, found.event_at_ns, reason))
    return effects


def _reducible(book: PaperBook, order: PaperOrder, quantity: Decimal) -> Decimal:
    """Bound a reduce-only fill by what is held against it."""
    specification = order.resting.specification
    if not specification.reduce_only:
        return quantity
    sign = 1 if specification.side == Side.BUY else -1
    return min(quantity, -sign * book.held(specification.symbol))


def _fee(parameters: PaperVenueParameters, quantity: Decimal, cost: Decimal) -> Decimal:
    fees = parameters.fees
    return quantize(cost * fees.fee_bps / BPS + quantity * fees.fee_per_unit, FEE_PLACES)


def _book_execution(
    book: PaperBook,
    parameters: PaperVenueParameters,
    order: PaperOrder,
    found: Match,
    quantity_and_fee: tuple[Decimal, Decimal],
) -> Effect:
    quantity, fee = quantity_and_fee
    specification = order.resting.specification
    instrument = book.instruments[listing_of(specification.venue, specification.symbol)]
    number = order.executions_before + len(order.executions) + 1
    execution = VenueExecution(
        execution_id=f"pv-{order.client_order_id}-{number}",
        quantity=quantity,
        price=found.price,
        fee=fee,
        fee_currency=instrument.quote_currency,
        liquidity=found.liquidity,
        event_at_ns=found.event_at_ns,
    )
    order.executions.append(execution)
    order.filled += quantity
    order.resting.remaining -= quantity
    order.event_at_ns = found.event_at_ns
    order.state = OrderState.PARTIALLY_FILLED
    if order.resting.remaining == 0:
        end(book, parameters, order, OrderState.FILLED, found.event_at_ns)
    return report(parameters, order, VenueReportKind.FILLED, "", execution)


def _expire(
    book: PaperBook, parameters: PaperVenueParameters, order: PaperOrder, at_ns: int, reason: str
) -> Effect:
    order.reason = reason
    end(book, parameters, order, OrderState.EXPIRED, at_ns)
    return report(parameters, order, VenueReportKind.EXPIRED, reason)


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
    resting = book.resting.get(listing_of(specification.venue, specification.symbol), [])
    if order.client_order_id in resting:
        resting.remove(order.client_order_id)
    book.ended.append(order.client_order_id)
    while len(book.ended) > parameters.closed_orders_kept:
        book.orders.pop(book.ended.pop(0))


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
        )
    )
