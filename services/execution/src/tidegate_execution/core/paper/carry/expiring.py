"""Options at their expiry: settled when the last bars of the option and its underlying are known.

1. The settlement price is the close of the underlying's bar in which the expiry falls, and where
   none holds it the last close before. The option's own bar in which it falls is its last, and
   fills as any other: an option trades no more after its expiry.
2. It is settled in the same instant if both have a bar in it and the option's own has filled none
   of its orders, else before the first bar of a later instant: whoever hears of both must hear of
   the fill first, and inside of an instant entries are heard before fills. Bars of any listing
   tell that an instant is over.
3. Its open orders expire first. Its entry bears the time of the expiry, and what was delivered at
   the strike; the option goes at 0. It is delivered whatever cash and short positions allow:
   nobody asks before assigning.
4. An option whose underlying is not among the venue's instruments could never be settled, so its
   orders are refused (`terms`), and so are orders that arrive after the expiry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import VenueReportKind
from tidegate_execution.core.orders.legs import traded_symbols
from tidegate_execution.core.paper.book import listing_of
from tidegate_execution.core.paper.carry.keeping import end_order, told_of
from tidegate_execution.core.paper.carry.options import expire
from tidegate_kernel.machine import Publish
from tidegate_kernel.money import to_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from tidegate_contracts.market import Bar, Instrument, OptionTerms
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_execution.core.paper.carry.keeping import Carry
    from tidegate_kernel.machine import Effect


class Expiries:
    """The options of one venue, and which of them are to be settled."""

    def __init__(self, carry: Carry) -> None:
        self._carry = carry
        self._options: list[tuple[int, str, str]] | None = None

    def forget(self) -> None:
        """An instrument was told: look at all of them anew."""
        self._options = None

    def before(self, listing: str, bar: Bar) -> list[Effect]:
        """Settle what a bar shows to be over, before everything that it does."""
        effects: list[Effect] = []
        for expires_ns, option, underlying in self.concerned(bar.end_ns):
            last = self.last_bar(underlying)
            if last is not None and last.end_ns >= expires_ns:
                if bar.end_ns > last.end_ns:
                    effects += self._settle(option, underlying, last.close)
            elif listing == underlying and bar.start_ns >= expires_ns:
                price = bar.open if last is None else last.close
                effects += self._settle(option, underlying, price)
        return effects

    def after(self, listing: str, bar: Bar) -> list[Effect]:
        """Settle what has its last bars with this one, after everything that the bar did."""
        effects: list[Effect] = []
        for expires_ns, option, underlying in self.concerned(bar.end_ns):
            own, last = self.last_bar(option), self.last_bar(underlying)
            if listing not in (option, underlying) or own is None or last is None:
                continue
            if min(own.end_ns, last.end_ns) >= expires_ns and not self._just_filled(option, own):
                effects += self._settle(option, underlying, last.close)
        return effects

    def _just_filled(self, option: str, bar: Bar) -> bool:
        """Tell whether an option's last bar has filled an order of it."""
        specifications = (
            (order, order.resting.specification) for order in self._carry.book.orders.values()
        )
        return any(
            order.executions and order.executions[-1].event_at_ns >= bar.start_ns
            for order, made in specifications
            if option in [listing_of(made.venue, each) for each in traded_symbols(made)]
        )

    def concerned(self, until_ns: int) -> Iterator[tuple[int, str, str]]:
        """Return options that expire by a time and are held or ordered, the earliest first.

        Each with its expiry and its underlying's listing.
        """
        if self._options is None:
            self._options = _options_of(self._carry.book)
        book = self._carry.book
        if not self._options or self._options[0][0] > until_ns:
            return iter(())
        due = [each for each in self._options if each[0] <= until_ns]
        return iter(
            [e for e in due if book.held(book.instruments[e[1]].symbol) or book.open_orders(e[1])]
        )

    def last_bar(self, listing: str) -> Bar | None:
        """Return the last bar of a listing that was seen."""
        bars = self._carry.book.bars.get(listing)
        return bars[-1] if bars else None

    def _settle(self, listing: str, underlying: str, price: int) -> list[Effect]:
        carry, book = self._carry, self._carry.book
        option, delivered = book.instruments[listing], book.instruments[underlying]
        terms = option.option
        assert terms is not None, "only options expire"
        effects = [
            end_order(
                carry, order, VenueReportKind.EXPIRED, terms.expires_at_ns, "the option has expired"
            )
            for order in carry.open_orders(listing)
        ]
        held = book.held(option.symbol)
        if held:
            at = to_decimal(price, delivered.price_scale)
            effects.append(self._book(option, delivered, held, at))
        return effects

    def _book(
        self, option: Instrument, underlying: Instrument, held: Decimal, price: Decimal
    ) -> Effect:
        carry, terms = self._carry, _terms(option)
        own, delivery = expire(terms, held, price)
        identity = f"{own.kind.name.lower()}-{option.symbol}-{terms.expires_at_ns}"
        told = told_of(carry.parameters, option, own, (identity, terms.expires_at_ns))
        carry.book.change(option.symbol, own.quantity, own.cash)
        if delivery is None:
            return Publish(told)
        carry.book.change(underlying.symbol, delivery.quantity, delivery.cash)
        return Publish(
            msgspec.structs.replace(
                told,
                cash=delivery.cash,
                delivered_symbol=underlying.symbol,
                delivered_quantity=delivery.quantity,
                delivered_price=delivery.price,
            )
        )


def _terms(option: Instrument) -> OptionTerms:
    assert option.option is not None, "only options expire"
    return option.option


def _options_of(book: PaperBook) -> list[tuple[int, str, str]]:
    """Return the options whose underlying is known: expiry, own and underlying's listing."""
    found = []
    for listing, each in book.instruments.items():
        if each.option is None:
            continue
        underlying = listing_of(each.venue, each.option.underlying)
        if underlying in book.instruments:
            found.append((each.option.expires_at_ns, listing, underlying))
    return sorted(found)
