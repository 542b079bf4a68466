"""What the venue holds for the account: open orders, holdings and cash."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate_contracts.execution import VenueAccount, VenueHolding
from tidegate_execution.adapters.alpaca.attached import exits_of, is_entry, is_of_both
from tidegate_execution.adapters.alpaca.choices import Choices, is_part, is_whole
from tidegate_execution.adapters.alpaca.failures import Refused, Unproven, Unreadable
from tidegate_execution.adapters.alpaca.fees import Fees
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    document_of,
    documents_of,
    text_of,
    time_ns_of,
)
from tidegate_execution.adapters.alpaca.orders import has_ended, venue_order
from tidegate_execution.adapters.alpaca.structures import Families, is_structure
from tidegate_execution.adapters.doubtful import in_doubt
from tidegate_kernel.contracts import units_of
from tidegate_kernel.time import NS_PER_SECOND, format_time

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueOrder
    from tidegate_execution.adapters.alpaca.client import AlpacaClient

OPEN_ORDERS_MAX = 500
PARTS_MAX = 20
"""Of one order, with all that the venue has put in their places."""
MADE_WITHIN_NS = 60 * NS_PER_SECOND
"""Of what is ordered in one request, no part is dated so much later than another."""


@dataclass
class Accounts:
    """Reads the account of one session."""

    client: AlpacaClient
    session: str
    venue: str
    fees: Fees = field(default_factory=Fees)
    families: Families = field(default_factory=Families)
    choices: Choices = field(default_factory=Choices)
    _pairs: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def number(self) -> str:
        """Return the account number, as the venue reports it for the keys."""
        return text_of(document_of(self.client.get("/account"), "the account"), "account_number")

    def read(self, at_ns: int) -> VenueAccount:
        """Return open orders, holdings and cash; ``at_ns`` is when it was asked for."""
        account = document_of(self.client.get("/account"), "the account")
        self.fees.take_account(account)
        query = {"status": "open", "limit": OPEN_ORDERS_MAX, "nested": "true"}
        listed = documents_of(self.client.get("/orders", query), "open orders")
        if len(listed) == OPEN_ORDERS_MAX:
            # More may be open than one answer holds: this would not be the whole account.
            raise Unproven(f"expected fewer than {OPEN_ORDERS_MAX} open orders")
        positions = documents_of(self.client.get("/positions"), "positions")
        return VenueAccount(
            session=self.session,
            open_orders=tuple(map(self._open_order, self._one_by_one(listed))),
            holdings=tuple(sorted(map(self._holding, positions), key=lambda each: each.symbol)),
            currency=text_of(account, "currency"),
            cash=decimal_of(account, "cash"),
            event_at_ns=at_ns,
        )

    def _open_order(self, document: Document) -> VenueOrder:
        """Return an open order; of one that cannot be read, which it is: it alone is in doubt."""
        try:
            self.learn(document)
            return venue_order(document, self.venue)
        except Unreadable as error:
            return in_doubt(document.get("client_order_id"), document.get("id"), error)

    def _holding(self, position: Document) -> VenueHolding:
        symbol = text_of(position, "symbol")
        if text_of(position, "asset_class") == "crypto" and "/" not in symbol:
            symbol = self._pair(symbol)
        quantity = decimal_of(position, "qty") * units_of(symbol)
        return VenueHolding(symbol=symbol, quantity=quantity)

    def _pair(self, symbol: str) -> str:
        """Return a crypto pair as orders write it: positions leave its slash out."""
        with self._lock:
            if symbol not in self._pairs:
                query = {"asset_class": "crypto"}
                assets = documents_of(self.client.get("/assets", query), "assets")
                names = [text_of(each, "symbol") for each in assets]
                self._pairs = {name.replace("/", ""): name for name in names}
            return self._pairs.get(symbol, symbol)

    def learn(self, document: Document) -> None:
        """Remember what hangs on an order: messages about it alone do not say on which."""
        self.families.remember(document)
        self.choices.remember(exits_of(document) if is_entry(document) else document)

    def _one_by_one(self, listed: list[Document]) -> list[Document]:
        """Return open orders and, as orders too, what hangs on them and is open.

        What is one order here stays one: legs, and a stop and a target. A part that is listed by
        itself, because what it hangs on has ended, is told as the order that it is part of.
        """
        flat: dict[object, Document] = {}
        parts: set[object] = set()
        for each in listed:
            if each.get("id") in parts:
                continue
            for found in self._orders_of(each):
                flat.setdefault(found.get("id"), found)
                parts |= {found.get("id"), *_leg_ids(found)}
        return list(flat.values())

    def _orders_of(self, listed: Document) -> list[Document]:
        """Return the open orders that one of the list stands for.

        An entry and its exits are two; exits that are listed alone are the one that they are.
        """
        if not (is_part(listed) or is_of_both(listed)):
            apart = is_structure(listed)
            hanging = [] if apart else documents_of(listed.get("legs") or [], "legs")
            return [listed, *(each for each in hanging if not has_ended(each))]
        whole = self._whole(listed)
        if not is_entry(whole):
            return [whole]
        legs = documents_of(whole.get("legs"), "legs")
        exits = [] if all(map(has_ended, legs)) else [exits_of(whole)]
        return [whole, *exits] if whole.get("id") == listed.get("id") else exits

    def _whole(self, part: Document) -> Document:
        """Return the order that shows a part; itself, if the venue knows none."""
        if _shows_parts(part):
            return part
        part_id, before = text_of(part, "id"), str(part.get("replaces"))
        known = self.choices.order_of(part_id) or self.choices.order_of(before)
        found = self.complete(self._nested(known or part_id))
        if _shows_parts(found):
            return found
        return next((each for each in self._made_with(part) if _has_part(each, part_id)), part)

    def complete(self, document: Document) -> Document:
        """Return an order with what the venue has put in the place of its parts, if it shows any.

        Each part names its successor: an answer that nests the first need not show the next.
        """
        if not _shows_parts(document):
            return document
        legs = documents_of(document.get("legs"), "legs")
        parts = list(legs) if is_entry(document) else [document, *legs]
        shown = {each.get("id") for each in parts}
        for each in parts:
            following = each.get("replaced_by")
            if isinstance(following, str) and following not in shown and len(shown) < PARTS_MAX:
                shown.add(following)
                legs.append(self._nested(following))
                parts.append(legs[-1])
        return {**document, "legs": legs}

    def _nested(self, order_id: str) -> Document:
        try:
            answer = self.client.get(f"/orders/{order_id}", {"nested": "true"})
        except Refused as refused:
            raise Unproven(f"the venue does not show an order that it lists: {refused}") from None
        return document_of(answer, "an order")

    def _made_with(self, part: Document) -> list[Document]:
        """Return what was ordered in the moment in which a part was, ended or not."""
        made_ns = time_ns_of(part, "created_at")
        query = {
            "status": "all",
            "symbols": text_of(part, "symbol"),
            "after": format_time(made_ns - MADE_WITHIN_NS),
            "until": format_time(made_ns + MADE_WITHIN_NS),
            "limit": OPEN_ORDERS_MAX,
            "nested": "true",
        }
        return documents_of(self.client.get("/orders", query), "orders")


def _shows_parts(document: Document) -> bool:
    return is_whole(document) or is_entry(document)


def _has_part(document: Document, part_id: str) -> bool:
    return _shows_parts(document) and part_id in _leg_ids(document)


def _leg_ids(document: Document) -> set[object]:
    """Return the ids of what hangs on an order, as far as it is shown."""
    return {each.get("id") for each in documents_of(document.get("legs") or [], "legs")}
