"""What the rules are asked: first about a signal, then about the order that it became.

`Question` is a signal with the book, the gate and the limits at one moment. `Proposal` is the
sized order that answers it. Rules are pure functions of one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import OrderSpecification, Side
from tidegate_contracts.signals import Direction
from tidegate_kernel.gate import Activity, Coverage, GateView
from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.market import listing_of

if TYPE_CHECKING:
    from tidegate_contracts.market import Bar, Instrument
    from tidegate_contracts.signals import Signal
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.parameters import DecisionParameters, Limits


class Approval(msgspec.Struct, frozen=True):
    """An order that was approved: what the duplicate and the rate rule remember."""

    at_ns: int
    strategy: str
    listing: str
    side: Side
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Question:
    """A signal that may become an order, and everything that it is judged by."""

    signal: Signal
    now_ns: int
    parameters: DecisionParameters
    book: Book
    gate: GateView
    approvals: tuple[Approval, ...]

    @property
    def limits(self) -> Limits:
        """The session's limits."""
        return self.parameters.limits

    @property
    def listing(self) -> str:
        """The symbol at its venue."""
        return listing_of(self.signal.venue, self.signal.symbol)

    @property
    def increasing(self) -> bool:
        """Whether the order could bring a position further from zero: all but FLAT."""
        return self.signal.direction != Direction.FLAT

    @property
    def activity(self) -> Activity:
        """How the gate sees it."""
        return Activity.INCREASE if self.increasing else Activity.REDUCE

    @property
    def coverage(self) -> Coverage:
        """Which scopes of the gate cover it."""
        return Coverage(
            session=self.parameters.session,
            account=self.parameters.account,
            venue=self.signal.venue,
            strategy=self.signal.strategy,
            symbol=self.signal.symbol,
        )

    @property
    def instrument(self) -> Instrument | None:
        """The instrument, if the feed has described it."""
        return self.book.market.instruments.get(self.listing)

    @property
    def bar(self) -> Bar | None:
        """The newest bar, if there is one."""
        return self.book.market.bars.get(self.listing)

    @property
    def price(self) -> Decimal | None:
        """The newest close, if there is one."""
        return self.book.market.price_of(self.listing)

    @property
    def currency(self) -> str:
        """The session's currency: the unit of money in messages."""
        return self.parameters.currency


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sized order. ``price`` values it: the worse of its limit and the newest close."""

    question: Question
    instrument: Instrument
    specification: OrderSpecification
    price: Decimal

    @property
    def quantity(self) -> Decimal:
        """The quantity, above zero."""
        return self.specification.quantity

    @property
    def notional(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.price

    @property
    def buys(self) -> Decimal:
        """The quantity if it buys, else zero."""
        return self.quantity if self.specification.side == Side.BUY else ZERO

    @property
    def sells(self) -> Decimal:
        """The quantity if it sells, else zero."""
        return self.quantity if self.specification.side == Side.SELL else ZERO
