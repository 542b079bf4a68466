"""A stop entry waits for its trigger: the market has not reached it yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question

TRIGGERED = (EntryStyle.STOP, EntryStyle.STOP_LIMIT)


def check(question: Question) -> Refused | None:
    """Refuse a trigger at the newest close or on its wrong side: it would be a market order."""
    signal = question.signal
    if signal.entry_style not in TRIGGERED:
        return None
    close, trigger = question.price, signal.trigger_price
    assert close is not None, "price_present comes first"
    assert trigger is not None, "valid_signal comes first"
    long, unit = signal.direction == Direction.LONG, question.currency
    if (trigger > close) if long else (trigger < close):
        return None
    return Refused(
        code=Code.TRIGGER_PASSED,
        expected=f"a trigger {'above' if long else 'below'} the newest close of "
        f"{shown(close, unit)}",
        found=shown(trigger, unit),
        remedy="a market or limit entry would pass, or a trigger that is not reached yet",
        numbers=(number("trigger_price", trigger, unit),),
    )
