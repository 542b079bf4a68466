"""Two steps before a loss limit: an early warning below it, and the limit itself.

A step is told once, when it is reached. All steps are told to be over when the value has fallen
to `RELEASE_PERCENT` of the early warning, so that a value that trembles at a step does not ring
on and off.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_kernel.money import plain, quantize

if TYPE_CHECKING:
    from collections.abc import Sequence

RELEASE_PERCENT = Decimal(90)
HUNDRED = Decimal(100)
SHOWN_PLACES = 2
FINE, EARLY, LIMIT = range(3)
_STEPS = {EARLY: ("early", Severity.WARNING), LIMIT: ("limit", Severity.CRITICAL)}


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """A limit in percent, and where its early warning lies, in percent of the limit."""

    limit_percent: Decimal
    early_percent: Decimal = Decimal(80)

    def early_at(self) -> Decimal:
        """Return the value of the early warning."""
        return self.limit_percent * self.early_percent / HUNDRED

    def step(self, known: int, value: Decimal) -> int:
        """Return the step that holds after ``value``: steps are kept until the release."""
        if value >= self.limit_percent:
            return LIMIT
        if value >= self.early_at():
            return max(known, EARLY)
        released = value <= self.early_at() * RELEASE_PERCENT / HUNDRED
        return FINE if released else known


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One value that climbs a ladder, with the words for it."""

    rule: str
    # For example `Drawdown`.
    what: str
    # For example `below the highest equity of 100000 USD`.
    against: str
    percent: Decimal
    event_at_ns: int


def climb(ladder: Ladder, known: int, reading: Reading) -> tuple[int, Sequence[Finding]]:
    """Return the step after a reading, and what is to be said about the change."""
    step = ladder.step(known, reading.percent)
    if step > known:
        return step, (_finding(ladder, step, reading),)
    if step < known:
        return step, tuple(_finding(ladder, each, reading, over=True) for each in _STEPS)
    return known, ()


def _finding(ladder: Ladder, step: int, reading: Reading, *, over: bool = False) -> Finding:
    subject, severity = _STEPS[step]
    percent = plain(quantize(reading.percent, SHOWN_PLACES))
    limit = plain(ladder.limit_percent)
    title = f"{reading.what} {percent} %"
    text = f"{percent} % {reading.against}; the limit is {limit} %."
    if step == EARLY and not over:
        title += f", near the limit of {limit} %"
        text += f" This is the early warning, at {plain(ladder.early_at())} %."
    return Finding(
        rule=reading.rule,
        subject=subject,
        severity=severity,
        title=title,
        text=text,
        event_at_ns=reading.event_at_ns,
        over=over,
    )
