"""Bars, instruments and costs as plain arrays, as the kernel takes them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidegate_execution.config import VenueSettings
from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.backtest.errors import OptionError
from tidegate_risk.config import RiskLimits

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_contracts.market import Instrument
    from tidegate_market_data.adapters.dataset import Dataset

PRICE_PARTS = 10_000_000
"""Slippage counts in thousandths of a basis point."""
_INTEGER_MAX = 2**63 - 1


class Market(NamedTuple):
    """All that trials share.

    Bars are sorted by instrument, then by time: instrument k has the bars [firsts[k],
    firsts[k + 1]). ``instants`` holds the number of each bar's instant.
    """

    firsts: NDArray[np.int64]
    instants: NDArray[np.int64]
    opens: NDArray[np.int64]
    highs: NDArray[np.int64]
    lows: NDArray[np.int64]
    closes: NDArray[np.int64]
    # (instants, instruments): the newest closes in money; 0 before the first.
    marks: NDArray[np.float64]
    # Of each instant: the place of its UTC day.
    day_places: NDArray[np.int64]
    # Instants after which the account is told: the first from each midnight on, and the last.
    told_after: NDArray[np.int64]
    # Of each instrument: steps of its prices in one unit of money, steps in a tick, its lot.
    steps: NDArray[np.float64]
    ticks: NDArray[np.int64]
    lots: NDArray[np.float64]


class Costs(NamedTuple):
    """What trading costs, and how much of the equity a position takes."""

    capital: float
    fraction: float
    fee_share: float
    fee_per_unit: float
    # Parts of PRICE_PARTS.
    slippage: int


def market_of(dataset: Dataset) -> Market:
    """Return a dataset as arrays; prices too large for the kernel's integers are refused."""
    values = dataset.values
    if int(values[1:5].max()) > _INTEGER_MAX // (2 * PRICE_PARTS):
        raise OptionError("--screen", "prices of at most 4e11 steps", f"{values[1:5].max()} steps")
    ends_ns, instants = np.unique(values[0] + dataset.timeframe_ns, return_inverse=True)
    order = np.lexsort((instants, dataset.codes))
    count = len(dataset.instruments)
    steps = np.array([10.0**each.price_scale for each in dataset.instruments])
    marks = np.zeros((len(ends_ns), count))
    marks[instants, dataset.codes] = values[4] / steps[dataset.codes]
    _, day_places = np.unique((ends_ns - 1) // NS_PER_DAY, return_inverse=True)
    days = np.concatenate([[dataset.first_ns], ends_ns]) // NS_PER_DAY
    return Market(
        firsts=np.searchsorted(dataset.codes[order], np.arange(count + 1)),
        instants=instants[order],
        opens=values[1, order],
        highs=values[2, order],
        lows=values[3, order],
        closes=values[4, order],
        marks=_carried(marks),
        day_places=day_places,
        told_after=np.union1d(np.flatnonzero(np.diff(days)), [len(ends_ns) - 1]),
        steps=steps,
        ticks=np.array([_tick(each) for each in dataset.instruments], dtype=np.int64),
        lots=np.array([float(each.lot_size) for each in dataset.instruments]),
    )


def _carried(marks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Carry each instrument's last close over instants without a bar of it."""
    known = np.where(marks > 0, np.arange(len(marks))[:, None], 0)
    return np.take_along_axis(marks, np.maximum.accumulate(known, axis=0), axis=0)


def costs_of(session: Session) -> Costs:
    """Return a session's costs and sizing."""
    venue = VenueSettings.model_validate(session.venue)
    slippage = venue.slippage_bps * (PRICE_PARTS // 10_000)
    if slippage != slippage.to_integral_value():
        found = f"{venue.slippage_bps} bps"
        raise OptionError("--screen", "slippage in thousandths of a basis point", found)
    return Costs(
        capital=float(session.capital.amount),
        fraction=float(RiskLimits.model_validate(session.limits).position_fraction),
        fee_share=float(venue.fee_bps) / 10_000,
        fee_per_unit=float(venue.fee_per_unit),
        slippage=int(slippage),
    )


def _tick(instrument: Instrument) -> int:
    steps = instrument.tick_size * Decimal(10) ** instrument.price_scale
    assert steps == steps.to_integral_value(), f"{instrument.symbol}: a tick is whole steps"
    return int(steps)
