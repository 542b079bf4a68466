"""`tidegate backtest`: the machines that trade, played over past bars in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tidegate_cli.asked import readable
from tidegate_cli.output import Output
from tidegate_cli.played import played_bar
from tidegate_cli.summary import say_outcome
from tidegate_contracts.portfolio import AccountSnapshot
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.backtest.running import run_session
from tidegate_lab.host.rounds import Rounds
from tidegate_market_data.adapters.dataset import Bars


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's options."""

    options: Options
    engine: str
    out: Path | None
    demo: bool


def run(output: Output, asked: Asked) -> None:
    """Play the session that is asked for and say what came of it."""
    options = asked.options.of_demo() if asked.demo else asked.options

    @contextmanager
    def watch(rounds: Rounds, dataset: Bars) -> Iterator[None]:
        for warning in dataset.warnings:
            output.progress(f"Warning: {warning}")
        with played_bar(rounds, dataset):
            yield

    with readable():
        run = run_session(session_of(options), asked.engine, watch)
    curve = [float(each.equity) for each in run.record.of(AccountSnapshot)]
    say_outcome(output, run.outcome, curve)
    output.result(msgspec.to_builtins(run.outcome))
