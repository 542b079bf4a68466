"""The guard keeps back what must not leave, and nothing else."""

from __future__ import annotations

import pytest

from tidegate_contracts.execution import CancelOrder, SubmitOrder
from tidegate_contracts.risk import GateLevel, Heartbeat
from tidegate_execution.adapters.guard import Guard
from tidegate_execution.adapters.heartbeats import Heartbeats
from tidegate_execution.adapters.kill_flags import KillFlag, KillFlags
from tidegate_execution.testing import specification

MS = 1_000_000
NOW_NS = 1_700_000_000_000_000_000
SHARD = "execution/demo"


class Setting:
    """A guard with everything around it."""

    def __init__(self, *, lockstep: bool = False) -> None:
        self.flags = KillFlags()
        self.heartbeats = Heartbeats()
        self.leased = True
        self.monotonic_ns = 0
        self.guard = Guard(
            "demo",
            "demo",
            lockstep,
            self.flags,
            self.heartbeats,
            lambda shard: self.leased,
            lambda: self.monotonic_ns,
        )

    def beat(self, sent_at_ns: int, received_at_ns: int, term: int = 1) -> None:
        """Receive a heartbeat."""
        heartbeat = Heartbeat(session="demo", term=term, sent_at_ns=sent_at_ns)
        self.heartbeats.take(heartbeat, received_at_ns)

    def code(self, *, send_by_ns: int = 0, symbol: str = "AAPL", now_ns: int = NOW_NS) -> str:
        """Return the code with which a request is kept back, or nothing."""
        made = specification("x", symbol=symbol)
        request = SubmitOrder(session="demo", specification=made, send_by_ns=send_by_ns)
        withheld = self.guard(request, now_ns)
        return "" if withheld is None else withheld[0]


@pytest.fixture
def setting() -> Setting:
    """A wall-clock session whose heartbeat is fresh."""
    made = Setting()
    made.beat(NOW_NS - 20 * MS, NOW_NS - 10 * MS)
    return made


def flag(scope: str, **changes: object) -> KillFlag:
    """Return a raise of HALTED."""
    return KillFlag("k", scope, GateLevel.HALTED, "operator", "test", **changes)  # type: ignore[arg-type]


def test_fresh_heartbeat_and_lease_let_it_leave(setting: Setting) -> None:
    """Nothing is wrong, nothing is withheld."""
    assert setting.code() == ""


def test_no_heartbeat_yet_is_silence() -> None:
    """I05: what has never been heard is missing."""
    assert Setting().code() == "HEARTBEAT_SILENT"


def test_silence_of_three_seconds_withholds(setting: Setting) -> None:
    """I09: the age counts from the sender's clock or from the receipt, whichever is larger."""
    assert setting.code(now_ns=NOW_NS + 2_970 * MS) == ""
    assert setting.code(now_ns=NOW_NS + 2_981 * MS) == "HEARTBEAT_SILENT"


def test_old_heartbeat_that_comes_late_does_not_refresh(setting: Setting) -> None:
    """A delayed copy says nothing about now."""
    setting.beat(NOW_NS - 30 * MS, NOW_NS + 3_000 * MS)
    assert setting.code(now_ns=NOW_NS + 3_000 * MS) == "HEARTBEAT_SILENT"


@pytest.mark.parametrize("offset_ms", [-501, 501])
def test_clock_offset_withholds(offset_ms: int) -> None:
    """A clock that is half a second off makes every age a guess."""
    setting = Setting()
    setting.beat(NOW_NS - offset_ms * MS, NOW_NS)
    assert setting.code(now_ns=NOW_NS + 1) == "CLOCK_OFFSET"


def test_lost_lease_withholds(setting: Setting) -> None:
    """A leader that slept has no lease."""
    setting.leased = False
    assert setting.code() == "LEASE_LOST"


def test_send_by_withholds(setting: Setting) -> None:
    """A late request does not leave; 0 means that the session has no such time."""
    assert setting.code(send_by_ns=NOW_NS) == ""
    assert setting.code(send_by_ns=NOW_NS - 1) == "SEND_BY_PASSED"


def test_an_order_without_a_send_by_time_is_sent_again_for_two_seconds(setting: Setting) -> None:
    """I04: a replay's session time may stand still, so the process's own clock is asked."""
    for at_ms, expected in ((0, ""), (2_000, ""), (2_001, "SEND_BY_PASSED")):
        setting.monotonic_ns = at_ms * MS
        assert setting.code() == expected
    assert setting.code(symbol="MSFT", send_by_ns=NOW_NS) == ""


@pytest.mark.parametrize("lockstep", [False, True])
def test_kill_flag_withholds_in_every_session(lockstep: bool) -> None:  # noqa: FBT001
    """A kill acts at once, in lockstep too."""
    setting = Setting(lockstep=lockstep)
    setting.beat(NOW_NS, NOW_NS)
    setting.flags.raise_flag(flag("all"))
    assert setting.code() == "KILLED"


def test_in_lockstep_only_the_kill_flag_counts() -> None:
    """Silence and a lost lease stop the clock there, so restarts change nothing."""
    setting = Setting(lockstep=True)
    setting.leased = False
    assert setting.code(send_by_ns=1) == ""


def test_flag_stops_only_its_scope(setting: Setting) -> None:
    """A symbol's flag lets other symbols pass; another session's flag is not ours."""
    setting.flags.raise_flag(flag("symbol:MSFT"))
    setting.flags.raise_flag(flag("session:other"))
    assert (setting.code(), setting.code(symbol="MSFT")) == ("", "KILLED")


def test_strategys_flag_stops_its_session_until_the_shard_has_it(setting: Setting) -> None:
    """The request does not name its strategy; the shard does."""
    setting.flags.raise_flag(flag("strategy:demo/ema"))
    assert setting.code() == "KILLED"
    setting.flags.replace(flag("strategy:demo/ema", latched=(SHARD,)))
    assert setting.code() == ""


def test_ended_flag_no_longer_stops(setting: Setting) -> None:
    """A lowering has ended the latch that the flag became."""
    setting.flags.raise_flag(flag("all", latched=(SHARD,), ended=(SHARD,)))
    assert setting.code() == ""


def test_cancels_always_pass(setting: Setting) -> None:
    """Whatever is wrong, a cancel leaves."""
    setting.flags.raise_flag(flag("all"))
    assert setting.guard(CancelOrder(session="demo"), NOW_NS) is None
