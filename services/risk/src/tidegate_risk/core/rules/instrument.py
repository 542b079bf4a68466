"""The instrument is known, and its venue lets it be traded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse an unknown instrument, or one that cannot be traded."""
    signal, instrument = question.signal, question.instrument
    if instrument is None:
        return Refused(
            code=Code.INSTRUMENT_UNKNOWN,
            expected=f"an instrument that feed {question.parameters.feed} has described",
            found=f"{signal.symbol} at {signal.venue}",
            remedy="it passes once the feed has published the instrument",
        )
    if not instrument.tradable or instrument.lot_size <= 0 or instrument.tick_size <= 0:
        return Refused(
            code=Code.INSTRUMENT_NOT_TRADABLE,
            expected="a tradable instrument with a lot and a tick above 0",
            found=f"{signal.symbol}: tradable {instrument.tradable}, lot {instrument.lot_size}, "
            f"tick {instrument.tick_size}",
            remedy="it passes once the venue lets it be traded again",
        )
    return None
