import pytest

from tidegate_kernel.time import parse_time
from tidegate_lab import backtest
from tidegate_lab.backtest import OptionError, Options, run_session, session_of


def test_five_lines_of_python_are_a_backtest() -> None:
    """The same as the command: text in, a run out."""
    run = backtest.run(
        strategies=["ema-crossover", "donchian-breakout"],
        data=["packaged:us-stocks"],
        until="2002-01-01",
        name="demo",
    )
    same = run_session(session_of(Options(until="2002-01-01").of_demo()))
    assert run.outcome.orders > 0
    assert run.outcome.orders_hash == same.outcome.orders_hash
    assert run.outcome.ledger_hash == same.outcome.ledger_hash


def test_costs_and_limits_reach_the_machines() -> None:
    """Dearer fees are paid, and a conservative profile buys less."""
    usual = backtest.run(["ema-crossover"], ["packaged:us-stocks"], until="2001-06-01")
    dear = backtest.run(
        ["ema-crossover"], ["packaged:us-stocks"], until="2001-06-01", fees="0.05/share"
    )
    careful = backtest.run(
        ["ema-crossover"], ["packaged:us-stocks"], until="2001-06-01", limits="conservative"
    )
    first = dear.fills.slice(0, 1).to_pylist()[0]
    assert first["fee"] == first["quantity"] * 5 / 100
    assert careful.metrics.exposure < usual.metrics.exposure
    assert usual.bars.last_ns == parse_time("2001-06-01")[0]


def test_a_run_is_judged_by_its_costs_and_the_order_of_its_trades() -> None:
    """The doubled run pays twice the rate; shuffled trades end where they ended."""
    run = backtest.run(["ema-crossover"], ["packaged:us-stocks"], until="2003-01-01", fees="20bps")
    assert run.costs is None
    judged = backtest.with_costs_doubled(run)
    costs, order = judged.costs, judged.trade_order
    assert costs is not None
    assert (costs.final_equity, costs.fees) == (run.outcome.final_equity, run.outcome.fees)
    assert float(costs.fees_doubled) == pytest.approx(2 * float(costs.fees), rel=0.1)
    assert costs.sharpe == run.honest.sharpe
    assert costs.sharpe_doubled is not None
    assert costs.sharpe is not None
    assert costs.sharpe_doubled < costs.sharpe
    assert order is not None
    assert order.trades == len(run.trips)
    assert order.median <= order.worst_of_20 <= order.worst_of_100


def test_what_never_traded_has_no_order_of_trades() -> None:
    """And its costs decide nothing."""
    run = backtest.run(["ema-crossover"], ["packaged:us-stocks"], until="2000-03-10")
    judged = backtest.with_costs_doubled(run)
    assert judged.trade_order is None
    assert judged.costs is not None
    assert judged.costs.final_equity_doubled == judged.costs.final_equity


def test_an_unknown_engine_is_refused_before_data_are_read() -> None:
    """The known ones are named."""
    with pytest.raises(OptionError, match="events"):
        backtest.run(["ema-crossover"], ["packaged:us-stocks"], engine="magic")
