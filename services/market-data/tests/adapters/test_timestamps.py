"""Reading the start of each bar."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from tidegate_kernel.time import format_time
from tidegate_market_data.adapters.table import RawTable
from tidegate_market_data.adapters.timestamps import start_times
from tidegate_market_data.errors import DataError

AT_S = 1_704_099_600
AT_NS = AT_S * 10**9


def _read(values: pa.Array) -> tuple[list[int], int]:
    names = {"timestamp": "ts"}
    table = RawTable("bars.csv", "bars", {"timestamp": values}, names, len(values))
    times, naive = start_times(table)
    return times.tolist(), naive


@pytest.mark.parametrize("factor", [1, 10**3, 10**6, 10**9])
def test_an_epochs_unit_is_told_by_its_magnitude(factor: int) -> None:
    """Seconds, milliseconds, microseconds and nanoseconds, as numbers and as texts."""
    assert _read(pa.array([AT_S * factor])) == ([AT_NS], 0)
    assert _read(pa.array([str(AT_S * factor)])) == ([AT_NS], 0)


def test_two_units_in_one_column_are_an_error() -> None:
    """A row in milliseconds among seconds would land far in the future."""
    with pytest.raises(DataError, match=r"row 2, column ts: .* of another magnitude than"):
        _read(pa.array([AT_S, AT_S * 1000]))


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T09:00:00Z",
        "2024-01-01 09:00:00+00:00",
        "2024-01-01T04:00:00-05:00",
        "2024-01-01T10:00:00.000+01:00",
        "2024-01-01T09:00Z",
    ],
)
def test_iso_texts_with_a_zone_need_no_warning(text: str) -> None:
    """The zone is obeyed."""
    assert _read(pa.array([text, text])) == ([AT_NS, AT_NS], 0)


def test_texts_without_a_zone_are_utc_and_counted() -> None:
    """The count becomes a warning; both kinds may stand in one file."""
    assert _read(pa.array(["2024-01-01T09:00:00", "2024-01-01 09:00"])) == ([AT_NS, AT_NS], 2)
    assert _read(pa.array(["2024-01-01T09:00:00Z", "2024-01-01T09:00:00"])) == ([AT_NS] * 2, 1)
    assert _read(pa.array(["2024-01-01"])) == ([1_704_067_200 * 10**9], 1)


def test_time_columns_are_read_in_their_unit_and_zone() -> None:
    """A column without a zone is taken as UTC and counted."""
    moment = dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC)
    assert _read(pa.array([moment], pa.timestamp("ms", "America/New_York"))) == ([AT_NS], 0)
    assert _read(pa.array([moment.replace(tzinfo=None)], pa.timestamp("us"))) == ([AT_NS], 1)
    assert _read(pa.array([dt.date(2024, 1, 1)])) == ([1_704_067_200 * 10**9], 1)


@pytest.mark.parametrize("text", ["01/02/2024", "yesterday", "2024-13-01T00:00:00Z", "12:00"])
def test_a_text_that_is_no_time_is_named(text: str) -> None:
    """The message shows the accepted forms."""
    with pytest.raises(DataError) as caught:
        _read(pa.array(["2024-01-01T09:00:00Z", text]))
    assert (caught.value.row, caught.value.column, caught.value.found) == (2, "ts", repr(text))
    assert "2024-01-31T09:30:00Z" in caught.value.expected


def test_missing_early_and_foreign_values_are_errors() -> None:
    """Nothing is guessed."""
    with pytest.raises(DataError, match=r"row 2, column ts: .* found nothing"):
        _read(pa.array(["2024-01-01T09:00:00Z", None]))
    with pytest.raises(DataError, match="before 1970"):
        _read(pa.array(["1969-12-31T00:00:00Z"]))
    with pytest.raises(DataError, match="found a column of bool"):
        _read(pa.array([True]))


@given(st.lists(st.integers(10**17, 4 * 10**18).map(lambda n: n // 1000 * 1000), min_size=1))
def test_what_the_kernel_writes_is_read_back(times: list[int]) -> None:
    """Fast path and exact path agree with the kernel's own text."""
    assert _read(pa.array([format_time(at_ns) for at_ns in times])) == (times, 0)
