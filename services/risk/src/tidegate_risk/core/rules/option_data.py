"""What an option is, and how its price moves, is known and fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.market import AssetClass, Instrument
from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse an option unless terms, Greeks and underlying are known, of it and of those held."""
    instrument = question.instrument
    assert instrument is not None, "the instrument rule comes first"
    if instrument.asset_class != AssetClass.OPTION:
        return None
    instruments = question.book.market.instruments
    for each in (instrument, *(instruments[listing] for listing in question.exposed_listings)):
        lacking = _lacking(question, each) if each.asset_class == AssetClass.OPTION else ""
        if lacking:
            return Refused(
                code=Code.OPTION_DATA_MISSING,
                expected=f"terms, fresh Greeks and the underlying's price of {each.symbol}",
                found=f"no {lacking}",
                remedy="it passes once the feed has published them",
            )
    return None


def _lacking(question: Question, instrument: Instrument) -> str:
    terms, greeks = instrument.option, instrument.greeks
    if terms is None:
        return "terms"
    if greeks is None or question.now_ns - greeks.at_ns > question.limits.price_age_max_ns:
        return "fresh Greeks"
    underlying = question.book.market.price_of(f"{instrument.venue}|{terms.underlying}")
    return "" if underlying is not None and underlying > 0 else "price of the underlying"
