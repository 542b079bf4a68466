"""Refusals: risk refused signals; counted by reason within a window of event time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.risk import Decision
from tidegate_kernel.time import NS_PER_DAY, format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.risk import Verdict

RULE = "refusals"


class RefusalsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Tell a reason once it was given ``count_min`` times within ``window_ns``."""

    enabled: bool = True
    count_min: int = 1
    # Windows are aligned to their multiples since 1970.
    window_ns: int = NS_PER_DAY


class RefusalsState(msgspec.Struct):
    """By code: the number of the newest window, and how many refusals fell into it."""

    counts: dict[str, tuple[int, int]] = {}


def see_verdict(
    settings: RefusalsSettings, state: RefusalsState, verdict: Verdict
) -> Sequence[Finding]:
    """Return the finding of a refusal, when its reason was given often enough."""
    if verdict.decision is not Decision.REFUSED or verdict.refusal is None:
        return ()
    code, message = verdict.refusal.code, verdict.refusal.message
    window = verdict.signal_event_at_ns // settings.window_ns
    newest, count = state.counts.get(code, (window, 0))
    if window < newest:
        return ()
    count = count + 1 if window == newest else 1
    state.counts[code] = (window, count)
    if count < settings.count_min:
        return ()
    within = format_duration(settings.window_ns)
    return (
        Finding(
            rule=RULE,
            subject=code,
            severity=Severity.WARNING,
            title=f"Signals refused: {code}",
            text=f"{count} within {within}; the last: {verdict.strategy} on {verdict.symbol}: "
            f"{message}",
            event_at_ns=verdict.signal_event_at_ns,
        ),
    )
