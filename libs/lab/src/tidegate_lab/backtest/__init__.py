"""Backtest: options in, a session played over past bars, everything that it said out.

==========  ======================================================================================
options     what a person asks for, and the session that this means
engines     the ways to play a dataset, by name
running     plays a session and keeps what was said: ``run``, ``Run``
journal     the inputs that caused something, in order
errors      the error tree
==========  ======================================================================================

In Python::

    from tidegate_lab import backtest

    run = backtest.run(strategies=["ema-crossover:fast=10,slow=20"], data=["bars.csv"])
    print(run.outcome)
"""

from tidegate_lab.backtest.engines import ENGINES
from tidegate_lab.backtest.errors import BacktestError, OptionError
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.backtest.running import Run, run, run_session

__all__ = [
    "ENGINES",
    "BacktestError",
    "OptionError",
    "Options",
    "Run",
    "run",
    "run_session",
    "session_of",
]
