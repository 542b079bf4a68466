"""Fractional Kelly: how large a strategy's own results say that its positions should be.

J. L. Kelly, A New Interpretation of Information Rate (1956); in the form of E. O. Thorp, The Kelly
Criterion in Blackjack, Sports Betting and the Stock Market (2006): wealth grows fastest when a
position takes ``p / b - q / a`` of it, where a share p of the trades wins the fraction a of what it
cost, and a share q loses the fraction b. The estimate is rough and too much is worse than too
little, so a declared part of it is taken.

The results are the strategy's own last trades (`breakers.record`). With too few of them nothing is
offered, nor while none has lost. Without an edge the offer is not nothing but the smallest size
that is declared, for only a strategy that trades can show that it has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_kernel.money import ZERO
from tidegate_risk.core.sizing.entry import Entry, Offer

if TYPE_CHECKING:
    from decimal import Decimal

PLACES = 8


def offer(entry: Entry) -> Offer | None:
    """Offer ``kelly_fraction`` of Kelly's share of equity, from the strategy's own results."""
    question = entry.question
    limits, record = question.limits, question.record
    if not limits.kelly_enabled or record is None or record.count < limits.kelly_trades_min:
        return None
    if record.losses == 0:
        return None
    win_rate, win_mean, loss_mean = record.win_rate, record.win_mean, record.loss_mean
    share = share_of(win_rate, win_mean, record.loss_rate, loss_mean)
    taken = max(limits.kelly_fraction * share, limits.kelly_size_min_fraction)
    figures = (
        ("trades_measured", record.count, "trades"),
        ("win_rate", win_rate, "fraction"),
        ("win_mean", win_mean, "fraction"),
        ("loss_mean", loss_mean, "fraction"),
        ("kelly_share", share, "fraction"),
    )
    return Offer("quantity_by_kelly", taken * question.equity / entry.price, figures)


def share_of(win_rate: Decimal, win: Decimal, loss_rate: Decimal, loss: Decimal) -> Decimal:
    """Return Kelly's share of wealth ``win_rate / loss - loss_rate / win``; at least zero.

    ``win`` and ``loss`` are fractions of what a trade cost, ``loss`` above zero.
    """
    if win <= 0:
        return ZERO
    return round(max(win_rate / loss - loss_rate / win, ZERO), PLACES)
