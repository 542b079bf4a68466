"""What the rules are asked: first about a signal, then about the order that it became.

`Question` is a signal with the book, the gate and the limits at one moment. `Proposal` is the
sized order that answers it. Rules are pure functions of one of them. The book does not change while
a question is asked, so what several rules look at is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
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


@dataclass(frozen=True)
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

    @cached_property
    def listing(self) -> str:
        """The symbol at its venue."""
        return listing_of(self.signal.venue, self.signal.symbol)

    @cached_property
    def increasing(self) -> bool:
        """Whether the order could bring a position further from zero: all but FLAT."""
        return self.signal.direction != Direction.FLAT

    @property
    def activity(self) -> Activity:
        """How the gate sees it."""
        return Activity.INCREASE if self.increasing else Activity.REDUCE

    @cached_property
    def coverage(self) -> Coverage:
        """Which scopes of the gate cover it."""
        return Coverage(
            session=self.parameters.session,
            account=self.parameters.account,
            venue=self.signal.venue,
            strategy=self.signal.strategy,
            symbol=self.signal.symbol,
        )

    @cached_property
    def instrument(self) -> Instrument | None:
        """The instrument, if the feed has described it."""
        return self.book.market.instruments.get(self.listing)

    @cached_property
    def bar(self) -> Bar | None:
        """The newest bar, if there is one."""
        return self.book.market.bars.get(self.listing)

    @cached_property
    def price(self) -> Decimal | None:
        """The newest close, if there is one."""
        return self.book.market.price_of(self.listing)

    @cached_property
    def equity(self) -> Decimal:
        """What the account is worth, by the smaller of two figures."""
        return self.book.equity()

    @cached_property
    def daily_loss(self) -> Decimal:
        """What was lost since the UTC day began."""
        return self.book.daily_loss(self.now_ns)

    @cached_property
    def free_cash(self) -> Decimal:
        """The cash that nothing else needs."""
        return self.book.free_cash()

    @cached_property
    def exposed_listings(self) -> list[str]:
        """The listings that are held or could be after open orders fill."""
        return self.book.exposed_listings()

    @property
    def currency(self) -> str:
        """The session's currency: the unit of money in messages."""
        return self.parameters.currency


@dataclass(frozen=True)
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

    @cached_property
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

    @cached_property
    def symbol_exposure(self) -> Decimal:
        """The symbol's worst-case exposure if the order were approved; never netted."""
        question = self.question
        quantity = question.book.worst_quantity(question.listing, self.buys, self.sells)
        return quantity * self._valued_at

    @cached_property
    def symbol_exposure_before(self) -> Decimal:
        """The symbol's worst-case exposure without the order."""
        return self.question.book.worst_quantity(self.question.listing) * self._valued_at

    @cached_property
    def gross_exposure_elsewhere(self) -> Decimal:
        """The sum over all other symbols."""
        question, book = self.question, self.question.book
        return sum(
            (
                book.worst_quantity(listing) * (book.market.price_of(listing) or ZERO)
                for listing in question.exposed_listings
                if listing != question.listing
            ),
            ZERO,
        )

    @property
    def gross_exposure(self) -> Decimal:
        """The sum over all symbols if the order were approved."""
        return self.gross_exposure_elsewhere + self.symbol_exposure

    @property
    def _valued_at(self) -> Decimal:
        newest = self.question.price
        return self.price if newest is None else max(self.price, newest)
