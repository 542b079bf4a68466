from decimal import Decimal

from tidegate_chassis.configuration import (
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_lab.host.session import play, rounds_of
from tidegate_lab.outcome import Outcome, Record
from tidegate_market_data.adapters.catalog import read_replay
from tidegate_market_data.adapters.demo_data import DEMO_PATH
from tidegate_market_data.config import replay_settings


def _outcome() -> Outcome:
    session = Session(
        name="demo",
        capital=Money(amount=Decimal(100_000), currency="USD"),
        feed=FeedConfiguration(paths=(DEMO_PATH,)),
        strategies=(
            StrategyConfiguration(name="ema-crossover", strategy="ema-crossover"),
            StrategyConfiguration(name="donchian-breakout", strategy="donchian-breakout"),
        ),
    )
    dataset = read_replay(replay_settings(session))
    rounds = rounds_of(session, dataset)
    record = Record()
    rounds.observers.append(record.observe)
    play(rounds, dataset)
    return record.outcome(0.0)


def test_the_demo_trades_in_one_process() -> None:
    """Bars, signals, refusals, orders and fills all happen, and the books balance."""
    outcome = _outcome()
    assert outcome.bars > 12_000
    assert outcome.signals == outcome.verdicts["approved"] + sum(
        outcome.verdicts["refused"].values()
    )
    assert 0 < outcome.fills <= outcome.orders
    assert outcome.ledger_balanced


def test_two_runs_are_equal() -> None:
    """The same data, strategies and limits give the same hashes."""
    assert _outcome() == _outcome()
