"""From an order by hand to what is ordered: the very quantity, or less when it only reduces.

Sizing does not change what a person asks for; every limit still binds it. What only reduces closes
at most what is held and not closed already, and the verdict's numbers tell both quantities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, Side, TimeInForce
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO, is_multiple, plain, round_down
from tidegate_risk.core.question import Proposal
from tidegate_risk.core.refusals import Code, Refused, number, shown
from tidegate_risk.core.rules.grid import off_tick
from tidegate_risk.core.sizing.display import smallest_order
from tidegate_risk.core.sizing.target import closable
from tidegate_risk.core.sizing.terms import Terms, worst_price

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import ExecutionAlgorithm
    from tidegate_contracts.market import Instrument
    from tidegate_contracts.risk import PlaceOrder
    from tidegate_risk.core.question import Question


def propose_placed(
    question: Question, command: PlaceOrder, instrument: Instrument
) -> Proposal | Refused:
    """Return the order that was asked for; prices that lie off the tick are refused, not moved."""
    for what, price in (
        ("stop price", command.stop_price),
        ("take-profit price", command.take_profit_price),
        ("trail", command.trail_amount),
    ):
        refused = off_tick(price, what, instrument)
        if refused is not None:
            return refused
    if command.algorithm is not None:
        refused = _too_small(question, command.algorithm, instrument)
        if refused is not None:
            return refused
    if not question.increasing:
        return _closing(question, command, instrument)
    terms = _terms(question, command)
    price = worst_price(terms, question, buys=command.side == Side.BUY)
    specification = _specification(question, command, command.quantity)
    return Proposal(question, instrument, specification, price)


def _too_small(
    question: Question, algorithm: ExecutionAlgorithm, instrument: Instrument
) -> Refused | None:
    """Refuse an iceberg that shows what its venue takes as no order: it would never fill."""
    display, price, unit = algorithm.display_quantity, question.price, instrument.base_currency
    if display is None:
        return None
    smallest = smallest_order(instrument, price or ZERO)
    if display >= smallest and is_multiple(display, instrument.lot_size):
        return None
    would = max(round_down(display, instrument.lot_size), smallest)
    return Refused(
        code=Code.MIN_QUANTITY if display < smallest else Code.LOT_SIZE,
        expected=f"a display_quantity in lots of {plain(instrument.lot_size)} {unit}, "
        f"at least {plain(smallest)} {unit}",
        found=f"{plain(display)} {unit}",
        remedy=f"{plain(would)} {unit} would pass",
    )


def _closing(question: Question, command: PlaceOrder, instrument: Instrument) -> Proposal | Refused:
    side, most = closable(question.book, command.strategy, question.listing)
    most = round_down(most, instrument.lot_size)
    if side != command.side or most <= 0:
        return _nothing(question, command, instrument)
    specification = _specification(question, command, min(command.quantity, most))
    return Proposal(question, instrument, specification, question.price or ZERO)


def _terms(question: Question, command: PlaceOrder) -> Terms:
    dated = command.time_in_force == TimeInForce.GTD
    return Terms(
        order_type=command.order_type,
        limit_price=command.limit_price,
        trigger_price=command.trigger_price,
        time_in_force=command.time_in_force or TimeInForce.GTC,
        expires_at_ns=question.now_ns + command.valid_for_ns if dated else 0,
        post_only=command.post_only,
        extended_hours=command.extended_hours,
    )


def _specification(
    question: Question, command: PlaceOrder, quantity: Decimal
) -> OrderSpecification:
    terms = _terms(question, command)
    return OrderSpecification(
        client_order_id=client_order_id(question.key, 0),
        venue=command.venue,
        symbol=command.symbol,
        side=command.side,
        order_type=terms.order_type,
        quantity=quantity,
        limit_price=terms.limit_price,
        time_in_force=terms.time_in_force,
        reduce_only=not question.increasing,
        stop_price=command.stop_price,
        take_profit_price=command.take_profit_price,
        trigger_price=terms.trigger_price,
        trail_amount=command.trail_amount,
        trail_percent=command.trail_percent,
        expires_at_ns=terms.expires_at_ns,
        post_only=terms.post_only,
        extended_hours=terms.extended_hours,
        algorithm=command.algorithm,
    )


def _nothing(question: Question, command: PlaceOrder, instrument: Instrument) -> Refused:
    unit, strategy = instrument.base_currency, command.strategy
    owned = question.book.holdings.owned_by(strategy, question.listing)
    held = "short" if command.side == Side.BUY else "long"
    return Refused(
        code=Code.NOTHING_TO_CLOSE,
        expected=f"a {held} position of {strategy} in {command.symbol} that nothing closes already",
        found=f"{shown(owned, unit)} held",
        remedy="no order is needed; without reduce_only it would be judged as an entry",
        numbers=(number("owned_quantity", owned, unit),),
    )
