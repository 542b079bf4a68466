"""How many structures a strategy may hold: by what one of them loses at most at its expiry.

1. Offers: `risk_per_trade_fraction` of equity through the largest loss of one, the same that a
   single position may lose at its stop; and `position_fraction` of equity through what all its legs
   cost together. The smaller counts. A loss without bound has no size, whatever the limits allow.
2. The scales of every entry (`sizing.plan`), on the side on which the structure moves with its
   underlying.
3. Rounded down to whole structures. The order is what is missing to it, with what the strategy
   holds and has on order of these legs counted.

A structure is held if all its legs are held alike. Where they are not, or are held the other way
around, another one on top of them would be no structure that anybody has asked for: it is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate_contracts.execution import Side
from tidegate_kernel.money import ZERO, plain, round_down
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.refusals import Code, Refused, shown, written
from tidegate_risk.core.sizing import fixed_fraction
from tidegate_risk.core.sizing.entry import Entry, Offer
from tidegate_risk.core.sizing.plan import Size, scaled
from tidegate_risk.core.structures.judging import SIGNS, loss_without_bound

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_contracts.risk import DecisionNumber
    from tidegate_risk.core.structures.judging import Structure

UNIT = "units"


class Sized(NamedTuple):
    """A structure with its quantity, and how it came to it; or why it has none."""

    structure: Structure
    refused: Refused | None = None
    numbers: tuple[DecisionNumber, ...] = ()


def sized(structure: Structure) -> Sized:
    """Return the structure with the quantity that is missing to its size."""
    if structure.loss_per_unit is None:
        return Sized(structure, loss_without_bound())
    held = [_held_of(structure, leg) for leg in range(len(structure.specification.legs))]
    if len(set(held)) > 1 or held[0] < 0:
        return Sized(structure, _uneven(structure, held))
    size = size_of(structure)
    numbers = written([*size.figures(UNIT), ("held_quantity", held[0], UNIT)])
    if size.quantity <= 0:
        return Sized(structure, _size_zero(structure, size), numbers)
    missing = round_down(size.quantity - held[0], _lot_of(structure))
    if missing <= 0:
        return Sized(structure, _already_there(size, held[0]), numbers)
    wanted = msgspec.structs.replace(structure.specification, quantity=missing)
    return Sized(replace(structure, specification=wanted), None, numbers)


def size_of(structure: Structure) -> Size:
    """Return how many the strategy may hold, and every step that led to it."""
    question, gross = structure.question, structure.gross_price
    underlying = question.instrument
    assert underlying is not None, "the instrument rule has passed"
    side = Side.BUY if structure.delta >= 0 else Side.SELL
    entry = Entry(question, underlying, side, gross, gross, ZERO)
    offers = [fixed_fraction.offer(entry)]
    loss = structure.loss_per_unit
    assert loss is not None, "what has no bound is refused before"
    if loss > 0:
        budget = question.limits.risk_per_trade_fraction * question.equity
        told = (
            ("structure_loss_per_unit", loss, question.currency),
            ("structure_loss_budget", budget, question.currency),
        )
        offers.append(Offer("quantity_by_structure_loss", budget / loss, told))
    return scaled(entry, offers, _lot_of(structure))


def _lot_of(structure: Structure) -> Decimal:
    return max(each.lot_size for each in structure.instruments)


def _held_of(structure: Structure, place: int) -> Decimal:
    """Return how many structures one leg makes, of what the strategy holds and has on order."""
    leg, book = structure.specification.legs[place], structure.question.book
    strategy = structure.question.signal.strategy
    listing = listing_of(structure.specification.venue, leg.symbol)
    held = (
        book.holdings.owned_by(strategy, listing)
        + book.orders.open_quantity(listing, Side.BUY, strategy)
        - book.orders.open_quantity(listing, Side.SELL, strategy)
    )
    return SIGNS[leg.side] * held / leg.ratio


def _uneven(structure: Structure, held: list[Decimal]) -> Refused:
    legs = structure.specification.legs
    found = (f"{plain(h)} of {leg.symbol}" for leg, h in zip(legs, held, strict=True))
    return Refused(
        code=Code.STRUCTURE_UNEVEN,
        expected=f"all legs held alike by {structure.question.signal.strategy} and the way they "
        "are wanted, or not at all",
        found=", ".join(found),
        remedy="it passes once what is held of them is closed",
    )


def _size_zero(structure: Structure, size: Size) -> Refused:
    offers = ", ".join(f"{each.name} {shown(each.quantity, UNIT)}" for each in size.offers)
    scales = "".join(
        f", {each.name} {plain(each.factor)}" for each in size.scales if each.factor < 1
    )
    return Refused(
        code=Code.SIZE_ZERO,
        expected=f"a size of at least one structure, {shown(_lot_of(structure), UNIT)}",
        found=offers + scales,
        remedy="more equity, legs nearer to each other or a larger fraction would pass",
    )


def _already_there(size: Size, held: Decimal) -> Refused:
    return Refused(
        code=Code.ALREADY_AT_TARGET,
        expected=f"less than the target of {shown(size.quantity, UNIT)} held and on order",
        found=shown(held, UNIT),
        remedy="no order is needed",
    )
