"""From a signal to an order: the quantity that brings the strategy to its target position.

LONG and SHORT: the target is the size that `plan` comes to. The order is what is missing to it,
with the strategy's own holding and its open orders counted; a target that is reached already needs
no order, and nothing is trimmed. (Only the size counts open exits as done; exposure never nets
them.)

FLAT: a reduce-only market order over what the strategy holds, less what its open exits already
close, and never more than the account's own position allows; around the regular session, if the
signal asks for extended hours, one at a limit that trades at once (`terms.leaving`). With nothing
to close but an entry order open, the quantity is zero. Execution answers every reduce-only verdict
by cancelling the strategy's open entries of that symbol, and then closes what the strategy holds by
that time: an entry may have filled in between, and an order that only reduces can do no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderSpecification, Side
from tidegate_contracts.signals import Direction
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import ZERO, plain, round_down
from tidegate_risk.core.question import Proposal, Question
from tidegate_risk.core.refusals import Code, Refused, number, shown, written
from tidegate_risk.core.sizing.display import algorithm_for
from tidegate_risk.core.sizing.entry import Entry
from tidegate_risk.core.sizing.exits import stop_price, take_profit_price
from tidegate_risk.core.sizing.plan import Size, size_of
from tidegate_risk.core.sizing.terms import Terms, leaving, overshoot, terms_of, worst_price

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.market import Instrument
    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.book.book import Book


def propose(question: Question, instrument: Instrument) -> Proposal | Refused:
    """Size the order that the signal asks for."""
    if question.signal.direction == Direction.FLAT:
        return _exit(question, instrument)
    return _entry(question, instrument)


def _entry(question: Question, instrument: Instrument) -> Proposal | Refused:
    terms, side = terms_of(question.signal, instrument), _entry_side(question.signal)
    price = worst_price(terms, question, buys=side == Side.BUY)
    entry = Entry(
        question, instrument, side, price, terms.trigger_price or price, overshoot(terms, question)
    )
    size = size_of(entry)
    if size.quantity <= 0:
        return _size_zero(instrument, size)
    missing = round_down(size.quantity - _held_towards(question), instrument.lot_size)
    if missing <= 0:
        return _already_there(question, instrument, size)
    specification = msgspec.structs.replace(
        _specification(question, entry.side, missing, terms),
        stop_price=stop_price(entry),
        take_profit_price=take_profit_price(entry),
        algorithm=algorithm_for(question.signal, instrument, missing, price),
    )
    return Proposal(question, instrument, specification, price, size)


def _entry_side(signal: Signal) -> Side:
    return Side.BUY if signal.direction == Direction.LONG else Side.SELL


def _held_towards(question: Question) -> Decimal:
    """Return what the strategy will hold in the wanted direction once its open orders fill."""
    strategy, listing = question.signal.strategy, question.listing
    book = question.book
    held = (
        book.holdings.owned_by(strategy, listing)
        + book.orders.open_quantity(listing, Side.BUY, strategy)
        - book.orders.open_quantity(listing, Side.SELL, strategy)
    )
    return held if _entry_side(question.signal) == Side.BUY else -held


def _exit(question: Question, instrument: Instrument) -> Proposal | Refused:
    book, mine = question.book, question.signal.strategy
    side, quantity = closable(book, mine, question.listing)
    quantity = round_down(quantity, instrument.lot_size)
    strategy, listing = question.signal.strategy, question.listing
    if quantity <= 0:
        if not question.book.orders.has_entries(listing, strategy):
            return _nothing_to_close(question, instrument)
        quantity = ZERO
    terms = leaving(question, instrument, buys=side == Side.BUY)
    specification = _specification(question, side, quantity, terms)
    return Proposal(question, instrument, specification, question.price or ZERO)


def closable(book: Book, strategy: str, listing: str) -> tuple[Side, Decimal]:
    """Return the side that closes, and how much of a strategy's holding may still be closed.

    Another strategy may hold the opposite: closing more than the account holds would open a
    position, so the account's position, less every open order that closes it, bounds it too.
    """
    owned = book.holdings.owned_by(strategy, listing)
    side = Side.SELL if owned >= 0 else Side.BUY
    sign = 1 if owned >= 0 else -1
    own = sign * owned - book.orders.open_quantity(listing, side, strategy)
    whole = sign * book.holdings.position(listing) - book.orders.open_quantity(listing, side)
    return side, max(min(own, whole), ZERO)


def _specification(
    question: Question, side: Side, quantity: Decimal, terms: Terms
) -> OrderSpecification:
    signal = question.signal
    return OrderSpecification(
        client_order_id=client_order_id(question.key, 0),
        venue=signal.venue,
        symbol=signal.symbol,
        side=side,
        order_type=terms.order_type,
        quantity=quantity,
        limit_price=terms.limit_price,
        trigger_price=terms.trigger_price,
        time_in_force=terms.time_in_force,
        expires_at_ns=terms.expires_at_ns,
        post_only=terms.post_only,
        extended_hours=terms.extended_hours,
        reduce_only=signal.direction == Direction.FLAT,
    )


def _size_zero(instrument: Instrument, size: Size) -> Refused:
    unit = instrument.base_currency
    offers = ", ".join(f"{each.name} {shown(each.quantity, unit)}" for each in size.offers)
    scales = "".join(
        f", {each.name} {plain(each.factor)}" for each in size.scales if each.factor < 1
    )
    return Refused(
        code=Code.SIZE_ZERO,
        expected=f"a size of at least one lot, {shown(instrument.lot_size, unit)}",
        found=offers + scales,
        remedy="more equity, a nearer stop or a larger fraction would pass",
        numbers=written(size.figures(unit)),
    )


def _already_there(question: Question, instrument: Instrument, size: Size) -> Refused:
    unit = instrument.base_currency
    held = _held_towards(question)
    return Refused(
        code=Code.ALREADY_AT_TARGET,
        expected=f"less than the target of {shown(size.quantity, unit)} held and on order",
        found=shown(held, unit),
        remedy="no order is needed",
        numbers=written([*size.figures(unit), ("held_quantity", held, unit)]),
    )


def _nothing_to_close(question: Question, instrument: Instrument) -> Refused:
    unit = instrument.base_currency
    book, strategy, listing = question.book, question.signal.strategy, question.listing
    owned = book.holdings.owned_by(strategy, listing)
    closing = book.orders.open_quantity(listing, Side.SELL if owned >= 0 else Side.BUY, strategy)
    return Refused(
        code=Code.NOTHING_TO_CLOSE,
        expected=f"a position of {strategy} in {question.signal.symbol}, or its open entry order",
        found=f"{shown(owned, unit)} held, {shown(closing, unit)} already closing, no entry order",
        remedy="no order is needed",
        numbers=(number("owned_quantity", owned, unit), number("closing_quantity", closing, unit)),
    )
