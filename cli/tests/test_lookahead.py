"""`--check-lookahead`: a strategy that knows what comes ends the command with a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tidegate_contracts.market import Bar, Instrument
from tidegate_contracts.signals import Direction
from tidegate_signals.core.strategies import STRATEGIES
from tidegate_signals.core.strategies.definition import Definition
from tidegate_signals.core.wish import Wish

from .conftest import Tidegate

DATA = ("--data", "packaged:us-stocks", "--to", "2001-01-01", "--out", "run")


def test_an_honest_strategy_passes(tidegate: Tidegate) -> None:
    """What was looked at is said, and the backtest follows."""
    ended = tidegate("backtest", "--strategy", "ema-crossover", "--check-lookahead", *DATA)
    assert ended.code == 0
    assert "none changed with" in ended.out + ended.err
    assert Path("run").exists()


def test_one_that_remembers_the_last_run_is_caught(
    tidegate: Tidegate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its second run it knows every next close: that is a failure, and nothing is written."""
    monkeypatch.setitem(STRATEGIES, REMEMBERING.name, REMEMBERING)
    _NEXT_CLOSE.clear()
    asked = ("backtest", "--strategy", "remembering", "--check-lookahead", "--json", *DATA)
    ended = tidegate(*asked)
    assert ended.code == 1
    assert ended.document["error"]["code"] == "LOOKS_AHEAD"
    assert "Signal at" in ended.document["error"]["found"]
    assert not Path("run").exists()


# --- the cheat: what one run has seen, the next one knows beforehand ------------------------------

_NEXT_CLOSE: dict[tuple[str, int], int] = {}


class RememberingParameters(msgspec.Struct, frozen=True):
    """It needs none."""


class Remembering(msgspec.Struct):
    """Long before each bar that closed higher the last time."""

    target: Direction = Direction.FLAT
    last_start_ns: int = 0

    def update(self, bar: Bar) -> Wish | None:
        """Look up the next close, and remember this one for later runs."""
        coming = _NEXT_CLOSE.get((bar.symbol, bar.start_ns), bar.close)
        _NEXT_CLOSE[bar.symbol, self.last_start_ns] = bar.close
        self.last_start_ns = bar.start_ns
        wanted = Direction.LONG if coming > bar.close else Direction.FLAT
        if wanted is self.target:
            return None
        self.target = wanted
        return Wish(direction=wanted, reasons=("a feeling",))


def _start(parameters: Any, instrument: Instrument) -> Remembering:  # noqa: ANN401 - it has none
    del parameters, instrument
    return Remembering()


REMEMBERING = Definition(
    name="remembering",
    doc="Long before a rise.",
    parameters=RememberingParameters,
    strategy=Remembering,
    start=_start,
    conflicts=lambda _: [],
)
