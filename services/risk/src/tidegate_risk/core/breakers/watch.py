"""What breakers watch, looked at when it may have changed.

Equity: at fills and account entries, at the account's snapshots, and at bars that leave their band
(`bands`); a bar of a listing that is not held costs nothing. Prices: of what is held at such bars,
of the rest when a strategy asks. The others at the message that they are about.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderState
from tidegate_kernel.machine import SetTimer
from tidegate_kernel.time import day_of
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.breakers import (
    cooldown,
    flash_crash,
    losing_streak,
    overtrading,
    price_divergence,
    spread,
    stale_prices,
    unreconciled,
    venue_rejects,
    volatility_shock,
)
from tidegate_risk.core.breakers.bands import Band, bands_of, first_outside
from tidegate_risk.core.breakers.board import TIMER, Board
from tidegate_risk.core.breakers.registry import ON_EQUITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.execution import AccountEntry, Fill, OrderEvent, Reconciliation
    from tidegate_contracts.frame import Frame
    from tidegate_contracts.market import Bar, Quote
    from tidegate_contracts.risk import GateEvent
    from tidegate_kernel.machine import Effect
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.breakers.breaker import Facts, Finding
    from tidegate_risk.core.breakers.registry import OnEquity
    from tidegate_risk.core.breakers.results import Closed
    from tidegate_risk.core.breakers.standing import BreakersState
    from tidegate_risk.core.parameters import DecisionParameters

UNRECONCILED_TIMER = f"{TIMER}{unreconciled.NAME}"
"""When an account that differs has had its time."""
_INFINITE = Decimal("Infinity")
_ON_BARS = (
    (flash_crash.BREAKER, flash_crash.find),
    (volatility_shock.BREAKER, volatility_shock.find),
)
"""What is looked at when a strategy asks for a listing."""


class Watch:
    """The breakers of one session, and when they are looked at."""

    def __init__(self, parameters: DecisionParameters, book: Book, state: BreakersState) -> None:
        self.board = Board(parameters, book, state)
        self._book = book
        self._state = state
        limits = parameters.limits
        self._on_equity = [each for each in ON_EQUITY if each.breaker.enabled(limits)]
        self._finds_on_bars = [find for breaker, find in _ON_BARS if breaker.enabled(limits)]
        # None: something has changed, so that they must be worked out anew.
        self._bands: dict[str, Band] | None = None
        # Whether a bar must be looked at at all.
        self.watches_bars = True

    def look_anew(self) -> None:
        """Something that equity or its limits depend on has changed."""
        self._bands, self.watches_bars = None, True

    # --- bars ---------------------------------------------------------------------------------

    def take_bar(self, bar: Bar, now_ns: int) -> Sequence[Effect]:
        """Look at a bar that the book has marked."""
        listing = f"{bar.venue}|{bar.symbol}"
        if listing not in self._book.holdings.positions:
            return ()
        if self._bands is not None:
            band = self._bands[listing]
            if band[0] < bar.close < band[1]:
                return ()
        effects = self._judge(self.board.facts(now_ns))
        self._renew_bands(now_ns)
        return effects

    def scan(self, frame: Frame, first: int, last: int) -> int:
        """Return the first row whose bar could trip a breaker; see `Frame`.

        Limits of the day change with the day, so while anything is held it is looked at there.
        """
        if not self.watches_bars:
            return last
        if self._bands is None:
            self._renew_bands(frame.end_ns(first))
        assert self._bands is not None
        if not self._bands:
            return last
        day_ends_ns = self._book.day_ends_ns
        if frame.end_ns(last - 1) >= day_ends_ns:
            last = min(last, max(first, frame.row_at(day_ends_ns)))
        return first_outside(self._bands, frame, first, last)

    def _renew_bands(self, now_ns: int) -> None:
        if not self._book.holdings.positions:
            self._bands, self.watches_bars = {}, False
            return
        facts = self.board.facts(now_ns)
        watching = self._watching()
        floor = max((each.floor(facts) for each in watching), default=-_INFINITE)
        ceilings = (each.ceiling(facts) for each in watching if each.ceiling is not None)
        ceiling = min(ceilings, default=_INFINITE)
        self._bands = bands_of(self._book, facts.equity, floor, ceiling)

    # --- messages -----------------------------------------------------------------------------

    def take_signal(self, listing: str, now_ns: int) -> Sequence[Effect]:
        """Look at what the newest bars of a listing were like, before it is decided on."""
        effects: list[Effect] = []
        finds = self._finds_on_bars
        if self._state.standings:
            member = listing.partition("|")[2]
            finds = [find for breaker, find in _ON_BARS if self.board.may_trip(breaker, member)]
        if finds:
            facts = self.board.facts(now_ns)
            for find in finds:
                finding = find(facts, listing)
                if finding is not None:
                    effects += self.board.trip(finding, now_ns)
        return effects

    def take_entry(self, strategy: str, now_ns: int) -> Sequence[Effect]:
        """Count an entry that was approved."""
        state, day = self._state, day_of(now_ns)
        if day != state.entries_day:
            state.entries, state.entries_day = {}, day
        state.entries[strategy] = state.entries.get(strategy, 0) + 1
        if not self.board.may_trip(overtrading.BREAKER, strategy):
            return ()
        return self._trip(now_ns, overtrading.find(self.board.facts(now_ns), strategy))

    def take_fill(self, fill: Fill, now_ns: int) -> Sequence[Effect]:
        """Look at equity, at the fill's price, and at a trade that it ends."""
        self.look_anew()
        facts = self.board.facts(now_ns)
        effects = self._judge(facts)
        listing = listing_of(fill.venue, fill.symbol)
        if self.board.may_trip(price_divergence.BREAKER, fill.symbol):
            effects += self._trip(now_ns, price_divergence.find(facts, fill, listing))
        closed = self._state.results.book(fill, self._book.market.instruments.get(listing))
        return [*effects, *self._take_closed(facts, closed)]

    def take_account_entry(
        self, entry: AccountEntry, transferred: Decimal, now_ns: int
    ) -> Sequence[Effect]:
        """Look at equity, and at a trade that an entry ends; what is transferred is no jump."""
        self.look_anew()
        self._state.peak_equity += transferred
        self._state.jump_reference += transferred
        facts = self.board.facts(now_ns)
        effects = self._judge(facts)
        listing = listing_of(entry.venue, entry.symbol)
        instrument = self._book.market.instruments.get(listing)
        closed = self._state.results.book_entry(entry, instrument)
        return [*effects, *self._take_closed(facts, closed)]

    def _take_closed(self, facts: Facts, closed: Closed | None) -> list[Effect]:
        effects: list[Effect] = []
        if closed is None or closed.result >= 0:
            return effects
        now_ns = facts.now_ns
        if self.board.may_trip(losing_streak.BREAKER, closed.strategy):
            effects += self._trip(now_ns, losing_streak.find(facts, closed.strategy))
        if self.board.may_trip(cooldown.BREAKER, closed.symbol):
            effects += self._trip(now_ns, cooldown.find(facts, closed))
        return effects

    def take_account(self, now_ns: int) -> Sequence[Effect]:
        """Look at equity after the account was told, and measure from it; and at silent symbols."""
        self.look_anew()
        facts, state = self.board.facts(now_ns, is_told=True), self._state
        effects = self._judge(facts)
        if self._book.holdings.positions and stale_prices.BREAKER.enabled(self.board.limits):
            for finding in stale_prices.find(facts):
                if self.board.may_trip(stale_prices.BREAKER, finding.member):
                    effects += self._trip(now_ns, finding)
        state.peak_equity = max(state.peak_equity, facts.equity)
        state.jump_reference = facts.marked_equity
        return effects

    def take_order_event(self, event: OrderEvent, now_ns: int) -> Sequence[Effect]:
        """Count rejections by the venue; where none was counted, only another one changes that."""
        state = self._state
        if not state.rejects and event.state != OrderState.REJECTED:
            return ()
        if not venue_rejects.count(state, event):
            return ()
        if not self.board.may_trip(venue_rejects.BREAKER):
            return ()
        return self._trip(now_ns, venue_rejects.find(self.board.facts(now_ns)))

    def take_reconciliation(self, event: Reconciliation, now_ns: int) -> Sequence[Effect]:
        """Learn whether the account agrees with the venue's."""
        state = self._state
        if event.reconciled:
            state.unreconciled_since_ns, state.unreconciled_reason = 0, ""
            return ()
        state.unreconciled_reason = event.reason
        if state.unreconciled_since_ns:
            return ()
        state.unreconciled_since_ns = max(now_ns, 1)
        due_ns = unreconciled.due_ns(self.board.facts(now_ns))
        return (SetTimer(UNRECONCILED_TIMER, due_ns),)

    def take_quote(self, quote: Quote, now_ns: int) -> Sequence[Effect]:
        """Look at a spread."""
        if not self.board.may_trip(spread.BREAKER, quote.symbol):
            return ()
        return self._trip(now_ns, spread.find(self.board.facts(now_ns), quote))

    def take_timer(self, name: str, now_ns: int) -> Sequence[Effect]:
        """Look again at what has tripped, or at an account that differs."""
        self.look_anew()
        if name != UNRECONCILED_TIMER:
            return self.board.take_timer(name, now_ns)
        if not self.board.may_trip(unreconciled.BREAKER):
            return ()
        return self._trip(now_ns, unreconciled.find(self.board.facts(now_ns)))

    def take_gate_event(self, event: GateEvent, now_ns: int) -> Sequence[Effect]:
        """Learn that the gate has raised for a breaker, or that its scope was lowered."""
        self.look_anew()
        return self.board.take_gate_event(event, now_ns)

    # --- how ----------------------------------------------------------------------------------

    def _judge(self, facts: Facts) -> list[Effect]:
        found = [each.find(facts) for each in self._watching()]
        effects: list[Effect] = []
        for each in found:
            if each is not None:
                effects += self.board.trip(each, facts.now_ns)
        return effects

    def _watching(self) -> Sequence[OnEquity]:
        """Return the breakers that watch equity now: what has tripped already does not."""
        if not self._state.standings:
            return self._on_equity
        return [each for each in self._on_equity if self.board.may_trip(each.breaker)]

    def _trip(self, now_ns: int, finding: Finding | None) -> Sequence[Effect]:
        return () if finding is None else self.board.trip(finding, now_ns)
