"""A lockstep session ends the same whatever dies on the way."""

import asyncio
import random

import pytest

from tidegate_chassis.host.engine import Bookkeeping, Engine
from tidegate_chassis.host.inputs import Input, InputKind

from .conftest import Start, ToySession
from .toys import MINUTE_NS, ToyBooks, ToyFeed, ToyParameters, ToySignals, ToySource

pytestmark = [pytest.mark.real]
MINUTES = 240


async def test_a_session_plays_to_its_end(toy_session: Start) -> None:
    """Every bar is counted and every signal is booked in the instant of its bar."""
    session = await toy_session(30)
    heads = await session.finish()
    assert heads[f"market-data/replay-{session.name}"][0] == 62
    assert heads[f"signals/{session.name}/0"][0] == 20
    assert heads[f"portfolio/{session.name}"][0] == 20


def _alone(session: str) -> dict[str, tuple[int, bytes]]:
    """Return the heads of the same session, computed by the engines alone, without any host."""
    feed, signals, books = (
        Engine(name, machine(ToyParameters(), 0), Bookkeeping(), frozenset())
        for name, machine in (
            (f"market-data/replay-{session}", ToyFeed),
            (f"signals/{session}/0", ToySignals),
            (f"portfolio/{session}", ToyBooks),
        )
    )
    for batch in ToySource(MINUTES, session).batches(0):
        at_ns = getattr(batch, "instant_ns", 0) or getattr(batch, "at_ns", 0)
        for bar in feed.take(Input(InputKind.MESSAGE, batch), at_ns).outgoing:
            for signal in signals.take(Input(InputKind.MESSAGE, bar.body), at_ns).outgoing:
                books.take(Input(InputKind.MESSAGE, signal.body), at_ns)
    return {
        channel: head
        for engine in (feed, signals, books)
        for channel, head in engine.books.heads.items()
    }


@pytest.mark.timeout(120)
@pytest.mark.parametrize("victim", [0, 1, 2])
async def test_a_shard_killed_twice_is_taken_up_where_it_was(
    toy_session: Start, victim: int
) -> None:
    """Its journal, its outbox and the repeated reports bring the same end.

    Takes over 5 s because a lease must run out before a shard can be led anew.
    """
    session = await toy_session(MINUTES)
    chance = random.Random(victim)
    for _ in range(2):
        await asyncio.sleep(chance.uniform(0.05, 0.3))
        await session.processes[victim].die()
        await session.processes[victim].start()
    heads = await session.finish()
    assert heads[f"signals/{session.name}/0"][0] == MINUTES * 2 // 3
    assert heads[f"portfolio/{session.name}"][0] == MINUTES * 2 // 3
    assert heads == _alone(session.name)
    await _every_price_is_journalled_in_its_instant(session)


async def _every_price_is_journalled_in_its_instant(session: ToySession) -> None:
    """Also those that died with a process which had reported them already."""
    signals = session.processes[1]
    await signals.shard.drain()
    await signals.task
    rows = await signals.pool.fetch(
        "select k, instant_ns, round from journal where shard = $1 and kind = 1 order by n",
        signals.definition.shard,
    )
    places = [(row["k"], row["instant_ns"], row["round"]) for row in rows]
    assert places == [(k, (k + 1) // 2 * MINUTE_NS, 0) for k in range(1, 2 * MINUTES + 1)]
