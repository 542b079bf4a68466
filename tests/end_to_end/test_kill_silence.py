"""Silence of risk shuts the gate by itself, on the wall's clock."""

from __future__ import annotations

import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from .instances import eventually, tell
from .killing import held, lower_with_two
from .venue import Venue
from .watching import assert_trading_resumes, signals_of, wait_for_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .instances import Instance

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(240)]

SILENT_S = 3.0
SLACK_S = 1.0
"""What a busy machine may add between an order's acceptance and our seeing it."""
WATCHED_S = SILENT_S + 2.0
GUARD_CODES = ("HEARTBEAT_SILENT", "LEASE_LOST")


@pytest.fixture
def trading(wall: Instance) -> Iterator[Instance]:
    """Give the instance while it trades; afterwards the supervisor starts again what died."""
    lower_with_two(wall)
    assert_trading_resumes(wall)
    yield wall
    wall.resume_all()
    eventually(lambda: held(wall)["reconciled"], "execution to agree with the venue")
    assert_trading_resumes(wall)


def approved(instance: Instance) -> int:
    """Return how many signals risk has approved."""
    count: int = instance.get("risk", "/v1/verdicts/counts")["approved"]
    return count


def withheld_by(instance: Instance) -> Counter[str]:
    """Count the orders that the guard kept back, by reason."""
    orders: Counter[str] = Counter()
    after: str | None = ""
    while after is not None:
        page = instance.get("execution", "/v1/orders", after=after, limit=5_000)
        after = page["next"]
        orders.update(each["reason_code"] for each in page["orders"])
    return Counter({code: orders[code] for code in GUARD_CODES if orders[code]})


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
        while time.monotonic() - silenced_s < WATCHED_S:
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


def test_verdicts_that_waited_out_the_silence_are_not_sent(trading: Instance) -> None:
    """Execution sleeps, risk approves and dies; whoever wakes after 3 s has nothing to send.

    Takes over 5 s because the silence itself takes 3.
    """
    trading.freeze_supervisor()
    with Venue(trading) as venue:
        trading.send("execution", signal.SIGSTOP)
        before = approved(trading)
        eventually(lambda: approved(trading) >= before + 3, "verdicts that execution has not seen")
        trading.send("risk", signal.SIGKILL)
        asleep = venue.standing()
        time.sleep(SILENT_S + 0.2)
        trading.send("execution", signal.SIGCONT)
        wait_for_signals(trading)
        assert venue.standing().increasing == asleep.increasing
    withheld = withheld_by(trading)
    tell(f"verdicts that waited were withheld: {withheld}")
    assert withheld
