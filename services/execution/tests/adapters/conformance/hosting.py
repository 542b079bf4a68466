"""A host for one test: the orders' machine on the wall's clock, at a venue.

It does what the real host does with effects, without journal and bus: requests go to the port and
come back as outcomes, timers fire, and the private stream's reports arrive as messages.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal

import msgspec

from tidegate_chassis.host.errors import PortUnavailable
from tidegate_contracts.execution import Fill, OrderEvent, OrderState, QueryAccount
from tidegate_contracts.risk import Verdict
from tidegate_execution.adapters.ccxt.venue import CcxtVenue
from tidegate_execution.adapters.real_venues import Desk, RealVenue
from tidegate_execution.core.capabilities import VenueKind
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.orders.lifecycle import ENDED_STATES
from tidegate_execution.core.parameters import VenueModel
from tidegate_execution.testing import STRATEGY, bar, execution_parameters, verdict
from tidegate_kernel.machine import (
    Body,
    Called,
    CancelTimer,
    Event,
    Interrupted,
    Publish,
    Replied,
    Request,
    SetTimer,
    TermStarted,
    TimerFired,
    Withheld,
)
from tidegate_kernel.time import NS_PER_SECOND

from .places import Place

# Until "not found" is conclusive: never within a test where ids count for ever.
NOT_FOUND_NS = {True: 3_600 * NS_PER_SECOND, False: NS_PER_SECOND}
RETRY_NS = NS_PER_SECOND // 20
PATIENCE_S = 20.0
UNDERLYING = "AAPL"
UNPROVEN_STATES = (OrderState.PENDING, OrderState.SUBMITTING, OrderState.UNKNOWN)


class WallHost:
    """One session."""

    def __init__(self, place: Place, venue: RealVenue) -> None:
        model = VenueModel(place.ids_unique_for_ever, NOT_FOUND_NS[place.ids_unique_for_ever])
        parameters = execution_parameters(
            lockstep=False,
            session_clock_is_wall=True,
            retry_after_ns=RETRY_NS,
            retry_after_max_ns=RETRY_NS * 4,
            reconcile_every_ns=NS_PER_SECOND,
            venue_model=model,
            venue=place.settings,
            spot=place.kind is not VenueKind.CCXT_BINANCE_USDM,
            exchange=place.name,
            protective_exits=place.protective_exits,
            native_entries=place.native_entries,
        )
        self._terms = 1
        self._under_way: list[Request] = []
        self.machine = ExecutionMachine.restore(parameters, None)
        self.place = place
        self.venue = venue
        self.name, self.session, self.account = "execution/demo", "demo", "demo"
        self.desk = Desk(self, venue)
        self.said: list[object] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: dict[str, asyncio.Future[Body]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    def begin(self) -> None:
        """Listen, lead a term, and hear of the instrument and its price."""
        self.desk.begin()
        self.take(TermStarted(1))
        for listed in self.place.instruments():
            self.take(listed)
            priced = bar(0, (100, 101, 99, 100), listed.symbol)
            self.take(msgspec.structs.replace(priced, venue=self.place.name))

    def order(self, **order: object) -> Verdict:
        """Return an approval of 2 BTC, contracts of 100, or structures of them, at the market."""
        place = self.place
        usual = {"symbol": place.symbol, "venue": place.name, "time_in_force": place.force}
        several = {"symbol": UNDERLYING, "legs": place.legs} if place.legs else {}
        values = {**usual, **several, "quantity": Decimal(2), **order}
        assert isinstance(values["quantity"], Decimal)
        values["quantity"] *= place.units
        return verdict(time.time_ns(), ordinal=0, strategy=STRATEGY, **values)

    def take(self, event: Event) -> None:
        """Handle one event and do what follows from it."""
        for effect in self.machine.handle(event, time.time_ns()):
            if isinstance(effect, Publish):
                self.said.append(effect.body)
            elif isinstance(effect, Request):
                self._under_way.append(effect)
                task = self._loop.create_task(self._make(effect))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif isinstance(effect, SetTimer):
                self._set(effect)
            elif isinstance(effect, CancelTimer):
                self._forget(effect.name)
            elif effect.call_id in self._answers:
                self._answers[effect.call_id].set_result(effect.body)
        self._changed.set()

    async def restart(self) -> None:
        """Die between two events and come back as a new leader, from the journal.

        What was asked of the venue may have arrived or not; nobody hears its answer any more.
        """
        lost = list(self._under_way)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._under_way.clear()
        snapshot = self.machine.snapshot()
        self.machine = ExecutionMachine.restore(self.machine.parameters, snapshot)
        assert self.machine.snapshot() == snapshot
        self._terms += 1
        self.take(TermStarted(self._terms))
        for request in lost:
            self.take(Interrupted(request.port, request.body))

    async def _make(self, request: Request) -> None:
        await self._answer(request)
        self._under_way.remove(request)

    async def _answer(self, request: Request) -> None:
        try:
            answer = await self.venue.port.call(request.body, "r")
        except PortUnavailable as error:
            self.take(Withheld(request.port, request.body, "PORT_UNAVAILABLE", str(error)))
        except Exception:  # noqa: BLE001 - as the host does: nothing is proven
            self.take(Interrupted(request.port, request.body))
        else:
            self.take(Replied(request.port, request.body, answer))

    def _set(self, timer: SetTimer) -> None:
        self._forget(timer.name)
        delay_s = max(timer.at_ns - time.time_ns(), 0) / NS_PER_SECOND
        fired = TimerFired(timer.name, timer.at_ns)
        self._timers[timer.name] = self._loop.call_later(delay_s, self.take, fired)

    def _forget(self, name: str) -> None:
        if name in self._timers:
            self._timers.pop(name).cancel()

    async def call(self, call_id: str, body: Body) -> Body:
        """Have the machine answer a command; a known one is answered again."""
        if call_id not in self._answers:
            self._answers[call_id] = self._loop.create_future()
            self.take(Called(call_id, body))
        return await asyncio.shield(self._answers[call_id])

    def states(self) -> list[OrderState]:
        """Return the states that orders went through."""
        return [each.state for each in self.said if isinstance(each, OrderEvent)]

    def endings(self) -> list[OrderState]:
        """Return how orders have ended."""
        return [state for state in self.states() if state in ENDED_STATES]

    def fills(self) -> list[Fill]:
        """Return what was booked."""
        return [each for each in self.said if isinstance(each, Fill)]

    async def until_state(self, state: OrderState) -> None:
        """Wait until an order has come to a state."""
        async with asyncio.timeout(PATIENCE_S):
            while state not in self.states():
                self._changed.clear()
                await self._changed.wait()

    async def until_reconciled(self) -> None:
        """Wait until the account agrees."""
        await self.until(lambda: self.machine._state.reconciliation.reconciled)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def until_taken(self) -> None:
        """Wait until it is proven what became of the newest order: open, filled or refused."""
        async with asyncio.timeout(PATIENCE_S):
            while self._newest_state() in UNPROVEN_STATES:
                self._changed.clear()
                await self._changed.wait()

    def _newest_state(self) -> OrderState:
        events = [each for each in self.said if isinstance(each, OrderEvent)]
        newest = list(dict.fromkeys((each.signal_key, each.leg) for each in events))[-1]
        return [each.state for each in events if (each.signal_key, each.leg) == newest][-1]

    async def until_ended(self, count: int) -> None:
        """Wait until so many orders have ended."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.endings()) < count:
                self._changed.clear()
                await self._changed.wait()

    async def until_agreed(self) -> None:
        """Have the account compared until nothing has changed meanwhile; it must agree."""
        known = self.machine._state.reconciliation
        async with asyncio.timeout(PATIENCE_S):
            await self.call(f"compare-{time.time_ns()}", QueryAccount(session=self.session))
            while known.again or known.asking or known.asked_n != self.machine._state.changes:
                self._changed.clear()
                await self._changed.wait()
        assert known.reconciled, known.problem

    async def end(self) -> None:
        """Do nothing any more, and leave no connection behind."""
        for timer in self._timers.values():
            timer.cancel()
        ended = list(self._tasks)
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        self.desk.end()
        if isinstance(self.venue, CcxtVenue) and self.venue.closing is not None:
            await self.venue.closing
