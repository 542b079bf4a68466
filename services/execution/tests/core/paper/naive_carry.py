"""What holding costs, naively: every hour is visited, and at each everything is asked.

It shares no code with the venue. Times are whole hours; money is in fractions of dollars.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from .naive import NaiveBar, NaiveVenue

HOUR_NS = 3_600 * 10**9


@dataclass
class NaiveCarry:
    """Rates and calendar by the hour; ``entries`` are kind, hour, units and cash."""

    venue: NaiveVenue
    borrow_percent: Fraction = Fraction(0)
    borrow_days: int = 360
    borrow_hour: int = 0
    funding: dict[int, Fraction] = field(default_factory=dict)
    told: dict[int, Fraction] = field(default_factory=dict)
    dividends: dict[int, Fraction] = field(default_factory=dict)
    splits: dict[int, tuple[int, int]] = field(default_factory=dict)
    entries: list[tuple[str, int, int, Fraction]] = field(default_factory=list)

    def see(self, bar: NaiveBar, previous: NaiveBar) -> None:
        """Let time pass from one bar to the end of another, and that one act on the orders."""
        start, end = bar.start_ns // HOUR_NS, bar.end_ns // HOUR_NS
        price = Fraction(previous.closed, 100)
        for hour in range(previous.end_ns // HOUR_NS, end):
            if hour <= start:
                self._carry(hour, price)
            if hour in self.dividends:
                self._enter("DIVIDEND", hour, 0, self.venue.held * self.dividends[hour])
            if hour in self.splits:
                price = self._split(hour, price)

        def after_open() -> None:
            for hour in range(start + 1, end):
                self._carry(hour, Fraction(bar.opened, 100))

        self.venue.see(bar, after_open)

    def _carry(self, hour: int, price: Fraction) -> None:
        held = self.venue.held
        if held < 0 and hour % 24 == self.borrow_hour:
            cost = held * price * self.borrow_percent / 100 / self.borrow_days
            self._enter("BORROW_FEE", hour, 0, cost)
        for rate in (self.told.get(hour), self.funding.get(hour % 24)):
            if rate is not None:
                self._enter("FUNDING", hour, 0, -held * price * rate)

    def _split(self, hour: int, price: Fraction) -> Fraction:
        new, old = self.splits[hour]
        for order in self.venue.orders:
            if not order.ended and order.caused_ns + self.venue.latency_ns <= hour * HOUR_NS:
                order.ended = "CANCELLED"
        held = self.venue.held
        exact = Fraction(held * new, old)
        whole = int(exact)
        self.venue.held = whole
        price = price * old / new
        if held:
            self._enter("SPLIT", hour, whole - held, (exact - whole) * price)
        return price

    def _enter(self, kind: str, hour: int, units: int, cash: Fraction) -> None:
        rounded = Fraction(round(cash * 10**8), 10**8)
        if rounded or kind == "SPLIT" or (kind == "DIVIDEND" and self.venue.held):
            self.entries.append((kind, hour, units, rounded))
