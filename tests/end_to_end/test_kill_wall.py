"""The kill in mid-run, on the wall's clock, by every path, and risk's silence.

Daily bars come about twenty times a second; one strategy leaves limit orders resting. What counts
is what reached the venue: its own journal is read.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from .instances import eventually, tell
from .killing import PATHS, held, kill, lower_with_two, raised_scopes, refuse_one
from .venue import Venue
from .watching import assert_nothing_is_sent, assert_trading_resumes, wait_for_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .instances import Instance

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(240)]


@pytest.fixture
def trading(wall: Instance) -> Iterator[Instance]:
    """Give the instance while it trades, with limit orders resting at the venue."""
    wall.resume_all()
    lower_with_two(wall)
    with Venue(wall) as venue:
        before = venue.standing()
        eventually(lambda: venue.standing().accepted > before.accepted, "an accepted order")
    eventually(lambda: held(wall)["open_orders"] >= 2, "resting limit orders", poll_s=0.005)
    yield wall
    wall.resume_all()


@pytest.mark.parametrize("path", PATHS)
def test_a_kill_stops_everything_and_takes_two_to_lower(trading: Instance, path: str) -> None:
    """Stored, nothing open, nothing sent any more; one principal alone changes nothing."""
    if path == "execution":
        trading.send("risk", signal.SIGSTOP)
    tell(kill(trading, path).sentence(path))
    if path == "execution":
        wait_for_signals(trading)
        trading.send("risk", signal.SIGCONT)
    assert_nothing_is_sent(trading)
    eventually(lambda: raised_scopes(trading) == ["all"], "risk to hold the kill too")
    refuse_one(trading)
    lower_with_two(trading)
    assert_trading_resumes(trading)


def test_a_kill_outlives_the_end_of_the_instance(trading: Instance) -> None:
    """After everything was stopped and started again it is still killed; two lower it."""
    kill(trading, "bus")
    trading.stop()
    trading.start()
    assert held(trading)["level"] == "HALTED"
    assert raised_scopes(trading) == ["all"]
    assert_nothing_is_sent(trading)
    refuse_one(trading)
    lower_with_two(trading)
    assert_trading_resumes(trading)
