"""Drawdown: how far the equity is below its highest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.rules.ladder import FINE, HUNDRED, Ladder, Reading, climb
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_alerts.core.finding import Finding
    from tidegate_contracts.portfolio import AccountSnapshot

RULE = "drawdown"


class DrawdownSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Alert from a drawdown of ``limit_percent``, early from a part of it."""

    enabled: bool = True
    ladder: Ladder = Ladder(limit_percent=Decimal(10))


class DrawdownState(msgspec.Struct):
    """The step that was reached."""

    step: int = FINE


def see_account(
    settings: DrawdownSettings, state: DrawdownState, account: AccountSnapshot
) -> Sequence[Finding]:
    """Return what an account snapshot's drawdown gives rise to."""
    peak = f"below the highest equity of {plain(account.peak_equity)} {account.currency}"
    percent = account.drawdown * HUNDRED
    reading = Reading(RULE, "Drawdown", peak, percent, account.event_at_ns)
    state.step, findings = climb(settings.ladder, state.step, reading)
    return findings
