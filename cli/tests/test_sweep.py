from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Tidegate

SMALL = (
    *("--strategy", "ema-crossover", "--grid", "fast=2,4", "--grid", "slow=8:12:4"),
    *("--from", "2011-06-01", "--to", "2012-01-01", "--workers", "1"),
)


def test_a_sweep_says_what_the_best_is_worth(tidegate: Tidegate) -> None:
    """A table with what belongs beside every Sharpe ratio, and the same as JSON from its folder."""
    first = tidegate("sweep", *SMALL, "--out", "swept")
    assert first.code == 0
    for heading in ("Sharpe", "deflated", "neighbours", "trials ever on these data"):
        assert heading in first.out
    again = tidegate("sweep", *SMALL, "--out", "swept", "--json").document
    assert (again["tried"], again["resumed"], again["trials"]) == (4, 4, 4)
    assert len(again["best"]) == 4
    assert (Path("swept") / "sweep.json").exists()
    trials = json.loads((Path("swept") / "map.json").read_text())
    assert len(trials) == again["tried"]
    assert "https://" not in (Path("swept") / "map.html").read_text().partition("<script>")[0]


@pytest.mark.parametrize("command", ["sweep", "walk-forward"])
def test_what_holding_costs_is_read_from_a_file(tidegate: Tidegate, command: str) -> None:
    """One that is not there, or says something else, is refused by its name."""
    ended = tidegate(command, *SMALL, "--carry", "missing.yaml", "--json")
    assert (ended.code, "--carry" in str(ended.document["error"])) == (2, True)


def test_estimates_know_nothing_of_holding(tidegate: Tidegate) -> None:
    """The machines do: what the file says is in every trial's venue."""
    file = Path("carry.yaml")
    file.write_text("dividends: [{symbol: AAPL, ex: 2011-08-04, amount: 3}]")
    refused = tidegate("sweep", *SMALL, "--carry", str(file), "--screen", "--json")
    assert refused.code == 2
    assert refused.document["error"]["found"] == "dividends"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--strategy", "martingale", "--grid", "fast=1"], "ema-crossover"),
        (["--strategy", "ema-crossover", "--grid", "fast"], "NAME=FIRST:LAST:STEP"),
        (["--strategy", "ema-crossover", "--grid", "speed=1,2"], "unknown parameter"),
        (["--strategy", "ema-crossover", "--grid", "fast=90"], "fewer bars than slow"),
    ],
)
def test_what_cannot_be_swept_is_refused(
    tidegate: Tidegate, arguments: list[str], said: str
) -> None:
    """Usage is 2, and the error says what was expected or found."""
    ended = tidegate("sweep", *arguments, "--json")
    assert ended.code == 2
    assert said in str(ended.document["error"])


def test_a_register_that_lacks_a_trial_ends_the_sweep(tidegate: Tidegate) -> None:
    """Whoever takes a trial out of the register gets no more Sharpe ratios from it."""
    assert tidegate("sweep", *SMALL, "--random", "1").code == 0
    (register,) = Path("..").glob("home/trials/trials.jsonl")
    register.write_bytes(b"")
    ended = tidegate("sweep", *SMALL, "--json")
    assert ended.code == 1
    assert "a trial was removed or changed" in ended.document["error"]["message"]


def test_walking_forward_says_what_was_kept(tidegate: Tidegate) -> None:
    """Windows with what their samples promised and what came, and the stitched equity."""
    ended = tidegate("walk-forward", *SMALL, "--train", "80", "--test", "60", "--json")
    assert ended.code == 0
    assert [each["tried"] for each in ended.document["windows"]] == [4, 4]
    assert len(ended.document["equity"]) == len(ended.document["days"])
    short = tidegate("walk-forward", *SMALL, "--train", "800", "--json")
    assert (short.code, short.document["error"]["code"]) == (2, "WINDOWS")


def test_a_backtest_is_a_trial_too(tidegate: Tidegate) -> None:
    """After a sweep of four, one of them again is no new trial; a fifth one is."""
    tidegate("sweep", *SMALL)
    period = ("--data", "packaged:us-stocks", "--from", "2011-06-01", "--to", "2012-01-01")

    def trials(parameters: str) -> int:
        strategy = ("--strategy", f"ema-crossover:{parameters}")
        honest = tidegate("backtest", *strategy, *period, "--json").document["honest"]
        assert honest["deflated_sharpe"] < honest["probabilistic_sharpe"]
        count: int = honest["trials"]
        return count

    assert trials("fast=2,slow=8,atr=14") == 4
    assert trials("fast=3,slow=8") == 5
