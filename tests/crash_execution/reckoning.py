"""What execution and the ledger say, compared with what the venue knows, to the unit.

==========  =====================================================================================
decisions   each approved verdict became one order; any other follows one: an exit, or what
            replaces it (I01, I02)
orders      each order that left is at the venue once, under its id, in the same state (I02); only
            what execution holds is not there
legs        structures are filled in the ratios of their legs, here and there
exits       what people hold where each entry has a stop is covered by stops, to the lot, but for
            what is being closed at the market
outcomes    nothing is left unknown or under way (I18)
fills       each of the venue's executions, of a leg too, is one fill; they sum to its count (I12)
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

from tidegate_contracts.execution import OrderSpecification, OrderType
from tidegate_execution.core.capabilities import (
    ONE_CANCELS_OTHER,
    TRIGGERED,
    Way,
    venue_kind_of,
    way_of_type,
)
from tidegate_kernel.fees import taken_in_kind
from tidegate_kernel.identifiers import MANUAL

from .venue_books import orders_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.venues.exchange.exchange import Exchange

    from .places import Place
    from .stage import Leader, Stage
    from .venue_books import Theirs

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
    at_venue: list[Theirs]
    held: dict[str, Decimal]
    # The venue's smallest step of what is protected.
    lots: dict[str, Decimal]
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
        at_venue=orders_at(stage.venue, place),
        held=_held(exchange, place),
        lots=_lots(exchange, place),
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


def _held(exchange: Exchange, place: Place) -> dict[str, Decimal]:
    with exchange.lock:
        positions = exchange.account.positions.items()
        return {
            place.named(listed): each.quantity * exchange.market(listed).listing.multiplier
            for listed, each in positions
            if each.quantity
        }


def _lots(exchange: Exchange, place: Place) -> dict[str, Decimal]:
    """Return the steps of what is protected; shares are traded whole."""
    with exchange.lock:
        markets = {place.named(each): market for each, market in exchange.markets.items()}
    return {
        each: Decimal(1) if each in place.shares else markets[each].listing.lot
        for each in place.protected
    }


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
        *_legs(said),
        *_exits(said),
        *_fills(said),
        *_positions(said),
        *compare(f"{said.place.name}: booking", said.moved_there, said.moved_here),
    ]


def _decisions(said: Said) -> list[Finding]:
    first = [each["signal_key"] for each in said.orders.values() if each["leg"] == 0]
    later = {each["signal_key"] for each in said.orders.values() if each["leg"] != 0}
    name = said.place.name
    return [
        *compare(f"{name}: order for approved signal", said.approved, first),
        *(
            Finding(Kind.WRONG, f"{name}: an order follows {each}, which nobody has approved")
            for each in sorted(later - set(said.approved))
        ),
    ]


def _orders(said: Said) -> list[Finding]:
    name = said.place.name
    found = once(f"{name}: order at the venue", (each.client_order_id for each in said.at_venue))
    known = {order.client_order_id: order for order in said.at_venue}
    strange = known.keys() - said.orders.keys()
    found += [
        Finding(Kind.LOST, f"{name}: the venue has {each}, nobody knows it") for each in strange
    ]
    for client_order_id, ours in said.orders.items():
        theirs = known.get(client_order_id)
        what = f"{name}: {client_order_id} is {ours['state']} here"
        if theirs is None:
            if _must_be_there(said.place, ours):
                found.append(Finding(Kind.LOST, f"{what}, not at the venue"))
        elif _differs(ours, theirs):
            found.append(Finding(Kind.WRONG, f"{what}, {theirs.status} there"))
    return found


def _must_be_there(place: Place, ours: Document) -> bool:
    """Tell whether the venue must know an order: all that works, but what execution holds."""
    if ours["venue_order_id"] or Decimal(ours["filled_quantity"]):
        return True
    return ours["state"] in OPEN and not (is_held(place, ours) and ours["sends"] == 0)


def is_held(place: Place, ours: Document) -> bool:
    """Tell whether execution waits for the trigger of an order, by the table of venues."""
    percent = ours["trail_percent"]
    specification = OrderSpecification(
        order_type=OrderType[ours["order_type"]],
        trail_percent=None if percent is None else Decimal(percent),
    )
    kind = venue_kind_of(
        place.feed.kind, spot=False, symbol=ours["symbol"], exchange=place.feed.exchange or ""
    )
    if way_of_type(specification, kind) is Way.HELD:
        return True
    chooses = ours["reduce_only"] and ours["oco_group"] and ONE_CANCELS_OTHER[kind] is Way.HELD
    return bool(chooses) and specification.order_type in TRIGGERED


def _differs(ours: Document, theirs: Theirs) -> bool:
    open_here, filled_here = ours["state"] in OPEN, Decimal(ours["filled_quantity"])
    return open_here != theirs.is_open or filled_here != theirs.filled


def _legs(said: Said) -> list[Finding]:
    """Compare the legs of each structure with their ratios."""
    uneven = [each.client_order_id for each in said.at_venue if not each.whole]
    for identity, ours in said.orders.items():
        whole = Decimal(ours["filled_quantity"])
        legs = [(leg["filled_quantity"], leg["ratio"]) for leg in ours["legs"] or ()]
        if any(Decimal(filled) != whole * ratio for filled, ratio in legs):
            uneven.append(identity)
    return [
        Finding(Kind.WRONG, f"{said.place.name}: {each} has legs that make no whole structures")
        for each in sorted(set(uneven))
    ]


def _exits(said: Said) -> list[Finding]:
    """Compare what people hold where each entry has a stop with the stops that are open."""
    found = []
    for symbol in said.place.protected:
        held = _sum(
            (symbol, _moved(each))
            for each in said.fills
            if each["strategy"] == MANUAL and each["symbol"] == symbol
        ).get(symbol, ZERO)
        lot = said.lots[symbol]
        covered = sum((_covers(each, symbol) for each in said.orders.values()), ZERO)
        if covered != held - held % lot:
            text = f"{said.place.name}: {held} of {symbol} are held, stops cover {covered}"
            found.append(Finding(Kind.WRONG, text))
    return found


def _covers(ours: Document, symbol: str) -> Decimal:
    """Return how much of what people hold an order would close: as a stop, or at the market now.

    What works at the market leaves less for stops to cover; a target alone covers nothing.
    """
    closes = ours["order_type"] == "MARKET" or ours["trigger_price"] is not None
    if ours["symbol"] != symbol or ours["strategy"] != MANUAL or not ours["reduce_only"]:
        return ZERO
    if not closes or ours["state"] not in OPEN:
        return ZERO
    return Decimal(ours["quantity"]) - Decimal(ours["filled_quantity"])


def _outcomes(said: Said) -> list[Finding]:
    waiting = [each for each in said.orders.values() if each["state"] in UNDER_WAY]
    return [
        Finding(Kind.WRONG, f"{said.place.name}: {o['client_order_id']} is still {o['state']}")
        for o in waiting
    ]


def _fills(said: Said) -> list[Finding]:
    name = said.place.name
    theirs = [(order.client_order_id, *each) for order in said.at_venue for each in order.executed]
    ours = [
        (
            each["client_order_id"],
            each["symbol"],
            each["side"],
            Decimal(each["quantity"]),
            Decimal(each["price"]),
        )
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
            "partial_fills": sum(len(order.executed) > 1 for order in said.at_venue),
        }
    )
