"""The kill in mid-run, on the wall's clock, by every path; risk's silence; services that die.

Daily bars come about twenty times a second; one strategy leaves limit orders resting. What counts
is what reached the venue: its own journal is read. Every test begins with a session that trades,
and leaves one behind.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from tests.instances import eventually, running, tell

from tidegate_chassis.testing import server_folder

from .conftest import wall_configuration
from .killing import (
    PATHS,
    RAISE,
    closings,
    held,
    held_by,
    holding_still,
    kill,
    lower_the_session,
    lower_with_two,
    raised_scopes,
    refuse_one,
    say_kill,
    venue_account,
)
from .market import write_bars
from .replaying import differences, replay
from .venue import Venue
from .watching import (
    approved,
    assert_nothing_is_sent,
    assert_trading_resumes,
    signals_of,
    wait_for_signals,
    withheld_by,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.instances import Instance

pytestmark = [
    pytest.mark.real,
    pytest.mark.end_to_end,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("wall"),
]


SILENT_S = 3.0
QUIET_S = 1.0
"""So long the venue is watched without a further order before it counts as quiet."""
SLACK_S = 7.0
"""What a busy machine may add between an order's acceptance and our seeing it."""


@pytest.fixture(scope="module")
def wall() -> Iterator[Instance]:
    """Give an instance that trades on the wall's clock for minutes."""
    with server_folder() as folder:
        bars = write_bars(folder, symbols=4, days=12_000)
        with running(folder, wall_configuration(bars)) as instance:
            yield instance


@pytest.fixture
def trading(wall: Instance) -> Iterator[Instance]:
    """Give the instance while it trades, with limit orders resting at the venue."""
    wall.resume_all()
    lower_with_two(wall)
    assert_trading_resumes(wall)
    eventually(lambda: orders_rest(wall), "resting limit orders", poll_s=0.005)
    yield wall
    wall.resume_all()  # and the supervisor starts again what has died
    eventually(lambda: wall.is_ready("risk") and held(wall)["reconciled"], "all to be well again")


def orders_rest(instance: Instance) -> bool:
    """Tell whether limit orders rest at the venue; where the session is shut, open it again."""
    lower_the_session(instance)
    return bool(held(instance)["open_orders"] >= 2)


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
    eventually(lambda: "all" in raised_scopes(trading), "risk to hold the kill too")
    refuse_one(trading)
    lower_with_two(trading)
    assert_trading_resumes(trading)


def test_a_flattening_leaves_nothing_held_whoever_dies_meanwhile(trading: Instance) -> None:
    """Execution is killed while it closes; risk too; the venue's account ends with nothing."""
    before = len(closings(trading))
    with holding_still(trading):
        trading.post("risk", "/admin/gate/raise", {**RAISE, "level": "FLATTENING"})
        trading.kill_and_wait("execution")
        trading.kill_and_wait("risk")
        say_kill(trading, "all", "FLATTENING", "--flatten")
    account = venue_account(trading)
    assert (account["holdings"], account["open_orders"]) == ({}, [])
    assert len(closings(trading)) > before
    assert_nothing_is_sent(trading)
    assert venue_account(trading)["holdings"] == {}
    lower_with_two(trading)
    assert_trading_resumes(trading)


def test_a_flattened_strategy_leaves_the_other_trading(trading: Instance) -> None:
    """Only what it holds itself is closed, by orders in its own name."""
    before = len(closings(trading))
    with holding_still(trading) as holder:
        say_kill(trading, f"strategy:demo/{holder}", "FLATTENING", "--flatten")
        closed = closings(trading)[before:]
        assert {each["strategy"] for each in closed} == {holder}
        assert held_by(trading, holder) == {}
    tell(f"tidegate kill --flatten of {holder}: {len(closed)} fills")
    assert_trading_resumes(trading)
    assert f"strategy:demo/{holder}" in raised_scopes(trading)
    lower_with_two(trading)


def test_a_kill_outlives_the_end_of_the_instance(trading: Instance) -> None:
    """After everything was stopped and started again it is still killed; two lower it."""
    kill(trading, "bus")
    trading.stop()
    trading.start()
    assert held(trading)["level"] == "HALTED"
    assert "all" in raised_scopes(trading)
    assert_nothing_is_sent(trading)
    refuse_one(trading)
    lower_with_two(trading)
    assert_trading_resumes(trading)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_without_risk_nothing_is_opened_after_three_seconds(
    trading: Instance, number: signal.Signals
) -> None:
    """Risk dies (and nobody restarts it) or hangs: signals go on, orders do not.

    Takes over 5 s because the silence itself takes 3.
    """
    trading.freeze_supervisor()
    signals = signals_of(trading)
    with Venue(trading) as venue:
        trading.send("risk", number)
        silenced_s = last_s = time.monotonic()
        seen = venue.standing()
        while time.monotonic() < max(silenced_s + SILENT_S, last_s) + QUIET_S:
            standing = venue.standing()
            if standing != seen:
                seen, last_s = standing, time.monotonic()
            time.sleep(0.02)
        wait_for_signals(trading)
        assert venue.standing() == seen
    tell(
        f"{number.name} to risk: the venue's last order came {(last_s - silenced_s) * 1e3:.0f} ms "
        f"later; {signals_of(trading) - signals} signals since"
    )
    assert last_s - silenced_s <= SILENT_S + SLACK_S


def fall_asleep(instance: Instance, venue: Venue) -> bool:
    """Stop execution, unless an order has just left its hands: nobody can take that one back."""
    instance.send("execution", signal.SIGSTOP)
    if venue.on_its_way():
        instance.send("execution", signal.SIGCONT)
        return False
    return True


def test_verdicts_that_waited_out_the_silence_are_not_sent(trading: Instance) -> None:
    """Execution sleeps, risk approves and dies; whoever wakes after 3 s has nothing to send.

    Takes over 5 s because the silence itself takes 3.
    """
    trading.freeze_supervisor()
    with Venue(trading) as venue:
        eventually(lambda: fall_asleep(trading, venue), "a moment with no order on its way")
        before = approved(trading)
        eventually(lambda: approved(trading) >= before + 3, "verdicts that execution has not seen")
        trading.send("risk", signal.SIGKILL)
        asleep = venue.standing()
        time.sleep(SILENT_S + 0.2)
        trading.send("execution", signal.SIGCONT)
        wait_for_signals(trading)
        assert venue.standing().increasing == asleep.increasing
    withheld = eventually(lambda: withheld_by(trading), "what waited to be kept back")
    tell(f"verdicts that waited were kept back: {withheld}")


@pytest.mark.parametrize("service", ["market-data", "execution"])
def test_trading_goes_on_after_a_service_has_died(trading: Instance, service: str) -> None:
    """The supervisor starts it again; its shards take up where they were, and so does the clock."""
    died_s = time.monotonic()
    trading.kill_and_wait(service)
    assert_trading_resumes(trading)
    tell(f"{service} killed: orders were accepted again after {time.monotonic() - died_s:.1f} s")
    eventually(lambda: held(trading)["reconciled"], "execution to agree with the venue")


def test_what_was_recorded_so_far_is_decided_again(trading: Instance) -> None:
    """Arrival order, kills, silence, deaths: the journals hold it all, and no decision differs.

    It reads the databases while the session goes on.
    """
    found = replay(trading.folder)
    assert differences(found) == []
    assert found["decisions"] > 0
