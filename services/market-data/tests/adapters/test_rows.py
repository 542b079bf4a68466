"""Judging one file's rows."""

from __future__ import annotations

import pytest

from tidegate_market_data.adapters.rows import judged_rows, only
from tidegate_market_data.adapters.table import read_table
from tidegate_market_data.errors import DataError
from tidegate_market_data.testing import WriteCsv

HEADER = "timestamp,symbol,open,high,low,close,volume"


def _row(day: int, symbol: str = "AAPL", values: str = "10,12,9,11,5") -> str:
    return f"2024-01-{day:02d}T00:00:00Z,{symbol},{values}"


def test_symbols_come_from_the_column_or_the_files_name(write_csv: WriteCsv) -> None:
    """A slash in a symbol is kept."""
    rows = judged_rows(read_table(write_csv(HEADER, _row(1, "BTC/USDT"), _row(1))), "paper")
    assert [rows.keys[code] for code in rows.codes] == [("paper", "BTC/USDT"), ("paper", "AAPL")]
    plain = write_csv("timestamp,open,high,low,close,volume", "0,10,12,9,11,5", name="IBM.csv")
    assert judged_rows(read_table(plain), "paper").keys == (("paper", "IBM"),)


def test_a_venue_column_wins_over_the_default(write_csv: WriteCsv) -> None:
    """The same symbol at two venues is two instruments."""
    path = write_csv(HEADER + ",venue", _row(1) + ",arca", _row(1) + ",bats")
    assert judged_rows(read_table(path), "paper").keys == (("arca", "AAPL"), ("bats", "AAPL"))


@pytest.mark.parametrize(
    ("values", "column", "expected"),
    [
        ("10,12,0,11,5", "low", "a price above 0"),
        ("10,10.5,9,11,5", "high", "high >= open and close"),
        ("10,12,10.5,11,5", "low", "low <= open and close"),
        ("10,12,9,11,-5", "volume", "a volume of 0 or more"),
    ],
)
def test_an_impossible_bar_names_row_column_and_numbers(
    write_csv: WriteCsv, values: str, column: str, expected: str
) -> None:
    """The first bad row is shown, and how many more there are."""
    path = write_csv(HEADER, _row(1), _row(2, values=values), _row(3, values=values))
    with pytest.raises(DataError) as caught:
        judged_rows(read_table(path), "paper")
    error = caught.value
    assert (error.row, error.column, error.expected) == (2, column, expected)
    assert error.found.split()[-1] == values.rsplit(",", 2 if column != "volume" else 1)[1]
    assert error.hint == "1 more rows have the same fault"


def test_a_row_without_a_symbol_is_an_error(write_csv: WriteCsv) -> None:
    """And so is one with a symbol that no subject could carry."""
    with pytest.raises(DataError, match="row 2, column symbol: expected 1 to 64 characters"):
        judged_rows(read_table(write_csv(HEADER, _row(1), _row(2, ""))), "paper")
    with pytest.raises(DataError, match="row 1, column symbol: expected 1 to 64 characters"):
        judged_rows(read_table(write_csv(HEADER, _row(1, "X" * 65))), "paper")


def test_chosen_symbols_keep_their_row_numbers(write_csv: WriteCsv) -> None:
    """An error in a kept row still names the row of the file."""
    rows = judged_rows(read_table(write_csv(HEADER, _row(1), _row(1, "IBM"), _row(2))), "paper")
    assert only(rows, ("AAPL",)).row_numbers.tolist() == [1, 3]
    assert only(rows, ()) is rows
