"""The page about the service tells every parameter of every strategy, with default and bounds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import msgspec

from tidegate_signals.core.strategies import STRATEGIES

PAGE = Path(__file__).parents[1] / "README.md"


def _rows() -> dict[tuple[str, str], tuple[str, str]]:
    """Return default and bounds by strategy and parameter, as the page tells them."""
    table = PAGE.read_text(encoding="utf-8").partition("## Settings")[2].partition("## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return {
        (strategy, name.strip("`")): (default, bounds)
        for name, of, default, bounds, _ in rows
        for strategy in of.split(", ")
    }


def _written(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value).lower()


def _bounds(kind: Any) -> list[float]:  # noqa: ANN401 - any type form
    """Return the numbers that bound a parameter, the lower one first."""
    forms = [kind, *get_args(kind)]
    metas = [each for form in forms for each in getattr(form, "__metadata__", ())]
    return [bound for m in metas for bound in (m.ge if m.gt is None else m.gt, m.le)]


def test_the_table_of_settings_is_the_strategies_own() -> None:
    """Every parameter, its default and its bounds, and nothing else."""
    rows = _rows()
    expected = {
        (name, parameter): _written(default)
        for name, definition in STRATEGIES.items()
        for parameter, default in definition.defaults.items()
    }
    assert {key: default for key, (default, _) in rows.items()} == expected
    for name, definition in STRATEGIES.items():
        for field in msgspec.structs.fields(definition.parameters):
            told = [float(n) for n in re.findall(r"\b\d+\b", rows[name, field.name][1])]
            assert told == _bounds(field.type), (name, field.name)
