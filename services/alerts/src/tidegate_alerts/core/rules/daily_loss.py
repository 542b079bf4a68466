"""Daily loss: how much of the day's first equity is gone. We warn before risk stops."""

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

RULE = "daily-loss"


class DailyLossSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Warn before a loss of ``limit_percent`` of the equity at the start of the UTC day."""

    enabled: bool = True
    ladder: Ladder = Ladder(limit_percent=Decimal(2))


class DailyLossState(msgspec.Struct):
    """The step that was reached."""

    step: int = FINE


def see_account(
    settings: DailyLossSettings, state: DailyLossState, account: AccountSnapshot
) -> Sequence[Finding]:
    """Return what an account snapshot's loss since the day began gives rise to."""
    start = account.day_start_equity
    if start <= 0:
        return ()
    percent = (start - account.equity) / start * HUNDRED
    against = f"below the day's first equity of {plain(start)} {account.currency}"
    reading = Reading(RULE, "Daily loss", against, percent, account.event_at_ns)
    state.step, findings = climb(settings.ladder, state.step, reading)
    return findings
