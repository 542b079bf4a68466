"""How the sessions stand: equity, exposure, value at risk, breakers, as the machines have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter

from tidegate_contracts.risk import BreakerState
from tidegate_kernel.gate import Level
from tidegate_kernel.money import ZERO, plain
from tidegate_kernel.time import format_time
from tidegate_risk.adapters.http.context import Context, Document, SessionName
from tidegate_risk.adapters.http.sessions import Desk, desks
from tidegate_risk.core.book.book import NO_REACH
from tidegate_risk.core.breakers.registry import BY_NAME
from tidegate_risk.core.portfolio.health import health

if TYPE_CHECKING:
    from decimal import Decimal


SWITCHED_OFF = "OFF"


def add_state(router: APIRouter, context: Context) -> None:
    """Add what shows how the sessions stand."""

    @router.get("/v1/state")
    async def state(session: SessionName = None) -> Document:
        """Return each session's equity, losses, counts, gate, breakers and version of limits."""
        return {"sessions": [_state(desk) for desk in desks(context, session)]}

    @router.get("/v1/exposure")
    async def exposure(session: SessionName = None) -> Document:
        """Return what each session holds and could hold, in the worst case of its open orders."""
        return {"sessions": [_exposure(desk) for desk in desks(context, session)]}

    @router.get("/v1/var")
    async def value_at_risk(session: SessionName = None) -> Document:
        """Return every measure of each session's book, and of which date its estimates are."""
        return {"sessions": [await _health(desk) for desk in desks(context, session)]}

    @router.get("/v1/breakers")
    async def breakers(session: SessionName = None) -> Document:
        """Return every breaker of each session: those that are not armed first, and why."""
        return {"sessions": [_breakers(desk) for desk in desks(context, session)]}


def _state(desk: Desk) -> Document:
    machine = desk.machine
    state, book = machine.state, machine.state.book
    levels = {scope: Level(level).name for scope, level in sorted(state.gate.levels.items())}
    return {
        "session": desk.session.name,
        "account": desk.session.account,
        "at": _time(desk.now_ns),
        "currency": machine.parameters.currency,
        "term": state.term,
        "equity": plain(book.equity()),
        "account_equity": plain(book.account_equity()),
        "marked_equity": plain(book.marked_equity()),
        "free_cash": plain(book.free_cash()),
        "day_start_equity": plain(book.day_start_equity),
        "daily_loss": plain(book.daily_loss(desk.now_ns)),
        "peak_equity": plain(state.breakers.peak_equity),
        "open_positions": len(book.exposed_listings()),
        "open_orders": book.orders.count(),
        "verdicts_remembered": len(state.decided),
        "gate": {"epoch": state.gate.epoch, "levels": levels},
        "breakers_holding": sum(each.holds for each in state.breakers.standings.values()),
        "limits_version": state.limits.version,
        "limits_sha256": state.limits.document.sha256,
    }


def _exposure(desk: Desk) -> Document:
    book, limits = desk.machine.state.book, desk.machine.parameters.limits
    reaches = book.reaches()
    rows = [
        _listing(desk, listing, reaches.get(listing, NO_REACH).worst())
        for listing in sorted(book.exposed_listings())
    ]
    equity = book.equity()
    return {
        "session": desk.session.name,
        "at": _time(desk.now_ns),
        "currency": desk.machine.parameters.currency,
        "equity": plain(equity),
        "gross": plain(sum((each["worst_value"] for each in rows), ZERO)),
        "limit_gross": plain(limits.gross_exposure_max_fraction * equity),
        "listings": [_plain(each) for each in rows],
    }


def _listing(desk: Desk, listing: str, worst: Decimal) -> dict[str, Any]:
    book = desk.machine.state.book
    price = book.market.price_of(listing) or ZERO
    quantity = book.holdings.position(listing)
    return {
        "listing": listing,
        "quantity": quantity,
        "price": price,
        "value": quantity * price,
        "worst_quantity": worst,
        "worst_value": worst * price,
    }


async def _health(desk: Desk) -> Document:
    found = await desk.aside(
        lambda copy: health(
            copy.state.book, copy.state.portfolio, copy.parameters.limits, desk.now_ns
        )
    )
    return {
        "session": desk.session.name,
        "at": _time(found.at_ns),
        "estimated_at": _time(found.estimated_at_ns),
        **msgspec.to_builtins(found),
    }


def _breakers(desk: Desk) -> Document:
    standings = desk.machine.state.breakers.standings.values()
    limits = desk.machine.parameters.limits
    named = {each.breaker for each in standings}
    armed = [
        {
            "breaker": name,
            "state": BreakerState.ARMED.name if each.enabled(limits) else SWITCHED_OFF,
            "scope": each.scope(desk.session.name, "") if each.kind == "session" else each.kind,
            "watches": each.watches,
            "comes_back": each.comes_back,
        }
        for name, each in BY_NAME.items()
        if name not in named
    ]
    held = [
        {
            **msgspec.to_builtins(each),
            "state": BreakerState(each.state).name,
            "level": Level(each.level).name,
            "holds": each.holds,
            "since": _time(each.since_ns),
            "until": _time(each.until_ns),
            "watches": BY_NAME[each.breaker].watches,
            "comes_back": BY_NAME[each.breaker].comes_back,
        }
        for each in standings
    ]
    return {"session": desk.session.name, "at": _time(desk.now_ns), "breakers": [*held, *armed]}


def _plain(row: dict[str, Any]) -> Document:
    return {name: _text(value) for name, value in row.items()}


def _text(value: Decimal | str) -> str:
    return value if isinstance(value, str) else plain(value)


def _time(at_ns: int) -> str:
    return format_time(at_ns) if at_ns > 0 else ""
