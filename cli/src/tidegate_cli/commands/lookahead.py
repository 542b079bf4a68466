"""`tidegate backtest --check-lookahead`: the same decisions, whatever comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_cli.errors import Failed
from tidegate_lab.backtest.engines import engine_of
from tidegate_lab.lookahead import decisions_of, look_for_leaks
from tidegate_lab.lookahead.futures import beginning

if TYPE_CHECKING:
    from tidegate_chassis.configuration import Session
    from tidegate_cli.output import Output
    from tidegate_market_data.adapters.dataset import Bars

BARS_MAX = 100_000
"""Of longer data the first so many are played, a dozen times and more."""


def look(output: Output, session: Session, bars: Bars, engine: str) -> None:
    """Play the session again with other futures; a decision that changes is a failure."""
    data = beginning(bars, BARS_MAX)
    play = engine_of(engine)
    report = look_for_leaks(lambda other: decisions_of(session, other, play), data)
    if report.leaks:
        raise Failed(
            "LOOKS_AHEAD",
            "a decision depends on what came after it, or on an earlier run",
            expected=f"the same {report.decisions:,} decisions with any other future",
            found=report.leaks[0].sentence(),
            hint="make the strategy start anew, and decide from the bars that it was given",
        )
    if report.decisions == 0:
        output.progress("look-ahead: nothing was decided, so nothing is proven")
        return
    futures = 2 * report.cuts
    output.progress(
        f"look-ahead: {report.decisions:,} decisions over {data.bar_count:,} bars, "
        f"none changed with {futures} other futures"
    )
