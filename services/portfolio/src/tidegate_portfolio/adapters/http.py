"""The books over HTTP: positions, account, equity curve, ledger, performance. Read only."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import APIRouter, Query

from tidegate_chassis.http import ApiError
from tidegate_kernel.money import MONEY_CONTEXT, ZERO, plain
from tidegate_portfolio.adapters import projection
from tidegate_portfolio.core.curve import thin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Document = dict[str, Any]
PAGE = 5_000

SessionName = Annotated[
    str | None, Query(description="Only this session; default: every session of this service.")
]


class Projections(Protocol):
    """The rows that the service's shards have written; see the chassis."""

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> list[Document]:
        """Return documents oldest first, each with its ``cursor``."""
        ...


class Context(Protocol):
    """What the host gives to a service's routes."""

    @property
    def projections(self) -> Projections:
        """The rows."""
        ...


def routes(context: Context) -> APIRouter:
    """Return the endpoints of the portfolio service."""
    router = APIRouter()
    _add_newest(router, context.projections)
    _add_equity(router, context.projections)
    _add_ledger(router, context.projections)
    return router


def _add_newest(router: APIRouter, rows: Projections) -> None:
    @router.get("/v1/positions")
    async def positions(session: SessionName = None, *, flat: bool = False) -> Document:
        """Return the positions; with ``flat`` also those that hold nothing any more."""
        found = [_bare(row) async for row in every(rows, projection.POSITION, session)]
        held = [row for row in found if flat or row["quantity"] != "0"]
        return {"positions": sorted(held, key=_by_symbol)}

    @router.get("/v1/account")
    async def account(session: SessionName = None) -> Document:
        """Return the newest snapshot of each session's account."""
        found = [_bare(row) async for row in every(rows, projection.ACCOUNT, session)]
        return {"accounts": sorted(found, key=lambda row: str(row["session"]))}

    @router.get("/v1/performance")
    async def performance(session: SessionName = None) -> Document:
        """Return the newest report of each account (strategy empty) and each strategy."""
        found = [_bare(row) async for row in every(rows, projection.PERFORMANCE, session)]
        return {"performance": sorted(found, key=lambda row: (row["session"], row["strategy"]))}


def _add_equity(router: APIRouter, rows: Projections) -> None:
    @router.get("/v1/equity")
    async def equity(
        session: str, points: Annotated[int, Query(ge=2, le=10_000)] = 500
    ) -> Document:
        """Return a session's equity curve in at most ``points`` points, oldest first."""
        found = [_bare(row) async for row in every(rows, projection.EQUITY, session)]
        return {"session": session, "points": thin(found, points), "recorded": len(found)}


def _add_ledger(router: APIRouter, rows: Projections) -> None:
    @router.get("/v1/ledger")
    async def ledger(
        session: str, after: str = "", limit: Annotated[int, Query(ge=1, le=PAGE)] = 1_000
    ) -> Document:
        """Return ledger entries in the order of booking; ``next`` goes on, null at the end."""
        found = await _page(rows, session, after, limit)
        following = found[-1]["cursor"] if len(found) == limit else None
        return {"entries": [_bare(row) for row in found], "next": following}

    @router.get("/v1/ledger/balance")
    async def balance(session: str) -> Document:
        """Sum all entries per account and currency; balanced when each currency sums to 0."""
        accounts: dict[tuple[str, str], Decimal] = {}
        count = 0
        async for row in every(rows, projection.LEDGER, session):
            key = (str(row["account"]), str(row["currency"]))
            accounts[key] = MONEY_CONTEXT.add(accounts.get(key, ZERO), Decimal(row["amount"]))
            count += 1
        return {"session": session, "entries": count, **_balances(accounts)}

    async def _page(rows: Projections, session: str, after: str, limit: int) -> list[Document]:
        place, _, _ = after.partition(":")
        if after and not place.isdigit():
            raise ApiError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "UNKNOWN_PLACE",
                "`after` to be the `next` of an earlier page",
                after,
                "leave it out to begin at the first entry",
            )
        return await rows.list(projection.LEDGER, session=session, after=after, limit=limit)


async def every(rows: Projections, kind: str, session: str | None) -> AsyncIterator[Document]:
    """Yield every document of a kind, page by page."""
    after = ""
    while page := await rows.list(kind, session=session, after=after, limit=PAGE):
        for row in page:
            yield row
        after = str(page[-1]["cursor"])


def _bare(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "cursor"}


def _by_symbol(row: Document) -> tuple[str, str, str]:
    return str(row["session"]), str(row["venue"]), str(row["symbol"])


def _balances(accounts: dict[tuple[str, str], Decimal]) -> Document:
    currencies: dict[str, Decimal] = {}
    for (_, currency), held in accounts.items():
        currencies[currency] = MONEY_CONTEXT.add(currencies.get(currency, ZERO), held)
    return {
        "balanced": all(total == 0 for total in currencies.values()),
        "currencies": {name: plain(total) for name, total in sorted(currencies.items())},
        "accounts": [
            {"account": account, "currency": currency, "balance": plain(held)}
            for (account, currency), held in sorted(accounts.items())
        ],
    }
