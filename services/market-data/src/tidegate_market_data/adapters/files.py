"""Loads files and folders into one dataset; nothing is returned unless everything is valid.

1. Each part of each file is read (`table`), its rows converted and judged (`rows`).
2. The same start of a symbol twice is an error; the timeframe is the smallest step, the same for
   every symbol (`steps`).
3. Each symbol gets the smallest scales that hold its prices and its volumes (`scales`).
4. The bars are put into the order in which they become known (`slabs`): all at once in memory
   (`dataset`), or, of Parquet files with more than `Sizes.stream_above`, a slab at a time
   whenever they are asked for (`streamed`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_kernel.money import INT64_MAX
from tidegate_market_data.adapters.dataset import Bars, Dataset
from tidegate_market_data.adapters.pieces import piece_of
from tidegate_market_data.adapters.scales import Scales
from tidegate_market_data.adapters.slabs import PartReader, Sizes, Slabs, Spread
from tidegate_market_data.adapters.steps import Steps, require_once
from tidegate_market_data.adapters.streamed import StreamedDataset, columns_of
from tidegate_market_data.adapters.table import GREEK_COLUMNS, data_files, parts_of
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.configuration.models import InstrumentConfiguration
    from tidegate_market_data.adapters.rows import Rows

DEFAULT_VENUE = "paper"
SIZES = Sizes()


@dataclass(slots=True)
class _Survey:
    """What one look at every part, one after the other, tells."""

    ranges: list[tuple[int, int]] = field(default_factory=list)
    bar_count: int = 0
    steps: Steps = field(default_factory=Steps)
    scales: Scales = field(default_factory=Scales)
    spread: Spread = field(default_factory=Spread)
    naive: dict[str, int] = field(default_factory=dict)
    # Whether every symbol's starts went up from part to part.
    ascending: bool = True
    states_greeks: bool = False

    def take(self, rows: Rows) -> None:
        self.naive[rows.file] = self.naive.get(rows.file, 0) + rows.naive_count
        if not len(rows.codes):
            self.ranges.append((1, 0))
            return
        self.ranges.append((int(rows.starts_ns.min()), int(rows.starts_ns.max())))
        self.bar_count += len(rows.codes)
        self.states_greeks = self.states_greeks or rows.greeks is not None
        self.spread.take(rows.starts_ns)
        piece = piece_of([rows])
        self.scales.take(piece)
        self.ascending = self.ascending and self.steps.take(piece)


def load_dataset(  # noqa: PLR0913 - what a session may say of its data, each by its name
    paths: Sequence[Path | str],
    *,
    feed: str,
    timeframe_ns: int | None = None,
    symbols: Sequence[str] = (),
    instruments: Sequence[InstrumentConfiguration] = (),
    greeks: bool = False,
    sizes: Sizes = SIZES,
) -> Bars:
    """Read files and folders; `DataError` names the first fault's file, row and column.

    ``greeks`` tells whether columns of Greeks are read where files have them.
    """
    files = [file for path in paths for file in data_files(Path(path))]
    parts = [part for file in files for part in parts_of(file, sizes.part)]
    streams = _is_more([part.bar_count for part in parts], sizes.stream_above)
    columns = GREEK_COLUMNS if greeks else ()
    reader = PartReader(parts, tuple(symbols), DEFAULT_VENUE, sizes if streams else None, columns)
    survey = _Survey(scales=Scales(instruments))
    for place in range(len(parts)):
        survey.take(reader.rows(place))
    _require_symbols(files, reader.present, [*symbols, *(each.symbol for each in instruments)])
    edges = survey.spread.edges(sizes.slab) if streams else (0, INT64_MAX)
    slabs = Slabs(reader, survey.ranges, edges)
    steps = survey.steps if survey.ascending else _steps_in_order(slabs)
    length_ns = steps.timeframe(timeframe_ns, slabs.pieces, str(files[0]))
    survey.scales.require_fit(slabs.pieces)
    described = survey.scales.instruments(feed)
    warnings = (*_naive_warnings(survey.naive), *survey.scales.warnings())
    if not streams:
        piece = next(slabs.pieces())
        bars = columns_of(piece, survey.scales, states_greeks=survey.states_greeks)
        return Dataset(feed, length_ns, described, *bars, warnings)
    return StreamedDataset(
        feed=feed,
        timeframe_ns=length_ns,
        instruments=described,
        bars=survey.bar_count,
        first_start_ns=min(first for first, last in survey.ranges if first <= last),
        last_start_ns=max(last for _, last in survey.ranges),
        slabs=slabs,
        scales=survey.scales,
        warnings=warnings,
        states_greeks=survey.states_greeks,
    )


def _is_more(counts: Sequence[int | None], limit: int) -> bool:
    """Tell whether all counts are known and their sum is above the limit."""
    known = [count for count in counts if count is not None]
    return len(known) == len(counts) and sum(known) > limit


def _steps_in_order(slabs: Slabs) -> Steps:
    """Look at the starts in order of time, because the files do not go in it."""
    require_once(slabs.pieces)
    steps = Steps()
    for piece in slabs.pieces():
        in_order = steps.take(piece)
        assert in_order, "slabs go up in time, and each start is there once"
    return steps


def _require_symbols(files: Sequence[Path], present: set[str], symbols: Sequence[str]) -> None:
    missing = [symbol for symbol in symbols if symbol not in present]
    if missing:
        raise DataError(
            ", ".join(map(str, files)),
            f"the symbols {', '.join(missing)}",
            f"the symbols {', '.join(sorted(present))}",
            "choose among those, or add files",
        )


def _naive_warnings(naive: dict[str, int]) -> list[str]:
    return [
        f"{file}: {count} timestamps name no time zone and are taken as UTC"
        for file, count in naive.items()
        if count
    ]
