"""Exits that are sent with their entry: order classes ``bracket`` (both) and ``oto`` (one of them).

The entry is an order as any other, under our client id. Its exits hang on it as legs, with ids that
Alpaca gives them; only answers that nest them tell the relation, as with a stop and a target that
are sent by themselves (`choices`). They are shown here as what they are to us: one order with an id
of its own, derived from the entry's, and not a word of what the entry has filled.

They are held until the entry has filled whole, and end with one that is cancelled. A nested list
of open orders may leave them out once their entry has ended: whoever misses them asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_execution.adapters.alpaca import choices
from tidegate_execution.adapters.alpaca.failures import Unproven
from tidegate_execution.adapters.alpaca.fields import Document, documents_of, text_of
from tidegate_execution.core.orders.attached import attached_exits_id
from tidegate_execution.core.orders.choices import is_choice
from tidegate_kernel.identifiers import is_client_order_id
from tidegate_kernel.money import plain

if TYPE_CHECKING:
    from tidegate_contracts.execution import OrderSpecification

BOTH, ONE = "bracket", "oto"


def posted(exits: OrderSpecification) -> dict[str, object]:
    """Return what makes an order an entry with exits."""
    prices = {
        "take_profit": {"limit_price": exits.limit_price},
        "stop_loss": {"stop_price": exits.trigger_price},
    }
    wanted = {
        name: {of: plain(price)}
        for name, priced in prices.items()
        for of, price in priced.items()
        if price is not None
    }
    return {"order_class": BOTH if is_choice(exits) else ONE, **wanted}


def is_of_both(document: Document) -> bool:
    """Tell whether it is an entry that was sent with its exits, or one of those."""
    return document.get("order_class") in (BOTH, ONE)


def is_entry(document: Document) -> bool:
    """Tell whether it shows an entry with its exits."""
    return is_of_both(document) and bool(document.get("legs"))


def is_exit(document: Document) -> bool:
    """Tell whether it is no entry of ours: exits have client ids that Alpaca gives them."""
    return is_of_both(document) and not is_client_order_id(str(document.get("client_order_id")))


def exits_of(entry: Document) -> Document:
    """Return the exits of an entry as one order; `Unproven` if it does not show them.

    A stop and a target as the target with its stop, one of them as itself.
    """
    if not is_entry(entry):
        raise Unproven("expected an entry with its exits, found none of them")
    legs = documents_of(entry.get("legs"), "legs")
    first = next((each for each in legs if not each.get("stop_price")), legs[0])
    others = [each for each in legs if each is not first]
    return {
        **first,
        "client_order_id": attached_exits_id(text_of(entry, "client_order_id")),
        "order_class": choices.ORDER_CLASS if others else "simple",
        "legs": others or None,
        choices.SHOWN_BY: text_of(entry, "id"),
    }
