"""What does not get through raises the gate of its session."""

from __future__ import annotations

import pytest

from tidegate_chassis.host.lag import LOOK_S, LagWatch, level_of
from tidegate_contracts.risk import GateLevel, RaiseGate

REDUCE_ONLY, HALTED = GateLevel.REDUCE_ONLY, GateLevel.HALTED


class Setting:
    """A shard whose lag the test decides, and what its watch has raised."""

    name = "risk/demo"
    session = "demo"

    def __init__(self) -> None:
        self.now_s = 100.0
        self.waits_s = 0.0
        self.raised: list[RaiseGate] = []
        self.fails = False
        self.watch = LagWatch([self], self.raise_gate)

    def lag_s(self) -> float:
        """Return the lag."""
        return self.waits_s

    async def raise_gate(self, command: RaiseGate) -> None:
        """Note a raise, or fail."""
        if self.fails:
            raise TimeoutError
        self.raised.append(command)

    async def look(self, lag_s: float, after_s: float = LOOK_S) -> list[GateLevel]:
        """Look once with this lag; return all levels raised so far."""
        self.now_s += after_s
        self.waits_s = lag_s
        await self.watch.look(self.now_s, "risk")
        return [command.level for command in self.raised]


@pytest.fixture
async def setting() -> Setting:
    """Give a watch that has looked twice, while all was well."""
    made = Setting()
    await made.look(0.0)
    await made.look(0.0)
    return made


@pytest.mark.parametrize(
    ("lag_s", "level"),
    [
        (0.0, GateLevel.OPEN),
        (2.0, GateLevel.OPEN),
        (2.1, REDUCE_ONLY),
        (10.0, REDUCE_ONLY),
        (10.1, HALTED),
    ],
)
def test_a_lag_asks_for_a_level(lag_s: float, level: GateLevel) -> None:
    """Above 2 s positions may only shrink, above 10 s nothing is sent."""
    assert level_of(lag_s) is level


async def test_each_level_is_raised_once_while_the_lag_grows(setting: Setting) -> None:
    """In the session's scope, by the service, with the shard and the lag as the reason."""
    assert await setting.look(1.9) == []
    assert await setting.look(2.4) == [REDUCE_ONLY]
    assert await setting.look(2.9) == [REDUCE_ONLY]
    assert await setting.look(10.4) == [REDUCE_ONLY, HALTED]
    assert await setting.look(11.0) == [REDUCE_ONLY, HALTED]
    first = setting.raised[0]
    assert (first.scope, first.principal) == ("session:demo", "risk")
    assert first.reason == "risk/demo: the stream is 2.4 s behind"


async def test_a_lag_that_was_over_is_raised_anew(setting: Setting) -> None:
    """Somebody may have lowered the gate in between."""
    await setting.look(3.0)
    await setting.look(0.0)
    assert await setting.look(3.0) == [REDUCE_ONLY, REDUCE_ONLY]


async def test_a_raise_that_failed_is_tried_again(setting: Setting) -> None:
    """A database that does not answer must not swallow it."""
    setting.fails = True
    assert await setting.look(3.0) == []
    setting.fails = False
    assert await setting.look(3.5) == [REDUCE_ONLY]


async def test_who_slept_looks_twice(setting: Setting) -> None:
    """What was acknowledged while the process stood still has not been read yet."""
    assert await setting.look(30.0, after_s=30.0) == []
    assert await setting.look(0.0) == []
    assert await setting.look(30.0, after_s=30.0) == []
    assert await setting.look(60.0, after_s=30.0) == [HALTED], "who is always late is heard too"
