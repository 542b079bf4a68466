"""What the rules are asked: first about a signal, then about the order that it became.

`Question` is a signal with the book, the gate and the limits at one moment. `Proposal` is the
sized order that answers it. Rules are pure functions of one of them. The book does not change while
a question is asked, so what several rules look at is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, Side
from tidegate_contracts.signals import Direction
from tidegate_kernel.gate import Activity, Coverage
from tidegate_kernel.identifiers import signal_key
from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.book import Reach
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.book.worth import Extremes, Worth
from tidegate_risk.core.once import once
from tidegate_risk.core.portfolio.exposure import FLAT, Exposures, exposures_of, worst_values
from tidegate_risk.core.portfolio.marginal import Marginal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegate_contracts.market import Bar, Instrument
    from tidegate_contracts.risk import PlaceOrder
    from tidegate_contracts.signals import Signal
    from tidegate_kernel.gate import GateView
    from tidegate_risk.core.book.approvals import Approval
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.book.recent import Recent
    from tidegate_risk.core.breakers.record import Record
    from tidegate_risk.core.decision.state import DecisionState
    from tidegate_risk.core.parameters import DecisionParameters, Limits
    from tidegate_risk.core.portfolio.estimates import Estimates
    from tidegate_risk.core.sizing.plan import Size


def key_of(signal: Signal) -> str:
    """Return the signal's logical key."""
    return signal_key(
        signal.session, signal.strategy, signal.symbol, signal.event_at_ns, signal.ordinal
    )


@dataclass(eq=False)
class Question:
    """A signal that may become an order, and everything that it is judged by."""

    signal: Signal
    now_ns: int
    parameters: DecisionParameters
    # What applies to this strategy in this symbol.
    limits: Limits
    state: DecisionState
    # What a person has placed by hand; the signal says the same in a strategy's words.
    placed: PlaceOrder | None = None
    # Prices, holdings, open orders and the account.
    book: Book = field(init=False)
    # The symbol at its venue.
    listing: str = field(init=False)
    # Whether the order could bring a position further from zero: all but FLAT.
    increasing: bool = field(init=False)
    # The instrument, if the feed has described it, and the newest close, if there is one.
    instrument: Instrument | None = field(init=False)
    price: Decimal | None = field(init=False)
    # What the held positions are worth; with cash at the newest closes; what the account is worth,
    # by the smaller of that and its own word.
    worth: Worth = field(init=False)
    marked_equity: Decimal = field(init=False)
    equity: Decimal = field(init=False)
    # Which scopes of the gate cover it.
    coverage: Coverage = field(init=False)
    # The signal's logical key; the gate, as far as this session has heard of it, and how it sees
    # the order; the session's currency, the unit of money in messages.
    key: str = field(init=False)
    gate: GateView = field(init=False)
    activity: Activity = field(init=False)
    currency: str = field(init=False)

    def __post_init__(self) -> None:
        """Look at what nearly every rule asks for."""
        signal, book = self.signal, self.state.book
        self.book = book
        self.key = key_of(signal)
        self.listing = listing_of(signal.venue, signal.symbol)
        self.increasing = signal.direction != Direction.FLAT
        self.gate = self.state.gate
        self.activity = Activity.INCREASE if self.increasing else Activity.REDUCE
        self.currency = self.parameters.currency
        self.instrument = book.market.instruments.get(self.listing)
        self.price = book.market.price_of(self.listing)
        self.worth = book.worth
        self.marked_equity = self.worth.equity
        self.equity = book.equity(self.marked_equity)
        self.coverage = Coverage(
            session=self.parameters.session,
            account=self.parameters.account,
            venue=signal.venue,
            strategy=signal.strategy,
            symbol=signal.symbol,
            legs=tuple([leg.symbol for leg in (self.placed or signal).legs]),
        )

    @property
    def approvals(self) -> Sequence[Approval]:
        """What was approved within the windows that look back, oldest first."""
        return self.state.approvals

    @property
    def is_of_instant(self) -> bool:
        """Whether execution answers within the instant: a person's order comes outside."""
        return self.parameters.lockstep and self.placed is None

    @once
    def bar(self) -> Bar | None:
        """The newest bar, if there is one."""
        return self.book.market.bars.get(self.listing)

    @once
    def daily_loss(self) -> Decimal:
        """What was lost since the UTC day began."""
        return self.book.daily_loss(self.now_ns, self.marked_equity)

    @once
    def drawdown(self) -> Decimal:
        """How far equity is below its highest, as a fraction of that."""
        equity = self.equity
        peak = max(self.state.breakers.peak_equity, equity)
        return (peak - equity) / peak if peak > 0 else ZERO

    @once
    def recent(self) -> Recent | None:
        """What the newest bars of the listing were like; None before it has been asked about."""
        return self.book.recent.get(self.listing)

    @once
    def open_reaches(self) -> dict[str, Reach]:
        """How far open orders could bring the positions that they are about."""
        return self.book.open_reaches()

    @once
    def reaches(self) -> dict[str, Reach]:
        """How far open orders could bring each position."""
        return self.book.reaches()

    def reach_of(self, listing: str) -> Reach:
        """Return how far open orders could bring one position."""
        if listing in self.open_reaches:
            return self.open_reaches[listing]
        held = self.book.holdings.position(listing)
        return Reach(held, held)

    @once
    def free_cash(self) -> Decimal:
        """The cash that nothing else needs."""
        return self.book.free_cash()

    @once
    def exposed_listings(self) -> list[str]:
        """The listings that are held or could be after open orders fill."""
        return self.book.exposed_listings()

    @once
    def exposures(self) -> Exposures:
        """What every listing could be worth once its open orders have filled."""
        return exposures_of(self.book, self.open_reaches)

    def worst_of(self, listing: str) -> Decimal:
        """Return how much a listing could be worth at most, whatever its sign."""
        if listing not in self.exposures:
            return ZERO
        extremes = self.exposures[listing]
        return max(abs(extremes.most), abs(extremes.least))

    @once
    def gross_exposure(self) -> Decimal:
        """The sum of what every listing could be worth at most."""
        gross = self.worth.gross
        return gross + sum(self._added.values()) if self.open_reaches else gross

    def worst_of_kind(self, kind: object) -> Decimal:
        """Return the same sum of one base currency, or of one class of assets."""
        total, instruments = self.worth.gross_of(kind), self.book.market.instruments
        for listing, added in self._added.items():
            instrument = instruments.get(listing)
            if instrument and kind in {instrument.base_currency, instrument.asset_class}:
                total += added
        return total

    @once
    def _added(self) -> dict[str, Decimal]:
        """What open orders add at most to the worth of their listings, whatever its sign."""
        held = self.worth.sizes
        return {each: self.worst_of(each) - held.get(each, ZERO) for each in self.open_reaches}

    @once
    def net_exposure(self) -> Extremes:
        """All listings together, signed, with every buy filled and with every sell filled."""
        worth = self.worth
        most, least, values = worth.net, worth.net, worth.values
        for listing in self.open_reaches:
            held, extremes = values.get(listing, ZERO), self.exposures[listing]
            most += extremes.most - held
            least += extremes.least - held
        return Extremes(most, least)

    @once
    def worst_values(self) -> dict[str, float]:
        """The value of every listing that is worst for the book; only where there are estimates."""
        assert self.estimates is not None, "what is worst follows from estimates"
        return worst_values(self.exposures, self.worth.floats, self.open_reaches, self.estimates)

    @once
    def stress_losses(self) -> tuple[Decimal, ...]:
        """What the book would lose in each scenario."""
        shocks = self.state.portfolio.shocks(self.limits.stress_scenarios)
        return shocks.losses_of(self.book, self.exposures, self.open_reaches)

    @once
    def estimates(self) -> Estimates | None:
        """What the returns say, if there are enough of them."""
        return self.state.portfolio.estimates(self.limits)

    @once
    def unmeasured(self) -> str | None:
        """The first listing that has too few returns, the question's own first."""
        found = self.estimates
        return self.listing if found is None else found.lacking([self.listing, *self.exposures])

    @once
    def correlations(self) -> Mapping[str, float]:
        """The correlation with every other listing that is held or ordered; once all have one."""
        found, here = self.estimates, self.listing
        assert found is not None, "correlations are asked for only with estimates"
        return found.correlations_with(here, [each for each in self.exposures if each != here])

    @property
    def record(self) -> Record | None:
        """What the strategy's last trades have won and lost."""
        return self.state.breakers.results.records.get(self.signal.strategy)


@dataclass(eq=False)
class Proposal:
    """A sized order; ``size`` says how an entry came to it.

    ``price`` values it: the worst at which it may fill, as far as that is bounded, or the newest
    close.
    """

    question: Question
    instrument: Instrument
    specification: OrderSpecification
    price: Decimal
    size: Size | None = None
    # The order's quantity, and that of each side: one of them is zero.
    quantity: Decimal = field(init=False)
    buys: Decimal = field(init=False)
    sells: Decimal = field(init=False)
    # Quantity times price.
    notional: Decimal = field(init=False)
    # The worse of the order's price and the newest close: what its symbol is valued at.
    valued_at: Decimal = field(init=False)
    # How far the position could go if the order were approved, its worst case and what that is
    # worth; never netted.
    reach: Reach = field(init=False)
    position_quantity: Decimal = field(init=False)
    symbol_exposure: Decimal = field(init=False)
    # What the order would change in the risk of the whole book.
    marginal: Marginal = field(init=False)

    def __post_init__(self) -> None:
        """Look at what nearly every rule asks for."""
        quantity = self.quantity = self.specification.quantity
        is_buy = self.specification.side == Side.BUY
        self.buys, self.sells = (quantity, ZERO) if is_buy else (ZERO, quantity)
        self.notional = quantity * self.price
        newest = self.question.price
        self.valued_at = self.price if newest is None else max(self.price, newest)
        before = self._reach_before = self.question.reach_of(self.question.listing)
        self.reach = Reach(before.up + self.buys, before.down - self.sells)
        self.position_quantity = self.reach.worst()
        self.symbol_exposure = self.position_quantity * self.valued_at
        self.marginal = Marginal(self)

    @once
    def symbol_exposure_before(self) -> Decimal:
        """The symbol's worst-case exposure without the order."""
        return self._reach_before.worst() * self.valued_at

    @once
    def gross_exposure_elsewhere(self) -> Decimal:
        """The sum of the worst cases of all other symbols."""
        question = self.question
        return question.gross_exposure - question.worst_of(question.listing)

    @once
    def gross_exposure(self) -> Decimal:
        """The sum over all symbols if the order were approved."""
        return self.gross_exposure_elsewhere + self.symbol_exposure

    @once
    def net_exposure(self) -> Extremes:
        """All symbols together, signed, with every buy filled and with every sell filled."""
        question, price, reach = self.question, self.valued_at, self.reach
        every, here = question.net_exposure, question.exposures.get(question.listing, FLAT)
        return Extremes(
            every.most - here.most + reach.up * price,
            every.least - here.least + reach.down * price,
        )
