"""Fills: an order was executed, wholly or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.execution import Side
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.execution import Fill

RULE = "fill"


class FillSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether fills are told."""

    enabled: bool = True


def see_fill(fill: Fill) -> Sequence[Finding]:
    """Return the finding of a fill; fills of one strategy and symbol are one alert."""
    verb = "Bought" if fill.side is Side.BUY else "Sold"
    trade = f"{verb} {plain(fill.quantity)} {fill.symbol} at {plain(fill.price)}"
    owner = fill.strategy or "the gate"
    fee = f"{plain(fill.fee)} {fill.fee_currency}".strip()
    return (
        Finding(
            rule=RULE,
            subject=f"{fill.strategy}/{fill.symbol}",
            severity=Severity.INFO,
            title=trade,
            text=f"{trade} on {fill.venue} for {owner}; fee {fee}; execution {fill.execution_id}.",
            event_at_ns=fill.event_at_ns,
        ),
    )
