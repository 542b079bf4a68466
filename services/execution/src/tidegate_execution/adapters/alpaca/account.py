"""What the venue holds for the account: open orders, holdings and cash."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate_contracts.execution import VenueAccount, VenueHolding
from tidegate_execution.adapters.alpaca.failures import Unproven, Unreadable
from tidegate_execution.adapters.alpaca.fees import Fees
from tidegate_execution.adapters.alpaca.fields import (
    Document,
    decimal_of,
    document_of,
    documents_of,
    text_of,
)
from tidegate_execution.adapters.alpaca.orders import has_ended, venue_order
from tidegate_execution.adapters.alpaca.structures import Families, is_structure
from tidegate_execution.adapters.doubtful import in_doubt
from tidegate_kernel.contracts import units_of

if TYPE_CHECKING:
    from tidegate_contracts.execution import VenueOrder
    from tidegate_execution.adapters.alpaca.client import AlpacaClient

OPEN_ORDERS_MAX = 500


@dataclass
class Accounts:
    """Reads the account of one session."""

    client: AlpacaClient
    session: str
    venue: str
    fees: Fees = field(default_factory=Fees)
    families: Families = field(default_factory=Families)
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
            open_orders=tuple(map(self._open_order, _one_by_one(listed))),
            holdings=tuple(sorted(map(self._holding, positions), key=lambda each: each.symbol)),
            currency=text_of(account, "currency"),
            cash=decimal_of(account, "cash"),
            event_at_ns=at_ns,
        )

    def _open_order(self, document: Document) -> VenueOrder:
        """Return an open order; of one that cannot be read, which it is: it alone is in doubt."""
        try:
            self.families.remember(document)
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


def _one_by_one(listed: list[Document]) -> list[Document]:
    """Return open orders and, as orders too, what hangs on them and is open; legs stay inside."""
    flat: list[Document] = []
    for each in listed:
        hanging = [] if is_structure(each) else documents_of(each.get("legs") or [], "legs")
        flat += [each, *(other for other in hanging if not has_ended(other))]
    return flat
