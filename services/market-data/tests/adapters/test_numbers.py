"""Floats to integers in a scale."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from tidegate_kernel.money import round_to_scaled, smallest_scale
from tidegate_market_data.adapters.numbers import number_column, scaled
from tidegate_market_data.adapters.table import RawTable
from tidegate_market_data.errors import DataError

VALUE = st.one_of(
    st.decimals(-(10**9), 10**9, places=8, allow_nan=False).map(float),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.integers(-(10**6), 10**6).map(lambda cents: cents / 100),
)


def _table(values: pa.Array) -> RawTable:
    return RawTable("bars.csv", "bars", {"open": values}, {"open": "Open"}, len(values))


@given(st.lists(VALUE, min_size=1, max_size=30))
def test_the_scale_is_the_smallest_that_holds_every_shortest_text(values: list[float]) -> None:
    """The vectorised way agrees with the definition, digit by digit."""
    found = scaled(np.array(values))
    texts = [repr(value) for value in values]
    assert found.scale == smallest_scale(texts)
    exact = [round_to_scaled(Decimal(text), found.scale) for text in texts]
    assert found.integers.tolist() == exact


def test_values_beyond_eight_places_are_rounded_half_even_and_counted() -> None:
    """0.1 + 0.2 is a computed value."""
    found = scaled(np.array([0.1 + 0.2, 0.123456785, 5.0]))
    assert (found.scale, found.rounded_count) == (8, 2)
    assert found.integers.tolist() == [30_000_000, 12_345_678, 500_000_000]


def test_what_does_not_fit_64_bits_is_an_error() -> None:
    """One tiny price and one huge one cannot share a scale."""
    with pytest.raises(OverflowError, match="does not fit 64 bits"):
        scaled(np.array([0.00000001, 123_456_789_012.0]))


def test_a_float32_stands_for_its_own_shortest_text() -> None:
    """22.545 stored in 32 bits is 22.545, not 22.545000076293945."""
    values = number_column(_table(pa.array([22.545, 0.1, 16_777_216.0], pa.float32())), "open")
    assert values.tolist() == [22.545, 0.1, 16_777_216.0]


@pytest.mark.parametrize("text", ["abc", "1,5", "0x10", "1.2.3", "nan", "--1", "1e"])
def test_a_text_that_is_no_number_is_named_with_row_and_column(text: str) -> None:
    """The column is written as the file writes it."""
    with pytest.raises(DataError) as caught:
        number_column(_table(pa.array(["1.5", text])), "open")
    expected = f"bars.csv, row 2, column Open: expected a finite number, found {text!r}"
    assert str(caught.value) == expected


def test_missing_and_infinite_values_are_named() -> None:
    """An empty cell is not a zero."""
    with pytest.raises(DataError, match="row 2, column Open: expected a finite number, found noth"):
        number_column(_table(pa.array(["1", None])), "open")
    with pytest.raises(DataError, match="row 1, column Open: expected a finite number, found inf"):
        number_column(_table(pa.array([float("inf")])), "open")
    with pytest.raises(DataError, match="row 1, column Open: expected a finite number, found nan"):
        number_column(_table(pa.array([float("nan")])), "open")


def test_integers_decimals_and_padded_texts_are_numbers() -> None:
    """Whatever Arrow reads as a number."""
    for column in (
        pa.array([1, 2]),
        pa.array([Decimal("1.0"), Decimal("2.0")]),
        pa.array([" 1", "2e0 "]),
    ):
        assert number_column(_table(column), "open").tolist() == [1.0, 2.0]


def test_a_column_of_dates_is_no_column_of_numbers() -> None:
    """Arrow could cast some such columns; we do not."""
    with pytest.raises(DataError, match="expected a column of numbers, found timestamp"):
        number_column(_table(pa.array([0], pa.timestamp("s"))), "open")
