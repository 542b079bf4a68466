"""Loading files into a dataset."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pyarrow import parquet

from tidegate_chassis.configuration.models import InstrumentConfiguration
from tidegate_contracts.market import Bar
from tidegate_kernel.time import NS_PER_SECOND, parse_duration
from tidegate_market_data.adapters.dataset import Bars
from tidegate_market_data.adapters.files import load_dataset
from tidegate_market_data.errors import DataError
from tidegate_market_data.testing import WriteCsv

HEADER = "timestamp,symbol,open,high,low,close,volume"
DAY_S = 86_400
START_S = 1_704_067_200


def _row(day: float, symbol: str = "AAPL", values: str = "10,12,9,11,5") -> str:
    return f"{START_S + int(day * DAY_S)},{symbol},{values}"


def _bars(dataset: Bars) -> list[Bar]:
    return [bar for batch in dataset.batches() for bar in batch.bars]


def test_scales_are_the_smallest_of_each_symbol(write_csv: WriteCsv) -> None:
    """Prices and volume have their own."""
    path = write_csv(
        HEADER,
        _row(0, "AAPL", "10.5,12.25,9,11,500"),
        _row(1, "AAPL", "10.5,12.25,9,11,0"),
        _row(0, "DOGE/USDT", "0.08,0.0812345,0.08,0.081,12.5"),
    )
    dataset = load_dataset([path], feed="f")
    scales = [(each.symbol, each.price_scale, each.size_scale) for each in dataset.instruments]
    assert scales == [("AAPL", 2, 0), ("DOGE/USDT", 7, 1)]
    doge = _bars(dataset)[1]
    assert (doge.high, doge.volume) == (812_345, 125)


def test_a_declared_scale_is_the_instruments(write_csv: WriteCsv) -> None:
    """Values are written in it; more places than the data need are no error."""
    path = write_csv(HEADER, _row(0, "AAPL", "10.5,12.25,9,11,5"), _row(1))
    declared = InstrumentConfiguration(symbol="AAPL", price_scale=4, size_scale=1)
    dataset = load_dataset([path], feed="f", instruments=[declared])
    assert [(i.price_scale, i.size_scale) for i in dataset.instruments] == [(4, 1)]
    first = _bars(dataset)[0]
    assert (first.open, first.high, first.volume) == (105_000, 122_500, 50)


@pytest.mark.parametrize(("field", "needed"), [("price_scale", 2), ("size_scale", 1)])
def test_a_declared_scale_that_cannot_hold_the_data_is_an_error(
    write_csv: WriteCsv, field: str, needed: int
) -> None:
    """It says what the data need; nothing is rounded in silence."""
    path = write_csv(HEADER, _row(0, "AAPL", "10.5,12.25,9,11,5.5"), _row(1))
    declared = InstrumentConfiguration.model_validate({"symbol": "AAPL", field: 0})
    with pytest.raises(DataError, match=rf"AAPL\.csv.*{field}.*found {needed}"):
        load_dataset([path], feed="f", instruments=[declared])


def test_a_declared_symbol_must_be_in_the_data(write_csv: WriteCsv) -> None:
    """A slip of the pen would otherwise describe nothing."""
    path = write_csv(HEADER, _row(0), _row(1))
    with pytest.raises(DataError, match="the symbols APPL"):
        load_dataset([path], feed="f", instruments=[InstrumentConfiguration(symbol="APPL")])


def test_a_batch_holds_what_ends_at_one_instant_by_venue_and_symbol(write_csv: WriteCsv) -> None:
    """Rows may stand in any order, in any number of files."""
    first = write_csv(HEADER, _row(1, "MSFT"), _row(0, "MSFT"), name="one.csv")
    second = write_csv(HEADER, _row(1, "AAPL"), _row(0, "AAPL"), name="two.csv")
    batches = list(load_dataset([first, second], feed="f").batches())
    assert [[bar.symbol for bar in each.bars] for each in batches] == [["AAPL", "MSFT"]] * 2
    assert [each.instant_ns for each in batches] == [
        (START_S + DAY_S * day) * NS_PER_SECOND for day in (1, 2)
    ]
    assert all(bar.end_ns == each.instant_ns for each in batches for bar in each.bars)


def test_a_folder_of_files_named_after_symbols_is_loaded(
    write_csv: WriteCsv, tmp_path: Path
) -> None:
    """CSV and Parquet beside each other."""
    write_csv("timestamp,open,high,low,close,volume", f"{START_S},1,2,1,2,5", name="AAPL.csv")
    columns = {"timestamp": [START_S, START_S + DAY_S], "volume": [1, 1]}
    prices = {name: [1.5, 1.5] for name in ("open", "high", "low", "close")}
    parquet.write_table(pa.table(columns | prices), tmp_path / "MSFT.parquet")
    dataset = load_dataset([tmp_path], feed="f")
    assert [each.symbol for each in dataset.instruments] == ["AAPL", "MSFT"]
    assert (dataset.bar_count, dataset.timeframe_ns) == (3, parse_duration("1d"))


def test_the_same_start_twice_is_an_error_that_names_both_rows(write_csv: WriteCsv) -> None:
    """Even when the two bars are equal."""
    one = write_csv(HEADER, _row(0), _row(1), name="one.csv")
    two = write_csv(HEADER, _row(2), _row(1), name="two.csv")
    with pytest.raises(DataError) as caught:
        load_dataset([one, two], feed="f")
    assert caught.value.file == str(two)
    assert (caught.value.row, caught.value.column) == (2, "timestamp")
    assert caught.value.hint == f"the first is row 2 of {one}"
    assert caught.value.found == "AAPL 2024-01-02T00:00:00Z again"


def test_symbols_with_other_steps_are_refused(write_csv: WriteCsv) -> None:
    """Bars of two lengths in one feed would be taken for gaps."""
    path = write_csv(HEADER, _row(0), _row(1), _row(0, "MSFT"), _row(0.5, "MSFT"))
    with pytest.raises(DataError, match=r"expected a smallest step of 12h for AAPL.* found 1d"):
        load_dataset([path], feed="f")


def test_a_step_off_the_timeframe_is_refused(write_csv: WriteCsv) -> None:
    """Found in the row after the step."""
    path = write_csv(HEADER, _row(0), _row(0.25), _row(0.6))
    with pytest.raises(DataError, match="row 3, column timestamp: expected AAPL to step by a mult"):
        load_dataset([path], feed="f")


def test_a_declared_timeframe_may_be_finer_than_the_data(write_csv: WriteCsv) -> None:
    """A single bar, or sparse ones, need it."""
    path = write_csv(HEADER, _row(0))
    hour_ns = parse_duration("1h")
    assert load_dataset([path], feed="f", timeframe_ns=hour_ns).timeframe_ns == hour_ns
    with pytest.raises(DataError, match="expected two bars of a symbol, or a timeframe"):
        load_dataset([path], feed="f")


def test_only_the_chosen_symbols_are_loaded(write_csv: WriteCsv) -> None:
    """An unknown one is an error that lists what there is."""
    path = write_csv(HEADER, _row(0), _row(1), _row(0, "MSFT"), _row(1, "MSFT"))
    assert [each.symbol for each in load_dataset([path], feed="f", symbols=["MSFT"]).instruments]
    with pytest.raises(DataError, match="the symbols TSLA, found the symbols AAPL, MSFT"):
        load_dataset([path], feed="f", symbols=["AAPL", "TSLA"])


def test_naive_times_and_rounded_values_are_warnings(write_csv: WriteCsv) -> None:
    """The data are used, and people are told."""
    path = write_csv(
        HEADER, "2024-01-01,AAPL,10,12,9,11,0.30000000000000004", "2024-01-02,AAPL,10,12,9,11,5"
    )
    naive, rounded = load_dataset([path], feed="f").warnings
    assert naive == f"{path}: 2 timestamps name no time zone and are taken as UTC"
    assert rounded.startswith("AAPL: 1 values have more than 8 decimal places")


def test_a_price_too_small_for_the_scale_is_refused(write_csv: WriteCsv) -> None:
    """It would become 0."""
    path = write_csv(HEADER, _row(0, values="1e-9,1e-9,1e-9,1e-9,1"), _row(1))
    with pytest.raises(DataError, match=r"row 1, .* expected prices of at least 1e-8"):
        load_dataset([path], feed="f")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sets(st.tuples(st.integers(0, 9), st.sampled_from("ABC")), min_size=1), st.integers(0, 99)
)
def test_a_replay_resumes_where_it_stopped(
    tmp_path: Path, bars: set[tuple[int, str]], cut: int
) -> None:
    """Batches after an instant are the rest of all batches, each bar once."""
    path = tmp_path / "bars.csv"
    path.write_text("\n".join([HEADER, *(_row(day, symbol) for day, symbol in bars)]))
    dataset = load_dataset([path], feed="f", timeframe_ns=parse_duration("1d"))
    batches = list(dataset.batches())
    assert sum(len(each.bars) for each in batches) == len(bars) == dataset.bar_count
    assert len(batches) == dataset.instant_count
    instants = [each.instant_ns for each in batches]
    assert instants == sorted(set(instants))
    after_ns = instants[cut % len(instants)]
    assert list(dataset.batches(after_ns)) == [b for b in batches if b.instant_ns > after_ns]
