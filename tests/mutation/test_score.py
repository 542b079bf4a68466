"""The score counts what was judged, and calls noticed only what a test has noticed."""

from __future__ import annotations

from .score import by_room, judged, noticed, share

RESULTS = """
    tidegate_risk.core.rules.grid.x_check__mutmut_1: killed
    tidegate_risk.core.rules.grid.x_check__mutmut_2: survived
    tidegate_risk.core.rules.grid.x_check__mutmut_3: timeout
    tidegate_risk.core.rules.grid.x_check__mutmut_4: no tests
    tidegate_risk.core.sizing.target.x_size__mutmut_1: not checked
"""


def test_what_no_test_runs_was_not_noticed() -> None:
    """A line without a test counts like one whose change passes."""
    rooms = by_room(RESULTS)
    assert (judged(rooms["rules"]), noticed(rooms["rules"])) == (4, 2)
    assert share(rooms["rules"]) == 0.5


def test_what_was_not_judged_does_not_count() -> None:
    """A run that was stopped says how much is left, and no score for it."""
    words = by_room(RESULTS)["sizing"]
    assert (judged(words), share(words)) == (0, 0.0)
