"""People at the kill switch: one raises the gate, later two together lower it, breakers too.

They do what `tidegate kill` does: tell risk's gate and execution on the paths that are chosen, ask
again with the same id until there is an answer, and believe "KILLED" only when every execution
shard has stored it and the venue shows nothing open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from asyncpg.exceptions import PostgresError

from tidegate_chassis.host.forwarding import forward
from tidegate_contracts import codec
from tidegate_contracts.execution import QueryAccount
from tidegate_contracts.risk import (
    ApproveLowering,
    Decision,
    GateAction,
    GateAnswer,
    GateEvent,
    GateLevel,
    RaiseGate,
    RequestLowering,
    Verdict,
)
from tidegate_execution.adapters.kill_flags import KillFlag
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.gate import checked_scope
from tidegate_kernel.machine import Body
from tidegate_lab.simulate.faults import remove
from tidegate_lab.simulate.options import CALLS
from tidegate_lab.simulate.plan import DISK_FULL, OPTION_SOLD, REPLACING, VERDICTS_LATE
from tidegate_lab.simulate.process import command
from tidegate_lab.simulate.world import Kill
from tidegate_risk.core.gate.machine import GateMachine

if TYPE_CHECKING:
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_lab.simulate.plan import Fault
    from tidegate_lab.simulate.process import Process
    from tidegate_lab.simulate.world import World

ANSWER_S = 2.0
POLL_S = 0.25
FULL_DISK_S = 0.1
HELD_S = 1.2
APPROVAL_S_MAX = REPLACEMENT_S_MAX = 8.0
OPTION_SOLD_S_MAX = 15.0
GATE = "risk/gate"
SHOWN = (GateAction.RAISED, GateAction.LATCH_FOLDED, GateAction.LOWERED)
"""What changes the row of a scope."""
BREAKER_TRIPPED = "BREAKER_TRIPPED"
ATTEMPTS_MAX = 20
"""How often people ask to lower what a breaker holds too: losses in a row stand until midnight."""
RAISED_SINCE = "RAISED_SINCE"
THOUGHT_S = 0.3
"""How long people think about the gate that they have looked at before they ask to lower it."""
RAISED_AGAIN_S_MAX = 0.8
Asking = Callable[[], Coroutine[Any, Any, Body]]


async def use_kill_switch(world: World, fault: Fault, number: int) -> None:
    """Raise, wait for the confirmation, and lower after a while."""
    await asyncio.sleep(fault.at_s)
    if fault.share == VERDICTS_LATE:
        with suppress(TimeoutError):
            async with asyncio.timeout(APPROVAL_S_MAX):
                await _next_approval_held(world, number)
    if fault.share == REPLACING:
        with suppress(TimeoutError):
            async with asyncio.timeout(REPLACEMENT_S_MAX):
                await world.replacing.wait()
    if fault.share == OPTION_SOLD:
        with suppress(TimeoutError):
            async with asyncio.timeout(OPTION_SOLD_S_MAX):
                await _option_sold(world)
    world.counts["fault:kill_switch"] += 1
    scope = checked_scope(fault.target)
    kill = Kill(world.loop.now_s, scope, int(fault.amount))
    world.kills.append(kill)
    if fault.point in ("notice", "both"):
        await _notice(world, kill, number)
    if fault.point in ("gate", "both"):
        if fault.share == DISK_FULL:
            _fill_disk(world)
        order = RaiseGate(
            scope=scope, level=GateLevel(kill.level), principal="operator", reason="simulated"
        )
        await ask(world, GATE, f"kill-{number}", order)
    kill.answered_at_s = world.loop.now_s
    confirming = world.loop.create_task(_confirm(world, kill, number))
    await asyncio.sleep(fault.for_s)
    await _lower(world, kill, number)
    confirming.cancel()


def _fill_disk(world: World) -> None:
    """Let risk's database refuse commits for a moment, just when its leader is asked."""
    world.asked += (world.asked + world.seed) % 2 == 0
    database = world.databases["risk"]
    database.disk_full = True

    def mend() -> None:
        database.disk_full = False

    world.loop.at(world.loop.now_s + FULL_DISK_S, None, mend)


def _next_approval_held(world: World, number: int) -> asyncio.Future[None]:
    """Let the next risk-increasing approval still be under way when the raise arrives."""
    random = Random(f"{world.seed}:verdicts:{number}")
    approved: asyncio.Future[None] = world.loop.create_future()
    since_s = world.loop.now_s

    def disturb(now_s: float, subject: str) -> tuple[float, ...] | None:
        if not subject.startswith("verdicts."):
            return None
        if not approved.done() and now_s < since_s + APPROVAL_S_MAX and _has_approved(world):
            world.loop.at(now_s + HELD_S, None, lambda: remove(disturbances, disturb))
            approved.set_result(None)
        return (random.uniform(0.1, HELD_S),) if approved.done() else None

    disturbances = world.server.wire.disturbances
    disturbances.append(disturb)
    return approved


def _has_approved(world: World) -> bool:
    """Tell whether the last thing that risk has said lets an order add to a position."""
    said = world.databases["risk"].shards["risk/sim"].outbox[-1]
    body = codec.decode(said["headers"].split(" ", 5)[4], said["payload"])
    if not isinstance(body, Verdict) or body.decision != Decision.APPROVED:
        return False
    return body.risk_increasing


async def _notice(world: World, kill: Kill, number: int) -> None:
    """Tell execution itself, again if it dies before the flag is in its file."""
    attempt = 0
    while True:
        life = world.execution.incarnation
        if life.alive and not life.paused and world.execution.shard("execution/sim"):
            attempt += 1
            flag = KillFlag(
                f"flag-{number}-{attempt}",
                kill.scope,
                GateLevel(kill.level),
                "operator",
                "simulated",
            )
            stored = world.execution.throw(flag)
            await asyncio.sleep(POLL_S)
            if stored.done():
                return
        else:
            await asyncio.sleep(POLL_S)


async def ask(world: World, shard: str, call_id: str, body: Body) -> Body:
    """Ask a replica that could lead a shard, with the same id, until there is an answer."""
    while True:
        way = _way_to(world, shard, call_id, body)
        if way is None:
            await asyncio.sleep(POLL_S)
            continue
        process, asking = way
        answer: asyncio.Future[Body] = world.loop.create_future()

        async def ask(asking: Asking = asking, answer: asyncio.Future[Body] = answer) -> None:
            try:
                given = await asking()
            except (OSError, PostgresError):
                return
            if not answer.done():
                answer.set_result(given)

        world.loop.spawn(process.incarnation, ask())
        try:
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            continue


def _way_to(world: World, shard: str, call_id: str, body: Body) -> tuple[Process, Asking] | None:
    """Return a process and how it has the machine answer: every other time it only hands on."""
    world.asked += 1
    standby, found = world.standby(shard), world.leader(shard)
    if standby is not None and ((world.asked + world.seed) % 2 or found is None):
        assert standby.context is not None
        return standby, partial(forward, standby.context.pool, shard, call_id, body)
    if found is not None:
        return found[0], partial(command, found[1], call_id, body)
    return None


async def _confirm(world: World, kill: Kill, number: int) -> None:
    """Ask execution how it stands until all is stored and nothing is open."""
    while True:
        await asyncio.sleep(POLL_S)
        execution = world.execution
        if execution.shard("execution/sim") is None or execution.incarnation.paused:
            continue
        answer: asyncio.Future[list[dict[str, object]]] = world.loop.create_future()

        async def ask(answer: asyncio.Future[list[dict[str, object]]] = answer) -> None:
            given = await world.execution.handover.statuses()
            if not answer.done():
                answer.set_result(given)

        world.loop.spawn(execution.incarnation, ask())
        try:
            async with asyncio.timeout(ANSWER_S):
                documents = await answer
        except TimeoutError:
            continue
        if _is_killed(documents, kill, number):
            kill.confirmed_at_s = world.loop.now_s
            kill.left_open = _open_at_venue(world, kill)
            return


async def _option_sold(world: World) -> None:
    """Return when the venue's account is short of an option."""
    while True:
        book = _book(world)
        if book is not None and any(book.held(symbol) < 0 for symbol in CALLS):
            return
        await asyncio.sleep(POLL_S)


def _book(world: World) -> PaperBook | None:
    """Return the venue's book, unless the venue is down."""
    shard = world.venue_shard()
    if shard is None:
        return None
    machine = shard.engine.machine
    assert isinstance(machine, PaperVenueMachine)
    return machine.book


def _open_at_venue(world: World, kill: Kill) -> tuple[str, ...]:
    """Return what the scope had open at the venue before the raise, and still has."""
    book = _book(world)
    if book is None:
        return ()
    return tuple(
        identity
        for identity, order in book.orders.items()
        if order.is_open
        and not order.resting.specification.reduce_only
        and kill.scope in ("all", "session:sim", "account:sim")
        and world.landed.get(identity, kill.raised_at_s) < kill.raised_at_s
    )


def _is_killed(documents: list[dict[str, object]], kill: Kill, _number: int) -> bool:
    return all(
        document.get("stored")
        and document.get("confirmed")
        and _level(document, kill.scope) >= kill.level
        for document in documents
    )


def _level(document: dict[str, object], scope: str) -> int:
    levels = document.get("levels")
    named = levels.get(scope, "OPEN") if isinstance(levels, dict) else "OPEN"
    return int(GateLevel[named])


async def _lower(world: World, kill: Kill, number: int) -> None:
    """Two principals lower what was raised; refused while anything is unreconciled.

    They leave it shut when a breaker that stands for longer than they stay holds the same scope.
    Every other time somebody raises it again meanwhile: then they look again, and lower that too.
    """
    attempt = 0
    again = _raise_again(world, kill, number)
    while True:
        attempt += 1
        seen_epoch = _look(world, kill.scope)
        tag = f"{number}-{attempt}"
        asked, refused = await _try_to_lower(world, kill.scope, seen_epoch, tag)
        if asked and not refused:
            if again is None:
                return
            await again
            again = None
            continue
        if refused == BREAKER_TRIPPED and attempt >= ATTEMPTS_MAX:
            return
        if not asked and kill.lowered_at_s:
            return  # somebody else has lowered the scope meanwhile
        await asyncio.sleep(1.0)


def _raise_again(world: World, kill: Kill, number: int) -> asyncio.Task[Body] | None:
    """Every other time: let somebody else raise the same scope while two are about to lower it."""
    random = Random(f"{world.seed}:again:{number}")
    if random.random() < 1 / 2:
        return None
    wait_s = random.uniform(0, RAISED_AGAIN_S_MAX)
    order = RaiseGate(
        scope=kill.scope, level=GateLevel(kill.level), principal="watch", reason="not yet"
    )

    async def raise_it() -> Body:
        await asyncio.sleep(wait_s)
        return await ask(world, GATE, f"again-{number}", order)

    return world.loop.create_task(raise_it())


def _look(world: World, scope: str) -> int:
    """Return the epoch of a scope as `GET /v1/gate` shows it: what is committed, whoever leads."""
    rows = world.databases["risk"].shards[GATE].outbox
    events = (codec.decode(row["headers"].split(" ", 5)[4], row["payload"]) for row in rows)
    epochs = [
        event.gate_epoch
        for event in events
        if isinstance(event, GateEvent) and event.action in SHOWN and event.scope == scope
    ]
    return epochs[-1] if epochs else 0


async def _try_to_lower(world: World, scope: str, seen_epoch: int, tag: str) -> tuple[bool, str]:
    """Think, ask and approve; return whether it could be asked for, and why it was not lowered."""
    looked_at_s = world.loop.now_s
    await asyncio.sleep(THOUGHT_S)
    request = RequestLowering(
        scope=scope,
        level=GateLevel.OPEN,
        principal="operator",
        reason="simulated",
        seen_epoch=seen_epoch,
    )
    asked = await ask(world, GATE, f"lower-{tag}", request)
    assert isinstance(asked, GateAnswer)
    world.counts["goal:unseen_raise_kept"] += asked.code == RAISED_SINCE
    if not asked.accepted:
        return False, asked.code
    world.seen_epochs[asked.request_id] = seen_epoch
    noted = _note_asked(world, scope, looked_at_s)
    # One person alone is not enough, and tries.
    alone = ApproveLowering(request_id=asked.request_id, principal="operator")
    await ask(world, GATE, f"alone-{tag}", alone)
    approval = ApproveLowering(request_id=asked.request_id, principal="approver")
    given = await ask(world, GATE, f"approve-{tag}", approval)
    assert isinstance(given, GateAnswer)
    world.counts["goal:unseen_raise_kept"] += given.code == RAISED_SINCE
    for each in noted:
        if given.accepted:
            each.lowered_at_s = each.lowered_at_s or world.loop.now_s
        elif not each.lowered_at_s:
            each.lowering_s = 0.0
    return True, "" if given.accepted else given.code


async def attend_breakers(world: World) -> None:
    """For ever: two principals open what breakers have shut and nobody else wants shut."""
    number = 0
    while True:
        await asyncio.sleep(1.0)
        for scope, seen_epoch in _over(world):
            number += 1
            asked, refused = await _try_to_lower(world, scope, seen_epoch, f"breaker-{number}")
            world.counts["goal:breaker_lowered"] += asked and not refused


def _over(world: World) -> list[tuple[str, int]]:
    """Return what only breakers hold and is over, as the gate says: the scopes and their epochs."""
    found = world.leader(GATE)
    if found is None:
        return []
    machine = found[1].engine.machine
    assert isinstance(machine, GateMachine)
    standing = {kill.scope for kill in world.kills if not kill.lowered_at_s}
    held: dict[str, bool] = {}
    for each in machine.state.breakers.values():
        held[each.scope] = held.get(each.scope, True) and each.over
    scopes = [scope for scope, over in held.items() if over and scope not in standing]
    return [(scope, _look(world, scope)) for scope in scopes]


def _note_asked(world: World, scope: str, looked_at_s: float) -> list[Kill]:
    """Note that a lowering of a scope was asked for; return the raises that it may end.

    Those are what may have been seen: what was raised after somebody has looked stands.
    """
    standing = [
        each
        for each in world.kills
        if each.scope == scope and not each.lowered_at_s and each.raised_at_s <= looked_at_s
    ]
    for each in standing:
        each.lowering_s = world.loop.now_s
    return standing


async def reconcile(world: World) -> None:
    """Have execution compare the account with the venue, and wait for what came of it."""
    await ask(
        world, "execution/sim", f"reconcile-{world.loop.now_s:.3f}", QueryAccount(session="sim")
    )
