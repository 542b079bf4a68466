"""The life of an alert, as a table.

An alert is raised when its rule first finds its subject, and raised again when that happens after
it was acknowledged or resolved. Within the quiet window a repetition is only counted. A repetition
that is worse (a higher severity) is never quiet.
"""

from __future__ import annotations

from enum import Enum

from tidegate_contracts.alerts import AlertState
from tidegate_kernel.table import IGNORED, TransitionTable


class Happening(Enum):
    """What can happen to an alert."""

    SEEN_QUIETLY = "seen again within the quiet window"
    SEEN = "seen again"
    WORSENED = "seen again, with a higher severity"
    ACKNOWLEDGED = "a person has taken notice"
    OVER = "the rule says that it has ended"


ALERTS: TransitionTable[AlertState, Happening] = TransitionTable(
    "alert",
    (AlertState.RAISED, AlertState.REPEATED, AlertState.ACKNOWLEDGED, AlertState.RESOLVED),
    Happening,
    {
        AlertState.RAISED: {
            Happening.SEEN_QUIETLY: IGNORED,
            Happening.SEEN: AlertState.REPEATED,
            Happening.WORSENED: AlertState.RAISED,
            Happening.ACKNOWLEDGED: AlertState.ACKNOWLEDGED,
            Happening.OVER: AlertState.RESOLVED,
        },
        AlertState.REPEATED: {
            Happening.SEEN_QUIETLY: IGNORED,
            Happening.SEEN: AlertState.REPEATED,
            Happening.WORSENED: AlertState.RAISED,
            Happening.ACKNOWLEDGED: AlertState.ACKNOWLEDGED,
            Happening.OVER: AlertState.RESOLVED,
        },
        AlertState.ACKNOWLEDGED: {
            Happening.SEEN_QUIETLY: IGNORED,
            Happening.SEEN: AlertState.RAISED,
            Happening.WORSENED: AlertState.RAISED,
            Happening.ACKNOWLEDGED: IGNORED,
            Happening.OVER: AlertState.RESOLVED,
        },
        AlertState.RESOLVED: {
            Happening.SEEN_QUIETLY: AlertState.RAISED,
            Happening.SEEN: AlertState.RAISED,
            Happening.WORSENED: AlertState.RAISED,
            Happening.ACKNOWLEDGED: IGNORED,
            Happening.OVER: IGNORED,
        },
    },
)
"""Every state × happening of an alert."""
