"""Activities that are no trades, as entries: what moved in cash and units, and why.

1. What fills carry already is none: crypto's fees, and those of options (`fees`).
2. Cash is booked by ``net_amount`` under the kind of its type, units by ``qty``. Of a dividend that
   is what it was paid on, unless it pays no cash: then it is what was paid.
3. A split is two rows, the units of before out and those of after in: one entry of their
   difference. An exercise or assignment is the option's row, and the trade in its underlying.
4. A row whose other one is missing, of a type that nobody here has studied, corrected, cancelled
   or unreadable is told by its id and why, as an entry without a kind. Where the list begins, rows
   whose other one may lie before it are left out: they were told together before.

Sources: Alpaca's description of the trading API (NonTradeActivities), and its pages on non-trade
activities of options, corporate actions and regulatory fees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tidegate_contracts.execution import AccountEntryKind as Kind, VenueEntry
from tidegate_execution.adapters.alpaca.failures import Unreadable
from tidegate_execution.adapters.alpaca.fees import CURRENCY
from tidegate_execution.adapters.alpaca.fields import (
    NS_PER_SECOND,
    Document,
    decimal_of,
    decimal_or_none,
    text_of,
    time_ns_of,
)
from tidegate_kernel.contracts import option_of, units_of
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

DIVIDENDS: Final = (
    *("DIV", "DIVCGL", "DIVCGS", "DIVFEE", "DIVFT", "DIVNRA", "DIVROC", "DIVTW", "DIVTXEX"),
    *("DIVWH", "CGD"),
)
CASH: Final = {
    **dict.fromkeys(DIVIDENDS, Kind.DIVIDEND),
    **dict.fromkeys(("INT", "INTNRA", "INTTW"), Kind.INTEREST),
    **dict.fromkeys(("FEE", "PTC", "PTR"), Kind.FEE),
    **dict.fromkeys(("CSD", "CSW", "TRANS", "ACATC", "JNLC"), Kind.TRANSFER),
    # Cash in lieu of a fraction of a unit.
    "CIL": Kind.SPLIT,
}
"""What moves cash alone."""
UNITS: Final = ("ACATS", "JNLS", "FOPT")
"""What brings units in, or takes them out."""
EXPIRY, SPLIT, TRADE = "OPEXP", "SPLIT", "OPTRD"
USED: Final = {"OPEXC": Kind.OPTION_EXERCISE, "OPASN": Kind.OPTION_ASSIGNMENT}
EXECUTED = "executed"
OPTION_FEES: Final = ("ORF", "OCC")


@dataclass(frozen=True)
class Row:
    """One activity."""

    document: Document
    type: str
    id: str
    at_ns: int
    symbol: str
    quantity: Decimal
    amount: Decimal
    text: str

    @classmethod
    def of(cls, document: Document) -> Row:
        """Read an activity; `Unreadable`, naming the field, if it lacks something."""
        return cls(
            document=document,
            type=text_of(document, "activity_type"),
            id=text_of(document, "id"),
            at_ns=_time_ns(document),
            symbol=_text(document, "symbol"),
            quantity=decimal_or_none(document, "qty") or ZERO,
            amount=decimal_of(document, "net_amount"),
            text=_text(document, "description"),
        )

    @property
    def key(self) -> str:
        """The id under which it is booked."""
        return f"{self.type}:{self.id}"

    @property
    def units(self) -> Decimal:
        """What it changes in units."""
        return self.quantity * units_of(self.symbol)

    @property
    def siblings(self) -> str:
        """What it shares with the rows that belong to it."""
        return _text(self.document, "group_id") or f"{self.symbol}:{self._day}"

    @property
    def _day(self) -> int:
        return self.at_ns // NS_PER_DAY

    def is_sibling(self, other: Row) -> bool:
        """Tell whether another row may belong to it: of one group, or else of one day."""
        groups = [_text(each.document, "group_id") for each in (self, other)]
        return groups[0] == groups[1] if all(groups) else self._day == other._day

    def is_carried_by_fills(self) -> bool:
        """Tell whether it is a fee that fills say themselves."""
        text = self.text.lower()
        of_option = _text(self.document, "activity_sub_type") in OPTION_FEES or "contract" in text
        of_coin = text.startswith("coin pair transaction fee")
        return self.type == "CFEE" or (self.type == "FEE" and (of_option or of_coin))


@dataclass(frozen=True)
class Reading:
    """Makes entries of a list of activities."""

    session: str
    venue: str
    # Where the list begins.
    begins_ns: int = 0

    def entries(self, documents: Iterable[Document]) -> tuple[VenueEntry, ...]:
        """Return what was booked, oldest first; `Unreadable` of a row without an id."""
        rows: dict[str, Row] = {}
        found: list[VenueEntry] = []
        for document in documents:
            try:
                row = Row.of(document)
                _require_executed(row)
            except Unreadable as error:
                found.append(self._unread(_key(document), str(error)))
                continue
            rows.setdefault(row.key, row)
        counted = [each for each in rows.values() if not each.is_carried_by_fills()]
        found += self._splits([each for each in counted if each.type == SPLIT])
        found += self._used(counted)
        alone = [each for each in counted if each.type not in (SPLIT, TRADE, *USED)]
        found += [each for row in alone for each in self._alone(row)]
        return tuple(sorted(found, key=lambda each: (each.event_at_ns, each.entry_id)))

    def _alone(self, row: Row) -> list[VenueEntry]:
        """Return the entry of a row that stands for itself; none of one that changes nothing."""
        kind, moves = CASH.get(row.type), row.quantity != 0
        if row.amount == 0 and not moves:
            return []
        if row.type in DIVIDENDS:
            return [self._dividend(row)]
        if kind is not None and not moves:
            kind = Kind.BORROW_FEE if "borrow" in row.text.lower() else kind
            return [self._entry(row, kind)]
        if row.type in UNITS and moves and row.symbol:
            price = decimal_or_none(row.document, "price") or None
            return [self._entry(row, Kind.TRANSFER, quantity=row.units, price=price)]
        if row.type == EXPIRY and moves and option_of(row.symbol):
            return [self._entry(row, Kind.OPTION_EXPIRY, quantity=row.units)]
        return [self._unread(row.key, f"expected an activity that is known, found {_told(row)}")]

    def _dividend(self, row: Row) -> VenueEntry:
        if row.amount != 0 or row.document.get("per_share_amount") is not None:
            return self._entry(row, Kind.DIVIDEND)
        # Paid in units: more of them for the same total cost.
        return self._entry(row, Kind.SPLIT, quantity=row.units)

    def _splits(self, rows: Sequence[Row]) -> list[VenueEntry]:
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(row.siblings, []).append(row)
        found: list[VenueEntry] = []
        for siblings, group in groups.items():
            first, both = group[0], any(each.quantity < 0 for each in group)
            both = both and any(each.quantity > 0 for each in group)
            key = f"{SPLIT}:{siblings}"
            if len({each.symbol for each in group}) > 1:
                names = ", ".join(sorted({each.symbol for each in group}))
                why = f"expected a split of one symbol, found {names}"
                found.append(self._unread(key, why, first.at_ns))
            elif both:
                units = sum((each.units for each in group), ZERO)
                cash = sum((each.amount for each in group), ZERO)
                found.append(
                    self._entry(first, Kind.SPLIT, entry_id=key, quantity=units, cash=cash)
                )
            else:
                found += self._lone(first, key)
        return found

    def _used(self, rows: Sequence[Row]) -> list[VenueEntry]:
        """Return exercises and assignments, each with the trade that it made."""
        trades = [each for each in rows if each.type == TRADE]
        found: list[VenueEntry] = []
        for row in [each for each in rows if each.type in USED]:
            trade = next((each for each in trades if _was_made_by(each, row)), None)
            if trade is None:
                found += self._lone(row, row.key)
                continue
            trades.remove(trade)
            option = option_of(row.symbol)
            assert option is not None, "it has made a trade"
            found.append(
                self._entry(
                    row,
                    USED[row.type],
                    quantity=row.units,
                    cash=row.amount + trade.amount,
                    delivered_symbol=trade.symbol,
                    delivered_quantity=trade.quantity,
                    delivered_price=option.strike,
                )
            )
        return found + [each for trade in trades for each in self._lone(trade, trade.key)]

    def _lone(self, row: Row, key: str) -> list[VenueEntry]:
        """Tell of a row without its other one, unless that one may lie before the list."""
        if row.at_ns < self.begins_ns + NS_PER_DAY:
            return []
        why = f"expected the other row that belongs to it, found {_told(row)} alone"
        return [self._unread(key, why, row.at_ns)]

    def _entry(self, row: Row, kind: Kind, **changes: object) -> VenueEntry:
        values: dict[str, object] = {
            "entry_id": row.key,
            "symbol": row.symbol,
            "cash": row.amount,
            **changes,
        }
        return VenueEntry(
            session=self.session,
            kind=kind,
            venue=self.venue,
            currency=_text(row.document, "currency") or CURRENCY,
            event_at_ns=row.at_ns,
            reason=row.text or row.type,
            **values,  # type: ignore[arg-type]
        )

    def _unread(self, key: str, why: str, at_ns: int = 0) -> VenueEntry:
        return VenueEntry(session=self.session, entry_id=key, event_at_ns=at_ns, reason=why)


def _was_made_by(trade: Row, row: Row) -> bool:
    """Tell whether a trade in an underlying is what an option's exercise or assignment delivers."""
    option = option_of(row.symbol)
    if option is None or trade.symbol != option.underlying or not row.is_sibling(trade):
        return False
    delivered = -row.units if option.is_call else row.units
    return trade.quantity == delivered and trade.amount == -delivered * option.strike


def _require_executed(row: Row) -> None:
    status = row.document.get("status")
    if status not in (None, EXECUTED):
        raise Unreadable(f"expected an executed activity, found {status} {_told(row)}")


def _key(document: Document) -> str:
    """Return what names a row that cannot be read; one that is no longer executed is another."""
    status = document.get("status")
    told = f":{status}" if status not in (None, EXECUTED) else ""
    return f"{document.get('activity_type')}:{text_of(document, 'id')}{told}"


def _told(row: Row) -> str:
    amounts = f"{row.quantity} and {row.amount}"
    return " ".join(filter(None, (row.type, row.symbol, amounts)))


def _text(document: Document, name: str) -> str:
    """Return a text that may be null or absent."""
    return "" if document.get(name) is None else text_of(document, name)


def _time_ns(document: Document) -> int:
    """Return when it was booked; without that the beginning of its day, UTC."""
    if document.get("created_at") is not None:
        return time_ns_of(document, "created_at")
    text = text_of(document, "date")
    try:
        day = datetime.fromisoformat(text[:10]).replace(tzinfo=UTC)
    except ValueError:
        raise Unreadable(f"expected date as a day, found {text!r}") from None
    return int(day.timestamp()) * NS_PER_SECOND
