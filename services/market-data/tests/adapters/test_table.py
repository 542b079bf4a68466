"""Finding files and reading their columns."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tidegate_market_data.adapters.table import data_files, read_table
from tidegate_market_data.errors import DataError
from tidegate_market_data.testing import WriteCsv

HEADER = "timestamp,open,high,low,close,volume"
ROW = "2024-01-01T00:00:00Z,1,2,1,2,5"


def test_a_folder_gives_its_csv_and_parquet_files_by_name(tmp_path: Path) -> None:
    """Other files are left alone."""
    for name in ("MSFT.parquet", "AAPL.csv", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in data_files(tmp_path)] == ["AAPL.csv", "MSFT.parquet"]


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    """Nothing to replay is said at once."""
    with pytest.raises(DataError, match=r"expected a folder with <SYMBOL>\.csv or \.parquet"):
        data_files(tmp_path)


def test_a_missing_path_and_another_suffix_are_errors(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(DataError, match=r"gone\.csv: expected a file or a folder"):
        data_files(tmp_path / "gone.csv")
    (tmp_path / "bars.xlsx").touch()
    with pytest.raises(DataError, match=r"expected a \.csv or \.parquet file, found \.xlsx"):
        data_files(tmp_path / "bars.xlsx")


def test_columns_are_found_whatever_their_case_order_and_company(write_csv: WriteCsv) -> None:
    """Extra columns are ignored; an empty line is no row."""
    path = write_csv("Close,Volume,note,OPEN,High,Low,Date", "2,5,x,1,2,1,2024-01-01", "")
    table = read_table(path)
    assert table.names["timestamp"] == "Date"
    assert table.columns["open"].to_pylist() == ["1"]
    assert (table.row_count, table.stem) == (1, "AAPL")


def test_missing_columns_are_listed_beside_those_that_are_there(write_csv: WriteCsv) -> None:
    """A file without a header shows by its first line."""
    path = write_csv("2024-01-01,1,2,1,2,5", "2024-01-02,1,2,1,2,5")
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert caught.value.expected == "columns timestamp, symbol, open, high, low, close, volume"
    assert caught.value.found == "columns 2024-01-01, 1, 2, 1, 2, 5"


def test_a_line_with_too_few_values_is_named(write_csv: WriteCsv) -> None:
    """A torn file is not read as far as it goes."""
    path = write_csv(HEADER, ROW, "2024-01-02T00:00:00Z,1,2")
    with pytest.raises(DataError, match="Row #3: Expected 6 columns, got 3"):
        read_table(path)


def test_an_empty_and_a_damaged_file_are_errors(write_csv: WriteCsv, tmp_path: Path) -> None:
    """Both formats."""
    with pytest.raises(DataError, match="expected at least one bar, found no rows"):
        read_table(write_csv(HEADER))
    damaged = tmp_path / "AAPL.parquet"
    damaged.write_bytes(b"PAR1 no PAR1")
    with pytest.raises(DataError, match="expected a readable parquet file"):
        read_table(damaged)
    latin = tmp_path / "latin.csv"
    latin.write_bytes(HEADER.encode() + b",\xe9\n" + ROW.encode() + b",1\n")
    with pytest.raises(DataError, match="expected a readable csv file"):
        read_table(latin)


def test_only_the_needed_columns_of_a_parquet_file_are_read(tmp_path: Path) -> None:
    """`ts` is an accepted name for the start."""
    columns = {"ts": [0], "open": [1.0], "high": [2.0], "low": [1.0], "close": [2.0]}
    path = tmp_path / "bars.parquet"
    parquet.write_table(pa.table(columns | {"volume": [1], "trades": [7]}), path)
    assert set(read_table(path).columns) == {
        "timestamp",
        "open",
        "high",
        "low",
        "close",
        "volume",
    }
