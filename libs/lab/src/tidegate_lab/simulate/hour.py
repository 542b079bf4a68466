"""One simulated hour: start, storm, quiet, and what the checkers say of it."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host import topology
from tidegate_contracts.execution import Fill, OrderState
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_kernel.money import use_money_context
from tidegate_lab.simulate import faults, invariants, people
from tidegate_lab.simulate.by_hand import trade_by_hand
from tidegate_lab.simulate.evidence import Evidence
from tidegate_lab.simulate.goals import goals_of
from tidegate_lab.simulate.plan import STORM_ENDS_S
from tidegate_lab.simulate.session import BARS, SPEED
from tidegate_lab.simulate.trading import trade_structures
from tidegate_lab.simulate.world import World

if TYPE_CHECKING:
    from tidegate_lab.simulate.plan import Plan

QUIET_S_MAX = 60.0
LOOK_S = 1.0


class Violation(msgspec.Struct, frozen=True):
    """An invariant that did not hold."""

    invariant: str
    message: str


class HourResult(msgspec.Struct):
    """What an hour came to."""

    events: int
    orders: int
    fills: int
    kills: int
    crashes: int
    faults: dict[str, int]
    goals: dict[str, int]
    violations: tuple[Violation, ...]


def play(plan: Plan) -> HourResult:
    """Play an hour and check it."""
    use_money_context()
    world = World(plan.seed, plan.venue)
    collecting = gc.isenabled()
    gc.disable()
    try:
        with world.entered():
            unsettled = world.loop.run_until_complete(_run(world, plan))
            result = _judge(Evidence(plan, world, unsettled))
    finally:
        world.end()
        if collecting:
            gc.enable()
    return result


async def _run(world: World, plan: Plan) -> tuple[str, ...]:
    use_money_context()
    world.start()
    faults.schedule(world, plan.faults, STORM_ENDS_S)
    acts = [fault for fault in plan.faults if fault.kind == "kill_switch"]
    watching = [
        world.loop.create_task(people.use_kill_switch(world, fault, number))
        for number, fault in enumerate(acts)
    ]
    if world.venue.legged:
        watching.append(world.loop.create_task(trade_structures(world)))
    if world.venue.handed:
        watching.append(world.loop.create_task(trade_by_hand(world)))
    attending = world.loop.create_task(people.attend_breakers(world))
    await asyncio.sleep(max(STORM_ENDS_S, BARS * 60 / SPEED) + 1.0)
    await asyncio.sleep(max(0.0, world.landings_until_s - world.loop.now_s) + 1.0)
    until_s = world.loop.now_s + QUIET_S_MAX
    if not world.restored:
        watching.append(world.loop.create_task(people.reconcile(world)))
    while True:
        await asyncio.sleep(LOOK_S)
        reasons = _unsettled(world)
        reasons += [f"person {n} still waits" for n, task in enumerate(watching) if not task.done()]
        if not reasons or world.loop.now_s >= until_s or world.restored:
            break
    for task in (*watching, attending):
        if task.done() and task.exception() is not None:
            raise task.exception()  # type: ignore[misc]
    return tuple(reasons)


def _unsettled(world: World) -> list[str]:
    """Return what has not come to rest."""
    running = {
        shard.definition.shard: shard
        for process in (*world.processes.values(), *world.elsewhere)
        if process.alive and process.context is not None
        for shard in process.context.local.all()
        if shard.running
    }
    wanted = {
        definition.shard
        for process in (*world.processes.values(), *world.elsewhere)
        for definition in process.definitions
    }
    reasons = [f"{name}: not running" for name in sorted(wanted - set(running))]
    heads = {name: shard.engine.books.heads.get(name, (0,))[0] for name, shard in running.items()}
    for name, shard in sorted(running.items()):
        if shard.outbox.open_count:
            reasons.append(f"{name}: {shard.outbox.open_count} messages not in the stream")
        if shard.engine.books.requests:
            reasons.append(f"{name}: {len(shard.engine.books.requests)} requests without outcome")
        if not hasattr(shard, "reader") or not shard.definition.reads:
            continue
        behind = [
            f"{channel} at {shard.reader.position(channel)} of {head}"
            for channel, head in heads.items()
            if topology.reads_channel(shard.definition.reads, channel)
            and shard.reader.position(channel) < head
        ]
        if behind:
            reasons.append(f"{name}: behind {', '.join(behind)}")
        if shard.definition.machine is ExecutionMachine:
            reasons += _unsettled_orders(name, shard.engine.machine)
    feed = running.get("market-data/replay-sim")
    if feed is None or not feed.finished:
        reasons.append("the feed has not ended")
    return reasons


def _unsettled_orders(name: str, machine: object) -> list[str]:
    assert isinstance(machine, ExecutionMachine)
    state = machine._state
    unsure = (OrderState.PENDING, OrderState.SUBMITTING, OrderState.UNKNOWN)
    reasons = [
        f"{name}: {order.client_order_id} is {order.state.name}"
        for order in state.orders.values()
        if order.state in unsure or order.filled_quantity < order.reported_quantity
    ]
    if not state.reconciliation.reconciled:
        reasons.append(f"{name}: not reconciled: {state.reconciliation.problem}")
    return reasons


def _judge(evidence: Evidence) -> HourResult:
    world = evidence.world
    violations = [
        Violation(name, message)
        for name, check in invariants.CHECKERS.items()
        for message in check(evidence)
    ]
    violations += [Violation("CRASH", failure) for failure in world.loop.failures]
    venue = evidence.venue
    return HourResult(
        events=sum(len(books.journal) for books in evidence.books.values()),
        orders=len(venue.book.orders) if venue is not None else 0,
        fills=len(evidence.said("execution/sim", Fill)),
        kills=len(world.kills),
        crashes=world.crashes,
        faults=_counted(world.counts, "fault:"),
        goals=goals_of(evidence),
        violations=tuple(violations),
    )


def _counted(counts: Counter[str], prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): count
        for name, count in sorted(counts.items())
        if name.startswith(prefix)
    }
