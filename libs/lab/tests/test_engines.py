"""Speed without a second truth: every engine says what bar by bar says."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_chassis.configuration import FeedConfiguration, Money, Session, StrategyConfiguration
from tidegate_chassis.configuration.entries import EntryConfiguration
from tidegate_contracts.execution import Fill, Side
from tidegate_contracts.market import FeedFinished
from tidegate_kernel.machine import Publish
from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab.frames import jumping
from tidegate_lab.host.session import play
from tidegate_market_data.adapters.replay import ReplaySource

from .markets import HOUR_NS, MINUTE_NS, SYMBOLS, Market, dataset_of, heard

if TYPE_CHECKING:
    from tidegate_lab.host.rounds import Rounds
    from tidegate_market_data.adapters.dataset import Bars

markets = st.builds(
    Market,
    seed=st.integers(0, 2**32 - 1),
    instants=st.just(2) | st.integers(40, 120) | st.integers(250, 400),
    symbols=st.integers(1, len(SYMBOLS)),
    timeframe_ns=st.sampled_from([MINUTE_NS, HOUR_NS, 5 * HOUR_NS, NS_PER_DAY]),
    missing=st.sampled_from([0.0, 0.0, 0.05, 0.4]),
    invalid=st.sampled_from([0.0, 0.0, 0.03]),
)

_orders: dict[str, st.SearchStrategy[Any]] = {
    "stop_atr": st.sampled_from([None, 2.0]),
    "atr": st.integers(1, 4),
}
_crossovers = st.fixed_dictionaries(
    _orders | {"fast": st.integers(1, 4), "slow": st.integers(5, 9), "allow_short": st.booleans()}
)
_breakouts = st.fixed_dictionaries(
    _orders | {"entry": st.integers(4, 9), "exit": st.integers(1, 4)}
)
_spans = st.sampled_from(["90s", "10m", "3h", "5d"])
_entries: st.SearchStrategy[dict[str, Any] | None] = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"style": st.just("limit"), "offset": st.sampled_from(["0bps", "5bps", "40bps"])}
    ),
    st.fixed_dictionaries(
        {
            "style": st.sampled_from(["market", "limit"]),
            "algorithm": st.just("twap"),
            "over": _spans,
            "slices": st.integers(1, 6),
        }
    ),
    st.fixed_dictionaries(
        {
            "style": st.sampled_from(["market", "limit"]),
            "algorithm": st.just("vwap"),
            "over": _spans,
            "participation": st.sampled_from(["0.002", "0.05", "1"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "style": st.just("limit"),
            "algorithm": st.just("iceberg"),
            "display": st.sampled_from(["0.05", "0.4"]),
        }
    ),
)
_entry_settings = _entries.map(
    lambda given: None if given is None else EntryConfiguration.model_validate(given)
)
_limits: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "short_allowed": st.booleans(),
        "daily_loss_max_percent": st.sampled_from(["0.2", "2.0", "50"]),
        "open_positions_max": st.integers(1, 3),
        "price_age_max_bars": st.integers(1, 2),
        "stop_range_bars": st.sampled_from([2, 14]),
        "stop_range_multiple": st.sampled_from(["0.5", "2"]),
        "take_profit_range_multiple": st.sampled_from(["0.7", "3"]),
        "kelly_trades_min": st.just(10),
        "breakers": st.fixed_dictionaries(
            {
                "resume": st.sampled_from(["next_day", "never"]),
                "ramp_s": st.sampled_from([0.0, 7_200.0]),
                "drawdown": st.fixed_dictionaries(
                    {
                        "percent": st.sampled_from(["0.5", "25"]),
                        "level": st.sampled_from(["HALTED", "FLATTENING"]),
                    }
                ),
                "pnl_jump": st.fixed_dictionaries({"percent": st.sampled_from(["0.3", "10"])}),
                "losing_streak": st.fixed_dictionaries({"losses_max": st.sampled_from([1, 8])}),
                "cooldown": st.fixed_dictionaries({"pause_s": st.sampled_from([60.0, 7_300.0])}),
                "flash_crash": st.fixed_dictionaries({"percent": st.sampled_from(["1", "30"])}),
                "volatility_shock": st.fixed_dictionaries(
                    {"multiple": st.sampled_from(["1.5", "10"])}
                ),
                "overtrading": st.fixed_dictionaries({"entries_max": st.sampled_from([2, 200])}),
            }
        ),
    }
)
CARRY: dict[str, Any] = {
    "borrow": [
        {"symbol": "AAPL", "annual_percent": "9"},
        {"asset_class": "equity", "annual_percent": "3"},
    ],
    "borrow_at": "05:00",
    "funding": [{"symbol": "BTCUSDT", "rate_bps": "3"}],
    "dividends": [
        {"symbol": "AAPL", "ex": "2023-12-10T02:00:00Z", "amount": "0.1"},
        {"symbol": "MSFT", "ex": "2023-12-09T01:00:00Z", "amount": "0.2"},
    ],
    "splits": [
        {"symbol": "MSFT", "ex": "2023-12-11", "ratio": "3:2"},
        {"symbol": "AAPL", "ex": "2023-12-09T06:30:00Z", "ratio": "1:3"},
    ],
}
_venues: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "fee_bps": st.sampled_from(["0", "10"]),
        "slippage_bps": st.sampled_from(["0", "2"]),
        "latency": st.sampled_from(["0", "250ms", "90s", "7h"]),
        "touch_fills": st.booleans(),
        "volume_share": st.sampled_from(["0", "0.1"]),
        "protective_exits": st.sampled_from(["none", "stop", "bracket"]),
        "carry": st.sampled_from([{}, CARRY]),
    }
)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """Draw a session with one to three strategy instances."""
    crossovers = draw(st.lists(_crossovers, min_size=0, max_size=2))
    breakouts = draw(st.lists(_breakouts, min_size=0 if crossovers else 1, max_size=1))
    kinds = [("ema-crossover", each) for each in crossovers]
    kinds += [("donchian-breakout", each) for each in breakouts]
    return Session(
        name="random",
        capital=Money(amount=Decimal(100_000), currency="USD"),
        feed=FeedConfiguration(paths=("random.csv",)),
        strategies=tuple(
            StrategyConfiguration(
                name=f"s{n}", strategy=kind, parameters=parameters, entry=draw(_entry_settings)
            )
            for n, (kind, parameters) in enumerate(kinds)
        ),
        limits=draw(_limits),
        venue=draw(_venues),
    )


def play_bar_by_bar(rounds: Rounds, dataset: Bars) -> None:
    """Give every bar to the feed and play every instant in rounds: the plain truth."""
    for command in ReplaySource(dataset).batches(0):
        instant_ns = command.at_ns if isinstance(command, FeedFinished) else command.instant_ns
        while rounds.timer_ns < instant_ns:
            rounds.play(rounds.timer_ns, None)
        rounds.play(instant_ns, command)


# Each example is a session that is played three times: seconds, and a minute on a busy machine.
@pytest.mark.timeout(300)
@given(session=sessions(), market=markets)
@settings(max_examples=50)
def test_events_and_frames_say_what_bar_by_bar_says(session: Session, market: Market) -> None:
    """Both give equal messages, timers and states, on any data and settings."""
    dataset = dataset_of(market, session.feed_name)
    if dataset.bar_count:
        plain = heard(session, dataset, play_bar_by_bar)
        assert heard(session, dataset, play) == plain
        assert heard(session, dataset, jumping.play) == plain


@pytest.mark.parametrize(
    "entry",
    [
        {"style": "market", "algorithm": "twap", "over": "5h", "slices": 4},
        {"style": "limit", "algorithm": "vwap", "over": "9h", "participation": "0.05"},
        {"style": "limit", "algorithm": "iceberg", "display": "0.2"},
    ],
    ids=lambda entry: str(entry["algorithm"]),
)
def test_entries_in_slices_are_the_same_in_every_engine(entry: dict[str, Any]) -> None:
    """Timers, bars that allow more and renewed slices leave every engine at the same fills."""
    session = Session(
        name="sliced",
        capital=Money(amount=Decimal(100_000), currency="USD"),
        feed=FeedConfiguration(paths=("random.csv",)),
        strategies=(
            StrategyConfiguration(
                name="quiet",
                strategy="ema-crossover",
                parameters={"fast": 2, "slow": 5},
                entry=EntryConfiguration.model_validate(entry),
            ),
        ),
        venue={"protective_exits": "stop", "volume_share": "0.5"},
    )
    market = Market(seed=1, instants=160, symbols=2, timeframe_ns=HOUR_NS, missing=0.0, invalid=0.0)
    dataset = dataset_of(market, session.feed_name)
    plain = heard(session, dataset, play_bar_by_bar)
    told = [
        effect.body
        for _, _, _, effects in plain["said"]
        for effect in effects
        if isinstance(effect, Publish) and isinstance(effect.body, Fill)
    ]
    entries = Counter(each.signal_key for each in told if each.side == Side.BUY)
    assert max(entries.values()) > 1
    assert heard(session, dataset, play) == plain
    assert heard(session, dataset, jumping.play) == plain
