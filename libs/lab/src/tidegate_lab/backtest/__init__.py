"""Backtest: options in, a session played over past bars, a folder with a tear sheet out.

=========  =======================================================================================
options    what a person asks for, and the session that this means
engines    the ways to play a dataset, by name
running    plays a session and keeps what was said: ``run``, ``Run``
journal    the inputs that caused something, in order
tables     what the machines said, as Arrow tables
days       the account at the end of each day, beside buying and holding
trips      round trips, booked as the portfolio service books them
metrics    what a run is judged by, with formulas and sources
sensitivity  how much of a result its costs decide
folder     the run's folder
sheet      the tear sheet: one HTML file
reference  writes docs/reference/metrics.md
errors     the error tree
=========  =======================================================================================

In Python::

    from tidegate_lab import backtest

    run = backtest.run(strategies=["ema-crossover:fast=10,slow=20"], data=["bars.csv"])
    print(run.outcome, run.metrics, run.honest)
    run.save("my-run")
"""

from tidegate_lab.backtest.engines import ENGINES
from tidegate_lab.backtest.errors import BacktestError, OptionError
from tidegate_lab.backtest.options import Options, session_of
from tidegate_lab.backtest.running import Run, run, run_session, with_costs_doubled

__all__ = [
    "ENGINES",
    "BacktestError",
    "OptionError",
    "Options",
    "Run",
    "run",
    "run_session",
    "session_of",
    "with_costs_doubled",
]
