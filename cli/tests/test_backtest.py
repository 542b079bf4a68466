from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tidegate_lab.outcome import Outcome

from .conftest import Tidegate


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--data", "packaged:us-stocks"], 2, "--strategy"),
        (["--strategy", "ema-crossover"], 2, "--data"),
        (["--demo", "--strategy", "martingale"], 2, "ema-crossover, donchian-breakout"),
        (["--demo", "--fees", "cheap"], 2, "10bps"),
        (["--demo", "--fees", "2000bps"], 2, "fee_bps"),
        (["--demo", "--engine", "magic"], 2, "events"),
        (["--demo", "--capital"], 2, "--capital"),
        (["--demo", "--from", "2040-01-01"], 5, "starts from 2000-03-01"),
        (["--demo", "--data", "absent.csv"], 5, "absent.csv"),
    ],
)
def test_bad_input_ends_before_anything_is_played(
    tidegate: Tidegate, arguments: list[str], code: int, said: str
) -> None:
    """Usage is 2, bad data 5; the error says what was expected or found."""
    ended = tidegate("backtest", "--json", *arguments)
    assert ended.code == code
    assert said in str(ended.document["error"])


def test_the_demos_object_is_printed_and_its_folder_written(tidegate: Tidegate) -> None:
    """With --demo exactly that; the folder is one of the home's runs."""
    ended = tidegate("backtest", "--demo", "--to", "2001-01-01", "--json")
    assert ended.code == 0
    assert tuple(ended.document) == Outcome.__struct_fields__
    assert ended.document["fills"] > 0
    (folder,) = (Path(os.environ["TIDEGATE_HOME"]) / "runs").iterdir()
    assert folder.name.startswith("demo-")
    written = json.loads((folder / "metrics.json").read_text())
    assert written["outcome"] == ended.document


def test_another_backtest_tells_its_figures_too(tidegate: Tidegate) -> None:
    """Without --demo the figures and the folder follow; a person reads them as a table."""
    asked = ("backtest", "--strategy", "ema-crossover", "--data", "packaged:us-stocks")
    ended = tidegate(*asked, "--to", "2001-01-01", "--out", "mine", "--json")
    assert ended.document["folder"] == str(Path("mine").absolute())
    assert ended.document["honest"]["trials"] == 1
    assert ended.document["metrics"]["years"] < 1
    assert ended.document["trade_order"]["trades"] == ended.document["metrics"]["trades"]
    assert ended.document["costs"]["final_equity"] == ended.document["final_equity"]
    again = tidegate(*asked, "--to", "2001-01-01", "--out", "mine")
    for beside in ("95 %", "at doubled costs", "trades shuffled"):
        assert beside in again.out
    assert ended.document["orders_hash"] in again.out
    once = tidegate(*asked, "--to", "2000-06-01", "--no-doubled-costs", "--json")
    assert once.document["costs"] is None


def test_bad_data_leave_no_folder(tidegate: Tidegate) -> None:
    """A folder is made when there is something to write about."""
    assert tidegate("backtest", "--demo", "--from", "2040-01-01", "--out", "mine").code == 5
    assert not Path("mine").exists()


def test_a_bad_row_is_named(tidegate: Tidegate) -> None:
    """File, row and column, as every command that reads data says it."""
    lines = ["timestamp,open,high,low,close,volume", "2024-01-01,1,1,1,1,0", "2024-01-02,1,0,1,1,0"]
    Path("AAA.csv").write_text("\n".join(lines))
    ended = tidegate("backtest", "--strategy", "ema-crossover", "--data", "AAA.csv", "--json")
    assert ended.code == 5
    assert "row 2" in ended.document["error"]["message"]
