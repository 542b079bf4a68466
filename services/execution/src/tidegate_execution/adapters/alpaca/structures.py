"""Orders of several legs as Alpaca knows them: a parent that counts structures, legs in contracts.

The parent has neither symbol nor side. Each leg is an order with an id of its own, and under that
the account's activities tell its fills; the client id that Alpaca gives a leg is of no use to
anybody. What is filled is counted from the legs: the parent's own count is not relied upon.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import LegFilled, OrderLeg, Side
from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    documents_of,
    text_of,
)
from tidegate_kernel.contracts import CONTRACT_UNITS, OptionSymbol, option_of
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification

ORDER_CLASS = "mleg"
SIDES = {Side.BUY: "buy", Side.SELL: "sell"}
_SIDES = {text: side for side, text in SIDES.items()}
LEGS_REMEMBERED = 40_000


def is_structure(document: Document) -> bool:
    """Tell whether it is an order of several legs, and not one of them."""
    return document.get("order_class") == ORDER_CLASS and not document.get("symbol")


def is_leg(document: Document) -> bool:
    """Tell whether it is the leg of another order."""
    return document.get("order_class") == ORDER_CLASS and bool(document.get("symbol"))


def posted_legs(specification: OrderSpecification) -> list[dict[str, object]]:
    """Return the legs as they are posted: all of them open, or all of them close."""
    return [
        {
            "symbol": leg.symbol,
            "side": SIDES[leg.side],
            "ratio_qty": str(leg.ratio),
            "position_intent": intent(leg.side, closes=specification.reduce_only),
        }
        for leg in specification.legs
    ]


def intent(side: Side, *, closes: bool) -> str:
    """Return what an order of an option is to do with the position."""
    return f"{SIDES[side]}_to_{'close' if closes else 'open'}"


@dataclass(frozen=True)
class VenueLeg:
    """A leg of an order, as the venue tells it."""

    document: Document
    leg: OrderLeg
    option: OptionSymbol
    # In units, as everything here.
    filled: Decimal


def legs_of(document: Document) -> tuple[VenueLeg, ...]:
    """Return the legs of an order that has some; `Unreadable` if one of them cannot be read."""
    legs = tuple(map(_leg_of, documents_of(document.get("legs"), "legs")))
    if not legs:
        raise Unreadable("expected legs, found none")
    return legs


def _leg_of(document: Document) -> VenueLeg:
    symbol, side = text_of(document, "symbol"), text_of(document, "side")
    ratio, option = decimal_of(document, "ratio_qty"), option_of(symbol)
    text_of(document, "id")
    if option is None:
        raise Unreadable(f"expected the symbol of a leg to be an option's, found {symbol!r}")
    if side not in _SIDES:
        raise Unreadable(f"expected the side of a leg as buy or sell, found {side!r}")
    if ratio < 1 or ratio % 1:
        raise Unreadable(f"expected ratio_qty as a whole number from 1, found {plain(ratio)}")
    return VenueLeg(
        document=document,
        leg=OrderLeg(symbol=symbol, side=_SIDES[side], ratio=int(ratio)),
        option=option,
        filled=decimal_of(document, "filled_qty") * CONTRACT_UNITS,
    )


def underlying_of(document: Document) -> str:
    """Return what all legs of an order are options on."""
    first, *others = legs_of(document)
    if any(each.option.underlying != first.option.underlying for each in others):
        raise Unreadable("expected legs on one underlying")
    return first.option.underlying


def whole_structures(legs: tuple[VenueLeg, ...]) -> Decimal:
    """Return how much the legs make in whole structures, in units."""
    contracts = min(each.filled / CONTRACT_UNITS // each.leg.ratio for each in legs)
    return contracts * CONTRACT_UNITS


def legs_filled(legs: tuple[VenueLeg, ...]) -> tuple[LegFilled, ...]:
    """Return how much of each leg is executed."""
    return tuple(LegFilled(symbol=each.leg.symbol, filled_quantity=each.filled) for each in legs)


@dataclass
class Families:
    """Which order a leg is part of: a message about a leg alone names its own ids only."""

    _parents: OrderedDict[str, tuple[str, str]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def remember(self, document: Document) -> None:
        """Remember the legs of an order that has some; who they are is enough for that."""
        legs, parent = document.get("legs"), (document.get("client_order_id"), document.get("id"))
        if not is_structure(document) or not isinstance(legs, list):
            return
        ids = [each.get("id") for each in legs if isinstance(each, dict)]
        with self._lock:
            for leg_id in ids:
                if isinstance(leg_id, str):
                    self._parents[leg_id] = (str(parent[0]), str(parent[1]))
            while len(self._parents) > LEGS_REMEMBERED:
                self._parents.popitem(last=False)

    def parent_of(self, leg: Document) -> tuple[str, str] | None:
        """Return client id and venue's id of the order that a leg is part of, if it is known."""
        with self._lock:
            return self._parents.get(text_of(leg, "id"))
