"""What the sessions of the benchmarks have in common, and the one in lockstep."""

from __future__ import annotations

from decimal import Decimal

from tidegate_chassis.configuration import (
    Configuration,
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
    dump,
)
from tidegate_lab.judgement import judge

SESSION = "bench"
CAPITAL = Money(amount=Decimal(100_000), currency="USD")


def configuration(session: Session) -> str:
    """Return the configuration of an instance with this session alone."""
    configured = Configuration(sessions=(session,))
    problems = judge(configured)
    assert not problems, problems
    return dump(configured)


def lockstep_session(path: str) -> Session:
    """Return the demo's session on some data: both strategies, time given by the feed."""
    return Session(
        name=SESSION,
        capital=CAPITAL,
        feed=FeedConfiguration(paths=(path,)),
        strategies=(
            StrategyConfiguration(name="ema-crossover", strategy="ema-crossover"),
            StrategyConfiguration(name="donchian-breakout", strategy="donchian-breakout"),
        ),
    )
