"""The effect of one order: each measure of the book's risk before it, after it, and its limit.

What is worked out for an order is worked out once, and only what is asked for. Money leaves here
as decimals, rounded to cents.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_contracts.execution import Side
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.book.holdings import signed
from tidegate_risk.core.once import once
from tidegate_risk.core.portfolio import tails
from tidegate_risk.core.portfolio.estimates import Profits
from tidegate_risk.core.portfolio.exposure import FLAT, with_order
from tidegate_risk.core.portfolio.heat import distance, stop_of
from tidegate_risk.core.portfolio.stress import loss_of

if TYPE_CHECKING:
    from tidegate_risk.core.book.worth import Extremes
    from tidegate_risk.core.portfolio.estimates import Estimates
    from tidegate_risk.core.portfolio.tails import Tail
    from tidegate_risk.core.question import Proposal


class Change(msgspec.Struct, frozen=True, gc=False):
    """A measure of risk without and with an order, and what it may be at most."""

    before: Decimal
    after: Decimal
    limit: Decimal

    @property
    def passes(self) -> bool:
        """Whether it stays within the limit, or at least does not grow."""
        return self.after <= self.limit or self.after <= self.before


class Marginal:
    """What an order of some quantity would change; ``quantity`` is the proposal's unless given.

    It does not hold the proposal, which holds it: what a decision leaves behind is no cycle.
    """

    def __init__(self, proposal: Proposal, quantity: Decimal | None = None) -> None:
        self.question = proposal.question
        self.quantity = proposal.quantity if quantity is None else quantity
        self._instrument = proposal.instrument
        self._side = proposal.specification.side
        self._valued_at, self._stop = proposal.price, stop_of(proposal)
        self._price = self.question.price or proposal.price

    @once
    def here(self) -> tuple[Extremes, Extremes]:
        """The order's own listing, without and with it."""
        before = self.question.exposures.get(self.question.listing, FLAT)
        return before, with_order(before, self._side, self.quantity * self._price)

    @once
    def _sizes(self) -> tuple[Decimal, Decimal]:
        """The worst cases of its listing whatever their signs, without and with it."""
        before, after = self.here
        return abs(before.worst), abs(after.worst)

    @once
    def heat(self) -> Change:
        """Everything that stops would cost; the order's own stop among them."""
        question, limits = self.question, self.question.limits
        assumed = limits.stop_assumed_fraction
        before = question.state.portfolio.heat.of(question.book, assumed)
        sign = signed(self._side, self.quantity)
        lost = distance(self._valued_at, sign, self._stop, assumed)
        return self._change(
            before, before + self.quantity * lost, limits.portfolio_heat_max_fraction
        )

    @once
    def asset(self) -> Change:
        """What is held of the order's asset at all venues together, in the worst case."""
        fraction = self.question.limits.asset_exposure_max_fraction
        return self._held(self._instrument.base_currency, fraction)

    @once
    def asset_class(self) -> Change:
        """What is held of the order's asset class, in the worst case."""
        fraction = self.question.limits.asset_class_exposure_max_fraction
        return self._held(self._instrument.asset_class, fraction)

    @once
    def stress(self) -> Change:
        """The loss in the scenario in which the order leaves the largest."""
        then, now, _ = self._worst_scenario
        return self._change(now, then, self.question.limits.stress_loss_max_fraction)

    @property
    def scenario(self) -> str:
        """The name of that scenario."""
        return self._worst_scenario[2]

    @once
    def _worst_scenario(self) -> tuple[Decimal, Decimal, str]:
        question = self.question
        shocks = question.state.portfolio.shocks(question.limits.stress_scenarios)
        before, after = self.here
        own = shocks.of(question.listing, self._instrument)
        return max(
            [
                (loss + loss_of(*after, shock) - loss_of(*before, shock), loss, scenario.name)
                for loss, shock, scenario in zip(
                    question.stress_losses, own, shocks.scenarios, strict=True
                )
            ]
        )

    @once
    def estimates(self) -> Estimates | None:
        """The estimates, if everything that is held and ordered has enough returns."""
        found = self.question.estimates
        if found is None or self.missing is not None:
            return None
        return found

    @property
    def missing(self) -> str | None:
        """The first listing that has too few returns, the order's own first."""
        return self.question.unmeasured

    @once
    def age_s(self) -> int:
        """How old the estimates are, in seconds of session time."""
        found = self.question.estimates
        assert found is not None, "only estimates that are there have an age"
        return (self.question.now_ns - found.as_of_ns) // NS_PER_SECOND

    @once
    def correlated(self) -> Change | None:
        """What would move with the order: its listing, and those that are correlated with it.

        A listing counts when its correlation times the signs of both positions reaches the
        threshold: a long position correlated with a long order, or a short one with its opposite.
        """
        limits = self.question.limits
        if self.estimates is None:
            return None
        sign = 1 if self._side == Side.BUY else -1
        elsewhere = ZERO
        for each, correlation in self.question.correlations.items():
            extremes = self.question.exposures[each]
            value = extremes.most if sign * correlation > 0 else -extremes.least
            if abs(correlation) >= limits.correlation_threshold and value > 0:
                elsewhere += value
        before, after = (abs(each.most if sign > 0 else each.least) for each in self.here)
        fraction = limits.correlated_exposure_max_fraction
        return self._change(elsewhere + before, elsewhere + after, fraction)

    @once
    def tails(self) -> tuple[Tail, Tail] | None:
        """The worst of the methods' tails over the declared horizon, before and after."""
        found = self._profits
        return None if found is None else (self._tail(found[0]), self._tail(found[1]))

    @property
    def widening(self) -> float:
        """What the tail with the order was widened by; only where there are estimates."""
        assert self.estimates is not None, "only profits that were measured have been widened"
        assert self._profits is not None, "they were, where there are estimates"
        return self.estimates.widening(self._profits[1].gained)

    @once
    def _profits(self) -> tuple[Profits, Profits] | None:
        """The book's profits, before and after."""
        estimates = self.estimates
        if estimates is None:
            return None
        listing = self.question.listing
        values = self.question.worst_values
        before, filled = values.get(listing, 0.0), self.here[1]
        after = float(filled.most if self._side == Side.BUY else filled.least)
        book = estimates.book(values)
        added = estimates.own_variance(listing, after) - estimates.own_variance(listing, before)
        returns = estimates.returns(listing)
        profits = book.gained if values else np.zeros(len(returns))
        count = min(len(profits), len(returns))
        if count < len(profits) or not values:
            book = Profits(profits[len(profits) - count :], book.own_variances)
        gained = book.gained + (after - before) * returns[len(returns) - count :]
        return book, Profits(gained, book.own_variances + added)

    @once
    def value_at_risk(self) -> Change | None:
        """VaR at the declared confidence over the declared horizon."""
        found = self.tails
        if found is None:
            return None
        before, after = (money_of(each.value_at_risk) for each in found)
        return self._change(before, after, self.question.limits.var_max_fraction)

    @once
    def shortfall(self) -> Change | None:
        """CVaR at the declared confidence over the declared horizon."""
        found = self.tails
        if found is None:
            return None
        before, after = (money_of(each.shortfall) for each in found)
        return self._change(before, after, self.question.limits.cvar_max_fraction)

    def _change(self, before: Decimal, after: Decimal, fraction: Decimal) -> Change:
        return Change(before, after, fraction * self.question.equity)

    def _held(self, kind: object, fraction: Decimal) -> Change:
        total = self.question.worst_of_kind(kind)
        before, after = self._sizes
        return self._change(total, total - before + after, fraction)

    def _tail(self, profits: Profits) -> Tail:
        estimates, limits = self.estimates, self.question.limits
        assert estimates is not None, "a tail is asked for only with estimates"
        asked = limits.var_confidence_percent, limits.var_horizon_days
        known = profits.tails.get(asked)
        if known is None:
            level, gained = tails.LEVELS[limits.var_confidence_percent], profits.gained
            deviation = estimates.deviation(gained, profits.own_variances)
            step = tails.decisive(gained, deviation, level)
            width = math.sqrt(limits.var_horizon_days * estimates.steps_per_day)
            known = tails.scaled(step, width * estimates.widening(gained))
            profits.tails[asked] = known
        return known


def money_of(value: float) -> Decimal:
    """Return an estimate in money, in whole cents."""
    return Decimal(round(value * 100)).scaleb(-2)
