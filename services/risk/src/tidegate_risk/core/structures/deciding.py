"""The walk through the rules: of the whole, of every leg, and of the whole again.

1. The rules about signals are asked about the underlying, in whose name the order stands, and about
   each leg as if it were a market order of its own. That a leg is sold short is no matter of
   `short_allowed`: the structure covers it, or is refused.
2. The rules of the whole (`judging`): grid, collar, largest loss, cash.
3. The rules about sized orders are asked about one leg after the other, each with those before it
   as open orders: exposures, concentration and Greeks are those of the worst case, never netted. A
   leg counts as an order and as a position. Cash and cover are those of the whole.

A strategy's order is sized between the first two (`sizing`). What only reduces closes as many
structures as all legs hold, and at most what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_FLOOR
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.execution import OrderSpecification, OrderType, Side, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.contracts import CONTRACT_UNITS
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO, plain, round_down
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.book.orders import OpenOrder
from tidegate_risk.core.manual.wish import signal_of
from tidegate_risk.core.question import Proposal, Question
from tidegate_risk.core.refusals import Code, Refused
from tidegate_risk.core.rules import ORDER_RULES, SIGNAL_RULES, first_refusal
from tidegate_risk.core.sizing.target import closable
from tidegate_risk.core.structures.judging import Structure, refused as refused_whole
from tidegate_risk.core.structures.reserving import leg_key
from tidegate_risk.core.structures.sizing import sized
from tidegate_risk.core.structures.wanted import wanted_by

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.execution import OrderLeg
    from tidegate_contracts.risk import DecisionNumber
    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.parameters import Limits
    from tidegate_risk.core.structures.wanted import Wanted

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
    # None also where nothing is to be ordered: open entries are cancelled.
    structure: Structure | None = None


def decide_structure(question: Question, limits_of: LimitsOf) -> Decided:
    """Ask everything about an order with legs; what is approved is reserved, leg by leg."""
    refused = first_refusal(SIGNAL_RULES, question, increasing=question.increasing)
    if refused is not None:
        return Decided(OrderSpecification(), refused)
    wanted = wanted_by(question.signal, question.placed)
    specification = _specification(question, wanted)
    if not question.increasing:
        most = _closable(question, wanted)
        if most == 0:
            nothing = None if _has_entries(question, wanted) else _nothing(question, wanted)
            return Decided(msgspec.structs.replace(specification, quantity=ZERO), nothing)
        quantity = most if wanted.quantity is None else min(wanted.quantity, most)
        specification = msgspec.structs.replace(specification, quantity=quantity)
    legs = [_leg_question(question, specification, leg, limits_of) for leg in specification.legs]
    for each in legs:
        refused = first_refusal(LEG_SIGNAL_RULES, each, increasing=each.increasing)
        if refused is not None:
            return Decided(specification, _of_leg(refused, each))
    structure = _structure(question, specification, legs)
    numbers: tuple[DecisionNumber, ...] = ()
    if question.increasing and wanted.quantity is None:
        structure, refused, numbers = sized(_on_the_grid(structure))
    refused = refused or refused_whole(structure) or _ask_legs(structure, legs)
    return Decided(structure.specification, refused, (*numbers, *structure.numbers()), structure)


def _specification(question: Question, wanted: Wanted) -> OrderSpecification:
    return OrderSpecification(
        client_order_id=client_order_id(question.key, 0),
        venue=wanted.venue,
        symbol=wanted.symbol,
        side=Side.BUY,
        order_type=wanted.order_type,
        quantity=ZERO if wanted.quantity is None else wanted.quantity,
        limit_price=wanted.limit_price,
        time_in_force=wanted.time_in_force,
        reduce_only=not question.increasing,
        legs=wanted.legs,
    )


def _leg_question(
    whole: Question, specification: OrderSpecification, leg: OrderLeg, limits_of: LimitsOf
) -> Question:
    """Return the question whether a leg could be ordered by itself, at the market."""
    command, signal = whole.placed, whole.signal
    if command is not None:
        command = msgspec.structs.replace(
            command,
            symbol=leg.symbol,
            side=leg.side,
            quantity=specification.quantity * leg.ratio,
            order_type=OrderType.MARKET,
            limit_price=None,
            time_in_force=TimeInForce.GTC,
            legs=(),
        )
        signal = signal_of(command, whole.parameters, whole.state, whole.now_ns)
    else:
        signal = _leg_signal(whole, leg)
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


def _leg_signal(whole: Question, leg: OrderLeg) -> Signal:
    """Return what the strategy would have said if it wanted one leg, at the market."""
    signal = whole.signal
    price = whole.book.market.price_of(listing_of(signal.venue, leg.symbol))
    return msgspec.structs.replace(
        signal,
        symbol=leg.symbol,
        legs=(),
        entry_style=EntryStyle.MARKET,
        limit_price=None,
        time_in_force=TimeInForce.UNSPECIFIED,
        # Without any price the answer is PRICE_MISSING, whatever stands here.
        reference_price=price or signal.reference_price,
    )


def _structure(
    whole: Question, specification: OrderSpecification, legs: list[Question]
) -> Structure:
    instruments = [each.instrument for each in legs]
    prices = [each.price or ZERO for each in legs]
    known = [each for each in instruments if each is not None]
    assert len(known) == len(legs), "the instrument rule has passed"
    return Structure(whole, specification, known, prices, whole.free_cash)


def _on_the_grid(structure: Structure) -> Structure:
    """Return a strategy's structure with its net price on the tick, never worse for it."""
    limit = structure.specification.limit_price
    if limit is None:
        return structure
    tick = max(each.tick_size for each in structure.instruments)
    limit = (limit / tick).to_integral_value(ROUND_FLOOR) * tick
    wanted = msgspec.structs.replace(structure.specification, limit_price=limit)
    return replace(structure, specification=wanted)


def _ask_legs(structure: Structure, legs: list[Question]) -> Refused | None:
    """Ask about each leg with those before it reserved; a refusal takes all of them back."""
    orders, whole = structure.question.book.orders, structure.specification
    for place, asked in enumerate(legs):
        # What it has worked out before knows nothing of the legs that are reserved since.
        each = replace(asked)
        found = _proposal(structure, each, place)
        refused = first_refusal(LEG_ORDER_RULES, found, increasing=each.increasing)
        if refused is None:
            _reserve(structure, found)
            continue
        for leg in whole.legs:
            orders.by_id.pop(leg_key(whole.client_order_id, leg.symbol), None)
        return _of_leg(refused, each)
    return None


def _proposal(structure: Structure, question: Question, place: int) -> Proposal:
    """Return one leg as an order of its own, at the market."""
    whole, instrument = structure.specification, structure.instruments[place]
    leg = whole.legs[place]
    specification = OrderSpecification(
        client_order_id=client_order_id(question.key, 0),
        venue=whole.venue,
        symbol=leg.symbol,
        side=leg.side,
        order_type=OrderType.MARKET,
        quantity=whole.quantity * leg.ratio,
        time_in_force=TimeInForce.GTC,
        reduce_only=whole.reduce_only,
    )
    return Proposal(question, instrument, specification, structure.prices[place])


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
        forget_after_ns=structure.question.now_ns if structure.question.is_of_instant else 0,
    )
    structure.question.book.orders.reserve(leg_key(whole.client_order_id, symbol), order)


def _closable(question: Question, wanted: Wanted) -> Decimal:
    """Return how many structures of the strategy all legs together could close."""
    least = None
    for leg in wanted.legs:
        listing = listing_of(wanted.venue, leg.symbol)
        side, most = closable(question.book, wanted.strategy, listing)
        each = most / leg.ratio if side == leg.side else ZERO
        least = each if least is None else min(least, each)
    return round_down(least or ZERO, CONTRACT_UNITS)


def _has_entries(question: Question, wanted: Wanted) -> bool:
    """Tell whether a strategy that leaves has an entry open in every leg, to be cancelled."""
    orders, strategy = question.book.orders, wanted.strategy
    listings = (listing_of(wanted.venue, leg.symbol) for leg in wanted.legs)
    return wanted.quantity is None and all(
        orders.has_entries(listing, strategy) for listing in listings
    )


def _nothing(question: Question, wanted: Wanted) -> Refused:
    holdings = question.book.holdings
    owned = (
        f"{plain(holdings.owned_by(wanted.strategy, listing_of(wanted.venue, leg.symbol)))} "
        f"{leg.symbol}"
        for leg in wanted.legs
    )
    return Refused(
        code=Code.NOTHING_TO_CLOSE,
        expected=f"every leg to be held by {wanted.strategy} the other way around, and not "
        "closed already",
        found=", ".join(owned),
        remedy="no order is needed; single legs are closed by orders of their own",
    )


def _of_leg(refused: Refused, leg: Question) -> Refused:
    return msgspec.structs.replace(
        refused, expected=f"of the leg {leg.signal.symbol}: {refused.expected}"
    )
