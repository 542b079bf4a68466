"""The virtual loop: time moves only when nothing else can, processes die and pause."""

import asyncio

from tidegate_lab.simulate.loop import Incarnation, VirtualLoop


async def _count(loop: VirtualLoop, seen: list[float]) -> None:
    while True:
        await asyncio.sleep(1.0)
        seen.append(loop.now_s)


def _run(loop: VirtualLoop, seconds: float) -> None:
    async def wait() -> None:
        await asyncio.sleep(seconds)

    loop.run_until_complete(wait())
    loop.forget()


def test_an_hour_of_waiting_takes_no_time() -> None:
    """The clock is the loop's own and jumps to whatever is due next."""
    loop = VirtualLoop()
    seen: list[float] = []
    loop.spawn(Incarnation("one", 1), _count(loop, seen))
    _run(loop, 3_600.5)
    assert seen == [float(second) for second in range(1, 3_601)]


def test_a_dead_process_does_nothing_any_more() -> None:
    """What a killed process had waited for never happens."""
    loop, incarnation = VirtualLoop(), Incarnation("one", 1)
    seen: list[float] = []
    loop.spawn(incarnation, _count(loop, seen))

    def kill() -> None:
        incarnation.alive = False

    loop.at(2.5, None, kill)
    _run(loop, 10.0)
    assert seen == [1.0, 2.0]


def test_a_paused_process_goes_on_where_it_was() -> None:
    """What came due meanwhile happens when it wakes, late."""
    loop, incarnation = VirtualLoop(), Incarnation("one", 1)
    seen: list[float] = []
    loop.spawn(incarnation, _count(loop, seen))

    def pause() -> None:
        incarnation.paused = True

    loop.at(1.5, None, pause)
    loop.at(5.25, None, lambda: loop.wake(incarnation))
    _run(loop, 7.0)
    assert seen == [1.0, 5.25, 6.25]
