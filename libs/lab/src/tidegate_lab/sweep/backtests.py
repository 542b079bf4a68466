"""A back-test is a trial too: it is registered, and all trials on its data stand beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate_lab.backtest.metrics import returns_of
from tidegate_lab.statistics.sharpe import OBSERVATIONS_MIN, moments_of
from tidegate_lab.sweep.identity import code_version, data_of, trial_key
from tidegate_lab.sweep.register import Tried

if TYPE_CHECKING:
    from tidegate_lab.backtest.running import Run
    from tidegate_lab.sweep.register import Register


def registered(run: Run, register: Register) -> Run:
    """Register a run and return it with the number of trials that led to it."""
    data = data_of(run.bars)
    returns = returns_of(run.days).values
    tried = Tried(
        key=trial_key(run.session, data),
        kind="exact",
        version=code_version(run.session, run.bars),
        strategy="+".join(each.strategy for each in run.session.strategies),
        parameters={
            f"{each.name}.{name}": value
            for each in run.session.strategies
            for name, value in each.parameters.items()
            if isinstance(value, int | float | str)
        },
        data=data,
        sharpe=moments_of(returns).sharpe if len(returns) >= OBSERVATIONS_MIN else None,
    )
    register.add([tried])
    return replace(run, trials=register.beside(data))
