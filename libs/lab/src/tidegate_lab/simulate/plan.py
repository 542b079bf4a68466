"""What goes wrong in an hour, and what people do: one struct, drawn from the hour's seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.crash import POINTS
from tidegate_contracts.risk import GateLevel
from tidegate_lab.simulate.options import MIDST
from tidegate_lab.simulate.world import EXITS, HELD, TOGETHER, VENUES, VenueKind

if TYPE_CHECKING:
    from collections.abc import Iterable

CALM_S = 3.0
"""Before this nothing goes wrong: everything starts."""
STORM_ENDS_S = 31.0
"""From here on nothing goes wrong any more, and everything has to come to rest."""
SLICED_SHARE = 0.3
"""Of the hours, those whose entries are sent in slices."""
HALF, MOSTLY = 0.5, 0.8
LEGGED_SHARE = 0.38
"""Of the hours at a venue that takes orders with legs, those in which a person places some."""
TOGETHER_SHARE = 0.3
"""Of the hours at a venue whose ids count for ever, those in which entries at the market are sent
with their exits.
"""
HANDED_SHARE = 0.3
"""Of the others, those in which a person places orders by hand and replaces them."""
PROCESSES = ("market-data", "signals", "risk-a", "risk-b", "execution", "portfolio", "alerts")
DISK_FULL, OPTION_SOLD, VERDICTS_LATE, REPLACING = 1.0, 0.75, 0.5, 0.25
"""What goes wrong just when the kill switch is used: the share of that fault."""
DATABASES = ("market-data", "signals", "risk", "execution", "portfolio", "alerts")
_OFTEN_HIT = ("execution", "execution", "execution", "risk-a", "risk-b", "portfolio", "signals")


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that goes wrong, or one act of a person.

    ``target`` is a process, a service (its database) or a subject's first token; ``share`` the
    probability with which each message or request is hit; ``amount`` seconds or a count.
    """

    kind: str
    at_s: float
    target: str = ""
    for_s: float = 0.0
    share: float = 0.0
    amount: float = 0.0
    point: str = ""


class Plan(msgspec.Struct, frozen=True):
    """An hour: its seed, its venue and what happens in it."""

    seed: int
    venue: VenueKind
    faults: tuple[Fault, ...]


Draw = Callable[[Random, float], Fault]


def _crash(random: Random, at_s: float) -> Fault:
    point = random.choice(POINTS)
    return Fault("crash", at_s, random.choice(_OFTEN_HIT), point=point, amount=random.randint(1, 3))


def _kill(random: Random, at_s: float) -> Fault:
    return Fault("kill", at_s, random.choice(PROCESSES + _OFTEN_HIT))


def _pause(random: Random, at_s: float) -> Fault:
    for_s = random.choice((0.3, 1.2, 2.5, 4.0, 8.0)) * (0.8 + 0.4 * random.random())
    return Fault("pause", at_s, random.choice(PROCESSES + _OFTEN_HIT), for_s=for_s)


def _messages(kind: str) -> Draw:
    roots = ("signals", "verdicts", "orders", "fills", "venue", "gate", "bars", "heartbeats", "")

    def draw(random: Random, at_s: float) -> Fault:
        share = random.choice((0.1, 0.3, 1.0))
        amount = random.choice((0.05, 0.4, 2.0, 6.0))
        for_s = random.uniform(0.5, 6.0)
        return Fault(kind, at_s, random.choice(roots), for_s, share, amount)

    return draw


def _on_database(kind: str, longest_s: float) -> Draw:
    def draw(random: Random, at_s: float) -> Fault:
        return Fault(kind, at_s, random.choice(DATABASES), for_s=random.uniform(0.2, longest_s))

    return draw


def _lost_answer(random: Random, at_s: float) -> Fault:
    return Fault("lost_commit_answer", at_s, random.choice(DATABASES), amount=random.randint(1, 2))


def _nats_outage(random: Random, at_s: float) -> Fault:
    return Fault("nats_outage", at_s, for_s=random.uniform(0.3, 8.0))


def _cut_off(random: Random, at_s: float) -> Fault:
    target = random.choice(PROCESSES + _OFTEN_HIT)
    return Fault("cut_off", at_s, target, for_s=random.uniform(0.3, 8.0))


def _clock_skew(random: Random, at_s: float) -> Fault:
    amount = random.choice((-2.0, -0.7, -0.2, 0.2, 0.7, 2.0))
    target = random.choice(("risk-a", "risk-b", "execution"))
    return Fault("clock_skew", at_s, target, random.uniform(2.0, 10.0), amount=amount)


def _at_venue(kind: str) -> Draw:
    def draw(random: Random, at_s: float) -> Fault:
        share = random.choice((0.3, 0.6, 1.0))
        return Fault(kind, at_s, for_s=random.uniform(1.0, 8.0), share=share)

    return draw


def _kill_switch(random: Random, at_s: float) -> Fault:
    scope = random.choice(("all", "session:sim", "account:sim", "symbol:AAA", "strategy:sim/fast"))
    level = random.choice((GateLevel.REDUCE_ONLY, GateLevel.HALTED, GateLevel.FLATTENING))
    path = random.choice(("gate", "notice", "both"))
    for_s = random.uniform(3.0, 15.0)
    # Sometimes the disk of risk's database is full just then, or verdicts are still under way.
    share = random.choice((0.0, DISK_FULL, VERDICTS_LATE))
    return Fault("kill_switch", at_s, scope, for_s, share, amount=level, point=path)


def _bad_line(random: Random, at_s: float) -> Fault:
    amount = random.choice((0.5, 1.5, 3.0))
    return Fault("bad_line", at_s, for_s=random.uniform(2.0, 8.0), share=0.6, amount=amount)


def _broken_promise(random: Random, at_s: float) -> Fault:
    return Fault("broken_promise", at_s, for_s=random.uniform(0.5, 3.0), share=1.0)


def _restored_backup(random: Random, at_s: float) -> Fault:
    return Fault("restored_backup", at_s, random.choice(DATABASES), random.uniform(0.5, 10.0))


def _split_legs(random: Random, at_s: float) -> Fault:
    return Fault("split_legs", at_s, "venue", random.uniform(6.0, 15.0), share=0.5, amount=0.5)


def _torn_replacement(_random: Random, at_s: float) -> Fault:
    return Fault("torn_replacement", at_s, "execution")


class Kind(msgspec.Struct, frozen=True):
    """One kind of fault: how it is drawn, how often in an hour, and where it can happen."""

    draw: Draw
    mean: float
    remote_only: bool = False
    legged_only: bool = False
    handed_only: bool = False


KINDS: dict[str, Kind] = {
    "crash": Kind(_crash, 7.5),
    "kill": Kind(_kill, 3.5),
    "pause": Kind(_pause, 1.2),
    "lost": Kind(_messages("lost"), 1.5),
    "duplicated": Kind(_messages("duplicated"), 1.0),
    "reordered": Kind(_messages("reordered"), 1.0),
    "lost_acks": Kind(_messages("lost_acks"), 0.8),
    "clock_skew": Kind(_clock_skew, 0.4),
    "disk_full": Kind(_on_database("disk_full", 2.0), 0.4),
    "postgres_outage": Kind(_on_database("postgres_outage", 4.0), 0.5),
    "lost_commit_answer": Kind(_lost_answer, 1.0),
    "nats_outage": Kind(_nats_outage, 0.4),
    "cut_off": Kind(_cut_off, 0.9),
    "unknown_outcome": Kind(_at_venue("unknown_outcome"), 2.0, remote_only=True),
    "late_landing": Kind(_at_venue("late_landing"), 1.5, remote_only=True),
    "bad_line": Kind(_bad_line, 0.8, remote_only=True),
    "broken_promise": Kind(_broken_promise, 0.15, remote_only=True),
    "lost_reports": Kind(_at_venue("lost_reports"), 1.5, remote_only=True),
    "kill_switch": Kind(_kill_switch, 0.7),
    "restored_backup": Kind(_restored_backup, 0.05),
    "split_legs": Kind(_split_legs, 1.0, legged_only=True),
    "torn_replacement": Kind(_torn_replacement, 2.0, handed_only=True),
}
"""Every kind of fault by its name."""


def seed_of(seed: int, hour: int) -> int:
    """Derive the seed of an hour from the run's."""
    return Random(f"{seed}/{hour}").getrandbits(48)


def plan_of(seed: int, hour: int, kinds: Iterable[str] = ()) -> Plan:
    """Draw an hour's plan; only these kinds of faults, or all of them."""
    own = seed_of(seed, hour)
    random = Random(f"{own}:plan")
    venue = random.choice(VENUES)
    # Drawn apart, so that the faults of an hour do not depend on it.
    exits = Random(f"{own}:exits").choice(EXITS)
    sliced = Random(f"{own}:slices").random() < SLICED_SHARE
    # A spot exchange, for which execution holds the stops, has no options.
    legged = exits != HELD and Random(f"{own}:legs").random() < LEGGED_SHARE
    together = venue.remote and venue.ids_unique_for_ever and not (sliced or legged)
    if together and Random(f"{own}:together").random() < TOGETHER_SHARE:
        exits = TOGETHER
    handed = not legged and Random(f"{own}:hands").random() < HANDED_SHARE
    venue = msgspec.structs.replace(venue, exits=exits, sliced=sliced, legged=legged, handed=handed)
    wanted = frozenset(kinds) or frozenset(KINDS)
    faults: list[Fault] = []
    for name, kind in KINDS.items():
        # What is not wanted is drawn as well, so that the others stay the same.
        drawn = [kind.draw(random, at_s) for at_s in _times(random, kind.mean)]
        if legged:
            drawn = [_of_leg(own, fault) for fault in drawn]
        if handed:
            drawn = [_of_replacement(own, fault) for fault in drawn]
        if name in wanted and _can_happen(kind, venue):
            faults += drawn
    return Plan(own, venue, tuple(sorted(faults, key=lambda fault: fault.at_s)))


def _can_happen(kind: Kind, venue: VenueKind) -> bool:
    return (
        (venue.remote or not kind.remote_only)
        and (venue.legged or not kind.legged_only)
        and (venue.handed or not kind.handed_only)
    )


def _of_leg(own: int, fault: Fault) -> Fault:
    """Let the kill switch mostly flatten what holds a sold option, or one option alone."""
    if fault.kind != "kill_switch":
        return fault
    random = Random(f"{own}:{fault.at_s}")
    if random.random() < HALF:
        fault = msgspec.structs.replace(fault, target=f"symbol:{MIDST.symbol}")
    if random.random() > MOSTLY:
        return fault
    return msgspec.structs.replace(fault, amount=GateLevel.FLATTENING, share=OPTION_SOLD)


def _of_replacement(own: int, fault: Fault) -> Fault:
    """Let the kill switch be used, mostly, when somebody replaces an order."""
    if fault.kind != "kill_switch" or Random(f"{own}:{fault.at_s}:hands").random() > MOSTLY:
        return fault
    return msgspec.structs.replace(fault, share=REPLACING)


def _times(random: Random, mean: float) -> list[float]:
    """Draw the times of a kind: a Poisson process over the storm."""
    length_s = STORM_ENDS_S - CALM_S
    times: list[float] = []
    at_s = CALM_S + random.expovariate(mean / length_s)
    while at_s < STORM_ENDS_S:
        times.append(round(at_s, 4))
        at_s += random.expovariate(mean / length_s)
    return times
