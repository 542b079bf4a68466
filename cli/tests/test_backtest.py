from __future__ import annotations

from pathlib import Path

import pytest

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


def test_a_bad_row_is_named(tidegate: Tidegate) -> None:
    """File, row and column, as every command that reads data says it."""
    lines = ["timestamp,open,high,low,close,volume", "2024-01-01,1,1,1,1,0", "2024-01-02,1,0,1,1,0"]
    Path("AAA.csv").write_text("\n".join(lines))
    ended = tidegate("backtest", "--strategy", "ema-crossover", "--data", "AAA.csv", "--json")
    assert ended.code == 5
    assert "row 2" in ended.document["error"]["message"]
