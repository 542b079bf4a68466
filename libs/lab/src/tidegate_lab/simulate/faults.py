"""How each kind of fault acts on the world, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tidegate_lab.simulate.venue import (
    CONCLUSIVE_AFTER_S,
    LATE_S_MAX,
    OVERDUE_S_MAX,
    Fate,
    ForgetfulVenue,
)
from tidegate_lab.simulate.world import BETWEEN_LEGS, BETWEEN_ORDERS

if TYPE_CHECKING:
    from tidegate_lab.simulate.plan import Fault
    from tidegate_lab.simulate.world import World

D = TypeVar("D")
HALF = 0.5
Act = Callable[["World", "Fault", Random], None]


def schedule(world: World, faults: tuple[Fault, ...], storm_ends_s: float) -> None:
    """Have every fault happen at its time; what lasts ends with the storm at the latest."""
    for fault in faults:
        random = Random(f"{world.seed}:{fault.kind}:{fault.at_s}")
        act = ACTS.get(fault.kind)
        if act is not None:
            world.loop.at(fault.at_s, None, _Happening(world, fault, act, random))
    world.loop.at(storm_ends_s, None, lambda: calm(world))


def calm(world: World) -> None:
    """End everything that goes wrong."""
    world.armed.clear()
    world.server.wire.disturbances.clear()
    world.server.wire.ack_losses.clear()
    world.way.disturbances.clear()
    ForgetfulVenue.loses = staticmethod(lambda: False)
    for database in world.databases.values():
        database.down = database.disk_full = False
        database.lost_answers = 0
    _reconnect(world, None)
    for process in world.processes.values():
        process.incarnation.clock_offset_ns = 0
        _wake(world, process.name)


class _Happening:
    __slots__ = ("_act", "_fault", "_random", "_world")

    def __init__(self, world: World, fault: Fault, act: Act, random: Random) -> None:
        self._world = world
        self._fault = fault
        self._act = act
        self._random = random

    def __call__(self) -> None:
        self._world.counts[f"fault:{self._fault.kind}"] += 1
        self._act(self._world, self._fault, self._random)


def _later(world: World, fault: Fault, undo: Callable[[], None]) -> None:
    world.loop.at(world.loop.now_s + fault.for_s, None, undo)


def _crash(world: World, fault: Fault, _random: Random) -> None:
    world.armed.setdefault(fault.target, {})[fault.point] = int(fault.amount)


def _kill(world: World, fault: Fault, _random: Random) -> None:
    world.crash(fault.target)


def _pause(world: World, fault: Fault, _random: Random) -> None:
    incarnation = world.processes[fault.target].incarnation
    incarnation.paused = True

    def wake() -> None:
        if world.processes[fault.target].incarnation is incarnation:
            _wake(world, fault.target)

    _later(world, fault, wake)


def _wake(world: World, name: str) -> None:
    process = world.processes[name]
    incarnation = process.incarnation
    if not (incarnation.paused and incarnation.alive):
        return
    believed = process.context.leases if process.context is not None else {}
    leases = [process.database.shards[shard].lease for shard in believed]
    if any(lease is not None and lease.holder != process.holder for lease in leases):
        world.counts["goal:paused_leader_woke"] += 1
    world.loop.wake(incarnation)


def _on_wire(
    world: World, fault: Fault, random: Random, fates: Callable[[], tuple[float, ...]]
) -> None:
    until_s = world.loop.now_s + fault.for_s

    def disturb(now_s: float, subject: str) -> tuple[float, ...] | None:
        if now_s >= until_s or not subject.startswith(fault.target):
            return None
        return fates() if random.random() < fault.share else None

    wire = world.server.wire
    wire.disturbances.append(disturb)
    _later(world, fault, lambda: remove(wire.disturbances, disturb))


def remove(disturbances: list[D], disturb: D) -> None:
    """End a disturbance, unless the calm has ended it already."""
    if disturb in disturbances:
        disturbances.remove(disturb)


def _lost(world: World, fault: Fault, random: Random) -> None:
    _on_wire(world, fault, random, lambda: ())


def _duplicated(world: World, fault: Fault, random: Random) -> None:
    _on_wire(world, fault, random, lambda: (0.0, random.random() * fault.amount))


def _reordered(world: World, fault: Fault, random: Random) -> None:
    _on_wire(world, fault, random, lambda: (0.000_1 + random.random() * fault.amount,))


def _lost_acks(world: World, fault: Fault, random: Random) -> None:
    until_s = world.loop.now_s + fault.for_s

    def lose(now_s: float) -> bool:
        return now_s < until_s and random.random() < fault.share

    world.server.wire.ack_losses.append(lose)
    _later(world, fault, lambda: remove(world.server.wire.ack_losses, lose))


def _clock_skew(world: World, fault: Fault, _random: Random) -> None:
    process = world.processes[fault.target]
    process.incarnation.clock_offset_ns = int(fault.amount * 1e9)

    def mend() -> None:
        process.incarnation.clock_offset_ns = 0

    _later(world, fault, mend)


def _disk_full(world: World, fault: Fault, _random: Random) -> None:
    database = world.databases[fault.target]
    database.disk_full = True

    def mend() -> None:
        database.disk_full = False

    _later(world, fault, mend)


def _postgres_outage(world: World, fault: Fault, _random: Random) -> None:
    database = world.databases[fault.target]
    database.down = True

    def mend() -> None:
        database.down = False

    _later(world, fault, mend)


def _lost_commit_answer(world: World, fault: Fault, _random: Random) -> None:
    world.databases[fault.target].lost_answers += int(fault.amount)


def _nats_outage(world: World, fault: Fault, _random: Random) -> None:
    world.server.up = False
    _later(world, fault, lambda: _reconnect(world, None))


def _cut_off(world: World, fault: Fault, _random: Random) -> None:
    for client in world.server.clients:
        if client.incarnation is not None and client.incarnation.name == fault.target:
            client.linked = False
    _later(world, fault, lambda: _reconnect(world, fault.target))


def _reconnect(world: World, target: str | None) -> None:
    if target is None:
        world.server.up = True
    for client in list(world.server.clients):
        named = client.incarnation.name if client.incarnation is not None else ""
        if target in (None, named):
            client.reconnect()


def _unknown_outcome(world: World, fault: Fault, random: Random) -> None:
    def fate() -> Fate:
        return Fate(lands=random.random() < HALF, answers=False)

    _on_way(world, fault, random, fate)


def _late_landing(world: World, fault: Fault, random: Random) -> None:
    def fate() -> Fate:
        return Fate(answers=random.random() < HALF, delay_s=random.uniform(0.5, LATE_S_MAX))

    _on_way(world, fault, random, fate)


def _bad_line(world: World, fault: Fault, random: Random) -> None:
    """Execution's line: requests get no answer, and what it says of its orders comes late."""

    def fate() -> Fate:
        return Fate(lands=random.random() < HALF, answers=False)

    _on_way(world, fault, random, fate)
    said = msgspec.structs.replace(fault, target="orders", share=1.0)
    _on_wire(world, said, random, lambda: (0.000_1 + random.random() * fault.amount,))


def _broken_promise(world: World, fault: Fault, random: Random) -> None:
    """Requests land later than the venue has promised that they can."""

    def fate() -> Fate:
        late_s = random.uniform(CONCLUSIVE_AFTER_S, OVERDUE_S_MAX)
        return Fate(answers=False, delay_s=late_s)

    _on_way(world, fault, random, fate)


def _on_way(world: World, fault: Fault, random: Random, fate: Callable[[], Fate]) -> None:
    until_s = world.loop.now_s + fault.for_s

    def disturb(now_s: float) -> Fate | None:
        return fate() if now_s < until_s and random.random() < fault.share else None

    world.way.disturbances.append(disturb)


def _lost_reports(world: World, fault: Fault, random: Random) -> None:
    until_s = world.loop.now_s + fault.for_s

    def loses() -> bool:
        lost = world.loop.now_s < until_s and random.random() < fault.share
        world.counts["goal:report_lost"] += lost
        return lost

    ForgetfulVenue.loses = staticmethod(loses)


def _split_legs(world: World, fault: Fault, random: Random) -> None:
    """What the venue says comes apart, and execution dies when it has booked a part of a fill."""
    world.armed.setdefault("execution", {})[BETWEEN_LEGS] = 1
    _reordered(world, fault, random)


def _torn_replacement(world: World, fault: Fault, _random: Random) -> None:
    """Execution dies while one order is being cancelled and another waits to replace it."""
    world.armed.setdefault(fault.target, {})[BETWEEN_ORDERS] = 1


def _restored_backup(world: World, fault: Fault, _random: Random) -> None:
    """A backup is taken now; later the database dies, and the backup takes its place."""
    database = world.databases[fault.target]
    database.take_backup()

    def restore() -> None:
        hit = [p for p in world.processes.values() if p.service == fault.target]
        for process in hit:
            if process.alive:
                world.crash(process.name)
        if database.restore_backup():
            world.restored.append((world.loop.now_s, fault.target))

    _later(world, fault, restore)


ACTS: dict[str, Act] = {
    "crash": _crash,
    "kill": _kill,
    "pause": _pause,
    "lost": _lost,
    "duplicated": _duplicated,
    "reordered": _reordered,
    "lost_acks": _lost_acks,
    "clock_skew": _clock_skew,
    "disk_full": _disk_full,
    "postgres_outage": _postgres_outage,
    "lost_commit_answer": _lost_commit_answer,
    "nats_outage": _nats_outage,
    "cut_off": _cut_off,
    "unknown_outcome": _unknown_outcome,
    "late_landing": _late_landing,
    "bad_line": _bad_line,
    "broken_promise": _broken_promise,
    "lost_reports": _lost_reports,
    "restored_backup": _restored_backup,
    "split_legs": _split_legs,
    "torn_replacement": _torn_replacement,
}
"""What each kind of fault does; `kill_switch` is an act of people, see `people`."""
