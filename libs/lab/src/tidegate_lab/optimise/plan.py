"""A plan: weights by a method, what they would have been like, and the orders that lead there."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_kernel.money import plain
from tidegate_kernel.time import format_time
from tidegate_lab.optimise.errors import OptimiseError
from tidegate_lab.optimise.history import history_of, step_text
from tidegate_lab.optimise.objectives import method_of, weights_by
from tidegate_lab.optimise.rebalancing import Answered, rebalance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate_lab.optimise.desk import Desk
    from tidegate_lab.optimise.history import History
    from tidegate_risk.core.parameters import Limits

PLACES = 6


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted; None takes what the limits leave room for.

    ``weight_max`` is the largest share of equity in a symbol, ``invested`` the share of equity that
    all of them take together.
    """

    method: str
    strategy: str = "rebalance"
    symbols: tuple[str, ...] = ()
    weight_max: Decimal | None = None
    invested: Decimal | None = None


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """A symbol's share of equity, and the mean and deviation of its returns in a year."""

    symbol: str
    weight: str
    mean: float
    volatility: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Weights, the past that they come from, and the orders.

    ``mean``, ``volatility`` and ``sharpe`` are those that the weights would have had in that past,
    per year; weights that were chosen for it say little about the years to come.
    """

    session: str
    method: str
    strategy: str
    at: str
    as_of: str
    step: str
    samples: int
    left_out: tuple[str, ...]
    equity: str
    currency: str
    invested: str
    weight_max: str
    weights: tuple[Weight, ...]
    mean: float
    volatility: float
    sharpe: float
    orders: tuple[Answered, ...]


def plan(desk: Desk, aim: Aim) -> Plan:
    """Find the weights, and ask risk about every order; `OptimiseError` says what prevents it."""
    method_of(aim.method)  # A wrong name costs no reading.
    parameters, book = desk.machine.parameters, desk.machine.state.book
    history = history_of(desk, aim.symbols)
    invested, weight_max = _bounds(aim, parameters.limits, len(history.listings))
    weights = weights_by(aim.method, history.returns, min(float(weight_max / invested), 1.0))
    shares = {
        listing: round(Decimal(weight) * invested, PLACES)
        for listing, weight in zip(history.listings, weights.tolist(), strict=True)
    }
    orders = rebalance(desk, aim.strategy, {each: share for each, share in shares.items() if share})
    mean, volatility = _annual(history, shares.values())
    return Plan(
        session=parameters.session,
        method=aim.method,
        strategy=aim.strategy,
        at=format_time(desk.now_ns),
        as_of=format_time(history.as_of_ns),
        step=step_text(history),
        samples=history.returns.shape[1],
        left_out=history.left_out,
        equity=plain(round(book.equity(), 2)),
        currency=parameters.currency,
        invested=plain(invested),
        weight_max=plain(weight_max),
        weights=_weights(history, shares),
        mean=mean,
        volatility=volatility,
        sharpe=round(mean / volatility, PLACES) if volatility > 0 else 0.0,
        orders=tuple(orders),
    )


def _bounds(aim: Aim, limits: Limits, count: int) -> tuple[Decimal, Decimal]:
    """Return how much may be invested and in one symbol: what is asked, else what the limits let.

    Beyond a limit nothing is hidden: the orders are refused, and say by which.
    """
    weight_max = aim.weight_max
    if weight_max is None:
        weight_max = min(
            limits.order_notional_max_fraction,
            limits.symbol_exposure_max_fraction,
            limits.asset_exposure_max_fraction,
            Decimal(1),
        )
    room = min(limits.gross_exposure_max_fraction, Decimal(1)) / (1 + limits.cash_buffer_fraction)
    invested = min(room, count * weight_max) if aim.invested is None else aim.invested
    for name, value in (("--invested", invested), ("--weight-max", weight_max)):
        if not 0 < value <= 1:
            raise OptimiseError(name, "above 0, to 1", plain(value))
    return round(invested, PLACES), weight_max


def _annual(history: History, shares: Iterable[Decimal]) -> tuple[float, float]:
    profits = np.array([float(each) for each in shares]) @ history.returns
    year = history.steps_per_year
    return (
        round(float(profits.mean()) * year, PLACES),
        round(float(profits.std()) * math.sqrt(year), PLACES),
    )


def _weights(history: History, shares: dict[str, Decimal]) -> tuple[Weight, ...]:
    year = history.steps_per_year
    found = [
        Weight(
            symbol=listing.partition("|")[2],
            weight=plain(shares[listing]),
            mean=round(float(returns.mean()) * year, PLACES),
            volatility=round(float(returns.std()) * math.sqrt(year), PLACES),
        )
        for listing, returns in zip(history.listings, history.returns, strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (-Decimal(each.weight), each.symbol)))
