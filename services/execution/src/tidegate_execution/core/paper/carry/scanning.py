"""Looking through columns for the first bar that brings what holding costs.

It stops where `keeping` and `expiring` could decide something, and at the last bars of an option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.core.paper.book import listing_of

if TYPE_CHECKING:
    from tidegate_contracts.frame import Frame
    from tidegate_execution.core.paper.carry.expiring import Expiries
    from tidegate_execution.core.paper.carry.keeping import Carry


def first_row_due(carry: Carry, frame: Frame, first: int, last: int) -> int:
    """Return the first row whose bar makes something due; ``last`` if there is none."""
    for code in range(len(frame.instruments)):
        if first < last:
            last = _first_of(carry, frame, code, first, last)
    return last


def _first_of(carry: Carry, frame: Frame, code: int, first: int, last: int) -> int:
    instrument, book = frame.instruments[code], carry.book
    listing = listing_of(instrument.venue, instrument.symbol)
    held = book.held(instrument.symbol)
    if listing not in book.instruments or not (held or book.resting.get(listing)):
        return last
    schedule = carry.schedule(listing)
    part = frame.parts[code]
    starts = part.values[0]
    begin = part.place_of(first)
    if not schedule or begin >= part.place_of(last):
        return last
    bars = book.bars.get(listing)
    since_ns = bars[-1].end_ns if bars else int(starts[begin])
    next_ns = schedule.next_ns(since_ns, held=held != 0, short=held < 0)
    place = max(begin, int(starts.searchsorted(next_ns - frame.timeframe_ns, "right")))
    return min(last, part.row_of(place, last))


def first_row_expiring(expiries: Expiries, frame: Frame, first: int, last: int) -> int:
    """Return the first row that may settle an option; ``last`` if there is none."""
    if first >= last:
        return last
    codes = {listing_of(e.venue, e.symbol): code for code, e in enumerate(frame.instruments)}
    for expires_ns, option, underlying in expiries.concerned(frame.end_ns(last - 1)):
        known = expiries.last_bar(underlying)
        if known is not None and known.end_ns >= expires_ns:
            over_ns = known.end_ns - frame.timeframe_ns
            last = min(last, max(first, int(frame.values[0].searchsorted(over_ns, "right"))))
        for code in (codes.get(option), codes.get(underlying)):
            if code is not None:
                part = frame.parts[code]
                place = int(part.values[0].searchsorted(expires_ns - frame.timeframe_ns))
                last = min(last, part.row_of(max(place, part.place_of(first)), last))
    return last
