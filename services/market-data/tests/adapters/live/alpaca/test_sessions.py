"""Which bars of shares are given, and how far back a number of them reaches."""

from __future__ import annotations

import pytest

from tidegate_contracts.market import OpenInterval
from tidegate_market_data.adapters.live.alpaca.sessions import Hours, begins_ns, is_in

MINUTE = 60 * 10**9
# Two sessions of ten minutes, the second a hundred minutes after the first one's opening.
FIRST = OpenInterval(opens_at_ns=1_000 * MINUTE, closes_at_ns=1_010 * MINUTE)
SECOND = OpenInterval(opens_at_ns=1_100 * MINUTE, closes_at_ns=1_110 * MINUTE)
BOTH = (FIRST, SECOND)


@pytest.mark.parametrize(
    ("until", "bars", "begins"),
    [
        (1_105, 5, 1_100),
        (1_105, 6, 1_009),
        (1_100, 1, 1_009),
        (1_050, 10, 1_000),
        (1_200, 20, 1_000),
        # Before the first session that is known, nothing is.
        (1_200, 21, 1_000),
        (900, 7, 893),
    ],
)
def test_bars_are_counted_in_the_sessions_alone(until: int, bars: int, begins: int) -> None:
    """What lies between two sessions holds none of them."""
    assert begins_ns(BOTH, until * MINUTE, bars, MINUTE) == begins * MINUTE


def test_what_never_closes_counts_every_minute() -> None:
    """Without sessions, bars follow each other."""
    assert begins_ns((), 1_000 * MINUTE, 30, MINUTE) == 970 * MINUTE


@pytest.mark.parametrize(
    ("minute", "given"), [(999, False), (1_000, True), (1_009, True), (1_010, False)]
)
def test_a_bar_belongs_to_the_session_in_which_it_starts(minute: int, *, given: bool) -> None:
    """The bar that starts at the close is not one of it."""
    assert is_in(BOTH, minute * MINUTE) is given


def test_hours_that_are_over_are_left_out() -> None:
    """A session that is still open at the moment stays whole."""
    hours = Hours(BOTH, (FIRST,))
    assert hours.not_over_at(FIRST.closes_at_ns - 1) == hours
    assert hours.not_over_at(FIRST.closes_at_ns) == Hours((SECOND,), ())
