"""Execution over HTTP: orders, fills, the gate as it is held here, and commands.

Every command needs a bearer token that names its principal. A raise stops sending before anything
else; it answers when every shard has committed it, and says what each confirms.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, ConfigDict

from tidegate_chassis.http import ApiError, Principal
from tidegate_contracts.execution import QueryAccount, VenueAccount
from tidegate_contracts.host import KillNotice
from tidegate_contracts.risk import GateLevel
from tidegate_execution.adapters import projection
from tidegate_execution.adapters.adjustments import add_adjustments
from tidegate_execution.adapters.kill_switch import NoticeRefused
from tidegate_execution.adapters.order_commands import add_order_commands
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from tidegate_chassis.configuration.models import Configuration
    from tidegate_execution.adapters.handover import Handover
    from tidegate_execution.adapters.kill_flags import KillFlags
    from tidegate_execution.adapters.quality import QualityBoard
    from tidegate_kernel.machine import Body

Document = dict[str, Any]
PAGE = 5_000
STOP_PATIENCE_S = 10.0

SessionName = Annotated[
    str | None, Query(description="Only this session; default: every session of this service.")
]
Limit = Annotated[int, Query(ge=1, le=PAGE)]


class Projections(Protocol):
    """The rows that the service's shards have written; see the chassis."""

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> list[Document]:
        """Return documents oldest first, each with its ``cursor``."""
        ...

    async def get(self, kind: str, key: str, *, session: str | None = None) -> Document | None:
        """Return one document, or None."""
        ...


class Context(Protocol):
    """What the host gives to a service's routes."""

    @property
    def projections(self) -> Projections:
        """The rows."""
        ...

    @property
    def configuration(self) -> Configuration:
        """The configuration that this process runs."""
        ...

    async def call(self, shard: str, body: Body, principal: str) -> Body:
        """Submit a command to a shard and wait for its committed answer."""
        ...


class Switch(Protocol):
    """What is needed of the kill switch."""

    def throw(self, notice: KillNotice, principal: str, path: str) -> Future[list[Document]]:
        """Stop now; the future holds what the shards confirm."""
        ...


class RaiseBody(BaseModel):
    """Make the gate at least this strict, here, without risk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    level: Literal["REDUCE_ONLY", "HALTED", "FLATTENING", "LOCKED"] = "HALTED"
    scope: str = "all"
    reason: str = ""


class ReconcileBody(BaseModel):
    """Compare a session's account with the venue's now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session: str


class ExecutionRoutes:
    """Makes the routes from what the composition root holds."""

    def __init__(self, flags: KillFlags) -> None:
        self._flags = flags
        self._switch: Switch | None = None
        self._handover: Handover | None = None
        self._quality: QualityBoard | None = None

    def attach(self, switch: Switch, handover: Handover, quality: QualityBoard) -> None:
        """Learn what raises, what confirms and what measures; they live beside the shards."""
        self._switch = switch
        self._handover = handover
        self._quality = quality

    def routes(self, context: Context) -> APIRouter:
        """Return the endpoints of the execution service."""
        router = APIRouter()
        _add_orders(router, context.projections)
        _add_fills(router, context.projections)
        self._add_quality(router, context.projections)
        self._add_gate(router)
        _add_reconcile(router, context)
        add_adjustments(router, context)
        add_order_commands(router, context)
        return router

    def _add_quality(self, router: APIRouter, rows: Projections) -> None:
        @router.get("/v1/quality")
        async def quality(session: SessionName = None) -> Document:
            """Return execution quality by session, venue and strategy, of orders that ended."""
            assert self._quality is not None, "attached before HTTP is served"
            await self._quality.refresh(rows)
            return {"quality": self._quality.documents(session)}

    def _add_gate(self, router: APIRouter) -> None:
        @router.get("/v1/gate")
        async def gate() -> Document:
            """Return the gate as each shard holds it, and the flags of this process."""
            handover = self._handover
            assert handover is not None, "attached before HTTP is served"
            flags = [
                {"flag_id": f.flag_id, "scope": f.scope, "level": f.level.name, "by": f.principal}
                for f in self._flags.all
            ]
            return {"shards": await handover.statuses(), "flags": flags}

        @router.post("/admin/gate/raise")
        async def raise_gate(body: RaiseBody, principal: Principal) -> Document:
            """Stop now; answers with what each shard confirms."""
            return {"shards": await self._raise(body, principal)}

    async def _raise(self, body: RaiseBody, principal: str) -> list[Document]:
        assert self._switch is not None, "attached before HTTP is served"
        notice = KillNotice(scope=body.scope, level=GateLevel[body.level], reason=body.reason)
        try:
            told = self._switch.throw(notice, principal, "http")
        except NoticeRefused as error:
            hint = "see /v1/gate for the scopes in use"
            raise ApiError(
                422, error.code, "a scope and level of the gate", str(error), hint
            ) from None
        return await asyncio.wait_for(asyncio.wrap_future(told), STOP_PATIENCE_S)


def _add_orders(router: APIRouter, rows: Projections) -> None:
    @router.get("/v1/orders")
    async def orders(
        session: SessionName = None, state: str = "", after: str = "", limit: Limit = 1_000
    ) -> Document:
        """Return orders by their last change, oldest first; ``next`` goes on, null at the end."""
        return await _page(rows, projection.ORDER, (session, after, limit), state)

    @router.get("/v1/orders/{client_order_id}")
    async def order(client_order_id: str) -> Document:
        """Return one order with its fills."""
        found = await rows.get(projection.ORDER, client_order_id)
        if found is None:
            raise HTTPException(404, f"expected a client order id, found {client_order_id!r}")
        session = str(found["session"])
        fills = await _fills_of(rows, session, client_order_id)
        return {**_bare(found), "fills": fills}


def _add_fills(router: APIRouter, rows: Projections) -> None:
    @router.get("/v1/fills")
    async def fills(session: SessionName = None, after: str = "", limit: Limit = 1_000) -> Document:
        """Return fills in the order of booking; ``next`` goes on, null at the end."""
        return await _page(rows, projection.FILL, (session, after, limit), "")

    @router.get("/v1/entries")
    async def entries(
        session: SessionName = None, after: str = "", limit: Limit = 1_000
    ) -> Document:
        """Return account entries in the order of booking; ``next`` goes on, null at the end."""
        return await _page(rows, projection.ENTRY, (session, after, limit), "")


def _add_reconcile(router: APIRouter, context: Context) -> None:
    @router.post("/admin/reconcile")
    async def reconcile(body: ReconcileBody, principal: Principal) -> Document:
        """Ask the venue for the account now; answers with what the venue holds."""
        question = QueryAccount(session=body.session)
        account = await context.call(f"execution/{body.session}", question, principal)
        assert isinstance(account, VenueAccount)
        return {
            "session": body.session,
            "currency": account.currency,
            "cash": plain(account.cash),
            "open_orders": [each.client_order_id for each in account.open_orders],
            "holdings": {each.symbol: plain(each.quantity) for each in account.holdings},
        }


async def _page(
    rows: Projections, kind: str, place: tuple[str | None, str, int], state: str
) -> Document:
    session, after, limit = place
    number, _, _ = after.partition(":")
    if after and not number.isdigit():
        raise HTTPException(422, "expected `after` to be the `next` of an earlier page")
    found = await rows.list(kind, session=session, after=after, limit=limit)
    following = found[-1]["cursor"] if len(found) == limit else None
    wanted = [row for row in found if not state or row["state"] == state]
    name = "entries" if kind == projection.ENTRY else f"{kind}s"
    return {name: [_bare(row) for row in wanted], "next": following}


async def _fills_of(rows: Projections, session: str, client_order_id: str) -> list[Document]:
    found: list[Document] = []
    after = ""
    while page := await rows.list(projection.FILL, session=session, after=after, limit=PAGE):
        found += [_bare(row) for row in page if row["client_order_id"] == client_order_id]
        after = str(page[-1]["cursor"])
    return found


def _bare(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "cursor"}
