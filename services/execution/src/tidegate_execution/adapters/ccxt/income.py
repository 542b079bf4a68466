"""What Binance books by itself in an account of contracts: its income history, page by page.

1. Pages begin at a time, that time included, oldest first. The next begins at the last time of the
   one before, so that what shares a millisecond is not cut in two; ids tell what was read twice.
2. Commissions and realised profits are left out: fills say the one and bring about the other.
3. What nobody here has studied, and what is not whole, is told by its id and why, as an entry
   without a kind.

Binance lists a booking within seconds. The hour before is read with every question, for clocks and
for what is listed late. Source: Binance's description of `GET /fapi/v1/income`, where an id counts
within its type.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tidegate_contracts.execution import AccountEntryKind as Kind, VenueEntry
from tidegate_execution.adapters.ccxt.completeness import require_fields
from tidegate_execution.adapters.ccxt.orders import NS_PER_MS, Document, exact, text
from tidegate_execution.adapters.ccxt.outcomes import Unproven
from tidegate_kernel.time import NS_PER_SECOND

if TYPE_CHECKING:
    from tidegate_execution.adapters.ccxt.client import Client

OVERLAP_NS: Final = 3_600 * NS_PER_SECOND
PAGE: Final = 1_000
PAGES_MAX: Final = 50
NAMED: Final = ("incomeType", "tranId", "time")
FIELDS: Final = ("income", "asset")
CARRIED_BY_FILLS: Final = ("COMMISSION", "REALIZED_PNL")
TRANSFERS: Final = (
    *("TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER", "STRATEGY_UMFUTURES_TRANSFER"),
    *("COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW", "AUTO_EXCHANGE"),
)
FEES: Final = (
    *("INSURANCE_CLEAR", "POSITION_LIMIT_INCREASE_FEE", "OPTIONS_PREMIUM_FEE", "FEE_RETURN"),
    *("COMMISSION_REBATE", "API_REBATE", "REFERRAL_KICKBACK"),
)
KINDS: Final = {
    "FUNDING_FEE": Kind.FUNDING,
    **dict.fromkeys(TRANSFERS, Kind.TRANSFER),
    **dict.fromkeys(FEES, Kind.FEE),
    **dict.fromkeys(("WELCOME_BONUS", "CONTEST_REWARD", "BFUSD_REWARD"), Kind.INTEREST),
}


@dataclass(frozen=True)
class Income:
    """Reads the income of one account."""

    client: Client
    # Answers a call, or raises one of `outcomes`.
    read: Callable[[Awaitable[Any]], Awaitable[Any]]
    # Spends what a further page costs of the account's budget.
    spend: Callable[[], Awaitable[None]]
    session: str
    venue: str
    # The most that a page holds.
    page: int = PAGE

    async def since(self, since_ns: int) -> tuple[VenueEntry, ...]:
        """Return what was booked since a time, and in the hour before it, oldest first."""
        begins_ms = max((since_ns - OVERLAP_NS) // NS_PER_MS, 0)
        rows: dict[str, Document] = {}
        for number in range(PAGES_MAX):
            if number:
                await self.spend()
            page = await self._page(begins_ms)
            rows |= {key_of(each): each for each in page}
            if len(page) < self.page:
                found = [self._entry(key, row) for key, row in rows.items()]
                return tuple(each for each in found if each is not None)
            last_ms = max(int(each["time"]) for each in page)
            if last_ms <= begins_ms:
                raise Unproven(f"expected fewer than {self.page} bookings in a millisecond")
            begins_ms = last_ms
        raise Unproven(f"expected fewer than {self.page * PAGES_MAX} bookings")

    async def _page(self, begins_ms: int) -> list[Document]:
        asked = {"startTime": begins_ms, "limit": self.page}
        answer = await self.read(self.client.fapiPrivateGetIncome(asked))
        if not isinstance(answer, list):
            raise Unproven(f"expected income as a list, found {type(answer).__name__}")
        for each in answer:
            require_fields(each, NAMED, "a booking")
        return sorted(answer, key=lambda each: int(each["time"]))

    def _entry(self, key: str, row: Document) -> VenueEntry | None:
        """Return a booking as an entry; one without a kind if it cannot be read."""
        if row["incomeType"] in CARRIED_BY_FILLS:
            return None
        at_ns = int(row["time"]) * NS_PER_MS
        try:
            return self._booked(key, row, at_ns)
        except Unproven as error:
            return VenueEntry(
                session=self.session, entry_id=key, event_at_ns=at_ns, reason=str(error)
            )

    def _booked(self, key: str, row: Document, at_ns: int) -> VenueEntry | None:
        require_fields(row, FIELDS, "a booking")
        kind = KINDS.get(str(row["incomeType"]))
        told = f"{row['incomeType']} of {row['income']} {row['asset']}"
        if kind is None:
            raise Unproven(f"expected a kind of booking that is known, found {told}")
        cash = exact(row["income"], "income")
        if cash == 0:
            return None
        return VenueEntry(
            session=self.session,
            entry_id=key,
            kind=kind,
            venue=self.venue,
            symbol=self._symbol(row),
            currency=text(row, "asset"),
            cash=cash,
            event_at_ns=at_ns,
            reason=str(row.get("info") or row["incomeType"]),
        )

    def _symbol(self, row: Document) -> str:
        listed = row.get("symbol")
        return str(self.client.safe_symbol(listed, None, None, "swap")) if listed else ""


def key_of(row: Mapping[str, Any]) -> str:
    """Return the id of a booking: the exchange's own, within its type, symbol and asset."""
    parts = (row["incomeType"], row["tranId"], row.get("symbol"), row.get("asset"))
    return ":".join("" if each is None else str(each) for each in parts)
