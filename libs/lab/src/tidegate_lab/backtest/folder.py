"""A run's folder: everything that the run was and said, for people and for programs.

==================  ==============================================================================
configuration.yaml  the session, as `tidegate.yaml` holds it: `tidegate up --config` runs it live
journal.parquet     the inputs that caused something: place, shard, input and effects as JSON
orders.parquet      the last state of every order
fills.parquet       every fill
ledger.parquet      every entry of the double-entry ledger
equity.parquet      every snapshot of the account: once a day, and after fills
days.parquet        equity, buying and holding, drawdown and exposure at the end of each day
metrics.json        the outcome with its hashes, the figures, and what belongs beside a Sharpe ratio
tear-sheet.html     all of it to look at, in one file that needs no network
==================  ==============================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from pyarrow import parquet

from tidegate_chassis.configuration import Configuration, dump
from tidegate_lab.backtest.errors import OptionError
from tidegate_lab.backtest.sheet.page import page_of
from tidegate_lab.backtest.tables import journal_table

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate_lab.backtest.running import Run

CONFIGURATION = "configuration.yaml"
METRICS = "metrics.json"
TEAR_SHEET = "tear-sheet.html"


def make_folder(folder: Path) -> None:
    """Make a folder for a run; one that holds something else is left alone: an `OptionError`."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / CONFIGURATION).is_file():
        hint = "name an empty folder, a new one, or that of an earlier run to replace it"
        raise OptionError("--out", "a folder of a run", f"{folder}, which holds other files", hint)
    ensure_folder(folder)


def ensure_folder(folder: Path) -> None:
    """Make a folder for results unless it is there; an `OptionError` where none can be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        expected = "a folder that can be made"
        raise OptionError("--out", expected, f"{folder}: {error.strerror}") from None


def write_folder(run: Run, folder: Path) -> None:
    """Write everything into a folder; what an earlier run left under these names is replaced."""
    make_folder(folder)
    configuration = Configuration(sessions=(run.session,))
    (folder / CONFIGURATION).write_text(dump(configuration), encoding="utf-8")
    tables = {
        "journal": journal_table(run.journal.entries),
        "orders": run.orders,
        "fills": run.fills,
        "ledger": run.ledger,
        "equity": run.equity,
        "days": run.days.table(),
    }
    for name, table in tables.items():
        parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")
    text = msgspec.json.format(msgspec.json.encode(document_of(run)), indent=2)
    (folder / METRICS).write_bytes(text + b"\n")
    (folder / TEAR_SHEET).write_text(page_of(run), encoding="utf-8")


def judged(run: Run) -> dict[str, Any]:
    """Return what belongs beside a Sharpe ratio, by its names in `metrics.json`."""
    return {
        "honest": msgspec.to_builtins(run.honest),
        "trade_order": msgspec.to_builtins(run.trade_order),
        "costs": msgspec.to_builtins(run.costs),
    }


def document_of(run: Run) -> dict[str, Any]:
    """Return what `metrics.json` holds."""
    return {
        "engine": run.engine,
        "outcome": msgspec.to_builtins(run.outcome),
        "metrics": msgspec.to_builtins(run.metrics),
        **judged(run),
    }
