"""An order of several legs as a client posts it, read and checked as Alpaca checks it."""

from __future__ import annotations

from decimal import Decimal
from math import gcd

from tests.venues.alpaca.order_classes import INVALID, RULE
from tests.venues.alpaca.shapes import is_contract
from tests.venues.alpaca.tickets import (
    Document,
    Posted,
    decimal_of,
    word_of,
)
from tests.venues.exchange.orders import MULTI_LEG, Force, Kind, Refused, Side, Ticket
from tests.venues.exchange.structures import check_covered

LEGS_MAX = 4
DIGITS = 15
"""Of an OCC symbol behind its root: date, right and strike."""


def multi_leg_of(document: Document) -> Posted:
    """Read an order of several legs; the parent has neither symbol nor side of its own."""
    posted, quantity = document.get("legs"), decimal_of(document, "qty")
    if not isinstance(posted, list) or not 2 <= len(posted) <= LEGS_MAX:
        raise Refused(INVALID, f"mleg orders must have 2 to {LEGS_MAX} legs")
    if quantity is None or quantity % 1:
        raise Refused(INVALID, "mleg orders require a whole qty")
    if document.get("symbol") or document.get("side"):
        raise Refused(INVALID, "symbol and side must not be set for mleg orders")
    force = word_of(Force, document, "time_in_force")
    legs = [_leg(each, quantity, force) for each in posted]
    _check_legs(legs)
    parent = Ticket(
        # The exchange needs a market for it: the first leg's.
        symbol=legs[0].symbol,
        side=Side.BUY,
        quantity=quantity,
        kind=word_of(Kind, document, "type"),
        force=force,
        limit_price=decimal_of(document, "limit_price"),
        client_order_id=str(document.get("client_order_id") or ""),
    )
    if parent.kind not in (Kind.MARKET, Kind.LIMIT):
        raise Refused(RULE, "mleg orders must be market or limit orders")
    if (parent.kind is Kind.LIMIT) == (parent.limit_price is None):
        raise Refused(INVALID, "limit orders require limit price, and market orders take none")
    if force is not Force.DAY:
        raise Refused(RULE, "invalid time_in_force for options trading")
    return Posted(parent, MULTI_LEG, legs)


def _leg(document: Document, quantity: Decimal, force: Force) -> Ticket:
    symbol, ratio = str(document.get("symbol")), decimal_of(document, "ratio_qty")
    intent = str(document.get("position_intent") or "")
    if not is_contract(symbol):
        raise Refused(RULE, f"legs of mleg orders must be options, found {symbol}")
    if ratio is None or ratio < 1 or ratio % 1:
        raise Refused(INVALID, "ratio_qty must be a whole number of at least 1")
    side = word_of(Side, {"side": document.get("side") or intent.partition("_")[0]}, "side")
    if intent not in (f"{side.value}_to_open", f"{side.value}_to_close"):
        raise Refused(INVALID, f"position intent {intent!r} does not fit the side {side.value}")
    return Ticket(symbol, side, quantity * ratio, force=force, intent=intent, ratio=ratio)


def _check_legs(legs: list[Ticket]) -> None:
    symbols = {leg.symbol for leg in legs}
    if len(symbols) != len(legs):
        raise Refused(INVALID, "legs of mleg orders must have different symbols")
    if len({symbol[:-DIGITS] for symbol in symbols}) != 1:
        raise Refused(RULE, "legs of mleg orders must have the same underlying")
    ratios = [leg.ratio for leg in legs if leg.ratio is not None]
    if gcd(*map(int, ratios)) != 1:
        raise Refused(RULE, "leg ratio quantities must have no common divisor")
    opening = [leg for leg in legs if leg.intent.endswith("_to_open")]
    check_covered([(leg.side, leg.ratio or Decimal(0), leg.symbol) for leg in opening])
