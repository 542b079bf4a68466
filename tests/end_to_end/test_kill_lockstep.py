"""The kill in lockstep: it acts at once, outside the rounds, and the clock goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.instances import eventually, running, tell

from tidegate_chassis.testing import server_folder

from .conftest import lockstep_configuration
from .killing import held, kill, lower_with_two, raised_scopes, refuse_one
from .market import write_bars
from .replaying import differences, replay
from .watching import assert_nothing_is_sent, assert_trading_resumes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.instances import Instance

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(240)]


@pytest.fixture
def playing() -> Iterator[Instance]:
    """Give an instance in the middle of a long lockstep session, with orders resting."""
    with server_folder() as folder:
        bars = write_bars(folder, symbols=3, days=20_000)
        with running(folder, lockstep_configuration(bars)) as instance:
            eventually(lambda: held(instance)["open_orders"], "resting orders", poll_s=0.005)
            yield instance


def test_a_kill_stops_a_lockstep_session(playing: Instance) -> None:
    """Nothing is sent while the session plays on, also after a crash; two lower it again.

    What was recorded up to here, the kill and the crash included, is decided again the same.
    """
    tell(kill(playing, "risk").sentence("risk, in lockstep"))
    assert_nothing_is_sent(playing)
    assert raised_scopes(playing) == ["all"]
    playing.kill_and_wait("execution")
    assert held(playing)["level"] == "HALTED"
    refuse_one(playing)
    lower_with_two(playing)
    assert_trading_resumes(playing)
    assert not playing.shard("market-data/replay-demo")["finished"]
    assert differences(replay(playing.folder)) == []
