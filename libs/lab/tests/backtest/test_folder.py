import json
from decimal import Decimal
from pathlib import Path

import pytest
from pyarrow import parquet

from tidegate_chassis.configuration import load
from tidegate_lab.backtest import OptionError, Run, run_session
from tidegate_lab.backtest.folder import make_folder
from tidegate_lab.backtest.tables import DECIMAL

PARQUET = ("journal", "orders", "fills", "ledger", "equity", "days")
OTHERS = {"configuration.yaml", "metrics.json", "tear-sheet.html"}


def test_the_folder_holds_everything(folder: Path) -> None:
    """Nothing less, nothing unnamed."""
    names = {path.name for path in folder.iterdir()}
    assert names == OTHERS | {f"{name}.parquet" for name in PARQUET}


def test_the_configuration_repeats_the_run(demo: Run, folder: Path) -> None:
    """It is a tidegate.yaml like any other."""
    configuration = load(folder / "configuration.yaml", process={}).configuration
    assert configuration.sessions == (demo.session,)
    again = run_session(configuration.sessions[0])
    assert again.outcome.ledger_hash == demo.outcome.ledger_hash


def test_amounts_are_exact(demo: Run, folder: Path) -> None:
    """Decimals go in and come out as they are; times are whole nanoseconds."""
    ledger = parquet.read_table(folder / "ledger.parquet")
    assert ledger.schema.field("amount").type == DECIMAL
    assert str(ledger.schema.field("event_at_ns").type) == "int64"
    usd = [row["amount"] for row in ledger.to_pylist() if row["currency"] == "USD"]
    assert sum(usd) == 0
    equity = parquet.read_table(folder / "equity.parquet").to_pylist()
    assert equity[-1]["equity"] == Decimal(demo.outcome.final_equity)


def test_orders_and_fills_are_all_there(demo: Run, folder: Path) -> None:
    """One row for each order, in its last state; fills belong to orders."""
    orders = parquet.read_table(folder / "orders.parquet").to_pylist()
    fills = parquet.read_table(folder / "fills.parquet").to_pylist()
    assert (len(orders), len(fills)) == (demo.outcome.orders, demo.outcome.fills)
    by_id = {order["client_order_id"]: order for order in orders}
    assert all(by_id[fill["client_order_id"]]["side"] == fill["side"] for fill in fills)
    assert {order["state"] for order in orders} == {"FILLED"}


def test_the_journal_tells_what_caused_what(demo: Run, folder: Path) -> None:
    """In order of time, with every signal's input and its one verdict among the effects."""
    rows = parquet.read_table(folder / "journal.parquet").to_pylist()
    instants = [row["instant_ns"] for row in rows]
    assert instants == sorted(instants)
    signals = [row for row in rows if row["kind"] == "Signal"]
    assert len(signals) == demo.outcome.signals
    approved = 0
    for row in signals:
        assert row["shard"] == "risk/demo"
        effects = json.loads(row["effects"])
        said = [effect["Publish"]["body"] for effect in effects if "Publish" in effect]
        (verdict,) = (body["Verdict"] for body in said if "Verdict" in body)
        approved += verdict["decision"] == 1
    assert approved == demo.outcome.verdicts["approved"]
    called = [row for row in rows if row["kind"] == "Called" and "SubmitOrder" in row["input"]]
    assert len(called) == demo.outcome.orders
    (answer, *_) = json.loads(called[0]["effects"])
    assert "OrderAccepted" in answer["Answer"]["body"]


def test_the_figures_stand_beside_the_outcome(demo: Run, folder: Path) -> None:
    """A Sharpe ratio is found only together with its interval and its trials."""
    document = json.loads((folder / "metrics.json").read_text())
    assert document["outcome"]["orders_hash"] == demo.outcome.orders_hash
    assert document["metrics"]["fees"] == demo.outcome.fees
    assert "sharpe" not in document["metrics"]
    honest = document["honest"]
    assert honest["low"] < honest["sharpe"] < honest["high"]
    assert honest["trials"] == 1


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """An earlier run may be replaced, anything else not."""
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(OptionError, match="other files"):
        make_folder(tmp_path)
    (tmp_path / "configuration.yaml").touch()
    make_folder(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A file stands in the way."""
    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match="--out"):
        make_folder(tmp_path / "file" / "run")
