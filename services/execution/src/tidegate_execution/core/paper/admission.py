"""What the paper venue refuses, with the code that it answers."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import OrderSpecification, OrderType, Side
from tidegate_contracts.market import Instrument
from tidegate_execution.core.paper.book import PaperBook, listing_of
from tidegate_execution.core.paper.parameters import PaperVenueParameters
from tidegate_kernel.money import ZERO, is_multiple, plain, to_decimal

_BPS = Decimal(10_000)


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A stable code and a sentence."""

    code: str
    reason: str


class Admitted(msgspec.Struct, frozen=True, gc=False):
    """The order is taken; an open buy keeps back this much cash per unit."""

    reserved_per_unit: Decimal


def admit(
    book: PaperBook, parameters: PaperVenueParameters, specification: OrderSpecification
) -> Admitted | Refused:
    """Check an order as a venue does, before it takes it."""
    listing = listing_of(specification.venue, specification.symbol)
    instrument = book.instruments.get(listing)
    if instrument is None or not instrument.tradable:
        found = f"{specification.symbol} at {specification.venue}"
        return Refused("SYMBOL_UNKNOWN", f"expected a tradable symbol, found {found}")
    refused = _off_grid(specification, instrument)
    if refused is not None:
        return refused
    price = _price(book, listing, specification, instrument)
    if price is None:
        return Refused("PRICE_UNKNOWN", f"no bar of {specification.symbol} has been seen")
    if specification.reduce_only:
        return _admit_reducing(book, specification)
    notional = specification.quantity * price
    if notional < instrument.min_notional:
        expected = f"expected at least {plain(instrument.min_notional)}"
        return Refused("NOTIONAL_TOO_SMALL", f"{expected}, found {plain(notional)}")
    return _admit_increasing(book, parameters, specification, price)


def _off_grid(specification: OrderSpecification, instrument: Instrument) -> Refused | None:
    quantity, limit = specification.quantity, specification.limit_price
    if quantity <= 0 or not is_multiple(quantity, instrument.lot_size):
        expected = f"expected a multiple of the lot {plain(instrument.lot_size)}"
        return Refused("QUANTITY_OFF_LOT", f"{expected}, found {plain(quantity)}")
    if quantity < instrument.min_quantity:
        expected = f"expected at least {plain(instrument.min_quantity)}"
        return Refused("QUANTITY_TOO_SMALL", f"{expected}, found {plain(quantity)}")
    if specification.order_type == OrderType.MARKET:
        return None
    if limit is None or limit <= 0 or not is_multiple(limit, instrument.tick_size):
        found = "none" if limit is None else plain(limit)
        expected = f"expected a limit on the tick {plain(instrument.tick_size)}"
        return Refused("PRICE_OFF_TICK", f"{expected}, found {found}")
    return None


def _price(
    book: PaperBook, listing: str, specification: OrderSpecification, instrument: Instrument
) -> Decimal | None:
    if specification.limit_price is not None:
        return specification.limit_price
    bars = book.bars.get(listing)
    return to_decimal(bars[-1].close, instrument.price_scale) if bars else None


def _admit_reducing(book: PaperBook, specification: OrderSpecification) -> Admitted | Refused:
    held = book.held(specification.symbol)
    sign = 1 if specification.side == Side.BUY else -1
    if held * sign < 0:
        return Admitted(ZERO)
    reason = f"a reduce-only {specification.side.name} finds {plain(held)} held"
    return Refused("NOTHING_TO_REDUCE", reason)


def _admit_increasing(
    book: PaperBook,
    parameters: PaperVenueParameters,
    specification: OrderSpecification,
    price: Decimal,
) -> Admitted | Refused:
    listing = listing_of(specification.venue, specification.symbol)
    if specification.side == Side.SELL:
        free = book.held(specification.symbol) - book.open_sells(listing)
        if specification.quantity > free and not book.instruments[listing].shortable:
            return Refused("SHORT_NOT_ALLOWED", f"expected at most {plain(free)} to be sold")
        return Admitted(ZERO)
    if parameters.negative_cash_allowed:
        return Admitted(ZERO)
    per_unit = price * (1 + (parameters.rules.slippage_bps + parameters.fees.fee_bps) / _BPS)
    per_unit += parameters.fees.fee_per_unit
    free = book.cash - book.reserved_cash()
    needed = specification.quantity * per_unit
    if needed > free:
        reason = f"expected at most {plain(free)} free cash to be needed, found {plain(needed)}"
        return Refused("INSUFFICIENT_CASH", reason)
    return Admitted(per_unit)
