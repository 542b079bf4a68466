"""What a venue books by itself: dividends, splits, funding, transfers, options that are used.

Each moves the account and is remembered, for the protocols to list. Together they are one step:
nobody finds the account moved and the booking missing, unless a booking is told later on purpose.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.exchange.account import Position
from tests.venues.exchange.orders import ZERO

if TYPE_CHECKING:
    from tests.venues.exchange.exchange import Exchange


@dataclass(frozen=True)
class Booking:
    """One row of what the venue has booked."""

    # As the venue calls it: DIV, OPASN, FUNDING_FEE.
    kind: str
    booking_id: str
    number: int
    at_ns: int
    amount: Decimal = ZERO
    asset: str = "USD"
    symbol: str = ""
    quantity: Decimal = ZERO
    price: Decimal | None = None
    per_unit: Decimal | None = None
    text: str = ""
    # What rows that belong together share.
    group: str = ""


@dataclass
class Bookings:
    """The bookings of one account."""

    exchange: Exchange
    asset: str = "USD"
    rows: list[Booking] = field(default_factory=list)
    # Moved in the account, and not listed yet.
    withheld: list[Booking] = field(default_factory=list)
    withholds: bool = False

    def listed(self) -> list[Booking]:
        """Return what the venue lists, oldest first."""
        with self.exchange.lock:
            return list(self.rows)

    @contextmanager
    def told_later(self) -> Iterator[None]:
        """Move the account at once, and list what is booked in here only afterwards."""
        self.withholds = True
        try:
            yield
        finally:
            self.withholds = False
            self.rows += self.withheld
            self.withheld = []

    def cash(self, kind: str, amount: str, symbol: str = "", text: str = "") -> None:
        """Move cash alone: interest, a fee, a transfer."""
        with self.exchange.lock:
            self._book(kind, amount=Decimal(amount), symbol=symbol, text=text)

    def dividend(self, symbol: str, per_unit: str) -> Decimal:
        """Pay a dividend on what is held; a short pays it. Return what was paid."""
        with self.exchange.lock:
            held = self._held(symbol)
            rate = Decimal(per_unit)
            paid = (held * rate).quantize(Decimal("0.01"))
            self._money(paid)
            self._note("DIV", symbol=symbol, amount=paid, quantity=held, per_unit=rate)
            return paid

    def split(self, symbol: str, new: int, old: int) -> None:
        """Give ``new`` units for each ``old`` ones: the units of before go, those of after come."""
        with self.exchange.lock:
            position = self.exchange.account.positions[symbol]
            before, group = position.quantity, self._id()
            after = before * new / old
            position.quantity, position.entry_price = after, position.entry_price * old / new
            market = self.exchange.market(symbol)
            market.last = market.last * old / new
            self._note("SPLIT", symbol=symbol, quantity=-before, group=group)
            self._note("SPLIT", symbol=symbol, quantity=after, group=group)

    def fund(self, symbol: str, rate: str) -> Decimal:
        """Charge funding on a perpetual contract: longs pay at a rate above 0."""
        with self.exchange.lock:
            value = self._held(symbol) * self.exchange.market(symbol).last
            paid = (-value * Decimal(rate)).quantize(Decimal("1E-8"))
            self._money(paid)
            self._note("FUNDING_FEE", symbol=symbol, amount=paid)
            return paid

    def expire(self, option: str) -> None:
        """Let an option end worthless."""
        with self.exchange.lock:
            held = self._held(option)
            self._move(option, -held)
            self._note("OPEXP", symbol=option, quantity=-held, text="Option Expiry")

    def adjust_contract(self, option: str, adjusted: str, ratio: int) -> None:
        """Take a contract and give others for it, as after a split of its underlying."""
        with self.exchange.lock:
            held, group = self._held(option), self._id()
            self._move(option, -held)
            self._move(adjusted, held * ratio)
            self._note("OPCA", symbol=option, quantity=-held, group=group)
            self._note("OPCA", symbol=adjusted, quantity=held * ratio, group=group)

    def deliver(self, option: str, underlying: str, strike: str) -> None:
        """Use a call: a long one is exercised, a short one assigned; shares come or go for it."""
        with self.exchange.lock:
            held, group = self._held(option), self._id()
            multiplier = self.exchange.market(option).listing.multiplier
            shares, price = held * multiplier, Decimal(strike)
            kind = "OPEXC" if held > 0 else "OPASN"
            text = f"Option {'Exercise' if held > 0 else 'Assignment'}"
            self._move(option, -held)
            self._move(underlying, shares, price)
            self._money(-shares * price)
            self._note(kind, symbol=option, quantity=-held, group=group, text=text)
            self._note(
                "OPTRD",
                symbol=underlying,
                quantity=shares,
                amount=-shares * price,
                price=price,
                group=group,
                text="Option Trade",
            )

    def _held(self, symbol: str) -> Decimal:
        position = self.exchange.account.positions.get(symbol)
        return position.quantity if position else ZERO

    def _move(self, symbol: str, signed: Decimal, price: Decimal = ZERO) -> None:
        positions = self.exchange.account.positions
        position = positions.setdefault(symbol, Position())
        position.add(signed, price)
        if not position.quantity:
            del positions[symbol]

    def _money(self, amount: Decimal) -> None:
        balances = self.exchange.account.balances
        balances[self.asset] = balances.get(self.asset, ZERO) + amount

    def _book(self, kind: str, *, amount: Decimal, symbol: str, text: str) -> None:
        self._money(amount)
        self._note(kind, amount=amount, symbol=symbol, text=text)

    def _note(self, kind: str, **values: object) -> None:
        number = len(self.rows) + len(self.withheld) + 1
        row = Booking(
            kind,
            self._id(),
            number,
            self.exchange.clock(),
            asset=self.asset,
            **values,  # type: ignore[arg-type]
        )
        (self.withheld if self.withholds else self.rows).append(row)

    def _id(self) -> str:
        return str(uuid.UUID(int=self.exchange.identifiers.getrandbits(128), version=4))
