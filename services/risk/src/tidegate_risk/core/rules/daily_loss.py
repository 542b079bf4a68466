"""The day's loss is below its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_risk.core.refusals import Code, Refused, number, shown

if TYPE_CHECKING:
    from tidegate_risk.core.question import Question


def check(question: Question) -> Refused | None:
    """Refuse from a loss of ``daily_loss_max_percent`` of the day's first equity on."""
    book, percent = question.book, question.limits.daily_loss_max_percent
    loss = question.daily_loss
    limit = book.day_start_equity * percent / 100
    if loss == 0 or loss < limit:
        return None
    unit = question.currency
    return Refused(
        code=Code.DAILY_LOSS,
        expected=f"a loss today below {shown(limit, unit)} ({percent} % of "
        f"{shown(book.day_start_equity, unit)})",
        found=shown(loss, unit),
        remedy="orders that only reduce pass, and any order on the next UTC day",
        numbers=(
            number("daily_loss", loss, unit),
            number("limit_daily_loss", limit, unit),
        ),
    )
