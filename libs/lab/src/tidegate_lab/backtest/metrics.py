"""What a run is judged by; docs/reference/metrics.md is written from `DEFINITIONS`.

Ratios are of 1 (0.05 is 5 %), money is in the session's currency as decimal text. What cannot be
computed is None. Returns are those of UTC days with bars; r is such a return, N how many make a
year in these data. The Sharpe ratio is not here: it stands with what belongs beside it in
`Honest` (`tidegate_lab.statistics.honest`).
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_contracts.execution import AccountEntryKind, OrderEvent, OrderType
from tidegate_execution.config import VenueSettings
from tidegate_execution.core.orders.lifecycle import ENDED_STATES
from tidegate_execution.core.quality import summary as quality
from tidegate_execution.core.quality.ended import Ended, ended_of
from tidegate_kernel.money import ZERO, plain, quantize
from tidegate_lab.statistics.curve import DAYS_PER_YEAR, DailyReturns, daily_returns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate_chassis.configuration import Session
    from tidegate_contracts.execution import AccountEntry, Fill
    from tidegate_contracts.portfolio import Performance
    from tidegate_lab.backtest.days import Days
    from tidegate_lab.outcome import Outcome

PLACES = 6
MONEY_PLACES = 8
BPS = Decimal(10_000)


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a run; `DEFINITIONS` says how each is computed."""

    years: float
    total_return: float
    annual_return: float | None
    volatility: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float
    max_drawdown_days: int
    trades: int
    win_rate: float | None
    profit_factor: float | None
    average_trade: str | None
    exposure: float
    turnover: float | None
    fees: str
    slippage: str
    dividends: str
    borrow_fees: str
    funding: str
    shortfall: str
    shortfall_bps: str | None
    slippage_beyond_model_bps: str | None
    fill_ratio: str | None
    reject_rate: str | None
    seconds_to_fill: str | None
    buy_and_hold_return: float
    buy_and_hold_annual_return: float | None


OF_QUALITY = (
    "shortfall",
    "shortfall_bps",
    "slippage_beyond_model_bps",
    "fill_ratio",
    "reject_rate",
    "seconds_to_fill",
)
"""Figures of execution quality, as execution itself computes and serves them."""
_BOOKS = "the portfolio service's own"
_ENTRIES = "execution's account entries"
_SLIPPAGE = (
    "sum over fills of market orders of price × quantity × s / (1 ± s), s the venue's slippage: "
    "what they paid beyond the open, but for rounding to the tick"
)
_HELD = (
    "return of the capital spent in equal parts on the open of every symbol's first bar, held to "
    "the end, without costs"
)

DEFINITIONS: dict[str, tuple[str, str]] = {
    "years": ("calendar days from the first to the last, both included / 365.25", ""),
    "total_return": ("final equity / capital − 1", ""),
    "annual_return": (
        "(1 + total_return)^(1 / years) − 1",
        "geometric mean: CFA Institute, Global Investment Performance Standards, 2020",
    ),
    "volatility": ("standard deviation of r (n − 1) × √N", "Hull, Options, Futures, ch. 15"),
    "sortino": (
        "mean(r) / √mean(min(r, 0)²) × √N",
        "Sortino and Price, Journal of Investing 3(3), 1994, with target 0",
    ),
    "calmar": (
        "annual_return / max_drawdown, over the whole run",
        "Young, Futures 20(1), 1991",
    ),
    "max_drawdown": (
        "largest (peak − equity) / peak at settled moments: midnights and after fills",
        _BOOKS,
    ),
    "max_drawdown_days": (
        "most calendar days from a peak until equity is back at it, or to the end",
        "equity at the ends of days",
    ),
    "trades": ("round trips ended: from flat to flat in one symbol", _BOOKS),
    "win_rate": ("trades with a profit after fees / trades", _BOOKS),
    "profit_factor": ("sum of the profits / sum of the losses, after fees", _BOOKS),
    "average_trade": ("(sum of the profits − sum of the losses) / trades, in money", _BOOKS),
    "exposure": ("mean over days of the absolute values of all positions / equity", ""),
    "turnover": ("sum of price × quantity of all fills / mean equity / years", ""),
    "fees": ("all fees paid, in money", _BOOKS),
    "slippage": (_SLIPPAGE, ""),
    "dividends": ("received on longs − paid on shorts, in money", _ENTRIES),
    "borrow_fees": ("what holding shorts cost, in money", _ENTRIES),
    "funding": ("paid on perpetual contracts − received, in money", _ENTRIES),
    **{name: quality.DEFINITIONS[name] for name in OF_QUALITY},
    "buy_and_hold_return": (_HELD, ""),
    "buy_and_hold_annual_return": ("(1 + buy_and_hold_return)^(1 / years) − 1", ""),
}
"""Formula and source of each figure."""


def metrics_of(
    outcome: Outcome, days: Days, performance: Performance | None, costs: Costs
) -> Metrics:
    """Return the figures; ``performance`` is the account's last report, None without a trade."""
    returns = returns_of(days).values
    years = float(days.days[-1] - days.days[0] + 1) / DAYS_PER_YEAR
    total = days.equity[-1] / days.opening - 1
    held = days.buy_and_hold[-1] / days.opening - 1
    per_year = returns_of(days).per_year
    drawdown = float(outcome.max_drawdown)
    annual = _annual(total, years)
    won, closed = (
        (0, 0) if performance is None else (performance.trades_won, performance.trades_closed)
    )
    mean_equity = float(days.equity.mean())
    return Metrics(
        years=_rounded(years),
        total_return=_rounded(total),
        annual_return=_maybe(annual),
        volatility=_maybe(_volatility(returns, per_year)),
        sortino=_maybe(_sortino(returns, per_year)),
        calmar=None if annual is None or drawdown == 0 else _rounded(annual / drawdown),
        max_drawdown=_rounded(drawdown),
        max_drawdown_days=days.days_under_water,
        trades=closed,
        win_rate=_rounded(won / closed) if closed else None,
        profit_factor=_profit_factor(performance),
        average_trade=_average_trade(performance),
        exposure=_rounded(float(days.gross.mean())),
        turnover=_rounded(costs.traded / mean_equity / years) if mean_equity > 0 else None,
        fees=outcome.fees,
        slippage=plain(costs.slippage),
        dividends=plain(costs.dividends),
        borrow_fees=plain(costs.borrow_fees),
        funding=plain(costs.funding),
        shortfall=costs.quality.shortfall,
        shortfall_bps=costs.quality.shortfall_bps,
        slippage_beyond_model_bps=costs.quality.slippage_beyond_model_bps,
        fill_ratio=costs.quality.fill_ratio,
        reject_rate=costs.quality.reject_rate,
        seconds_to_fill=costs.quality.seconds_to_fill,
        buy_and_hold_return=_rounded(held),
        buy_and_hold_annual_return=_maybe(_annual(held, years)),
    )


class Costs(msgspec.Struct, frozen=True):
    """What trading cost, how much was traded and how well; money in the session's currency."""

    slippage: Decimal
    traded: float
    quality: quality.Quality
    # What holding brought, and what it cost.
    dividends: Decimal = ZERO
    borrow_fees: Decimal = ZERO
    funding: Decimal = ZERO


def costs_of(
    session: Session,
    orders: Sequence[OrderEvent],
    fills: Sequence[Fill],
    entries: Sequence[AccountEntry] = (),
) -> Costs:
    """Return what market orders paid beyond the open, what holding cost, and what was traded."""
    modelled_bps = VenueSettings.model_validate(session.venue).slippage_bps
    share = modelled_bps / BPS
    market = {
        each.specification.client_order_id
        for each in orders
        if each.specification.order_type is OrderType.MARKET
    }
    slippage = ZERO
    for fill in fills:
        if fill.client_order_id in market:
            sign = 1 if fill.side.name == "BUY" else -1
            slippage += fill.price * fill.quantity * share / (1 + sign * share)
    traded = sum(float(fill.price * fill.quantity) for fill in fills)
    measured = quality.tally_of(_ended(orders, fills)).quality(modelled_bps)
    return Costs(
        quantize(slippage, MONEY_PLACES),
        traded,
        measured,
        dividends=_cash_of(entries, AccountEntryKind.DIVIDEND),
        borrow_fees=-_cash_of(entries, AccountEntryKind.BORROW_FEE),
        funding=-_cash_of(entries, AccountEntryKind.FUNDING),
    )


def _cash_of(entries: Sequence[AccountEntry], kind: AccountEntryKind) -> Decimal:
    return sum((each.cash for each in entries if each.kind is kind), ZERO)


def _ended(orders: Sequence[OrderEvent], fills: Sequence[Fill]) -> Iterator[Ended]:
    """Yield every order that has ended, with its fills."""
    by_order: dict[str, list[Fill]] = {}
    for fill in fills:
        by_order.setdefault(fill.client_order_id, []).append(fill)
    for event in orders:
        if event.state in ENDED_STATES:
            yield ended_of(event, by_order.get(event.specification.client_order_id, ()))


def returns_of(days: Days) -> DailyReturns:
    """Return the daily returns; an account that lost everything has lost it, and then moves 0."""
    opened_ns = days.ends_ns[0] - 1
    return daily_returns(
        np.concatenate([[opened_ns], days.ends_ns]),
        np.concatenate([[days.opening], days.equity]),
        days.days,
    )


def _annual(total: float, years: float) -> float | None:
    if total <= -1 or years * DAYS_PER_YEAR < 1:
        return None
    # Far beyond a float: a day's gain is no year's.
    exponent = math.log1p(total) / years
    return math.expm1(exponent) if exponent < math.log(1e12) else None


def _volatility(returns: np.ndarray, per_year: float) -> float | None:
    if len(returns) < 2:  # noqa: PLR2004 - one value does not vary
        return None
    return float(returns.std(ddof=1)) * math.sqrt(per_year)


def _sortino(returns: np.ndarray, per_year: float) -> float | None:
    if not (returns < 0).any():
        return None
    downside = math.sqrt(float((np.minimum(returns, 0) ** 2).mean()))
    return float(returns.mean()) / downside * math.sqrt(per_year)


def _profit_factor(performance: Performance | None) -> float | None:
    if performance is None or performance.gross_loss == 0:
        return None
    return _rounded(float(performance.gross_profit / performance.gross_loss))


def _average_trade(performance: Performance | None) -> str | None:
    if performance is None or performance.trades_closed == 0:
        return None
    profit = performance.gross_profit - performance.gross_loss
    return plain(quantize(profit / performance.trades_closed, MONEY_PLACES))


def _maybe(value: float | None) -> float | None:
    return None if value is None else _rounded(value)


def _rounded(value: float) -> float:
    return round(float(value), PLACES)
