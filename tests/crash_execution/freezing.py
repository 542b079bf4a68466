"""Frozen leaders: asleep between the last check and the socket, replaced, and awake again.

The sleeper's order was written down and passed every check when it stops itself. Another process
takes the lease over, finds the order without an outcome, and finds out about it. Then the sleeper
wakes, and its call goes out: late. It must not make a second order. It wakes before, while or after
its successor has taken over.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.instances import eventually

from .desk import Desk
from .places import PLACES, Place
from .resting import come_to_rest
from .stage import POLL_S, START_S, Leader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crash.findings import Finding

    from .stage import Stage

POINT = {"TIDEGATE_FREEZE_AT": "before_send"}
# Binance's budget of requests may be spent, and is whole again after a minute.
WAVES_MAX = 50
WAVE_S, NAP_S, LATE_S, LINGERS_S = 1.5, 1.2, 4.0, 0.3
FREEZES_A_ROUND = 5
WAKES = ("after", "during", "before")


class Freezing:
    """Frozen leaders on one stage."""

    def __init__(self, stage: Stage, seed: int, say: Callable[[str], None]) -> None:
        self.counts: Counter[str] = Counter()
        self._stage, self._say = stage, say
        self._chance = random.Random(seed)
        self._desk = Desk(stage, self.counts, random.Random(seed + 2))
        # When a leader was found asleep, in nanoseconds.
        self.moments: list[int] = []

    def run(self, freezes: int) -> list[Finding]:
        """Freeze so many leaders; return what was found to be wrong when all was at rest."""
        found: list[Finding] = []
        if not freezes:
            return found
        self._stage.venue.plan.clear()
        leader = self._stage.start(**POINT)
        for number in range(1, freezes + 1):
            leader = self._freeze_one(leader, number)
            if number % FREEZES_A_ROUND == 0 or number == freezes:
                found += come_to_rest(self._stage, leader, self._say)
                self._say(f"after {number} freezes: {len(found)} findings, {dict(self.counts)}")
        leader.kill()
        return found

    def _freeze_one(self, leader: Leader, number: int) -> Leader:
        place = PLACES[number % len(PLACES)]
        self._put_to_sleep(leader, place)
        successor = self._stage.start(**POINT)
        wakes = WAKES[number // len(PLACES) % len(WAKES)]
        if wakes == "before":
            time.sleep(self._chance.uniform(0, NAP_S))
        elif wakes == "during":
            self._until_led(successor, place)
        else:
            self._stage.until_ready(successor, place)
        self._wake(leader, successor, place)
        leader.kill()
        self._stage.until_ready(successor, place)
        self.counts["freezes"] += 1
        self.counts[f"woke {wakes}"] += 1
        return successor

    def _put_to_sleep(self, leader: Leader, place: Place) -> None:
        """Order by hand and play bars, until an order is about to leave and its sender sleeps."""
        self._stage.until_ready(leader, place)
        leader.send(signal.SIGUSR1)
        for number in range(WAVES_MAX):
            if not self._desk.order(place) or number:
                self._stage.waves.play((place,))
            until_s = time.monotonic() + WAVE_S
            while time.monotonic() < until_s:
                if leader.asleep:
                    self.moments.append(time.time_ns())
                    return
                time.sleep(POLL_S)
        raise AssertionError(f"expected an order for {place.name} in {WAVES_MAX} waves, found none")

    def _until_led(self, successor: Leader, place: Place) -> None:
        eventually(lambda: successor.leads(place.name), "the successor to lead", START_S, POLL_S)

    def _wake(self, leader: Leader, successor: Leader, place: Place) -> None:
        """Let the sleeper make its call, and see whether it was late."""
        late = successor.leads(place.name)
        before = self._posts(place)
        leader.send(signal.SIGCONT)
        until_s = time.monotonic() + LATE_S
        while self._posts(place) == before and time.monotonic() < until_s:
            time.sleep(POLL_S)
        self.counts["late calls"] += late and self._posts(place) > before
        time.sleep(LINGERS_S)

    def _posts(self, place: Place) -> int:
        return sum(self._stage.venue.requests.count(each) for each in place.orders)
