"""What a rule says when it has seen something."""

from __future__ import annotations

import msgspec

from tidegate_contracts.alerts import Severity


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that a rule has noticed, or that has ended.

    Findings with the same rule and subject are the same alert.
    """

    rule: str
    subject: str
    severity: Severity
    title: str
    text: str
    event_at_ns: int
    # True when the thing is over: the alert is resolved, if there is one.
    over: bool = False
    # True when it must be said even within the quiet window.
    urgent: bool = False
