"""Greeks that stand in the files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tidegate_contracts.market import OptionGreeks
from tidegate_market_data.adapters.dataset import Bars
from tidegate_market_data.adapters.files import load_dataset
from tidegate_market_data.adapters.slabs import Sizes
from tidegate_market_data.adapters.streamed import StreamedDataset
from tidegate_market_data.errors import DataError
from tidegate_market_data.testing import WriteCsv

CALL = "AAPL240119C00100000"
HEADER = "timestamp,symbol,open,high,low,close,volume,Delta,gamma,vega,theta"
BARE = "timestamp,symbol,open,high,low,close,volume"
DAY_S = 86_400
START_S = 1_704_067_200


def _row(day: int, *greeks: str, symbol: str = CALL) -> str:
    return ",".join((str(START_S + day * DAY_S), symbol, "3,4,2,3.5,100", *greeks))


def _stated(bars: Bars) -> list[tuple[str, OptionGreeks]]:
    return [(e.symbol, e.greeks) for batch in bars.batches() for e in batch.greeks]


def test_the_columns_are_read_row_by_row(write_csv: WriteCsv) -> None:
    """As of the bar's end; a row may have none, and so may a file."""
    path = write_csv(HEADER, _row(0, "0.6,0.02,0.11,-0.123456789"), _row(1, ",,,"))
    other = write_csv(BARE, _row(0, symbol="AAPL"), _row(1, symbol="AAPL"), name="bare.csv")
    dataset = load_dataset([path, other], feed="f", greeks=True)
    assert [len(batch.bars) for batch in dataset.batches()] == [2, 2]
    expected = OptionGreeks(
        delta=Decimal("0.6"),
        gamma=Decimal("0.02"),
        vega=Decimal("0.11"),
        theta=Decimal("-0.12345679"),
        at_ns=(START_S + DAY_S) * 10**9,
    )
    assert _stated(dataset) == [(CALL, expected)]


def test_they_are_left_alone_unless_they_are_asked_for(write_csv: WriteCsv) -> None:
    """Other columns are ignored, whatever they hold; so are some of the four without the rest."""
    path = write_csv(HEADER, _row(0, "x,y,,"), _row(1, "x,y,,"))
    assert _stated(load_dataset([path], feed="f")) == []
    three = write_csv(HEADER.replace("theta", "rho"), _row(0, "x,y,z,0"), _row(1, "x,y,z,0"))
    assert _stated(load_dataset([three], feed="f", greeks=True)) == []


@pytest.mark.parametrize(
    ("greeks", "column"),
    [
        ("0.6,0.02,,-0.1", "vega"),
        ("60,0.02,0.1,-0.1", "Delta"),
        ("0.6,2e9,0.1,-0.1", "gamma"),
        ("0.6,0.02,0.1,much", "theta"),
        ("0.6,0.02,0.1,1e400", "theta"),
    ],
)
def test_what_cannot_be_names_its_row_and_column(
    write_csv: WriteCsv, greeks: str, column: str
) -> None:
    """All four or none, and each a number for one unit of the underlying."""
    path = write_csv(HEADER, _row(0, "0.6,0.02,0.11,-0.1"), _row(1, greeks))
    with pytest.raises(DataError) as raised:
        load_dataset([path], feed="f", greeks=True)
    assert (raised.value.row, raised.value.column) == (2, column)


def test_streamed_files_state_the_same(tmp_path: Path) -> None:
    """Also where some files, and so some slabs, have no such columns."""
    starts = np.arange(40) * DAY_S * 1_000 + START_S * 1_000
    bars = {
        "timestamp": starts,
        "symbol": [CALL] * 40,
        **{name: np.full(40, 3.5) for name in ("open", "high", "low", "close", "volume")},
    }
    deltas = np.where(np.arange(40) % 3, np.linspace(0, 1, 40), np.nan)
    greeks = dict.fromkeys(("delta", "gamma", "vega", "theta"), deltas)
    paths = [tmp_path / "late.parquet", tmp_path / "early.parquet"]
    late, early = pa.table({**bars, **greeks}).slice(20), pa.table(bars).slice(0, 20)
    for path, table in zip(paths, (late, early), strict=True):
        parquet.write_table(table, path, row_group_size=5)
    sizes = Sizes(stream_above=0, part=5, slab=4, kept=7)
    streamed = load_dataset(paths, feed="f", greeks=True, sizes=sizes)
    assert isinstance(streamed, StreamedDataset)
    held = load_dataset(paths, feed="f", greeks=True)
    assert _stated(streamed) == _stated(held)
    assert len(_stated(held)) == sum(1 for place in range(20, 40) if place % 3)
    shapes = {values.shape[0] for _, values in streamed.chunks()}
    assert shapes == {10}
