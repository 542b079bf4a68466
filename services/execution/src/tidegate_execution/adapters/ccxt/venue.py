"""One exchange for one session: client, port and private stream, put together.

The private stream only rings: whatever it says of an order, the order is asked for by its id, and
what the answer proves is told. So fills have the same ids wherever they were heard of, and any
exchange of ccxt will do. After an order was taken the stream must ring within 5 s.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import structlog

from tidegate_chassis.venues.budget import Budget, Limit
from tidegate_chassis.venues.errors import Misconfigured
from tidegate_chassis.venues.exchanges import BINANCE, Access
from tidegate_execution.adapters.ccxt.algo_service import NotNamed
from tidegate_execution.adapters.ccxt.client import client_of
from tidegate_execution.adapters.ccxt.orders import reports_of
from tidegate_execution.adapters.ccxt.outcomes import ExchangeOutcome
from tidegate_execution.adapters.ccxt.port import CcxtPort
from tidegate_execution.adapters.confirmation import VARIABLE, confirm_live
from tidegate_execution.adapters.costs import (
    BINANCE_CONTRACTS,
    BINANCE_SPOT,
    guessed,
    name_of,
    published,
    server_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tidegate_chassis.configuration.environment import Environment
    from tidegate_chassis.configuration.models import Session
    from tidegate_contracts.execution import VenueReport
    from tidegate_execution.adapters.ccxt.client import Client
    from tidegate_execution.adapters.ccxt.orders import Document

LOG = structlog.get_logger("ccxt")
MUTE_AFTER_S = 5.0
LISTENS_AFTER_S = 1.0
LOOK_S = 1.0
RETRY_S = 1.0
OPEN_PATIENCE_S = 30.0


@dataclass
class CcxtVenue:
    """Implements `tidegate_execution.adapters.real_venues.RealVenue`."""

    session: str
    live: bool
    confirmed: str | None
    access: Access
    port: CcxtPort
    # The stream has a client of its own: beginning it anew must not break requests under way.
    streaming: Client
    # ccxt does not say when a subscription stands.
    listens_after_s: float = LISTENS_AFTER_S
    _awaited: dict[str, float] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _listening: asyncio.Task[None] | None = None
    closing: asyncio.Task[None] | None = None

    @classmethod
    def from_environment(cls, session: Session, environment: Environment, *, live: bool) -> Self:
        """Put it together; nothing is connected. `Misconfigured` if something does not fit."""
        feed = session.feed
        assert feed.exchange is not None, "a feed of kind ccxt names one"
        place = (feed.exchange, feed.market)
        access = Access.from_environment(place, environment, testnet=not live)
        contracts = feed.market == "usdm"
        port = CcxtPort(
            client_of(access), session.name, access.exchange, contracts, session.symbols
        )
        name = name_of(f"{access.exchange}-{feed.market}", access.name)
        port.budget = Budget.at(server_of(environment), name, guessed(port.client.rateLimit))
        if access.exchange == BINANCE:
            port.costs = BINANCE_CONTRACTS if contracts else BINANCE_SPOT
        confirmed = environment.get(VARIABLE)
        return cls(session.name, live, confirmed, access, port, client_of(access))

    @property
    def budget(self) -> Budget:
        """What the account may still ask."""
        return self.port.budget

    async def open(self) -> None:
        """Learn the markets; for a live session, see that the account is the one that is meant."""
        await self._learn(time.monotonic() + OPEN_PATIENCE_S)
        if self.access.exchange == BINANCE:
            self.port.budget.limits = await self._published()
        if self.live:
            confirm_live(self.confirmed, await self._account_number())

    async def _published(self) -> tuple[Limit, ...]:
        """Return the limits that Binance publishes; `Misconfigured` if there are none."""
        client = self.port.client
        if self.port.contracts:
            found = published(await client.fapiPublicGetExchangeInfo())
        else:
            symbol = client.market(self.port.symbols[0])["id"]
            found = published(await client.publicGetExchangeInfo({"symbol": symbol}))
        if not found:
            raise Misconfigured("expected rateLimits in the exchange's exchangeInfo, found none")
        return found

    async def _learn(self, until_s: float) -> None:
        """Learn the markets; the exchange has some time to answer."""
        try:
            await self.port.client.load_markets()
        except Exception as error:
            if time.monotonic() > until_s:
                raise
            LOG.warning("the exchange does not answer yet", error=type(error).__name__)
            await asyncio.sleep(RETRY_S)
            await self._learn(until_s)

    async def _account_number(self) -> str:
        """Return what the exchange calls the account: a user's number, or a contracts' alias."""
        information: Any = (await self.port.client.fetch_balance(self.port.kind))["info"]
        first = information[0] if isinstance(information, list) and information else information
        found = first.get("uid") or first.get("accountAlias") if isinstance(first, dict) else None
        if not found and self.port.client.has.get("fetchAccounts"):
            found = (await self.port.client.fetch_accounts())[0]["id"]
        if not found:
            message = "expected an exchange that reports the account's number"
            raise Misconfigured(f"{message}, found none at {self.access.exchange}: no live session")
        return str(found)

    def follow(
        self, tell: Callable[[VenueReport, str], None], ask_again: Callable[[str], None]
    ) -> None:
        """Listen to the private stream; both are called from this loop."""
        self.port.on_accepted = self._expect
        self._ask_again = ask_again
        self._tell = tell
        self._begin()

    def _expect(self, client_order_id: str) -> None:
        self._awaited.setdefault(client_order_id, time.monotonic() + MUTE_AFTER_S)

    def _begin(self) -> None:
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def _listen(self) -> None:
        """For ever: hear that something has happened to orders."""
        asked = self._keep(self._ask_when_it_listens())
        while True:
            try:
                for order in await self.streaming.watch_orders(None, None, None, self.port.kind):
                    self._awaited.pop(str(order.get("clientOrderId")), None)
                    if self.port.algo is not None:
                        self.port.algo.hear(order)
                    self._keep(self._ring(order))
            except Exception as error:  # noqa: BLE001 - the stream must not end: begin anew
                shown = str(error) if isinstance(error, ExchangeOutcome) else type(error).__name__
                LOG.warning("the stream broke", error=shown)
                await asyncio.sleep(RETRY_S)
                asked.cancel()
                asked = self._keep(self._ask_when_it_listens())

    async def _ask_when_it_listens(self) -> None:
        """Nothing is replayed: once the subscription stands, the account is to be compared."""
        await asyncio.sleep(self.listens_after_s)
        self._ask_again("the stream was begun anew")

    async def _ring(self, heard: Document) -> None:
        try:
            client_order_id = await self._owner_of(heard)
            order = await self.port.query(client_order_id, str(heard["symbol"]))
            reports = reports_of(order, self.session) if order.found else []
        except ExchangeOutcome as error:
            LOG.warning("an order that moved was not found out about", error=str(error))
            self._ask_again(f"an update could not be followed: {error}")
            return
        for report in reports:
            part = report.kind.name if report.execution is None else report.execution.execution_id
            self._tell(report, f"{order.venue_order_id}:{part}")

    async def _owner_of(self, heard: Document) -> str:
        """Return under which id an order is known here; that may take the exchange a moment."""
        try:
            return await self.port.owner_of(heard)
        except NotNamed:
            await asyncio.sleep(RETRY_S)
            return await self._owner_of(heard)

    async def watch(self) -> None:
        """For ever: begin anew when the stream has gone mute."""
        while True:
            await asyncio.sleep(LOOK_S)
            now_s = time.monotonic()
            overdue = sorted(each for each, until_s in self._awaited.items() if now_s > until_s)
            if overdue:
                self._awaited.clear()
                LOG.warning("the stream is mute, connecting anew", orders=overdue)
                self._ask_again("the stream did not speak of an order that the venue has taken")
                await self._begin_anew()

    async def _begin_anew(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        mute, self.streaming = self.streaming, client_of(self.access)
        self._begin()
        await mute.close()

    def _keep(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)
        return task

    def close(self) -> None:
        """Listen no more, and let go of connections: `closing` ends when they are gone."""
        try:
            self.closing = asyncio.get_running_loop().create_task(self._close())
        except RuntimeError:
            return  # no loop runs, so nothing was connected

    async def _close(self) -> None:
        ended = [*self._tasks, *([self._listening] if self._listening else [])]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        for client in (self.port.client, self.streaming):
            await client.close()
        await self.port.budget.close()
