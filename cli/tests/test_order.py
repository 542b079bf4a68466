"""`tidegate order` without servers: what a command line means, and what it cannot mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tidegate_cli.commands.order import Algorithm, Place, Prices, Terms, Wanted
from tidegate_cli.errors import Misused

Tidegate = Callable[..., Any]


def body(prices: Prices | None = None, terms: Terms | None = None) -> dict[str, object]:
    """Return what is asked for with a plain order."""
    return Wanted("AAPL", "buy", "10", "why", prices or Prices(), terms or Terms()).body()


@pytest.mark.parametrize(
    "arguments",
    [
        ["place", "AAPL", "buy", "10", "--reason", "x"],
        ["place", "AAPL", "buy", "-5", "--reason", "x", "--dry-run"],
        ["cancel", "tg-abc", "--reason", "x"],
        ["replace", "tg-abc", "--limit", "1", "--reason", "x"],
        ["show", "tg-abc"],
        ["trades"],
    ],
)
def test_without_a_running_instance_every_command_ends_with_3(
    tidegate: Tidegate, arguments: list[str]
) -> None:
    """The error says how to start one."""
    ended = tidegate("order", *arguments, "--json")
    assert ended.code == 3
    assert ended.document["error"]["code"] == "NOT_RUNNING"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["place", "AAPL", "hold", "10", "--reason", "x"], "UNKNOWN_SIDE"),
        (["place", "AAPL", "buy", "10", "--reason", "x", "--type", "iceberg"], "UNKNOWN_TYPE"),
        (["place", "AAPL", "buy", "10", "--reason", "x", "--tif", "gtx"], "UNKNOWN_TIF"),
        (
            ["place", "AAPL", "buy", "10", "--reason", "x", "--tif", "day", "--valid-for", "1m"],
            "TIF",
        ),
        (
            ["place", "AAPL", "buy", "10", "--reason", "x", "--algorithm", "pov"],
            "UNKNOWN_ALGORITHM",
        ),
        (["place", "AAPL", "buy", "10", "--reason", "x", "--algorithm", "twap"], "ALGORITHM"),
        (["place", "AAPL", "buy", "10", "--reason", "x", "--slices", "5"], "ALGORITHM"),
        (["place", "AAPL", "buy", "100", "--reason", "x", "--leg", "AAPL271217C00200000"], "LEG"),
        (["place", "AAPL", "buy", "10"], "USAGE"),
        (["cancel", "tg-abc"], "USAGE"),
        (["replace", "tg-abc", "--reason", "x"], "NO_CHANGE"),
        (["place", "AAPL", "buy", "10", "--reason", "x", "--limt", "5"], "USAGE"),
    ],
)
def test_what_a_command_line_cannot_mean_ends_with_2(
    tidegate: Tidegate, arguments: list[str], code: str
) -> None:
    """Nobody is asked."""
    ended = tidegate("order", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)


@pytest.mark.parametrize(
    ("prices", "kind", "expected"),
    [
        (Prices(), None, "MARKET"),
        (Prices(limit="1"), None, "LIMIT"),
        (Prices(trigger="1"), None, "STOP"),
        (Prices(trigger="1", limit="1"), None, "STOP_LIMIT"),
        (Prices(trail="1"), None, "TRAILING_STOP"),
        (Prices(trail="1"), "stop-limit", "STOP_LIMIT"),
    ],
)
def test_the_prices_say_which_type_is_meant(
    prices: Prices, kind: str | None, expected: str
) -> None:
    """Unless the type is named; whether it fits its prices is judged by risk."""
    assert body(prices, Terms(kind))["order_type"] == expected


def test_a_trail_is_an_amount_or_a_percentage() -> None:
    """2% is of the best price, 2 is money."""
    amount, percent = body(Prices(trail="2")), body(Prices(trail="2%"))
    assert amount["trail_amount"] == "2"
    assert "trail_percent" not in amount
    assert percent["trail_percent"] == "2"
    assert "trail_amount" not in percent


def test_a_date_is_a_time_in_force() -> None:
    """--valid-for makes it GTD."""
    assert body()["time_in_force"] == "GTC"
    assert body(terms=Terms(tif="day"))["time_in_force"] == "DAY"
    dated = body(terms=Terms(valid_for="10m"))
    assert (dated["time_in_force"], dated["valid_for"]) == ("GTD", "10m")
    with pytest.raises(Misused):
        body(terms=Terms(tif="gtc", valid_for="10m"))


def test_extended_hours_are_said_only_when_they_are_asked_for() -> None:
    """Whether such an order may be is for risk to say."""
    assert body()["extended_hours"] is False
    assert body(Prices(limit="181"), Terms(extended_hours=True))["extended_hours"] is True


def test_every_order_has_a_key_of_its_own_unless_one_is_given() -> None:
    """So that asking again by hand is another order, and with --key the same."""
    assert Place().body()["key"] != Place().body()["key"]
    assert Place(key="k").body()["key"] == "k"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (Algorithm(), {}),
        (
            Algorithm("twap", over="10m", slices=5),
            {"algorithm": {"kind": "TWAP", "over": "10m", "slices": 5}},
        ),
        (
            Algorithm("VWAP", over="30m", participation="0.1"),
            {"algorithm": {"kind": "VWAP", "over": "30m", "participation": "0.1"}},
        ),
        (
            Algorithm("iceberg", display="5"),
            {"algorithm": {"kind": "ICEBERG", "display_quantity": "5"}},
        ),
    ],
)
def test_an_algorithm_is_told_what_its_options_say(
    algorithm: Algorithm, expected: dict[str, object]
) -> None:
    """Each kind has options of its own."""
    assert algorithm.body() == expected


@pytest.mark.parametrize(
    ("algorithm", "expected", "found"),
    [
        (Algorithm("twap", over="10m"), "--over and --slices", "--over"),
        (Algorithm("vwap", over="1m", participation="0.1", slices=2), "--over", "--slices"),
        (Algorithm("iceberg", over="10m", display="5"), "--display", "--over"),
        (Algorithm(display="5"), "none", "--display"),
    ],
)
def test_options_of_another_algorithm_are_refused_by_name(
    algorithm: Algorithm, expected: str, found: str
) -> None:
    """The error names what belongs to it, and what was given."""
    with pytest.raises(Misused) as raised:
        algorithm.body()
    assert expected in str(raised.value.expected)
    assert found in str(raised.value.found)


def test_legs_are_said_with_a_net_price() -> None:
    """Which may be negative, unlike any other price."""
    legs = ("buy AAPL271217C00210000", "SELL 2 AAPL271217C00200000")
    wanted = Wanted("AAPL", "buy", "100", "why", Prices(limit="-1.50"), legs=legs).body()
    assert wanted["legs"] == [
        {"symbol": "AAPL271217C00210000", "side": "BUY", "ratio": 1},
        {"symbol": "AAPL271217C00200000", "side": "SELL", "ratio": 2},
    ]
    assert (wanted["net_price"], wanted["limit_price"]) == ("-1.50", None)
    assert wanted["order_type"] == "LIMIT"
