"""The price is not stale: not by the length of its bar, and not by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code, Refused, number

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse beyond ``price_age_max_bars`` bars or ``price_age_max_ns``; exactly so old passes."""
    bar, limits = question.bar, question.limits
    assert bar is not None, "price_present comes first"
    age_ns = question.now_ns - bar.end_ns
    of_bars_ns = limits.price_age_max_bars * bar.timeframe_ns
    limit_ns = min(of_bars_ns, limits.price_age_max_ns)
    if age_ns <= limit_ns:
        return None
    setting = "price_age_max_bars" if limit_ns == of_bars_ns else "price_age_max_s"
    return Refused(
        code=Code.PRICE_STALE,
        expected=f"a bar at most {limit_ns // NS_PER_SECOND} s old ({setting})",
        found=f"{age_ns // NS_PER_SECOND} s",
        remedy="it passes after a fresh bar",
        numbers=(number("price_age", age_ns, "ns"), number("limit_price_age_max", limit_ns, "ns")),
    )
