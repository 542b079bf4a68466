"""Orders of options that the venue could not settle, or that come after the expiry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.paper.book import listing_of
from tidegate_execution.core.paper.forms import Refused

if TYPE_CHECKING:
    from tidegate_contracts.market import Instrument
    from tidegate_execution.core.paper.book import PaperBook


def refused(book: PaperBook, option: Instrument, arrives_at_ns: int) -> Refused | None:
    """Return why an order of an option is not taken."""
    terms = option.option
    if terms is None:
        return None
    underlying = listing_of(option.venue, terms.underlying)
    if underlying not in book.instruments:
        expected = f"expected {terms.underlying} among the session's data"
        return Refused("UNDERLYING_UNKNOWN", f"{expected}: its price settles {option.symbol}")
    bars = book.bars.get(underlying)
    if max(arrives_at_ns, bars[-1].end_ns if bars else 0) >= terms.expires_at_ns:
        return Refused("EXPIRED", f"{option.symbol} has expired at {terms.expires_at_ns}")
    return None
