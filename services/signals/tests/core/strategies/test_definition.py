"""Parameters, their bounds and their versions."""

from __future__ import annotations

import pytest

from tidegate_signals.core.strategies import STRATEGIES, definition_of, parse_strategy
from tidegate_signals.core.strategies.definition import StrategyError
from tidegate_signals.testing import needed_by


def test_a_strategy_is_named_with_its_parameters() -> None:
    """As on the command line."""
    assert parse_strategy("ema-crossover:fast=10,slow=20") == (
        "ema-crossover",
        {"fast": 10, "slow": 20},
        {},
    )
    assert parse_strategy("donchian-breakout") == ("donchian-breakout", {}, {})
    assert parse_strategy(" ema-crossover : stop_atr = 2.5 , allow_short=TRUE ") == (
        "ema-crossover",
        {"stop_atr": 2.5, "allow_short": True},
        {},
    )
    assert parse_strategy("donchian-breakout:entry=40,entry.style=limit,entry.offset=5bps") == (
        "donchian-breakout",
        {"entry": 40},
        {"style": "limit", "offset": "5bps"},
    )
    assert parse_strategy("ema-crossover:stop_atr=none")[1] == {"stop_atr": None}


def test_an_unknown_strategy_lists_the_known_ones() -> None:
    """So that the next try is right."""
    message = "strategy: expected one of ema-crossover, donchian-breakout, vertical-spread, "
    message += "found macd"
    with pytest.raises(StrategyError, match=message):
        parse_strategy("macd:fast=1")
    with pytest.raises(StrategyError, match="found nothing"):
        parse_strategy("")


def test_an_unknown_parameter_lists_the_known_ones() -> None:
    """The message names strategy and parameter."""
    with pytest.raises(StrategyError) as caught:
        parse_strategy("donchian-breakout:entri=20")
    assert str(caught.value) == (
        "donchian-breakout: entri: expected one of entry, exit, stop_atr, atr, "
        "found an unknown parameter"
    )


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("ema-crossover:fast=0", "fast", "a whole number >= 1"),
        ("ema-crossover:fast=2.5", "fast", "a whole number"),
        ("ema-crossover:slow=many", "slow", "a whole number"),
        ("ema-crossover:fast=20,slow=20", "fast", "fewer bars than slow (20)"),
        ("ema-crossover:stop_atr=-1", "stop_atr", "a number > 0.0"),
        ("ema-crossover:allow_short=1", "allow_short", "true or false"),
        ("donchian-breakout:entry=5,exit=6", "exit", "at most entry (5)"),
        ("donchian-breakout:entry=20,entry=20", "entry", "the parameter once"),
        ("donchian-breakout:entry", "entry", "key=value"),
    ],
)
def test_an_impossible_parameter_is_a_fault(text: str, name: str, expected: str) -> None:
    """It says which one, and what it may be."""
    with pytest.raises(StrategyError) as caught:
        parse_strategy(text)
    (fault,) = caught.value.faults
    assert (fault.name, fault.expected) == (name, expected)


@pytest.mark.parametrize("name", ["order=limit", "limit_offset_bps=5"])
def test_what_was_a_parameter_once_says_what_it_is_now(name: str) -> None:
    """There is one way to a limit entry."""
    with pytest.raises(StrategyError, match=r"the setting entry\.(style|offset)"):
        parse_strategy(f"donchian-breakout:{name}")


def test_all_faults_are_reported_together() -> None:
    """One run of the check is enough."""
    with pytest.raises(StrategyError) as caught:
        parse_strategy("ema-crossover:fast=0,slow=0,speed=9")
    assert [fault.name for fault in caught.value.faults] == ["speed", "fast", "slow"]


def test_the_version_tells_parameters_apart_and_knows_the_defaults() -> None:
    """Writing a default out changes nothing."""
    definition = definition_of("ema-crossover")
    plain = definition.version(definition.parse({}))
    assert plain.startswith("ema-crossover@")
    assert definition.version(definition.parse({"fast": 10})) == plain
    assert definition.version(definition.parse({"fast": 11})) != plain


def test_every_strategy_describes_itself() -> None:
    """Its defaults are possible parameters, beside those that it must be told."""
    for definition in STRATEGIES.values():
        assert definition.doc
        told = needed_by(definition.name)
        assert definition.parse({**definition.defaults, **told}) == definition.parameters(**told)
