from decimal import Decimal
from pathlib import Path

import pytest

from tidegate_chassis.configuration import Configuration, ConfigurationError, dump, load
from tidegate_lab.backtest import OptionError, Options, session_of
from tidegate_lab.backtest.options import capital_of, limits_of, strategies_of, venue_of
from tidegate_market_data.adapters.demo_data import DEMO_PATH
from tidegate_market_data.errors import DataError

DEMO = Options().of_demo()


def test_the_demo_is_a_lockstep_session_on_the_packaged_data() -> None:
    """Both strategies, 100,000 USD, the default limits and venue."""
    session = session_of(DEMO)
    assert (session.name, session.clock) == ("demo", "lockstep")
    assert (session.capital.amount, session.capital.currency) == (Decimal(100_000), "USD")
    assert [each.name for each in session.strategies] == ["ema-crossover", "donchian-breakout"]
    assert session.feed.paths == (DEMO_PATH,)
    assert (session.limits, session.venue) == ({}, {})


def test_what_is_given_replaces_the_demos_own() -> None:
    """Its name stays, because the name is part of the hashes."""
    session = session_of(Options(strategies=("ema-crossover",), capital="5000EUR").of_demo())
    assert session.name == "demo"
    assert [each.name for each in session.strategies] == ["ema-crossover"]
    assert session.capital.currency == "EUR"


def test_the_same_strategy_twice_gets_two_names() -> None:
    """Instances are told apart by their names."""
    made = strategies_of(("ema-crossover:fast=5,slow=9", "ema-crossover"))
    assert [each.name for each in made] == ["ema-crossover", "ema-crossover-2"]
    assert made[0].parameters == {"fast": 5, "slow": 9}


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("100000", "100000", "USD"),
        ("2500.50EUR", "2500.50", "EUR"),
        ("1_000_000 USDT", "1000000", "USDT"),
    ],
)
def test_capital_is_an_amount_and_a_currency(text: str, amount: str, currency: str) -> None:
    """Dollars unless another is named."""
    money = capital_of(text)
    assert (money.amount, money.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("fees", "venue"),
    [
        ("10bps", {"fee_bps": "10", "fee_per_unit": "0"}),
        ("0.005/share", {"fee_bps": "0", "fee_per_unit": "0.005"}),
        ("1bps+.005/share", {"fee_bps": "1", "fee_per_unit": ".005"}),
        (
            "0.65/contract",
            {"fee_bps": "0", "fee_per_unit": "0", "fee_per_contract": "0.65"},
        ),
    ],
)
def test_fees_are_a_share_of_the_value_or_an_amount_each(fees: str, venue: dict[str, str]) -> None:
    """Of shares or of contracts. What is named replaces every part of the default fee."""
    assert venue_of(fees, None) == venue


def test_a_latency_is_a_duration() -> None:
    """None at all is the default."""
    assert venue_of(None, "50ms") == {"latency": "50ms"}
    assert venue_of(None, "0") == {"latency": "0"}
    assert venue_of(None, None) == {}


def test_limits_are_a_profile_or_a_file(tmp_path: Path) -> None:
    """A file holds what `limits:` of a session holds."""
    path = tmp_path / "limits.yaml"
    path.write_text("open_positions_max: 7\nposition_fraction: 0.1\n")
    assert limits_of(path) == {"open_positions_max": 7, "position_fraction": 0.1}
    assert limits_of("moderate") == {}
    assert limits_of("conservative")["open_positions_max"] == 3


def test_a_period_is_half_open_and_in_utc() -> None:
    """It goes into the configuration, so that a live run of it plays the same bars."""
    feed = session_of(Options(since="2004-01-01", until="2005-01-01T01:00+01:00").of_demo()).feed
    assert (feed.since, feed.until) == ("2004-01-01T00:00:00Z", "2005-01-01T00:00:00Z")


def test_the_session_is_what_a_configuration_file_holds(tmp_path: Path) -> None:
    """What is backtested can be written down, loaded and run live."""
    options = Options(since="2004-01-01", limits="aggressive", fees="10bps", latency="50ms")
    configuration = Configuration(sessions=(session_of(options.of_demo()),))
    path = tmp_path / "tidegate.yaml"
    path.write_text(dump(configuration))
    assert load(path, process={}).configuration == configuration


@pytest.mark.parametrize(
    ("options", "option", "expected"),
    [
        ({"strategies": ("martingale",)}, "--strategy", "one of ema-crossover, donchian-breakout"),
        ({"strategies": ("ema-crossover:fast",)}, "--strategy", "fast: key=value"),
        ({"strategies": ("ema-crossover:fast=20,slow=10",)}, "--strategy", "slow"),
        ({"capital": "-5"}, "--capital", "an amount above 0"),
        ({"capital": "0"}, "--capital", "an amount above 0"),
        ({"capital": "1.123456789"}, "--capital", "at most 8 decimal places"),
        ({"capital": "100000usd"}, "--capital", "a currency"),
        ({"fees": "10"}, "--fees", "10bps"),
        ({"fees": "10bps+"}, "--fees", "10bps"),
        ({"latency": "50"}, "--latency", "50ms"),
        ({"limits": "reckless"}, "--limits", "conservative, moderate, aggressive"),
        ({"carry": "absent.yaml"}, "--carry", "a YAML file of carry"),
        ({"greeks": "mine"}, "--greeks", "'none', 'files' or 'model'"),
        ({"interest_rate": "4%"}, "--interest-rate", "decimal"),
        ({"greeks": "files", "interest_rate": "0.04"}, "--interest-rate", "need no model"),
        ({"since": "yesterday"}, "--from", "ISO 8601"),
        ({"since": "2005-01-01", "until": "2005-01-01"}, "--to", "later than --from"),
    ],
)
def test_an_option_that_cannot_be_read_says_what_was_expected(
    options: dict[str, str], option: str, expected: str
) -> None:
    """The option is named as on the command line."""
    with pytest.raises(OptionError) as caught:
        session_of(Options(**options).of_demo())  # type: ignore[arg-type]
    assert caught.value.option == option
    assert expected in caught.value.expected


@pytest.mark.parametrize("option", ["--strategy", "--data"])
def test_a_backtest_needs_strategies_and_data(option: str) -> None:
    """Nothing is taken for granted outside the demo."""
    strategies = () if option == "--strategy" else ("ema-crossover",)
    data = () if option == "--data" else (DEMO_PATH,)
    with pytest.raises(OptionError) as caught:
        session_of(Options(strategies=strategies, data=data))
    assert caught.value.option == option


def test_what_a_service_refuses_is_a_problem_of_the_configuration() -> None:
    """A fee beyond execution's bound is execution's to refuse."""
    with pytest.raises(ConfigurationError, match="fee_bps"):
        session_of(Options(fees="2000bps").of_demo())


def test_data_that_are_not_there_are_bad_data(tmp_path: Path) -> None:
    """Before anything is played."""
    with pytest.raises(DataError, match=r"absent\.csv"):
        session_of(Options(strategies=("ema-crossover",), data=(tmp_path / "absent.csv",)))


@pytest.mark.parametrize("text", ["- 1\n", "a: 1\na: 2\n", "{", ""])
def test_a_file_of_limits_is_one_mapping(tmp_path: Path, text: str) -> None:
    """Lists, keys given twice and broken YAML are named with their line."""
    path = tmp_path / "limits.yaml"
    path.write_text(text)
    with pytest.raises(OptionError, match=r"limits\.yaml"):
        limits_of(path)


def test_carry_is_read_from_a_file_and_judged_by_execution(tmp_path: Path) -> None:
    """It stands in the session as in a configuration; what is wrong names its place."""
    file = tmp_path / "carry.yaml"
    file.write_text("splits: [{symbol: AAPL, ex: 2005-02-28, ratio: 2:1}]\n", encoding="utf-8")
    venue = session_of(Options(carry=file).of_demo()).venue
    assert venue == {"carry": {"splits": [{"symbol": "AAPL", "ex": "2005-02-28", "ratio": "2:1"}]}}
    file.write_text("splits: [{symbol: AAPL, ex: soon, ratio: 2:1}]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"carry\.splits\.0\.ex"):
        session_of(Options(carry=file).of_demo())
