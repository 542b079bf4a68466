"""Random histories never break a limit in the venue's own book; see `promises`.

``TIDEGATE_HISTORIES`` says how many are played. What a campaign has reached is printed, and a
campaign that never reached what it is about has shown nothing.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from .steps import HISTORIES, History, Step

COUNT = int(os.environ.get("TIDEGATE_HISTORIES", "150"))
GOALS = (
    "approved to increase",
    "closed",
    "killed",
    "lowered",
    "limits changed",
    "restarted",
    "placed",
    "placed to close",
)
MANY = 5_000
GOALS_OF_MANY = (
    "PARTIALLY_FILLED",
    "FILLED",
    "CANCELLED",
    "REJECTED",
    "UNKNOWN",
    "BREAKER_OPEN",
    "GATE_CLOSED",
    "ORDER_NOTIONAL",
    "SYMBOL_EXPOSURE",
    "GROSS_EXPOSURE",
    "OPEN_POSITIONS",
    "OPEN_ORDERS",
    "CAUSE_MISSING",
)


@pytest.mark.timeout(60 + COUNT)
def test_no_history_breaks_a_promise() -> None:
    """I01 to I05 hold at every decision, every order and every state of the venue's book."""
    reached: Counter[str] = Counter()

    @settings(
        max_examples=COUNT,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
    )
    @given(HISTORIES, st.booleans())
    def histories_hold(steps: list[Step], short: bool) -> None:  # noqa: FBT001 - drawn
        history = History(short=short)
        for step in steps:
            history.play(step)
        history.settle()
        reached.update(history.promises.reached)
        reached["histories"] += 1

    histories_hold()
    print(dict(sorted(reached.items())))  # noqa: T201 - what the campaign has come to
    goals = GOALS + (GOALS_OF_MANY if COUNT >= MANY else ())
    assert not [goal for goal in goals if not reached[goal]]
