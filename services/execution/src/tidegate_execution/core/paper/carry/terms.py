"""Orders of options that the venue could not settle, that come after the expiry, or before a split.

A contract is adjusted when its underlying splits, and trades under another name from then on. This
venue adjusts none: what would still be there at a split is not taken before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.paper.book import listing_of
from tidegate_execution.core.paper.forms import Refused

if TYPE_CHECKING:
    from tidegate_contracts.market import Instrument
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_execution.core.paper.carry.parameters import CarryRules


def refused(
    book: PaperBook, rules: CarryRules, option: Instrument, arrives_at_ns: int
) -> Refused | None:
    """Return why an order of an option is not taken."""
    terms = option.option
    if terms is None:
        return None
    for split in rules.splits:
        before = arrives_at_ns < split.ex_at_ns < terms.expires_at_ns
        if split.symbol == terms.underlying and before:
            found = f"{split.new}:{split.old} of {split.symbol} at {split.ex_at_ns}"
            expected = f"expected no split before {option.symbol} expires"
            return Refused("CONTRACT_ADJUSTED", f"{expected}, found {found}")
    if not rules.options_expire:
        return None
    underlying = listing_of(option.venue, terms.underlying)
    if underlying not in book.instruments:
        expected = f"expected {terms.underlying} among the session's data"
        return Refused("UNDERLYING_UNKNOWN", f"{expected}: its price settles {option.symbol}")
    bars = book.bars.get(underlying)
    if max(arrives_at_ns, bars[-1].end_ns if bars else 0) >= terms.expires_at_ns:
        return Refused("EXPIRED", f"{option.symbol} has expired at {terms.expires_at_ns}")
    return None
