"""The returns that risk decides by, as a matrix: optimised weights and limits see the same past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND, format_duration
from tidegate_lab.optimise.errors import OptimiseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tidegate_lab.optimise.desk import Desk
    from tidegate_risk.core.portfolio.estimates import Estimates

DAYS_PER_YEAR = 365.25


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Returns (n, T) of listings, a row for each, oldest first; ``as_of_ns`` is their newest.

    ``left_out`` names the listings that have too few.
    """

    listings: tuple[str, ...]
    returns: NDArray[np.float64]
    step_ns: int
    steps_per_year: float
    as_of_ns: int
    left_out: tuple[str, ...]


def history_of(desk: Desk, symbols: Sequence[str] = ()) -> History:
    """Return the history of some symbols, by default of all that have enough returns.

    `OptimiseError` when there are no estimates, when a symbol that was named is unknown or has too
    few returns, and when none is left.
    """
    machine = desk.machine
    limits = machine.parameters.limits
    found = machine.state.portfolio.estimates(limits)
    enough = f"{limits.estimate_days_min} daily or {limits.estimate_hours_min} hourly returns"
    if found is None:
        hint = "more history, or smaller estimate_days_min and estimate_hours_min in the limits"
        raise OptimiseError("history", enough, "fewer", hint)
    known: dict[str, str] = {}
    for listing in machine.state.book.market.bars:
        symbol = listing.partition("|")[2]
        if symbol in known:
            both = f"{known[symbol]} and {listing}"
            raise OptimiseError("the symbols", "one venue for each", both)
        known[symbol] = listing
    for symbol in symbols:
        if symbol not in known:
            raise OptimiseError("the symbols", f"some of {', '.join(sorted(known))}", symbol)
        if not found.has(known[symbol]):
            count = str(found.samples(known[symbol]))
            raise OptimiseError(f"history of {symbol}", enough, count, "leave it out")
    wanted = {known[each] for each in symbols} or set(known.values())
    listings = tuple(each for each in found.listings() if each in wanted)
    if not listings:
        raise OptimiseError("history", f"a symbol with {enough}", "none")
    return History(
        listings=listings,
        returns=found.stacked(listings),
        step_ns=found.window.step_ns,
        steps_per_year=_steps_per_year(found, found.stacked(listings).shape[1]),
        as_of_ns=found.as_of_ns,
        left_out=tuple(sorted(wanted - set(listings))),
    )


def step_text(history: History) -> str:
    """Write how long a step is: ``1d``."""
    return format_duration(history.step_ns // NS_PER_SECOND * NS_PER_SECOND)


def _steps_per_year(estimates: Estimates, count: int) -> float:
    """Return how many steps a year of this market has, counted over the history."""
    window = estimates.window
    _, end = window.rows(estimates.as_of_ns)
    length_ns = window.time_of(end - 1) - window.time_of(end - 1 - count)
    return count / (length_ns / NS_PER_DAY) * DAYS_PER_YEAR
