from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tidegate_contracts.portfolio import Performance
from tidegate_execution.core.quality.summary import tally_of
from tidegate_lab.backtest import Run
from tidegate_lab.backtest.days import Days
from tidegate_lab.backtest.metrics import DEFINITIONS, Costs, Metrics, metrics_of
from tidegate_lab.backtest.reference import metrics_page

COMMITTED = Path(__file__).parents[4] / "docs" / "reference" / "metrics.md"

NOTHING = tally_of([]).quality(Decimal(2))


def _metrics(run: Run, equity: list[float], performance: Performance | None = None) -> Metrics:
    zero = np.zeros(len(equity))
    held = np.full(len(equity), 121.0)
    days = Days(100.0, np.arange(len(equity)) + 10, np.array(equity), held, zero + 0.5, zero)
    outcome = msgspec.structs.replace(run.outcome, max_drawdown="0.25")
    return metrics_of(outcome, days, performance, Costs(Decimal(3), 400.0, NOTHING))


def test_every_figure_is_defined() -> None:
    """In the order in which it is written."""
    assert tuple(DEFINITIONS) == Metrics.__struct_fields__


def test_the_committed_page_is_fresh() -> None:
    """Run ``python -m tidegate_lab.backtest.reference > docs/reference/metrics.md`` otherwise."""
    assert COMMITTED.read_text(encoding="utf-8") == metrics_page()


def test_figures_follow_their_formulas(demo: Run) -> None:
    """Two days, up a tenth and down a twentieth, by hand."""
    found = _metrics(demo, [110.0, 104.5])
    years = 2 / 365.25
    assert found.total_return == pytest.approx(0.045)
    assert found.annual_return == pytest.approx(1.045 ** (1 / years) - 1, rel=1e-4)
    deviation = 0.15 / 2**0.5
    assert found.volatility == pytest.approx(deviation * 365.25**0.5, abs=1e-5)
    downside = (0.05**2 / 2) ** 0.5
    assert found.sortino == pytest.approx(0.025 / downside * 365.25**0.5, abs=1e-4)
    assert found.calmar == pytest.approx((found.annual_return or 0) / 0.25, abs=1e-4)
    assert found.exposure == 0.5
    assert found.turnover == pytest.approx(400 / 107.25 / years, abs=1e-3)
    assert found.buy_and_hold_return == pytest.approx(0.21)
    assert found.slippage == "3"


def test_quality_is_what_execution_serves(demo: Run) -> None:
    """The parts of the shortfall are there, and market orders slip about as much as modelled."""
    found = demo.metrics
    assert (found.fill_ratio, found.reject_rate) == ("1", "0")
    assert found.shortfall_bps is not None
    assert found.seconds_to_fill is not None
    assert (found.shortfall, found.slippage_beyond_model_bps) != ("0", None)


def test_trades_are_counted_by_the_portfolio(demo: Run) -> None:
    """Won over closed, profits over losses, and what one trade made on average."""
    performance = Performance(
        trades_closed=4, trades_won=1, gross_profit=Decimal(30), gross_loss=Decimal(20)
    )
    found = _metrics(demo, [100.0], performance)
    assert (found.trades, found.win_rate, found.profit_factor) == (4, 0.25, 1.5)
    assert found.average_trade == "2.5"


def test_what_cannot_be_computed_is_none(demo: Run) -> None:
    """No trade, no loss, no second day: no figure is made up."""
    found = _metrics(demo, [100.0])
    assert (found.win_rate, found.profit_factor, found.average_trade) == (None, None, None)
    assert (found.volatility, found.sortino) == (None, None)


def test_a_lost_account_has_no_yearly_return(demo: Run) -> None:
    """An equity below zero is no power of anything."""
    found = _metrics(demo, [50.0, -10.0])
    assert found.total_return == pytest.approx(-1.1)
    assert (found.annual_return, found.calmar) == (None, None)


def test_round_trips_are_the_portfolios(demo: Run) -> None:
    """Booked by its own code: as many, and the same profit."""
    (*_, whole) = [each for each in demo.record.of(Performance) if not each.strategy]
    trips = demo.trips
    assert len(trips) == whole.trades_closed
    assert sum(trip.pnl > 0 for trip in trips) == whole.trades_won
    assert sum(trip.pnl for trip in trips) == whole.gross_profit - whole.gross_loss
    assert all(trip.opened_at_ns < trip.closed_at_ns for trip in trips)


def test_slippage_is_what_the_venue_took(demo: Run) -> None:
    """Against the opens themselves: fills of the demo are market orders at the open."""
    opens = {}
    for codes, values in demo.bars.chunks():
        for code, start, opened in zip(codes.tolist(), *values[:2].tolist(), strict=True):
            instrument = demo.bars.instruments[code]
            opens[instrument.symbol, start] = Decimal(opened).scaleb(-instrument.price_scale)
    paid = sum(
        abs(row["price"] - opens[row["symbol"], row["event_at_ns"]]) * row["quantity"]
        for row in demo.fills.to_pylist()
    )
    assert float(demo.metrics.slippage) == pytest.approx(float(paid), rel=0.02)
