"""The price that a signal was made at is near the newest close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.money import ZERO
from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse a reference, or a limit that would trade, beyond ``price_collar_fraction``.

    A buy limit may lie as far below the close as it likes, and a sell limit above it: neither
    trades at once. The limit of a stop entry is measured from its trigger, for that is where the
    market will be; the trigger itself may lie as far away as it likes.
    """
    close, signal, limits = question.price, question.signal, question.limits
    assert close is not None, "price_present comes first"
    collar = limits.price_collar_fraction * close
    if abs(signal.reference_price - close) > collar:
        return _refused(question, "reference price", signal.reference_price, close)
    style, limit, middle = signal.entry_style, signal.limit_price, close
    if style == EntryStyle.STOP_LIMIT and signal.trigger_price is not None:
        middle = signal.trigger_price
        collar = limits.price_collar_fraction * middle
    elif style != EntryStyle.LIMIT or signal.legs:
        # The net price of legs is judged with them.
        return None
    if limit is not None:
        beyond = limit - middle
        if (beyond if signal.direction == Direction.LONG else -beyond) > collar:
            return _refused(question, "limit price", limit, middle)
    return None


def _refused(question: Question, what: str, price: Decimal, middle: Decimal) -> Refused:
    unit, fraction = question.currency, question.limits.price_collar_fraction
    lowest, highest = max(middle * (1 - fraction), ZERO), middle * (1 + fraction)
    around = "the newest close" if middle == question.price else "its trigger"
    return Refused(
        code=Code.PRICE_COLLAR,
        expected=f"a {what} from {shown(lowest, unit)} to {shown(highest, unit)} "
        f"(price_collar_fraction {fraction} around {around})",
        found=shown(price, unit),
        remedy="it passes at a price within the collar",
        numbers=(
            number(what.replace(" ", "_"), price, unit),
            number("limit_price_lowest", lowest, unit),
            number("limit_price_highest", highest, unit),
        ),
    )
