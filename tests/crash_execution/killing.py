"""kill -9 of execution, again and again, while both sessions trade and the venue misbehaves.

A process ends in one of three ways: at any moment after its start, recovery included; at any moment
after a wave of bars; or at a named crash point. With every wave people order by hand, and each
venue books something by itself; after some deaths prices go on, and trigger what waits there. After
some kills everything comes to rest, and what execution, the ledger and the venue say must agree to
the unit.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from tidegate_chassis.host.crash import POINTS, VENUE_POINTS

from .desk import Desk
from .places import ALPACA, BINANCE, PLACES, Place
from .resting import come_to_rest
from .stage import Leader, dies_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crash.findings import Finding

    from .stage import Stage

EARLY_SHARE, POINT_SHARE = 0.15, 0.45
EARLY_S, LATE_S, POINT_S = 1.5, 0.6, 2.0
VISITS_MAX = 8
FIRST_SHARE, GOES_ON_SHARE = 0.5, 0.3
ORDERS_BY_HAND = 2
# Binance allows so few requests that it is waited for only now and then.
BINANCE_EVERY = 3
KILLS_A_ROUND = 10
ALL_POINTS = (*POINTS, *VENUE_POINTS)
FAULTS: tuple[dict[str, object], ...] = (
    {},
    {"answers_lost": 1},
    {"requests_lost": 1},
    {"hang_after": 1},
    {"hang_before": 1},
    {"drop_after_updates": 3},
    {"duplicate_share": 0.5},
    {"reorder_share": 0.5},
    {"fill_share": "0.4"},
    {"delayed": 3, "delay_ms": 300},
)


class Killing:
    """Kills on one stage."""

    def __init__(self, stage: Stage, seed: int, say: Callable[[str], None]) -> None:
        self.counts: Counter[str] = Counter()
        self._stage, self._say = stage, say
        self._chance = random.Random(seed)
        self._desk = Desk(stage, self.counts, random.Random(seed + 1))
        # When execution died, in nanoseconds.
        self.moments: list[int] = []

    def run(self, kills: int) -> list[Finding]:
        """Kill so many times; return what was found to be wrong when all was at rest."""
        found: list[Finding] = []
        for number in range(1, kills + 1):
            self._kill_one(number)
            if number % KILLS_A_ROUND == 0 or number == kills:
                self._stage.venue.plan.clear()
                leader = self._stage.start()
                found += come_to_rest(self._stage, leader, self._say)
                leader.kill()
                self._say(f"after {number} kills: {len(found)} findings, {dict(self.counts)}")
        return found

    def _kill_one(self, number: int) -> None:
        chance = self._chance
        drawn = chance.random()
        if drawn < EARLY_SHARE:
            leader = self._stage.start()
            dies_within(leader, chance.uniform(0, EARLY_S))
            self._end(leader, "early")
            return
        at_point = drawn < EARLY_SHARE + POINT_SHARE
        point = chance.choice(ALL_POINTS)
        visits = f"{point}:{chance.randint(1, VISITS_MAX)}"
        leader = self._stage.start(**({"TIDEGATE_CRASH_AT": visits} if at_point else {}))
        places = (BINANCE, ALPACA) if number % BINANCE_EVERY == 0 else (ALPACA,)
        if self._stage.until_ready(leader, *places):
            self._misbehave(chance.choice(PLACES))
            first = chance.random() < FIRST_SHARE
            if first:
                self._order_by_hand(leader, places)
            self._stage.waves.play()
            self._stage.waves.quote_again()
            if not first:
                self._order_by_hand(leader, places)
            for place in places:
                self._book(place, number)
            dies_within(leader, POINT_S if at_point else LATE_S * chance.random() ** 2)
        self._end(leader, point if at_point and not leader.alive else "random")

    def _order_by_hand(self, leader: Leader, places: tuple[Place, ...]) -> None:
        """Let people order, and change what they ordered before."""
        for place in places:
            self._desk.change(leader, place)
            for _ in range(ORDERS_BY_HAND):
                self._desk.order(place)

    def _book(self, place: Place, number: int) -> None:
        """Let the venue book something by itself."""
        kind = "INT" if place is ALPACA else "TRANSFER"
        booked = self._stage.venue.bookings[place.exchange]
        booked.cash(kind, f"{number}.01", text=f"booked by itself in kill {number}")
        self.counts["booked by a venue"] += 1

    def _misbehave(self, place: Place) -> None:
        fault = self._chance.choice(FAULTS)
        plan = self._stage.venue.plan
        plan.clear()
        only = self._chance.choice((*place.orders, *place.orders, *place.ends))
        plan.set(only=only, seed=self._chance.randrange(1_000), **fault)
        for name in fault.keys() - {"delay_ms"}:
            self.counts[f"planned: {name}"] += 1

    def _end(self, leader: Leader, how: str) -> None:
        leader.kill()
        self.moments.append(time.time_ns())
        if self._chance.random() < GOES_ON_SHARE:
            self._stage.waves.go_on()
        self.counts["kills"] += 1
        self.counts[f"killed: {how}"] += 1
