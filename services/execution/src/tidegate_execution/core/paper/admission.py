"""What the paper venue refuses because of its account, and what an open order keeps back."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tidegate_contracts.execution import OrderSpecification, Side
from tidegate_contracts.market import Bar, Instrument
from tidegate_execution.core.paper.book import PaperBook
from tidegate_execution.core.paper.carry.terms import refused as refused_option
from tidegate_execution.core.paper.choices import taken_by_others
from tidegate_execution.core.paper.fees import per_unit, rate_bps_max
from tidegate_execution.core.paper.forms import Refused, wrong_form
from tidegate_execution.core.paper.margin import headroom
from tidegate_execution.core.paper.parameters import PaperVenueParameters
from tidegate_execution.core.paper.structures import admit_structure
from tidegate_kernel.money import ZERO, plain, to_decimal

_BPS = Decimal(10_000)


class Admitted(msgspec.Struct, frozen=True, gc=False):
    """The order is taken; an open buy keeps back this much cash per unit."""

    reserved_per_unit: Decimal


def admit(
    book: PaperBook,
    parameters: PaperVenueParameters,
    specification: OrderSpecification,
    listing: str,
    arrives_at_ns: int,
) -> Admitted | Refused:
    """Check an order as a venue does, before it takes it."""
    if specification.legs:
        kept = admit_structure(book, parameters, specification, arrives_at_ns)
        return kept if isinstance(kept, Refused) else Admitted(kept)
    instrument = book.instruments.get(listing)
    if instrument is None or not instrument.tradable:
        found = f"{specification.symbol} at {specification.venue}"
        return Refused("SYMBOL_UNKNOWN", f"expected a tradable symbol, found {found}")
    refused = wrong_form(specification, instrument, arrives_at_ns)
    if refused is None:
        refused = refused_option(book, parameters.carry, instrument, arrives_at_ns)
    if refused is not None:
        return refused
    if specification.oco_group:
        taken = taken_by_others(book, specification)
        if taken >= specification.quantity:
            reason = f"{specification.oco_group} has filled {plain(taken)} already"
            return Refused("CHOICE_FILLED", reason)
    if specification.reduce_only:
        return _admit_reducing(book, specification)
    return _admit_increasing(book, parameters, specification, listing, instrument)


def _admit_increasing(
    book: PaperBook,
    parameters: PaperVenueParameters,
    specification: OrderSpecification,
    listing: str,
    instrument: Instrument,
) -> Admitted | Refused:
    bars = book.bars.get(listing)
    price = _price(specification, bars[-1] if bars else None, instrument)
    if price is None:
        return Refused("PRICE_UNKNOWN", f"no bar of {specification.symbol} has been seen")
    notional = specification.quantity * price
    if notional < instrument.min_notional:
        expected = f"expected at least {plain(instrument.min_notional)}"
        return Refused("NOTIONAL_TOO_SMALL", f"{expected}, found {plain(notional)}")
    if specification.side == Side.SELL:
        return _admit_selling(book, parameters, specification, listing, instrument)
    each = per_unit(parameters.fees, instrument)
    return _admit_buying(book, parameters, specification, (price, each))


def _price(
    specification: OrderSpecification, bar: Bar | None, instrument: Instrument
) -> Decimal | None:
    """Return a price that an order may cost: its limit, its trigger, or the last close."""
    if specification.limit_price is not None:
        return specification.limit_price
    if specification.trigger_price is not None:
        return specification.trigger_price
    return None if bar is None else to_decimal(bar.close, instrument.price_scale)


def _admit_reducing(book: PaperBook, specification: OrderSpecification) -> Admitted | Refused:
    held = book.held(specification.symbol)
    sign = 1 if specification.side == Side.BUY else -1
    if held * sign < 0:
        return Admitted(ZERO)
    reason = f"a reduce-only {specification.side.name} finds {plain(held)} held"
    return Refused("NOTHING_TO_REDUCE", reason)


def _admit_buying(
    book: PaperBook,
    parameters: PaperVenueParameters,
    specification: OrderSpecification,
    price_and_fee: tuple[Decimal, Decimal],
) -> Admitted | Refused:
    if parameters.negative_cash_allowed:
        return Admitted(ZERO)
    price, fee = price_and_fee
    reserved = price * (1 + (parameters.rules.slippage_bps + rate_bps_max(parameters.fees)) / _BPS)
    reserved += fee
    if parameters.short_margin:
        free = headroom(book, parameters.short_margin, specification)
    else:
        free = book.cash - book.reserved_cash(specification.oco_group)
    needed = specification.quantity * reserved
    if needed > free:
        reason = f"expected at most {plain(free)} free cash to be needed, found {plain(needed)}"
        return Refused("INSUFFICIENT_CASH", reason)
    return Admitted(reserved)


def _admit_selling(
    book: PaperBook,
    parameters: PaperVenueParameters,
    specification: OrderSpecification,
    listing: str,
    instrument: Instrument,
) -> Admitted | Refused:
    share = parameters.short_margin
    if instrument.shortable and (not share or parameters.negative_cash_allowed):
        return Admitted(ZERO)
    free = book.held(specification.symbol)
    free -= book.open_sells(listing, specification.oco_group)
    if specification.quantity <= free:
        return Admitted(ZERO)
    if not instrument.shortable:
        return Refused("SHORT_NOT_ALLOWED", f"expected at most {plain(free)} to be sold")
    missing = -headroom(book, share, specification)
    if missing > 0:
        return Refused("INSUFFICIENT_MARGIN", f"{plain(missing)} more cash would have to be free")
    return Admitted(ZERO)
