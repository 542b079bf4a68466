"""The venue's port: submit, cancel, query, account.

Only a provable refusal is a rejection. A client id that is taken already is none: the order may be
the one that is asked for, sent before, so nothing is proven and it will be queried.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host import crash
from tidegate_chassis.host.errors import PortUnavailable
from tidegate_chassis.venues.budget import Budget
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
    VenueOrder,
)
from tidegate_execution.adapters.alpaca import choices
from tidegate_execution.adapters.alpaca.activities import Activities
from tidegate_execution.adapters.alpaca.attached import exits_of, is_of_both
from tidegate_execution.adapters.alpaca.executions import executions_of
from tidegate_execution.adapters.alpaca.failures import Limited, NotSent, Refused, Unproven
from tidegate_execution.adapters.alpaca.fields import document_of, text_of, time_ns_of
from tidegate_execution.adapters.alpaca.orders import (
    changed,
    posted,
    units_counted,
    unpostable,
    venue_order,
)
from tidegate_execution.adapters.alpaca.structures import is_structure
from tidegate_execution.adapters.costs import A_PAGE, ALPACA
from tidegate_execution.core.orders.attached import entry_of
from tidegate_execution.core.orders.choices import is_choice
from tidegate_execution.core.reasons import Code

if TYPE_CHECKING:
    from tidegate_execution.adapters.alpaca.account import Accounts
    from tidegate_execution.adapters.alpaca.client import AlpacaClient
    from tidegate_execution.adapters.alpaca.deadlines import Deadlines
    from tidegate_execution.adapters.alpaca.fields import Document
    from tidegate_kernel.machine import Body

NOT_FOUND = 404
UNPROCESSABLE = 422
IDS_REMEMBERED = 10_000
Guard = Callable[["Body", int], "tuple[str, str] | None"]


@dataclass
class AlpacaPort:
    """Implements `tidegate_chassis.host.definition.Port` for one account."""

    client: AlpacaClient
    accounts: Accounts
    deadlines: Deadlines
    venue: str
    # Asked once more in the thread, right before the socket: a thread may have had to wait.
    guard: Guard | None = None
    # Told of every order that was taken: the private stream must speak of it soon.
    on_accepted: Callable[[str], None] = lambda _: None
    repeat_safe: bool = False
    budget: Budget = field(default_factory=lambda: Budget("", ()))
    _ids: OrderedDict[str, str] = field(default_factory=OrderedDict)

    async def call(self, request: Body, request_id: str) -> Body:
        """Make the request; raises `PortUnavailable` only when it provably did not leave."""
        del request_id
        try:
            return await self._call(request)
        except Limited as error:
            await self.budget.pause(error.seconds)
            raise
        except NotSent as error:
            raise PortUnavailable(str(error)) from None

    async def _spend(self, request: Body) -> None:
        """Spend what a request costs; `NotSent` when the account may not ask for it now."""
        cancels = isinstance(request, CancelOrder)
        await self._spend_costs(ALPACA.get(type(request), {}), cancels=cancels)

    async def _spend_costs(self, costs: Mapping[str, int], *, cancels: bool) -> None:
        wait_s = await self.budget.spend(costs, cancels=cancels)
        if wait_s:
            raise NotSent(f"RATE_BUDGET: the account may ask again in {wait_s:.1f} s")

    async def _call(self, request: Body) -> Body:
        await self._spend(request)
        if isinstance(request, SubmitOrder):
            return await self._submit(request)
        if isinstance(request, CancelOrder):
            return await self.deadlines.run(lambda: self._cancel(request), cancels=True)
        if isinstance(request, QueryOrder):
            return await self.deadlines.run(lambda: self._query(request.client_order_id))
        assert isinstance(request, QueryAccount), type(request).__name__
        return await self._account(request.entries_since_ns)

    async def _account(self, entries_since_ns: int) -> VenueAccount:
        """Read what is held, and after it what the venue has booked by itself."""
        account = await self.deadlines.run(lambda: self.accounts.read(time.time_ns()))
        if not entries_since_ns:
            return account
        session, venue = self.accounts.session, self.venue
        activities = Activities(self.client, self.deadlines, self._spend_page, session, venue)
        entries = await activities.since(entries_since_ns)
        return msgspec.structs.replace(account, entries=entries)

    async def _spend_page(self) -> None:
        await self._spend_costs(A_PAGE, cancels=False)

    async def _submit(self, request: SubmitOrder) -> Body:
        specification = request.specification
        client_order_id = specification.client_order_id
        if fault := unpostable(specification, request.exits):
            return OrderRejected(
                client_order_id=client_order_id,
                code="ALPACA_WOULD_REFUSE",
                reason=fault,
                event_at_ns=time.time_ns(),
            )
        try:
            answer = await self.deadlines.run(lambda: self._post(request))
            taken = _about(answer, client_order_id)
            venue_order_id, at_ns = text_of(taken, "id"), time_ns_of(taken, "created_at")
            self.accounts.learn(taken)
        except Refused as refused:
            return _rejected(request, refused)
        except Unproven as error:
            if isinstance(error, Limited):
                await self.budget.pause(error.seconds)
            return OutcomeUnknown(client_order_id=client_order_id, reason=str(error))
        self._remember(client_order_id, venue_order_id)
        self.on_accepted(client_order_id)
        return OrderAccepted(
            client_order_id=client_order_id, venue_order_id=venue_order_id, event_at_ns=at_ns
        )

    def _post(self, request: SubmitOrder) -> object:
        self.client.prepare()
        self._check_again(request)
        crash.visit("before_send")
        return self.client.post("/orders", posted(request.specification, request.exits))

    def _check_again(self, request: SubmitOrder) -> None:
        now_ns = time.time_ns()
        if request.send_by_ns and now_ns > request.send_by_ns:
            raise NotSent("SEND_BY_PASSED: its time was over before a thread could send it")
        held = self.guard(request, now_ns) if self.guard and request.risk_increasing else None
        if held is not None:
            raise NotSent(f"{held[0]}: {held[1]}")

    def _cancel(self, request: CancelOrder) -> CancelAnswered:
        client_order_id = request.client_order_id
        try:
            if entry_of(client_order_id):
                return self._cancel_exits(client_order_id)
            venue_order_id = self._ids.get(client_order_id) or self._find_id(client_order_id)
            self.client.delete(f"/orders/{venue_order_id}")
        except Refused as refused:
            if refused.status not in (NOT_FOUND, UNPROCESSABLE):
                raise Unproven(f"the cancel was refused: {refused}") from None
            if refused.status == UNPROCESSABLE and self._cancel_stop(client_order_id):
                return CancelAnswered(client_order_id=client_order_id, accepted=True)
            return CancelAnswered(
                client_order_id=client_order_id, accepted=False, reason=refused.reason
            )
        return CancelAnswered(client_order_id=client_order_id, accepted=True)

    def _cancel_exits(self, client_order_id: str) -> CancelAnswered:
        """Cancel what is open of the exits of an entry: one takes the other with it."""
        parts = choices.parts_of(self._exits(client_order_id))
        opened = [text_of(each, "id") for each in parts if not choices.has_ended(each)]
        for part_id in opened[:1]:
            self.client.delete(f"/orders/{part_id}")
        reason = "" if opened else "none of the exits is open"
        return CancelAnswered(client_order_id=client_order_id, accepted=bool(opened), reason=reason)

    def _cancel_stop(self, client_order_id: str) -> bool:
        """Cancel what is left of a stop and a target whose target has ended already."""
        known = self._ids.get(client_order_id)
        if known is None or not self.accounts.choices.order_of(known):
            return False
        parts = choices.parts_of(self._order(client_order_id))
        opened = [text_of(each, "id") for each in parts if not choices.has_ended(each)]
        for part_id in opened:
            self.client.delete(f"/orders/{part_id}")
        return bool(opened)

    def _find_id(self, client_order_id: str) -> str:
        venue_order_id = text_of(self._order(client_order_id), "id")
        self._remember(client_order_id, venue_order_id)
        return venue_order_id

    def _query(self, client_order_id: str) -> VenueOrder:
        try:
            attached = bool(entry_of(client_order_id))
            document = self._exits(client_order_id) if attached else self._order(client_order_id)
        except Refused as refused:
            if refused.status != NOT_FOUND:
                raise Unproven(f"the query was refused: {refused}") from None
            return VenueOrder(client_order_id=client_order_id, found=False)
        return venue_order(
            document, self.venue, executions_of(self.client, document, self.accounts.fees)
        )

    def _order(self, client_order_id: str) -> Document:
        query = {"client_order_id": client_order_id, "nested": "true"}
        found = _about(self.client.get("/orders:by_client_order_id", query), client_order_id)
        if _has_legs(found) and not found.get("legs"):
            # Asked by our id, the venue need not show the legs; asked by its own id it does.
            path = f"/orders/{text_of(found, 'id')}"
            found = _about(self.client.get(path, {"nested": "true"}), client_order_id)
        found = self.accounts.complete(found)
        if choices.is_part(found):
            choices.parts_of(found)
        self.accounts.learn(found)
        return found

    def _exits(self, client_order_id: str) -> Document:
        """Return the exits that an entry was sent with: it shows them, and nobody else."""
        entry_id = entry_of(client_order_id)
        known = self._ids.get(entry_id)
        if known is None:
            entry = self._order(entry_id)
            self._remember(entry_id, text_of(entry, "id"))
        else:
            entry = _about(self.client.get(f"/orders/{known}", {"nested": "true"}), entry_id)
            entry = self.accounts.complete(entry)
            self.accounts.learn(entry)
        return exits_of(entry)

    async def replace(
        self,
        client_order_id: str,
        new_client_order_id: str,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
    ) -> VenueOrder:
        """Put a changed order in the place of an open one; `Refused` when it is not open."""

        def call() -> VenueOrder:
            open_order = self._order(client_order_id)
            counted = None if quantity is None else quantity / units_counted(open_order)
            body = changed(counted, limit_price, new_client_order_id)
            answer = self.client.patch(f"/orders/{text_of(open_order, 'id')}", body)
            return venue_order(document_of(answer, "an order"), self.venue)

        return await self.deadlines.run(call)

    def _remember(self, client_order_id: str, venue_order_id: str) -> None:
        self._ids[client_order_id] = venue_order_id
        while len(self._ids) > IDS_REMEMBERED:
            self._ids.popitem(last=False)


def _about(answer: object, client_order_id: str) -> Document:
    """Return an order's document, if it is the order that was meant."""
    document = document_of(answer, "an order")
    if text_of(document, "client_order_id") != client_order_id:
        raise Unproven("the answer is about another order")
    return document


def _has_legs(document: Document) -> bool:
    """Tell whether something hangs on an order, or may."""
    return is_structure(document) or choices.is_part(document) or is_of_both(document)


def _rejected(request: SubmitOrder, refused: Refused) -> Body:
    specification = request.specification
    client_order_id = specification.client_order_id
    stops = is_choice(specification) or request.exits is not None
    passed = stops and choices.says_passed(refused.reason)
    if "client_order_id" in refused.reason:
        return OutcomeUnknown(
            client_order_id=client_order_id, reason=f"the venue knows the id: {refused.reason}"
        )
    return OrderRejected(
        client_order_id=client_order_id,
        code=Code.TRIGGER_PASSED if passed else f"ALPACA_{refused.code}",
        reason=refused.reason,
        event_at_ns=time.time_ns(),
    )
