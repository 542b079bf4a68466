from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from tidegate_chassis.configuration import Configuration
from tidegate_cli.instances import InstanceRecord
from tidegate_cli.scopes import names_beside, warning_of


def session(name: str, *symbols: str) -> dict[str, Any]:
    """A session as `tidegate.yaml` holds it."""
    return {
        "name": name,
        "account": f"of-{name}",
        "capital": {"amount": 1000},
        "feed": {"kind": "replay", "paths": ["packaged:us-stocks"]},
        "symbols": list(symbols),
        "strategies": [{"name": "trend", "strategy": "ema-crossover"}],
    }


@pytest.fixture
def configuration() -> dict[str, Any]:
    """Two sessions."""
    return {"sessions": [session("one", "AAPL"), session("two", "AAPL", "IBM")]}


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        ("session:three", ["session:one", "session:two"]),
        ("account:one", ["account:of-one", "account:of-two"]),
        (
            "strategy:one/trent",
            [f"strategy:{each}" for each in ("one/trend", "one/manual", "two/trend", "two/manual")],
        ),
        ("symbol:APPL", ["symbol:AAPL", "symbol:IBM"]),
        (
            "instrument:one/IBM",
            ["instrument:one/AAPL", "instrument:two/AAPL", "instrument:two/IBM"],
        ),
    ],
)
def test_a_scope_that_names_nothing_is_told_beside_those_that_do(
    configuration: dict[str, Any], scope: str, known: list[str]
) -> None:
    """A kill with a slip in it stops nothing, and says KILLED all the same."""
    assert names_beside(scope, Configuration.model_validate(configuration)) == known


@pytest.mark.parametrize(
    "scope",
    ["all", "session:two", "account:of-two", "venue:nowhere", "symbol:IBM", "strategy:one/manual"],
)
def test_a_scope_that_names_something_is_no_doubt(
    configuration: dict[str, Any], scope: str
) -> None:
    """Nor is a venue: its name stands in the data."""
    assert names_beside(scope, Configuration.model_validate(configuration)) == []


def test_symbols_are_not_known_where_a_session_trades_all_of_its_feed() -> None:
    """Then nobody is told of a doubt."""
    open_to_all = {"sessions": [session("one", "AAPL"), session("two")]}
    assert names_beside("symbol:APPL", Configuration.model_validate(open_to_all)) == []


def test_the_symbol_of_a_stock_names_the_options_on_it() -> None:
    """Its scope covers them, whether or not the stock itself is traded."""
    options = {"sessions": [session("one", "AAPL271217C00200000")]}
    assert names_beside("symbol:AAPL", Configuration.model_validate(options)) == []
    assert names_beside("symbol:IBM", Configuration.model_validate(options)) != []


def test_a_doubt_names_the_scope_and_never_fails(
    tmp_path: Path, configuration: dict[str, Any]
) -> None:
    """The kill stands whether its configuration can be read or not."""
    file = tmp_path / "main.yaml"
    record = InstanceRecord(
        instance="main",
        state="ready",
        supervisor_pid=1,
        supervisor_start_ticks=1,
        started_at="2024-01-01T00:00:00+00:00",
        folder=tmp_path,
        configuration=file,
        ephemeral=False,
        sessions=("one", "two"),
    )
    assert warning_of("symbol:APPL", record) == ""
    file.write_text(yaml.safe_dump(configuration))
    assert "symbol:APPL" in warning_of("symbol:APPL", record)
    assert "symbol:AAPL, symbol:IBM" in warning_of("symbol:APPL", record)
    assert warning_of("symbol:AAPL", msgspec.structs.replace(record, ephemeral=True)) == ""
