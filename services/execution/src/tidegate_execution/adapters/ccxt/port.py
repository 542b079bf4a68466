"""The venue's port: submit, cancel, query, account.

1. An exchange's id counts among open orders only, so nothing is sent twice: what is not proven is
   asked about until "not found" is conclusive.
2. That needs a late call to be refused. Where the exchange signs a time (Binance), the signed time
   follows from the journalled `send_by`, not from the clock at the call: once it has passed, the
   exchange itself refuses.
3. After 418 or 429 nothing but cancels leaves for as long as the exchange says, and before that
   nothing that the account's budget does not hold.
4. At Binance's contracts an order that waits for a trigger is in another book until then. An id is
   looked for in both, the matching engine first: what is triggered in between is found there by the
   number that the other says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from tidegate_chassis.host import crash
from tidegate_chassis.host.errors import PortUnavailable
from tidegate_chassis.venues.budget import Budget
from tidegate_chassis.venues.exchanges import BINANCE
from tidegate_contracts.execution import (
    CancelAnswered,
    CancelOrder,
    OrderAccepted,
    OrderRejected,
    OutcomeUnknown,
    QueryAccount,
    QueryOrder,
    SubmitOrder,
    VenueAccount,
    VenueEntry,
    VenueHolding,
    VenueOrder,
)
from tidegate_execution.adapters.ccxt.algo_service import AlgoService, became, waiting_order
from tidegate_execution.adapters.ccxt.completeness import (
    CONTRACT_TRADE,
    ORDER,
    PLACED,
    PLACED_TO_WAIT,
    SPOT_TRADE,
    require,
    require_balances,
)
from tidegate_execution.adapters.ccxt.income import Income
from tidegate_execution.adapters.ccxt.orders import (
    NS_PER_MS,
    SIDES,
    TYPES,
    Document,
    exact,
    execution_of,
    parameters_of,
    text,
    venue_order,
)
from tidegate_execution.adapters.ccxt.outcomes import Limited, NotFound, NotSent, Refused, Unproven
from tidegate_execution.adapters.costs import A_PAGE_OF_INCOME, GUESSED, Costs
from tidegate_execution.adapters.doubtful import in_doubt
from tidegate_execution.core.capabilities import TRIGGERED
from tidegate_execution.core.reasons import Code

if TYPE_CHECKING:
    from tidegate_execution.adapters.ccxt.client import Client
    from tidegate_kernel.machine import Body

Answer = TypeVar("Answer")
DEADLINE_S = 10.0
UNREAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What ccxt fails with over an answer that is not what it knows."""
RECEIVE_WINDOW_MS = 2_000
SIGNS_A_TIME = ("binance",)


@dataclass
class CcxtPort:
    """Implements `tidegate_chassis.host.definition.Port` for one account."""

    client: Client
    session: str
    exchange: str
    contracts: bool
    symbols: tuple[str, ...]
    deadline_s: float = DEADLINE_S
    # Told of every order that was taken: the private stream must speak of it soon.
    on_accepted: Callable[[str], None] = lambda _: None
    repeat_safe: bool = False
    budget: Budget = field(default_factory=lambda: Budget("", ()))
    costs: Costs = field(default_factory=lambda: GUESSED)
    # Where orders wait for a trigger, if not in the matching engine itself.
    algo: AlgoService | None = None

    def __post_init__(self) -> None:
        """Know where orders wait."""
        if self.contracts and self.exchange == BINANCE:
            self.algo = AlgoService(self.client, self._bounded, self._spend)

    @property
    def kind(self) -> dict[str, object]:
        """What ccxt is told wherever no symbol says it: its defaults mean spot now and then."""
        return {"type": "swap" if self.contracts else "spot"}

    async def call(self, request: Body, request_id: str) -> Body:
        """Make the request; raises `PortUnavailable` only when it provably did not leave."""
        del request_id
        try:
            if isinstance(request, SubmitOrder):
                return await self._submit(request)
            if isinstance(request, CancelOrder):
                return await self._cancel(request)
            if isinstance(request, QueryOrder):
                return await self.query(request.client_order_id, request.symbol)
            assert isinstance(request, QueryAccount), type(request).__name__
            return await self._account(request.entries_since_ns)
        except NotSent as error:
            raise PortUnavailable(str(error)) from None

    async def _bounded(self, call: Awaitable[Answer]) -> Answer:
        """Return an answer within the deadline; how else it can end is one of `outcomes`."""
        from ccxt import BaseError, NetworkError

        try:
            async with asyncio.timeout(self.deadline_s):
                return await call
        except TimeoutError:
            raise Unproven(f"no answer within {self.deadline_s:g} s") from None
        except Limited as error:
            await self.budget.pause(error.seconds)
            raise
        except NetworkError as error:
            raise _of_network(error) from None
        except BaseError as error:
            raise Unproven(type(error).__name__) from None
        except UNREAD as error:
            raise Unproven(
                f"ccxt cannot read the answer: {type(error).__name__}: {error}"
            ) from None

    async def _spend(self, request: type[Body]) -> None:
        """Spend what a request costs; `NotSent` when the account may not ask for it now."""
        await self._spend_costs(self.costs.get(request, {}), cancels=request is CancelOrder)

    async def _spend_costs(self, costs: Mapping[str, int], *, cancels: bool) -> None:
        wait_s = await self.budget.spend(costs, cancels=cancels)
        if wait_s:
            raise NotSent(f"RATE_BUDGET: the account may ask again in {wait_s:.1f} s")

    async def _submit(self, request: SubmitOrder) -> Body:
        specification = request.specification
        client_order_id = specification.client_order_id
        await self._spend(SubmitOrder)
        parameters = parameters_of(specification, contracts=self.contracts) | self._timed(request)
        price = specification.limit_price
        crash.visit("before_send")
        try:
            taken: Document = await self._bounded(
                self.client.create_order(
                    specification.symbol,
                    TYPES[specification.order_type],
                    SIDES[specification.side],
                    float(specification.quantity),
                    None if price is None else float(price),
                    parameters,
                )
            )
            waits = self.algo is not None and specification.order_type in TRIGGERED
            require(self.exchange, taken, PLACED_TO_WAIT if waits else PLACED)
            venue_order_id = text(taken, "id")
        except Refused as refused:
            passed = refused.passed and specification.order_type in TRIGGERED
            theirs = f"{self.exchange.upper()}_{str(refused.code).lstrip('-')}"
            return OrderRejected(
                client_order_id=client_order_id,
                code=Code.TRIGGER_PASSED if passed else theirs,
                reason=refused.reason,
                event_at_ns=time.time_ns(),
            )
        except Unproven as error:
            return OutcomeUnknown(client_order_id=client_order_id, reason=str(error))
        self.on_accepted(client_order_id)
        return OrderAccepted(
            client_order_id=client_order_id,
            venue_order_id=venue_order_id,
            event_at_ns=time.time_ns(),
        )

    def _timed(self, request: SubmitOrder) -> dict[str, object]:
        """Return the signed time by which the exchange refuses what comes after `send_by`."""
        if not request.send_by_ns or not self.exchange.startswith(SIGNS_A_TIME):
            return {}
        if time.time_ns() > request.send_by_ns:
            raise NotSent("SEND_BY_PASSED: its time was over before it could be sent")
        offset_ms = int(self.client.options.get("timeDifference") or 0)
        latest_ms = request.send_by_ns // NS_PER_MS - offset_ms
        return {"timestamp": latest_ms - RECEIVE_WINDOW_MS, "recvWindow": RECEIVE_WINDOW_MS}

    async def _cancel(self, request: CancelOrder) -> CancelAnswered:
        by_id = {"clientOrderId": request.client_order_id}
        await self._spend(CancelOrder)
        try:
            await self._bounded(self.client.cancel_order(None, request.symbol, by_id))
        except NotFound as error:
            if not await self._cancel_waiting(request):
                return CancelAnswered(
                    client_order_id=request.client_order_id, accepted=False, reason=error.reason
                )
        except Refused as refused:
            raise Unproven(f"the cancel was refused: {refused}") from None
        return CancelAnswered(client_order_id=request.client_order_id, accepted=True)

    async def _cancel_waiting(self, request: CancelOrder) -> bool:
        if self.algo is None:
            return False
        return await self.algo.cancel(request.client_order_id, request.symbol)

    async def query(self, client_order_id: str, symbol: str) -> VenueOrder:
        """Return the exchange's whole knowledge of an order, its executions included."""
        await self._spend(QueryOrder)
        order = await self._find(None, symbol, {"clientOrderId": client_order_id})
        if order is not None:
            if order.get("clientOrderId") != client_order_id:
                raise Unproven("the answer is about another order")
            return await self._with_executions(order, symbol)
        waiting = None if self.algo is None else await self.algo.find(client_order_id, symbol)
        if waiting is None:
            return VenueOrder(client_order_id=client_order_id, found=False)
        number = became(waiting)
        if not number:
            return waiting_order(waiting, self.exchange)
        order = await self._find(number, symbol, {})
        if order is None or order.get("id") != number:
            raise Unproven(f"expected order {number}, which it has become, found none")
        return await self._with_executions({**order, "clientOrderId": client_order_id}, symbol)

    async def _find(
        self, number: str | None, symbol: str, more: dict[str, object]
    ) -> Document | None:
        """Return an order of the matching engine; None when it knows no such order."""
        try:
            order: Document = await self._bounded(self.client.fetch_order(number, symbol, more))
        except NotFound:
            return None
        except Refused as refused:
            raise Unproven(f"the query was refused: {refused}") from None
        require(self.exchange, order, ORDER)
        return order

    async def _with_executions(self, order: Document, symbol: str) -> VenueOrder:
        order_id = text(order, "id")
        trades = []
        if exact(order.get("filled"), "filled"):
            of_it = {"orderId": order_id}
            trades = await self._read(self.client.fetch_my_trades(symbol, None, None, of_it))
        for each in trades:
            require(self.exchange, each, CONTRACT_TRADE if self.contracts else SPOT_TRADE)
        ours = [each for each in trades if each.get("order") == order_id]
        executions = tuple(execution_of(each, order_id) for each in ours)
        return venue_order(order, self.exchange, executions)

    async def owner_of(self, order: Document) -> str:
        """Return under which id an order is known here; `NotNamed` where that is not known yet."""
        if self.algo is None:
            return text(order, "clientOrderId")
        return await self.algo.owner_of(order)

    async def _account(self, entries_since_ns: int) -> VenueAccount:
        await self._spend(QueryAccount)
        asked_ns = time.time_ns()
        balance = await self._read(self.client.fetch_balance(self.kind))
        require_balances(self.exchange, balance, contracts=self.contracts)
        listed = await self._read(self.client.fetch_open_orders(None, None, None, self.kind))
        opened = [await self._open_order(each) for each in listed]
        # Asked for later: what is triggered in between is in neither, and is asked about by its id.
        waiting = [] if self.algo is None else await self.algo.waiting(self.kind)
        opened += [self._waiting_order(each) for each in waiting]
        money = self.client.market(self.symbols[0])["quote"]
        return VenueAccount(
            session=self.session,
            open_orders=tuple(opened),
            holdings=tuple(await self._holdings(balance)),
            currency=str(money),
            cash=_total(balance, money),
            event_at_ns=asked_ns,
            # Last of all: what is held was read before it.
            entries=await self._entries(entries_since_ns),
        )

    async def _entries(self, since_ns: int) -> tuple[VenueEntry, ...]:
        """Return what the exchange has booked by itself, as far as it is known how to ask."""
        if not (since_ns and self.contracts and self.exchange.startswith(BINANCE)):
            return ()
        income = Income(self.client, self._read, self._spend_page, self.session, self.exchange)
        return await income.since(since_ns)

    async def _spend_page(self) -> None:
        await self._spend_costs(A_PAGE_OF_INCOME, cancels=False)

    async def _open_order(self, order: Document) -> VenueOrder:
        """Return an open order; of one that cannot be read, which it is: it alone is in doubt."""
        try:
            require(self.exchange, order, ORDER)
            found = venue_order(order, self.exchange)
        except Unproven as error:
            return in_doubt(order.get("clientOrderId"), order.get("id"), error)
        owner = await self.owner_of(order)
        return found if owner == found.client_order_id else replace(found, client_order_id=owner)

    def _waiting_order(self, order: Document) -> VenueOrder:
        try:
            return waiting_order(order, self.exchange)
        except Unproven as error:
            return in_doubt(order.get("clientOrderId"), order.get("id"), error)

    async def _holdings(self, balance: Document) -> list[VenueHolding]:
        held: dict[str, Decimal] = {}
        if self.contracts:
            for position in await self._read(self.client.fetch_positions()):
                size = exact(position.get("contracts"), "contracts")
                sign = -1 if position.get("side") == "short" else 1
                held[text(position, "symbol")] = size * sign
        else:
            for symbol in self.symbols:
                held[symbol] = _total(balance, self.client.market(symbol)["base"])
        return [VenueHolding(symbol=s, quantity=held[s]) for s in sorted(held) if held[s]]

    async def _read(self, call: Awaitable[Any]) -> Any:  # noqa: ANN401 - ccxt has no types
        try:
            return await self._bounded(call)
        except Refused as refused:
            raise Unproven(f"the question was refused: {refused}") from None


def _total(balance: Document, currency: str) -> Decimal:
    found = balance.get(currency)
    return exact(found["total"], currency) if found else Decimal(0)


def _of_network(error: Exception) -> NotSent | Unproven:
    """Return whether a broken connection had carried anything: one that was never made had not."""
    from aiohttp import ClientConnectorError

    if isinstance(error.__cause__, ClientConnectorError):
        return NotSent("no connection to the exchange could be made")
    return Unproven(type(error).__name__)
