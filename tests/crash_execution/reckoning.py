"""What execution and the ledger say, compared with what the venue knows, to the unit.

==========  =====================================================================================
decisions   each approved verdict became one order, each order has one verdict (I01, I02)
orders      each order that left is at the venue once, under its id, in the same state (I02)
outcomes    nothing is left unknown or under way (I18)
fills       each of the venue's executions is one fill; fills sum to the venue's count (I12)
positions   what the venue holds is what fills and what the ledger come to (I11)
bookings    what the venue has booked by itself is booked here, once
ledger      debits equal credits (I10)
==========  =====================================================================================
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from tests.crash.findings import Finding, Kind, compare, once

from tidegate_kernel.fees import taken_in_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.venues.exchange.exchange import Exchange
    from tests.venues.exchange.orders import Order

    from .places import Place
    from .stage import Leader, Stage

Document = dict[str, Any]
ZERO = Decimal(0)
OPEN = ("WORKING", "PARTIALLY_FILLED")
UNDER_WAY = ("PENDING", "SUBMITTING", "UNKNOWN")


class Said(msgspec.Struct, frozen=True):
    """What the services say of one session, and what the venue knows."""

    place: Place
    approved: list[str]
    orders: dict[str, Document]
    fills: list[Document]
    booked: dict[str, Decimal]
    balanced: bool
    at_venue: list[Order]
    held: dict[str, Decimal]
    # What the venue has booked by itself there, and here: why, and how much.
    moved_there: list[tuple[str, Decimal]]
    moved_here: list[tuple[str, Decimal]]


def listen(stage: Stage, leader: Leader, place: Place) -> Said:
    """Ask everybody about one session."""
    instance, session = stage.instance, place.name
    verdicts = _pages(
        lambda **page: instance.get(
            "risk", "/v1/verdicts", session=session, decision="APPROVED", **page
        ),
        "verdicts",
    )
    orders = _pages(lambda **page: leader.get("/v1/orders", session=session, **page), "orders")
    fills = _pages(lambda **page: leader.get("/v1/fills", session=session, **page), "fills")
    entries = _pages(lambda **page: leader.get("/v1/entries", session=session, **page), "entries")
    positions = instance.get("portfolio", "/v1/positions", session=session)["positions"]
    balance = instance.get("portfolio", "/v1/ledger/balance", session=session)
    exchange = stage.venue.exchanges[place.exchange]
    return Said(
        place=place,
        approved=[each["signal_key"] for each in verdicts],
        orders={each["client_order_id"]: each for each in orders},
        fills=fills,
        booked=_sum((each["symbol"], Decimal(each["quantity"])) for each in positions),
        balanced=bool(balance["balanced"]),
        at_venue=_orders_of(exchange),
        held=_held(exchange, place),
        moved_there=[
            (each.text, each.amount) for each in stage.venue.bookings[place.exchange].listed()
        ],
        moved_here=[(each["reason"], Decimal(each["cash"])) for each in entries],
    )


def _pages(ask: Callable[..., Document], name: str) -> list[Document]:
    found: list[Document] = []
    after: str | None = ""
    while after is not None:
        page = ask(after=after, limit=5_000)
        after = page["next"]
        found += page[name]
    return found


def _orders_of(exchange: Exchange) -> list[Order]:
    with exchange.lock:
        return [each.seen_now() for each in exchange.orders.values()]


def _held(exchange: Exchange, place: Place) -> dict[str, Decimal]:
    names = dict(place.symbols)
    with exchange.lock:
        positions = exchange.account.positions.items()
        return {names[listed]: each.quantity for listed, each in positions if each.quantity}


def _sum(pairs: Any) -> dict[str, Decimal]:  # noqa: ANN401 - an iterable of pairs
    found: dict[str, Decimal] = {}
    for name, quantity in pairs:
        found[name] = found.get(name, ZERO) + quantity
    return {name: quantity for name, quantity in found.items() if quantity}


def findings(said: Said) -> list[Finding]:
    """Return everything that does not hold."""
    return [
        *_decisions(said),
        *_orders(said),
        *_outcomes(said),
        *_fills(said),
        *_positions(said),
        *compare(f"{said.place.name}: booking", said.moved_there, said.moved_here),
    ]


def _decisions(said: Said) -> list[Finding]:
    made = [each["signal_key"] for each in said.orders.values()]
    return compare(f"{said.place.name}: order for approved signal", said.approved, made)


def _orders(said: Said) -> list[Finding]:
    name = said.place.name
    found = once(f"{name}: order at the venue", (o.ticket.client_order_id for o in said.at_venue))
    known = {order.ticket.client_order_id: order for order in said.at_venue}
    strange = known.keys() - said.orders.keys()
    found += [
        Finding(Kind.LOST, f"{name}: the venue has {each}, nobody knows it") for each in strange
    ]
    for client_order_id, ours in said.orders.items():
        theirs = known.get(client_order_id)
        what = f"{name}: {client_order_id} is {ours['state']} here"
        if theirs is None:
            if ours["state"] in OPEN or ours["venue_order_id"] or Decimal(ours["filled_quantity"]):
                found.append(Finding(Kind.LOST, f"{what}, not at the venue"))
        elif _differs(ours, theirs):
            found.append(Finding(Kind.WRONG, f"{what}, {theirs.status} there"))
    return found


def _differs(ours: Document, theirs: Order) -> bool:
    open_here, filled_here = ours["state"] in OPEN, Decimal(ours["filled_quantity"])
    return open_here != theirs.is_open or filled_here != theirs.filled


def _outcomes(said: Said) -> list[Finding]:
    waiting = [each for each in said.orders.values() if each["state"] in UNDER_WAY]
    return [
        Finding(Kind.WRONG, f"{said.place.name}: {o['client_order_id']} is still {o['state']}")
        for o in waiting
    ]


def _fills(said: Said) -> list[Finding]:
    name = said.place.name
    theirs = [
        (order.ticket.client_order_id, each.quantity, each.price)
        for order in said.at_venue
        for each in order.executions
    ]
    ours = [
        (each["client_order_id"], Decimal(each["quantity"]), Decimal(each["price"]))
        for each in said.fills
    ]
    # Two executions of one order may be alike; how often each is there must agree.
    return compare(f"{name}: fill", theirs, ours)


def _positions(said: Said) -> list[Finding]:
    name = said.place.name
    signed = _sum((each["symbol"], _moved(each)) for each in said.fills)
    found = []
    for what, holding in (("fills", signed), ("ledger", said.booked)):
        if holding != said.held:
            text = (
                f"{name}: the {what} come to {_text(holding)}, the venue holds {_text(said.held)}"
            )
            found.append(Finding(Kind.WRONG, text))
    if not said.balanced:
        found.append(Finding(Kind.WRONG, f"{name}: the ledger does not balance"))
    return found


def _moved(fill: Document) -> Decimal:
    """Return what a fill has moved, less the fee that was paid in the coin itself."""
    quantity = Decimal(fill["quantity"]) * (1 if fill["side"] == "BUY" else -1)
    paid = taken_in_kind(fill["symbol"], Decimal(fill["fee"]), fill["fee_currency"])
    return quantity - paid


def _text(holding: dict[str, Decimal]) -> str:
    return ", ".join(f"{each} {holding[each]}" for each in sorted(holding)) or "nothing"


def tally(said: Said) -> Counter[str]:
    """Count what happened, for the record."""
    return Counter(
        {
            "orders_at_venue": len(said.at_venue),
            "fills": len(said.fills),
            "partial_fills": sum(len(order.executions) > 1 for order in said.at_venue),
        }
    )
