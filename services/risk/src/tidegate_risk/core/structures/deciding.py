"""The walk through the rules: of the whole, of every leg, and of the whole again.

1. The rules about signals are asked about the underlying, in whose name the order stands, and about
   each leg as if it were a market order of its own. That a leg is sold short is no matter of
   `short_allowed`: the structure covers it, or is refused.
2. The rules of the whole (`judging`): grid, collar, largest loss, cash.
3. The rules about sized orders are asked about one leg after the other, each with those before it
   as open orders: exposures, concentration and Greeks are those of the worst case, never netted. A
   leg counts as an order and as a position. Cash and cover are those of the whole.

What only reduces closes as many structures as all legs hold, and at most what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_contracts.signals import Direction
from tidegate_kernel.contracts import CONTRACT_UNITS
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO, plain, round_down
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.book.orders import OpenOrder
from tidegate_risk.core.manual.sizing import propose_placed
from tidegate_risk.core.manual.wish import signal_of
from tidegate_risk.core.question import Question
from tidegate_risk.core.refusals import Code, Refused
from tidegate_risk.core.rules import ORDER_RULES, SIGNAL_RULES, first_refusal
from tidegate_risk.core.sizing.target import closable
from tidegate_risk.core.structures.judging import Structure, refused as refused_whole
from tidegate_risk.core.structures.reserving import leg_key

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderLeg
    from tidegate_contracts.risk import DecisionNumber, PlaceOrder
    from tidegate_risk.core.parameters import Limits
    from tidegate_risk.core.question import Proposal

LimitsOf = Callable[[str, str], "Limits"]

OF_THE_WHOLE = frozenset(
    {
        Code.SHORT_NOT_ALLOWED,
        Code.BUYING_POWER,
        Code.OPTION_RISK_UNDEFINED,
        Code.DUPLICATE,
    }
)
"""What the rules of the whole decide instead of those about a leg."""
LEG_SIGNAL_RULES = tuple(rule for rule in SIGNAL_RULES if OF_THE_WHOLE.isdisjoint(rule.codes))
LEG_ORDER_RULES = tuple(rule for rule in ORDER_RULES if OF_THE_WHOLE.isdisjoint(rule.codes))


class Decided(NamedTuple):
    """What became of the question; refused, it has reserved nothing."""

    specification: OrderSpecification
    refused: Refused | None
    numbers: tuple[DecisionNumber, ...] = ()
    structure: Structure | None = None


def decide_structure(question: Question, command: PlaceOrder, limits_of: LimitsOf) -> Decided:
    """Ask everything about an order with legs; what is approved is reserved, leg by leg."""
    specification = _specification(question, command)
    refused = first_refusal(SIGNAL_RULES, question, increasing=question.increasing)
    if refused is not None:
        return Decided(specification, refused)
    if not question.increasing:
        most = _closable(question, command)
        if most == 0:
            return Decided(specification, _nothing(question, command))
        specification = msgspec.structs.replace(
            specification, quantity=min(specification.quantity, most)
        )
    legs = [_leg_question(question, specification, leg, limits_of) for leg in specification.legs]
    for each in legs:
        refused = first_refusal(LEG_SIGNAL_RULES, each, increasing=each.increasing)
        if refused is not None:
            return Decided(specification, _of_leg(refused, each))
    structure = _structure(question, specification, legs)
    refused = refused_whole(structure) or _ask_legs(structure, legs)
    return Decided(specification, refused, tuple(structure.numbers()), structure)


def _specification(question: Question, command: PlaceOrder) -> OrderSpecification:
    return OrderSpecification(
        client_order_id=client_order_id(question.key, 0),
        venue=command.venue,
        symbol=command.symbol,
        side=Side.BUY,
        order_type=command.order_type,
        quantity=command.quantity,
        limit_price=command.limit_price,
        time_in_force=command.time_in_force or TimeInForce.GTC,
        reduce_only=not question.increasing,
        legs=command.legs,
    )


def _leg_question(
    whole: Question, specification: OrderSpecification, leg: OrderLeg, limits_of: LimitsOf
) -> Question:
    """Return the question whether a leg could be ordered by itself, at the market."""
    assert whole.placed is not None, "orders with legs are placed by hand"
    command = msgspec.structs.replace(
        whole.placed,
        symbol=leg.symbol,
        side=leg.side,
        quantity=specification.quantity * leg.ratio,
        order_type=OrderType.MARKET,
        limit_price=None,
        time_in_force=TimeInForce.GTC,
        legs=(),
    )
    signal = signal_of(command, whole.parameters, whole.state, whole.now_ns)
    if whole.increasing:
        direction = Direction.LONG if leg.side == Side.BUY else Direction.SHORT
        signal = msgspec.structs.replace(signal, direction=direction)
    return Question(
        signal=signal,
        now_ns=whole.now_ns,
        parameters=whole.parameters,
        limits=limits_of(signal.strategy, leg.symbol),
        state=whole.state,
        placed=command,
    )


def _structure(
    whole: Question, specification: OrderSpecification, legs: list[Question]
) -> Structure:
    instruments = [each.instrument for each in legs]
    prices = [each.price or ZERO for each in legs]
    known = [each for each in instruments if each is not None]
    assert len(known) == len(legs), "the instrument rule has passed"
    return Structure(whole, specification, known, prices, whole.free_cash)


def _ask_legs(structure: Structure, legs: list[Question]) -> Refused | None:
    """Ask about each leg with those before it reserved; a refusal takes all of them back."""
    orders = structure.question.book.orders
    for asked, instrument in zip(legs, structure.instruments, strict=True):
        # What it has worked out before knows nothing of the legs that are reserved since.
        each = replace(asked)
        assert each.placed is not None, "a leg is placed by hand"
        found = propose_placed(each, each.placed, instrument)
        if not isinstance(found, Refused):
            refused = first_refusal(LEG_ORDER_RULES, found, increasing=each.increasing)
            if refused is None:
                _reserve(structure, found)
                continue
            found = refused
        for leg in structure.specification.legs:
            identity = structure.specification.client_order_id
            orders.by_id.pop(leg_key(identity, leg.symbol), None)
        return _of_leg(found, each)
    return None


def _reserve(structure: Structure, leg: Proposal) -> None:
    """Count a leg as an open order; the first keeps back what the whole may cost."""
    whole, symbol = structure.specification, leg.specification.symbol
    kept = ZERO
    if symbol == whole.legs[0].symbol and structure.question.increasing:
        loss = structure.loss_per_unit
        each = structure.gross_price if loss is None else loss
        kept = each / whole.legs[0].ratio
    order = OpenOrder(
        strategy=structure.question.signal.strategy,
        listing=leg.question.listing,
        side=leg.specification.side,
        quantity=leg.quantity,
        price=ZERO,
        reduce_only=whole.reduce_only,
        kept_per_unit=kept,
    )
    structure.question.book.orders.reserve(leg_key(whole.client_order_id, symbol), order)


def _closable(question: Question, command: PlaceOrder) -> Decimal:
    """Return how many structures of the strategy all legs together could close."""
    least = None
    for leg in command.legs:
        listing = listing_of(command.venue, leg.symbol)
        side, most = closable(question.book, command.strategy, listing)
        each = most / leg.ratio if side == leg.side else ZERO
        least = each if least is None else min(least, each)
    return round_down(least or ZERO, CONTRACT_UNITS)


def _nothing(question: Question, command: PlaceOrder) -> Refused:
    holdings = question.book.holdings
    owned = (
        f"{plain(holdings.owned_by(command.strategy, listing_of(command.venue, leg.symbol)))} "
        f"{leg.symbol}"
        for leg in command.legs
    )
    return Refused(
        code=Code.NOTHING_TO_CLOSE,
        expected=f"every leg to be held by {command.strategy} the other way around, and not "
        "closed already",
        found=", ".join(owned),
        remedy="no order is needed; single legs are closed by orders of their own",
    )


def _of_leg(refused: Refused, leg: Question) -> Refused:
    return msgspec.structs.replace(
        refused, expected=f"of the leg {leg.signal.symbol}: {refused.expected}"
    )
