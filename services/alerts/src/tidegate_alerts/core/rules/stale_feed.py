"""Stale feed: market data have stopped coming."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_alerts.core.finding import Finding
from tidegate_contracts.alerts import Severity
from tidegate_contracts.market import FeedState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.market import FeedStatus

RULE = "stale-feed"


class StaleFeedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whether stale feeds are told."""

    enabled: bool = True


def see_feed(status: FeedStatus) -> Sequence[Finding]:
    """Return the finding of a feed's state: stale, or no longer so."""
    stale = status.state is FeedState.STALE
    title = f"Feed {status.feed} is {'stale' if stale else status.state.name.lower()}"
    return (
        Finding(
            rule=RULE,
            subject=status.feed,
            severity=Severity.WARNING,
            title=title,
            text=f"{status.detail or title}. Bars so far: {status.bars}.",
            event_at_ns=status.at_ns,
            over=not stale,
        ),
    )
