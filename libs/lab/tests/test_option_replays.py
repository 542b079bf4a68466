"""Options over files: every engine says what bar by bar says, from Greeks to the settlement."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_chassis.configuration import (
    Configuration,
    ConfigurationError,
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
)
from tidegate_contracts.execution import AccountEntry, Fill
from tidegate_kernel.time import NS_PER_DAY
from tidegate_lab import backtest
from tidegate_lab.frames import jumping
from tidegate_lab.host.session import play
from tidegate_lab.replay.definitions import definitions_of
from tidegate_lab.replay.verify import verify
from tidegate_lab.testing import record
from tidegate_market_data.testing import CALLS, option_lines

from .markets import HOUR_NS, MINUTE_NS, OPTIONS, Market, dataset_of, heard, with_options
from .test_engines import play_bar_by_bar

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate_lab.backtest import Run

LIMITS: dict[str, Any] = {
    "risk_per_trade_fraction": "0.001",
    "option_expiry_margin_s": 0,
    "option_delta_max_fraction": 10,
    "option_gamma_max_fraction": 1,
    "option_theta_max_fraction": 1,
    "daily_loss_max_percent": "50",
}


BOLD: dict[str, Any] = {
    "risk_per_trade_fraction": "0.05",
    "option_delta_max_fraction": 5,
    "option_gamma_max_fraction": 1,
    "option_theta_max_fraction": "0.1",
}


def session_of(greeks: str, *, expire: bool = True) -> Session:
    """Return a session of a spread and of a strategy on its underlying."""
    bought, sold = OPTIONS
    spread: dict[str, Any] = {"bought": bought, "sold": sold, "fast": 2, "slow": 5, "leave_days": 0}
    return Session(
        name="optioned",
        capital=Money(amount=Decimal(1_000_000), currency="USD"),
        feed=FeedConfiguration.model_validate({"paths": ("random.csv",), "greeks": greeks}),
        strategies=(
            StrategyConfiguration(name="spread", strategy="vertical-spread", parameters=spread),
            StrategyConfiguration(
                name="trend", strategy="ema-crossover", parameters={"fast": 3, "slow": 9}
            ),
        ),
        limits=LIMITS,
        venue={"carry": {"options_expire": expire}},
    )


# Each example is a session that is played three times, most of it bar by bar.
@pytest.mark.timeout(300)
@given(
    session=st.builds(
        session_of, st.sampled_from(["none", "files", "model"]), expire=st.booleans()
    ),
    market=st.builds(
        Market,
        seed=st.integers(0, 2**32 - 1),
        instants=st.integers(2, 160),
        symbols=st.just(1),
        timeframe_ns=st.sampled_from([MINUTE_NS, HOUR_NS, 5 * HOUR_NS, NS_PER_DAY]),
        missing=st.sampled_from([0.0, 0.3]),
        invalid=st.sampled_from([0.0, 0.03]),
    ),
    stated=st.booleans(),
)
@settings(max_examples=25)
def test_events_and_frames_say_what_bar_by_bar_says(
    *, session: Session, market: Market, stated: bool
) -> None:
    """Equal messages, timers and states, wherever the Greeks come from."""
    plain_bars = dataset_of(market, session.feed_name)
    if plain_bars.bar_count:
        dataset = with_options(plain_bars, market.seed, stated=stated)
        plain = heard(session, dataset, play_bar_by_bar)
        assert heard(session, dataset, play) == plain
        assert heard(session, dataset, jumping.play) == plain


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a file of bars, one of limits and one of what the venue does at an expiry."""
    (tmp_path / "bars.csv").write_text("\n".join(option_lines()) + "\n", encoding="utf-8")
    limits = "\n".join(f"{name}: {value}" for name, value in BOLD.items())
    (tmp_path / "limits.yaml").write_text(limits, encoding="utf-8")
    (tmp_path / "carry.yaml").write_text("options_expire: true", encoding="utf-8")
    return tmp_path


def played(files: Path, engine: str = "events", greeks: str | None = None) -> Run:
    """Backtest the spread over the files."""
    bought, sold = CALLS
    return backtest.run(
        [f"vertical-spread:bought={bought},sold={sold},fast=3,slow=8,leave_days=0"],
        [files / "bars.csv"],
        limits=files / "limits.yaml",
        carry=files / "carry.yaml",
        greeks=greeks,
        engine=engine,
    )


def test_a_spread_is_opened_closed_and_settled_over_files(files: Path) -> None:
    """Both legs are filled by the paper venue; what is held at the expiry is worth its strikes."""
    run = played(files)
    bought, sold = CALLS
    fills = [(each.symbol, each.side.name) for each in run.record.of(Fill)]
    opened = [(bought, "BUY"), (sold, "SELL")]
    assert fills == [*opened, (bought, "SELL"), (sold, "BUY"), *opened]
    entries = {(each.symbol, each.kind.name) for each in run.record.of(AccountEntry)}
    assert entries == {
        (bought, "OPTION_EXERCISE"),
        ("AAPL", "OPTION_EXERCISE"),
        (sold, "OPTION_EXPIRY"),
    }
    assert run.outcome.verdicts == {"approved": 4, "refused": {}}
    assert run.outcome.ledger_balanced


def test_both_engines_end_with_the_same_hashes(files: Path) -> None:
    """Over files as a person gives them."""
    ends = [played(files, engine).outcome for engine in backtest.ENGINES]
    assert {(each.orders_hash, each.ledger_hash) for each in ends} == {
        (ends[0].orders_hash, ends[0].ledger_hash)
    }


def test_a_recorded_session_of_options_is_decided_again(files: Path) -> None:
    """The feed's Greeks too: its instruments are known without the data, and so is its model."""
    configuration = Configuration(sessions=(played(files).session,))
    recording = record(configuration)
    name = configuration.sessions[0].name
    definitions = [e for e in definitions_of(recording, name) if e.shard in recording.journals]
    assert f"market-data/{configuration.sessions[0].feed_name}" in {e.shard for e in definitions}
    assert verify(recording, name, definitions).differ == 0


def test_without_greeks_a_strategy_with_legs_is_refused_by_name(files: Path) -> None:
    """Where files state none and no model is asked for, risk refuses what was wished."""
    with pytest.raises(ConfigurationError, match=r"feed\.greeks"):
        played(files, greeks="none")
    assert played(files, greeks="files").outcome.verdicts["refused"] == {
        "OPTION_DATA_MISSING": 2,
        "NOTHING_TO_CLOSE": 2,
    }
