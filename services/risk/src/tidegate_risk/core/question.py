"""What the rules are asked: first about a signal, then about the order that it became.

`Question` is a signal with the book, the gate and the limits at one moment. `Proposal` is the
sized order that answers it. Rules are pure functions of one of them. The book does not change while
a question is asked, so what several rules look at is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderSpecification, Side
from tidegate_contracts.signals import Direction
from tidegate_kernel.gate import Activity, Coverage
from tidegate_kernel.money import ZERO
from tidegate_risk.core.book.book import NO_REACH, Reach
from tidegate_risk.core.book.market import listing_of
from tidegate_risk.core.once import once
from tidegate_risk.core.portfolio.exposure import Exposures, Extremes, exposures_of, worst_values
from tidegate_risk.core.portfolio.marginal import Marginal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.market import Bar, Instrument
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


@dataclass(frozen=True)
class Question:
    """A signal that may become an order, and everything that it is judged by."""

    signal: Signal
    now_ns: int
    parameters: DecisionParameters
    # What applies to this strategy in this symbol.
    limits: Limits
    state: DecisionState

    @property
    def book(self) -> Book:
        """Prices, holdings, open orders and the account."""
        return self.state.book

    @property
    def gate(self) -> GateView:
        """The gate, as far as this session has heard of it."""
        return self.state.gate

    @property
    def approvals(self) -> Sequence[Approval]:
        """What was approved within the windows that look back, oldest first."""
        return self.state.approvals

    @once
    def listing(self) -> str:
        """The symbol at its venue."""
        return listing_of(self.signal.venue, self.signal.symbol)

    @once
    def increasing(self) -> bool:
        """Whether the order could bring a position further from zero: all but FLAT."""
        return self.signal.direction != Direction.FLAT

    @property
    def activity(self) -> Activity:
        """How the gate sees it."""
        return Activity.INCREASE if self.increasing else Activity.REDUCE

    @once
    def coverage(self) -> Coverage:
        """Which scopes of the gate cover it."""
        return Coverage(
            session=self.parameters.session,
            account=self.parameters.account,
            venue=self.signal.venue,
            strategy=self.signal.strategy,
            symbol=self.signal.symbol,
        )

    @once
    def instrument(self) -> Instrument | None:
        """The instrument, if the feed has described it."""
        return self.book.market.instruments.get(self.listing)

    @once
    def bar(self) -> Bar | None:
        """The newest bar, if there is one."""
        return self.book.market.bars.get(self.listing)

    @once
    def price(self) -> Decimal | None:
        """The newest close, if there is one."""
        return self.book.market.price_of(self.listing)

    @once
    def equity(self) -> Decimal:
        """What the account is worth, by the smaller of two figures."""
        return self.book.equity(self.marked_equity)

    @once
    def marked_equity(self) -> Decimal:
        """Cash and positions at the newest closes."""
        return self.book.marked_equity()

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
    def reaches(self) -> dict[str, Reach]:
        """How far open orders could bring each position."""
        return self.book.reaches()

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
        return exposures_of(self.book)

    @once
    def worsts(self) -> dict[str, Decimal]:
        """How much every listing could be worth at most, whatever its sign."""
        return {
            each: abs(most) if most is least else max(abs(most), abs(least))
            for each, (most, least) in self.exposures.items()
        }

    @once
    def worst_by_kind(self) -> dict[object, Decimal]:
        """The sums of these by base currency and by class of assets."""
        totals: dict[object, Decimal] = {}
        instruments = self.book.market.instruments
        for listing, worst in self.worsts.items():
            instrument = instruments.get(listing)
            if instrument is not None:
                for kind in (instrument.base_currency, instrument.asset_class):
                    totals[kind] = totals.get(kind, ZERO) + worst
        return totals

    @once
    def worst_values(self) -> dict[str, float]:
        """The value of every listing that is worst for the book; only where there are estimates."""
        assert self.estimates is not None, "what is worst follows from estimates"
        return worst_values(self.exposures, self.estimates)

    @once
    def stress_losses(self) -> tuple[Decimal, ...]:
        """What the book would lose in each scenario."""
        shocks = self.state.portfolio.shocks(self.limits.stress_scenarios)
        return shocks.losses(self.exposures, self.book.market.instruments)

    @once
    def estimates(self) -> Estimates | None:
        """What the returns say, if there are enough of them."""
        return self.state.portfolio.estimates(self.limits)

    @once
    def unmeasured(self) -> str | None:
        """The first listing that has too few returns, the question's own first."""
        found = self.estimates
        return self.listing if found is None else found.lacking((self.listing, *self.exposures))

    @once
    def correlations(self) -> dict[str, float]:
        """The correlation with every other listing that is held or ordered; once all have one."""
        found, others = self.estimates, [each for each in self.exposures if each != self.listing]
        assert found is not None, "correlations are asked for only with estimates"
        return dict(zip(others, found.correlations(self.listing, others), strict=True))

    @property
    def record(self) -> Record | None:
        """What the strategy's last trades have won and lost."""
        return self.state.breakers.results.records.get(self.signal.strategy)

    @property
    def currency(self) -> str:
        """The session's currency: the unit of money in messages."""
        return self.parameters.currency


@dataclass(frozen=True)
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

    @property
    def quantity(self) -> Decimal:
        """The quantity, above zero."""
        return self.specification.quantity

    @once
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

    @once
    def marginal(self) -> Marginal:
        """What the order would change in the risk of the whole book."""
        return Marginal(self)

    @once
    def reach(self) -> Reach:
        """How far the position could go if the order were approved; never netted."""
        up, down = self._reach_before
        return Reach(up + self.buys, down - self.sells)

    @once
    def position_quantity(self) -> Decimal:
        """The symbol's worst-case position if the order were approved."""
        return self.reach.worst()

    @once
    def symbol_exposure(self) -> Decimal:
        """The symbol's worst-case exposure if the order were approved; never netted."""
        return self.position_quantity * self.valued_at

    @once
    def symbol_exposure_before(self) -> Decimal:
        """The symbol's worst-case exposure without the order."""
        return self._reach_before.worst() * self.valued_at

    @once
    def exposures_elsewhere(self) -> tuple[Extremes, ...]:
        """What all other symbols could be worth."""
        here = self.question.listing
        exposures = self.question.exposures.items()
        return tuple(extremes for listing, extremes in exposures if listing != here)

    @once
    def gross_exposure_elsewhere(self) -> Decimal:
        """The sum of the worst cases of all other symbols."""
        worsts = self.question.worsts
        return sum(worsts.values(), ZERO) - worsts.get(self.question.listing, ZERO)

    @property
    def gross_exposure(self) -> Decimal:
        """The sum over all symbols if the order were approved."""
        return self.gross_exposure_elsewhere + self.symbol_exposure

    @once
    def net_exposure(self) -> Extremes:
        """All symbols together, signed, with every buy filled and with every sell filled."""
        price, others = self.valued_at, self.exposures_elsewhere
        most = sum((extremes.most for extremes in others), self.reach.up * price)
        return Extremes(most, sum((e.least for e in others), self.reach.down * price))

    @property
    def _reach_before(self) -> Reach:
        return self.question.reaches.get(self.question.listing, NO_REACH)

    @once
    def valued_at(self) -> Decimal:
        """The worse of the order's price and the newest close: what its symbol is valued at."""
        newest = self.question.price
        return self.price if newest is None else max(self.price, newest)
