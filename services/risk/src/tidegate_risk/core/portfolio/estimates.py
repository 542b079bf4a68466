"""What the returns say at one moment: volatilities, correlations, and the loss of a book.

Estimates are a function of a window's rows up to ``as_of_ns`` and of nothing else, so they are not
kept in a snapshot: whoever needs them works them out, at once or later, and gets the same. Each
number is worked out when it is first asked for.

Correlations are shrunk towards none: the returns are divided by their volatilities and shrunk with
Ledoit and Wolf's intensity (`shrinkage`), so that volatilities stay as they were measured. The
intensity is one number for the whole market, estimated from the first `INTENSITY_LISTINGS_MAX`
listings in the order of their names.

Volatility comes in clusters: two quiet years say little about a day in the middle of a crash. So
what is measured over the whole window is widened by what happens now (`Estimates.widening`), in the
manner of J. Hull and A. White, Incorporating volatility updating into the historical simulation
method for value-at-risk, Journal of Risk 1 (1998) 5-19; but never narrowed, for calm is no promise.

Figures that a CPU may add up in another order are rounded to `PLACES` decimals before they decide.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tidegate_risk.core.portfolio.shrinkage import shrinkage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tidegate_risk.core.portfolio.tails import Tail
    from tidegate_risk.core.portfolio.window import ReturnWindow

    Reals = NDArray[np.float64]

INTENSITY_LISTINGS_MAX = 32
PLACES = 10
DAILY_MEMORY = 0.94
"""What a day's weight in the present volatility is of the next day's (RiskMetrics, 1996)."""


class Profits:
    """What a book would have gained in each step (T,), and its positions' variances, summed.

    ``tails`` is for whoever works out what follows from that, by what it was asked with.
    """

    __slots__ = ("gained", "own_variances", "tails")

    def __init__(self, gained: Reals, own_variances: float) -> None:
        self.gained = gained
        self.own_variances = own_variances
        self.tails: dict[tuple[int, int], Tail] = {}


class Estimates:
    """The returns of one window as they were at ``as_of_ns``.

    At most ``samples_max`` returns are looked at; a listing with fewer than ``samples_min`` has
    no estimates.
    """

    def __init__(
        self, window: ReturnWindow, as_of_ns: int, *, samples_max: int, samples_min: int
    ) -> None:
        self.window = window
        self.as_of_ns = as_of_ns
        self.forgotten = window.forgotten
        self.samples_max = samples_max
        self.samples_min = samples_min
        self._returns: dict[str, Reals] = {}
        self._volatilities: dict[str, float] = {}
        self._enough: set[str] = set()
        self._stacked: tuple[tuple[str, ...], Reals] = ((), np.zeros((0, 0)))
        self._directions: tuple[tuple[int, tuple[str, ...]], Reals] = ((0, ()), np.zeros((0, 0)))
        self._newest_directions: dict[str, Reals] = {}
        self._intensity: float | None = None
        self._steps_per_day: float | None = None
        self._weights: Reals = np.zeros(0)
        # The correlations of each listing with the others that were asked for last.
        self._correlations: dict[str, tuple[list[str], dict[str, float]]] = {}
        self._profits: tuple[dict[str, float], Profits] = ({}, Profits(np.zeros(0), 0.0))

    @property
    def steps_per_day(self) -> float:
        """How many rows of the window make a day on which there was a row."""
        if self._steps_per_day is None:
            begin, end = self.window.rows(self.as_of_ns)
            days = self.window.days(begin, end)
            self._steps_per_day = max((end - begin) / max(days, 1), 1.0)
        return self._steps_per_day

    def is_like(self, other: Estimates) -> bool:
        """Tell whether these are the same rows with the same minimum."""
        mine = self.window, self.as_of_ns, self.samples_min, self.forgotten
        return mine == (other.window, other.as_of_ns, other.samples_min, other.forgotten)

    def work_out(self) -> None:
        """Work out everything that does not depend on a book."""
        for listing in self.listings():
            self.volatility(listing)
        assert self.intensity >= 0
        assert self.steps_per_day >= 1

    def samples(self, listing: str) -> int:
        """Return how many returns a listing has."""
        return len(self._of(listing))

    def has(self, listing: str) -> bool:
        """Tell whether a listing has enough returns."""
        return self.samples(listing) >= self.samples_min

    def lacking(self, listings: Iterable[str]) -> str | None:
        """Return the first of some listings that has too few returns."""
        enough = self._enough
        if enough.issuperset(listings):
            return None
        for each in listings:
            if each not in enough:
                if not self.has(each):
                    return each
                enough.add(each)
        return None

    def listings(self) -> list[str]:
        """Return the listings that have enough returns, in the order of their names."""
        return [each for each in self.window.listings() if self.has(each)]

    def volatility(self, listing: str) -> float:
        """Return the standard deviation of a listing's returns, per step."""
        known = self._volatilities.get(listing)
        if known is None:
            known = self._volatilities[listing] = round(float(self._of(listing).std()), PLACES)
        return known

    def samples_common(self, listings: Iterable[str]) -> int:
        """Return how many of the newest returns all of some listings, at least one, have."""
        known = self._returns
        return min([len(known[each] if each in known else self._of(each)) for each in listings])

    def returns(self, listing: str) -> Reals:
        """Return all returns of a listing, oldest first."""
        return self._of(listing)

    def stacked(self, listings: Sequence[str]) -> Reals:
        """Return the listings' returns (listings, T) over the steps that all of them have."""
        key = tuple(listings)
        if self._stacked[0] != key:
            columns = [self._of(each) for each in key]
            count = min((len(each) for each in columns), default=0)
            self._stacked = key, np.array([each[len(each) - count :] for each in columns])
        return self._stacked[1]

    def book(self, values: dict[str, float]) -> Profits:
        """Return the profits of positions of these values; known if the last ones were the same."""
        if values != self._profits[0]:
            found = Profits(self.profits(values), self.own_variances(values))
            self._profits = dict(values), found
        return self._profits[1]

    def profits(self, values: Mapping[str, float]) -> Reals:
        """Return what positions of these values would have gained in each step, (T,)."""
        if not values:
            return np.zeros(0)
        weights = np.fromiter(values.values(), np.float64, len(values))
        # Added up listing by listing, so that every CPU does it in the same order.
        total: Reals = (self.stacked(tuple(values)) * weights[:, None]).sum(axis=0)
        return total

    def own_variances(self, values: Mapping[str, float]) -> float:
        """Return the sum of the variances of positions' profits in a step."""
        known, total = self._volatilities, 0.0
        for listing, value in values.items():
            volatility = known.get(listing)
            if volatility is None:
                volatility = self.volatility(listing)
            total += (value * volatility) ** 2
        return total

    def own_variance(self, listing: str, value: float) -> float:
        """Return the variance of one position's profit in a step."""
        return (value * self.volatility(listing)) ** 2

    def deviation(self, profits: Reals, own_variances: float) -> float:
        """Return the standard deviation of a book's profit in a step, correlations shrunk.

        With intensity i the covariance is (1 - i) S + i D, D the diagonal of S, so a book's
        variance is that share of its profits' variance and of the sum of its positions' own.
        """
        count = len(profits)
        if count == 0:
            return 0.0
        mean = float(profits.sum()) / count
        variance = float(profits @ profits) / count - mean * mean
        variance += self.intensity * (own_variances - variance)
        return math.sqrt(max(variance, 0.0))

    def widening(self, profits: Reals) -> float:
        """Return how much wider a book's profits (T,) are at present than over all; at least 1.

        The root of two means of squares: one that weighs the newest most, over the plain one.
        """
        count = len(profits)
        squares = profits * profits
        plain = float(squares.sum()) / count if count else 0.0
        if plain <= 0:
            return 1.0
        if len(self._weights) != count:
            ages = np.arange(count - 1, -1, -1) / self.steps_per_day
            weights = DAILY_MEMORY**ages
            self._weights = weights / weights.sum()
        return round(max(math.sqrt(float(squares @ self._weights) / plain), 1.0), PLACES)

    def correlations(self, listing: str, others: Sequence[str]) -> list[float]:
        """Return a listing's shrunk correlations with others; none for what never moved."""
        if not others:
            return []
        count = self.samples_common((listing, *others))
        key = (count, tuple(others))
        if self._directions[0] != key:
            self._directions = key, np.array([self._direction(each, count) for each in others])
        found = (self._directions[1] @ self._direction(listing, count)).tolist()
        share = 1 - self.intensity
        return [round(each * share, PLACES) for each in found]

    def correlations_with(self, listing: str, others: list[str]) -> Mapping[str, float]:
        """Return the same by listing, remembered until others are asked about."""
        known = self._correlations.get(listing)
        if known is None or known[0] != others:
            found = dict(zip(others, self.correlations(listing, others), strict=True))
            known = self._correlations[listing] = others, found
        return known[1]

    def correlation_matrix(self, listings: Sequence[str]) -> Reals:
        """Return the shrunk correlations (n, n) of listings; 1 on the diagonal."""
        matrix = _correlation(_standardised(self.stacked(listings))) * (1 - self.intensity)
        np.fill_diagonal(matrix, 1.0)
        rounded: Reals = np.round(matrix, PLACES)
        return rounded

    @property
    def intensity(self) -> float:
        """How much of the correlations is taken for chance, in [0, 1]."""
        if self._intensity is None:
            self._intensity = self._estimated_intensity()
        return self._intensity

    def _estimated_intensity(self) -> float:
        listings = self.listings()[:INTENSITY_LISTINGS_MAX]
        columns = [self._of(each) for each in listings]
        count = min((len(each) for each in columns), default=0)
        if len(columns) < 2:  # noqa: PLR2004 - a single listing is correlated with nothing
            return 0.0
        standard = _standardised(np.array([each[len(each) - count :] for each in columns]))
        return round(shrinkage_of(standard, standard @ standard.T / count), PLACES)

    def _direction(self, listing: str, count: int) -> Reals:
        """Return a listing's newest returns around their mean (count,), of length 1 or 0."""
        known = self._newest_directions.get(listing)
        if known is None or len(known) != count:
            returns = self._of(listing)
            centred = returns[len(returns) - count :]
            centred = centred - centred.mean()
            length = math.sqrt(float(centred @ centred))
            known = centred / length if length > 0 else centred
            self._newest_directions[listing] = known
        return known

    def _of(self, listing: str) -> Reals:
        known = self._returns.get(listing)
        if known is None:
            begin, end = self.window.rows(self.as_of_ns)
            begin = max(begin, end - self.samples_max - 1)
            # A copy: the window's buffers slide under later rows.
            known = self.window.returns(listing, begin, end).copy()
            self._returns[listing] = known
        return known


def _standardised(returns: Reals) -> Reals:
    centred = returns - returns.mean(axis=1, keepdims=True)
    deviations = centred.std(axis=1, keepdims=True)
    standard: Reals = np.zeros_like(centred)
    np.divide(centred, deviations, out=standard, where=deviations > 0)
    return standard


def _correlation(standard: Reals) -> Reals:
    product: Reals = standard @ standard.T / max(standard.shape[1], 1)
    return product
