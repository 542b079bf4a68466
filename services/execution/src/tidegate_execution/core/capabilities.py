"""What each kind of venue can do with an order by itself, and what execution does instead.

The one table of order types × venues: the last hop asks it, adapters are held to it, and
docs/reference/order-types.md is drawn from it.

1. `NATIVE`: the order is sent as it is, and the venue does the rest.
2. `HELD`: execution holds the order, as `WORKING`, and sends it as a market or limit order when a
   bar has traded at its trigger. A date is kept by execution too: it cancels what is left then.
3. `REFUSED`: the last hop refuses the order with a code.

Of US equities Alpaca takes a protective stop and target as one order (OCO) of whole shares, which
lives until cancelled: that is native. The stop and the target of a fraction of a share, and other
orders of one `oco_group`, are HELD: execution ends the siblings.

It also takes an entry together with its exits (bracket, OTO). Execution sends entries at the market
of whole shares so, if the session's `native_entries` says it; the exits of all other entries it
places itself as soon as a part has filled, and that is HELD too.

Binance's USD-M contracts trail by a percentage from 0.1 to 10, in steps of 0.1: execution holds a
`TRAILING_STOP` by an amount, or by another percentage.

An adapter that learns to do something changes its cell here, in the same change.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from tidegate_contracts.execution import OrderType, TimeInForce
from tidegate_kernel.contracts import is_option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate_contracts.execution import OrderSpecification


class VenueKind(StrEnum):
    """The kinds of venues that differ in what they can do."""

    PAPER = "paper"
    """The venue inside."""
    ALPACA_EQUITIES = "alpaca-equities"
    """US equities at Alpaca."""
    ALPACA_CRYPTO = "alpaca-crypto"
    """Crypto at Alpaca; its symbols are pairs."""
    ALPACA_OPTIONS = "alpaca-options"
    """US options at Alpaca; their symbols are the OCC's."""
    CCXT_SPOT = "ccxt-spot"
    """A spot market of an exchange of ccxt."""
    CCXT_CONTRACTS = "ccxt-contracts"
    """Contracts of an exchange of ccxt."""
    CCXT_BINANCE_USDM = "ccxt-binance-usdm"
    """USD-M contracts of Binance, through ccxt."""


class Way(StrEnum):
    """Who does what an order asks for."""

    NATIVE = "native"
    HELD = "held"
    REFUSED = "refused"


_Row = dict[VenueKind, Way]


def _row(ways: str) -> _Row:
    """Read a row: one letter a venue, in the order of `VenueKind`."""
    by_letter = {way.value[0]: way for way in Way}
    return dict(zip(VenueKind, (by_letter[letter] for letter in ways.split()), strict=True))


# Columns: paper, alpaca-equities, alpaca-crypto, alpaca-options, ccxt-spot, ccxt-contracts,
# ccxt-binance-usdm.
ORDER_TYPES: Final[Mapping[OrderType, _Row]] = {
    OrderType.MARKET: _row("n n n n n n n"),
    OrderType.LIMIT: _row("n n n n n n n"),
    OrderType.STOP: _row("n n h n n h n"),
    OrderType.STOP_LIMIT: _row("n n n n n h n"),
    OrderType.TRAILING_STOP: _row("n n h r h h n"),
}
"""Every order type at every venue."""

TIMES_IN_FORCE: Final[Mapping[TimeInForce, _Row]] = {
    TimeInForce.DAY: _row("n n r n r r r"),
    TimeInForce.GTC: _row("n n n r n n n"),
    TimeInForce.IOC: _row("n n n r n n n"),
    TimeInForce.FOK: _row("n n r r n n n"),
    TimeInForce.GTD: _row("n h h r h h h"),
}
"""How long an order lives; a market order lives no longer than a moment, whatever it says."""

POST_ONLY: Final[_Row] = _row("n r r r n n n")
"""Limit orders that are rejected rather than filled at once as a taker."""

EXTENDED_HOURS: Final[_Row] = _row("n n r r r r r")
"""Limit orders that work before and after the regular session too."""

ONE_CANCELS_OTHER: Final[_Row] = _row("n h h h h h h")
"""Whether the venue itself ends the siblings of an order that fills; execution does it anyway."""

PROTECTIVE_PAIR: Final[_Row] = _row("n n h h h h h")
"""A stop and a target that close the same: who lets only one of them fill."""

ENTRY_WITH_EXITS: Final[_Row] = _row("h n h h h h h")
"""An entry at the market and what closes it, in one request: who sees that the exits follow it."""

AS_ONE_ORDER: Final = frozenset({VenueKind.ALPACA_EQUITIES})
"""Venues that take a stop and a target as one order (OCO) and know no other groups."""

MULTI_LEG: Final[_Row] = _row("n r r n r r r")
"""Orders with legs: several options of one underlying, filled in whole structures or not at all."""

TRIGGERED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})
"""Order types that wait for a trigger."""

TRAIL_PERCENT: Final = (Decimal("0.1"), Decimal(10))
TRAIL_STEP: Final = Decimal("0.1")
"""By how much Binance lets its contracts trail."""
BINANCE: Final = "binance"
_WHILE_HELD = (TimeInForce.GTC, TimeInForce.GTD)


def venue_kind_of(kind: str, *, spot: bool, symbol: str, exchange: str = "") -> VenueKind:
    """Return the kind of a session's venue: its settings' ``kind``, its market, the symbol."""
    if kind == "alpaca":
        return _at_alpaca(symbol)
    if kind == "ccxt":
        return VenueKind.CCXT_SPOT if spot else _contracts_at(exchange)
    return VenueKind.PAPER


def _contracts_at(exchange: str) -> VenueKind:
    return VenueKind.CCXT_BINANCE_USDM if exchange == BINANCE else VenueKind.CCXT_CONTRACTS


def _at_alpaca(symbol: str) -> VenueKind:
    if "/" in symbol:
        return VenueKind.ALPACA_CRYPTO
    return VenueKind.ALPACA_OPTIONS if is_option(symbol) else VenueKind.ALPACA_EQUITIES


def way_of_type(specification: OrderSpecification, venue: VenueKind) -> Way:
    """Return who waits for the trigger of an order, or carries out one without a trigger."""
    way = ORDER_TYPES[specification.order_type][venue]
    trails = specification.order_type == OrderType.TRAILING_STOP
    if trails and venue is VenueKind.CCXT_BINANCE_USDM and not _trails_there(specification):
        return Way.HELD
    return way


def _trails_there(specification: OrderSpecification) -> bool:
    percent, (least, most) = specification.trail_percent, TRAIL_PERCENT
    return percent is not None and least <= percent <= most and percent % TRAIL_STEP == 0


def unsupported(specification: OrderSpecification, venue: VenueKind) -> str:
    """Return what neither the venue nor execution can do of an order; nothing when all is well."""
    kind, force = specification.order_type, specification.time_in_force
    if specification.legs and MULTI_LEG[venue] is Way.REFUSED:
        return f"expected an order of one symbol, found one of {len(specification.legs)} legs"
    if way_of_type(specification, venue) is Way.REFUSED:
        return _instead(kind.name, [k.name for k, row in ORDER_TYPES.items() if _takes(row, venue)])
    if way_of_type(specification, venue) is Way.HELD and force not in _WHILE_HELD:
        return f"expected GTC or GTD on a {kind.name}, which execution holds, found {force.name}"
    if kind != OrderType.MARKET and TIMES_IN_FORCE[force][venue] is Way.REFUSED:
        taken = [each.name for each, row in TIMES_IN_FORCE.items() if _takes(row, venue)]
        return _instead(force.name, taken)
    for name, row in (("post_only", POST_ONLY), ("extended_hours", EXTENDED_HOURS)):
        if getattr(specification, name) and row[venue] is Way.REFUSED:
            return f"expected an order without {name}, found one with it"
    return ""


def _takes(row: _Row, venue: VenueKind) -> bool:
    return row[venue] is not Way.REFUSED


def _instead(found: str, expected: list[str]) -> str:
    *most, last = expected
    return f"expected {' or '.join(filter(None, [', '.join(most), last]))}, found {found}"
