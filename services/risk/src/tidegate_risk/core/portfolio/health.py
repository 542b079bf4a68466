"""How the whole book stands: every measure of its risk at one moment, and of which date it is.

This is what people look at; orders are decided on `marginal`. Both take the same measures of the
same book: positions with all open orders at their worst.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_risk.core.portfolio import tails
from tidegate_risk.core.portfolio.exposure import exposures_of, worst_values
from tidegate_risk.core.portfolio.heat import heat_of
from tidegate_risk.core.portfolio.marginal import money_of
from tidegate_risk.core.portfolio.monte_carlo import Scenarios

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tidegate_contracts.market import Instrument
    from tidegate_risk.core.book.book import Book
    from tidegate_risk.core.parameters import Limits
    from tidegate_risk.core.portfolio.estimates import Estimates
    from tidegate_risk.core.portfolio.exposure import Exposures
    from tidegate_risk.core.portfolio.state import PortfolioRisk
    from tidegate_risk.core.portfolio.tails import Level, Tail

HORIZONS_DAYS = (1, 10, 21)
"""Short, medium and long: a day, two weeks and a month of trading days."""
CORRELATIONS_SHOWN = 5
_PLACES = 4


class TailRow(msgspec.Struct, frozen=True, kw_only=True):
    """What may be lost over a horizon, by one method and at one confidence."""

    method: str
    confidence_percent: int
    horizon_days: int
    value_at_risk: Decimal
    shortfall: Decimal


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A sum of money, as a share of equity too, and its limit as such a share."""

    name: str
    value: Decimal
    fraction: Decimal
    limit_fraction: Decimal


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """The shrunk correlation of two listings that are both in the book."""

    one: str
    other: str
    correlation: Decimal


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The book's risk. Money is in ``currency``; ``estimates`` says what the tails are made from.

    ``estimates`` is ``usable``, ``stale``, or ``missing: <listing>``: then there are no tails and
    no correlations. ``estimated_at_ns`` is 0 when there are no estimates at all. ``widening`` is
    what tails were multiplied by because prices move more at present than they used to.
    """

    at_ns: int
    currency: str
    equity: Decimal
    estimates: str
    estimated_at_ns: int
    estimate_step_s: int
    estimate_samples: int
    shrinkage_intensity: Decimal
    widening: Decimal
    tails: tuple[TailRow, ...]
    heat: Share
    assets: tuple[Share, ...]
    asset_classes: tuple[Share, ...]
    stress: tuple[Share, ...]
    correlation_listings: tuple[str, ...]
    correlation_matrix: tuple[tuple[Decimal, ...], ...]
    """Shrunk correlations, a row and a column for each listing of the book, in that order."""
    correlations_highest: tuple[Correlation, ...]
    correlations_lowest: tuple[Correlation, ...]


def health(book: Book, portfolio: PortfolioRisk, limits: Limits, now_ns: int) -> Health:
    """Return how the book stands now."""
    reaches, equity = book.open_reaches(), book.equity()
    exposures = exposures_of(book, reaches)
    found = portfolio.estimates(limits)
    status = _status(found, exposures, limits, now_ns)
    usable = None if status.startswith("missing") else found
    measured = None
    if usable is not None and exposures:
        values = worst_values(exposures, book.worth.floats, reaches, usable)
        measured = _Measured(usable, values)
    listings = tuple(sorted(exposures)) if usable is not None else ()
    matrix = () if usable is None else _matrix(usable, listings)
    highest, lowest = _extremes(listings, matrix)
    shocks = portfolio.shocks(limits.stress_scenarios)
    losses = zip(shocks.scenarios, shocks.losses(exposures, book.market.instruments), strict=True)
    heat = heat_of(book, portfolio.stops, limits.stop_assumed_fraction)

    def share(name: str, value: Decimal, limit: Decimal) -> Share:
        fraction = round(value / equity, _PLACES) if equity > 0 else ZERO
        return Share(name=name, value=round(value, 2), fraction=fraction, limit_fraction=limit)

    def held(kind: Callable[[Instrument], str], limit: Decimal) -> tuple[Share, ...]:
        sums = _sums(exposures, book, kind)
        return tuple(share(name, value, limit) for name, value in sums)

    return Health(
        at_ns=now_ns,
        currency=book.holdings.currency,
        equity=equity,
        estimates=status,
        estimated_at_ns=0 if found is None else found.as_of_ns,
        estimate_step_s=0 if found is None else found.window.step_ns // NS_PER_SECOND,
        estimate_samples=0 if usable is None else usable.stacked(tuple(exposures)).shape[-1],
        shrinkage_intensity=_rounded(0.0 if found is None else found.intensity),
        widening=_rounded(1.0 if measured is None else measured.widening),
        tails=() if measured is None else measured.rows(),
        heat=share("heat", heat, limits.portfolio_heat_max_fraction),
        assets=held(lambda each: each.base_currency, limits.asset_exposure_max_fraction),
        asset_classes=held(
            lambda each: each.asset_class.name, limits.asset_class_exposure_max_fraction
        ),
        stress=tuple(
            share(each.name, loss, limits.stress_loss_max_fraction) for each, loss in losses
        ),
        correlation_listings=listings,
        correlation_matrix=matrix,
        correlations_highest=highest,
        correlations_lowest=lowest,
    )


def _status(estimates: Estimates | None, exposures: Exposures, limits: Limits, now_ns: int) -> str:
    if estimates is None:
        return "missing: history"
    for listing in exposures:
        if not estimates.has(listing):
            return f"missing: {listing}"
    return "stale" if now_ns - estimates.as_of_ns > limits.estimate_age_max_ns else "usable"


class _Measured:
    """A book's tails: every method at every confidence over every horizon."""

    def __init__(self, estimates: Estimates, values: Mapping[str, float]) -> None:
        self._profits = estimates.profits(values)
        own = sum(estimates.own_variance(each, value) for each, value in values.items())
        self._deviation = estimates.deviation(self._profits, own)
        self._steps_per_day = estimates.steps_per_day
        self.widening = estimates.widening(self._profits)
        # The seed is the date of the estimates: the same book on the same day has the same figures.
        self._scenarios = Scenarios(estimates, values, seed=estimates.as_of_ns // NS_PER_DAY)

    def rows(self) -> tuple[TailRow, ...]:
        """Return them as a table."""
        return tuple(
            TailRow(
                method=method,
                confidence_percent=percent,
                horizon_days=days,
                value_at_risk=money_of(tail.value_at_risk),
                shortfall=money_of(tail.shortfall),
            )
            for percent, level in sorted(tails.LEVELS.items())
            for days in HORIZONS_DAYS
            for method, tail in self._methods(level, days).items()
        )

    def _methods(self, level: Level, days: int) -> dict[str, Tail]:
        steps = days * self._steps_per_day * self.widening * self.widening
        wide = math.sqrt(steps)
        return {
            "historical": tails.scaled(tails.historical(self._profits, level), wide),
            "parametric": tails.parametric(self._deviation * wide, level),
            "student": tails.student(self._deviation * wide, level),
            "monte-carlo": self._scenarios.tail(level, steps),
        }


def _sums(
    exposures: Exposures, book: Book, kind: Callable[[Instrument], str]
) -> list[tuple[str, Decimal]]:
    """Return the worst cases by kind, the largest first."""
    sums: dict[str, Decimal] = {}
    for listing, extremes in exposures.items():
        instrument = book.market.instruments.get(listing)
        name = listing if instrument is None else kind(instrument)
        sums[name] = sums.get(name, ZERO) + abs(extremes.worst)
    return sorted(sums.items(), key=lambda each: (-each[1], each[0]))


def _matrix(estimates: Estimates, listings: tuple[str, ...]) -> tuple[tuple[Decimal, ...], ...]:
    if not listings:
        return ()
    rows = estimates.correlation_matrix(listings).tolist()
    return tuple(tuple(_rounded(each) for each in row) for row in rows)


def _extremes(
    listings: tuple[str, ...], matrix: tuple[tuple[Decimal, ...], ...]
) -> tuple[tuple[Correlation, ...], tuple[Correlation, ...]]:
    """Return the pairs with the highest and with the lowest correlations."""
    pairs = [
        Correlation(one=one, other=other, correlation=matrix[row][row + 1 + column])
        for row, one in enumerate(listings)
        for column, other in enumerate(listings[row + 1 :])
    ]
    ranked = sorted(pairs, key=lambda each: (-each.correlation, each.one, each.other))
    return tuple(ranked[:CORRELATIONS_SHOWN]), tuple(ranked[::-1][:CORRELATIONS_SHOWN])


def _rounded(value: float) -> Decimal:
    return round(Decimal(value), _PLACES)
