"""`tidegate optimise`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import msgspec

from tidegate_chassis.configuration import Configuration, Session
from tidegate_cli.asked import readable
from tidegate_cli.errors import BadData, Misused
from tidegate_cli.output import Output
from tidegate_cli.recorded import Source, recording
from tidegate_lab.backtest.options import DEFAULT_CAPITAL, Options, session_of
from tidegate_lab.optimise.desk import Desk, desk_of_bars, desk_of_recording
from tidegate_lab.optimise.errors import OptimiseError
from tidegate_lab.optimise.objectives import method_of
from tidegate_lab.optimise.plan import Aim, Plan, plan
from tidegate_lab.replayed import replay_of

STRATEGY = "rebalance"
"""Who asks where there are only data, and what of: a session has a strategy that can be made."""
KIND = "ema-crossover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The command's options."""

    method: str
    data: tuple[str, ...]
    session: str | None
    symbols: tuple[str, ...]
    strategy: str | None
    weight_max: str | None
    invested: str | None
    limits: str | None
    capital: str | None
    since: str | None
    until: str | None
    source: Source


def run(output: Output, wanted: Wanted) -> None:
    """Show the weights, and every order with risk's answer."""
    with _answerable():
        method_of(wanted.method)
        desk = _desk(output, wanted)
        aim = Aim(
            method=wanted.method,
            strategy=_asking(desk, wanted.strategy),
            symbols=wanted.symbols,
            weight_max=_share("--weight-max", wanted.weight_max),
            invested=_share("--invested", wanted.invested),
        )
        made = plan(desk, aim)
    _say(output, made)
    output.result(msgspec.to_builtins(made))


def _desk(output: Output, wanted: Wanted) -> Desk:
    """Return the machine to ask: of data, or of a recorded session."""
    if wanted.data:
        if wanted.session is not None:
            raise Misused("OPTION", "--data or --session, not both", found="both")
        return _of_data(output, wanted)
    for name, value in (
        ("--limits", wanted.limits),
        ("--capital", wanted.capital),
        ("--from", wanted.since),
        ("--to", wanted.until),
    ):
        if value is not None:
            hint = "a recorded session has its own"
            raise Misused("OPTION", f"{name} goes with --data", found=value, hint=hint)
    with recording(output, wanted.source) as found:
        return desk_of_recording(found, _meant(found.configuration, wanted.session))


def _of_data(output: Output, wanted: Wanted) -> Desk:
    with readable():
        session: Session = session_of(
            Options(
                strategies=(KIND,),
                data=wanted.data,
                since=wanted.since,
                until=wanted.until,
                limits=wanted.limits,
                capital=wanted.capital or DEFAULT_CAPITAL,
                name="optimise",
            )
        )
        asking = session.strategies[0].model_copy(update={"name": wanted.strategy or STRATEGY})
        session = session.model_copy(update={"strategies": (asking,)})
        bars = replay_of(session)
        for warning in bars.warnings:
            output.progress(f"Warning: {warning}")
        return desk_of_bars(session, bars)


def _meant(configuration: Configuration, session: str | None) -> str:
    names = [each.name for each in configuration.sessions]
    if session is not None:
        return session
    if len(names) == 1:
        return names[0]
    hint = f"name one of {', '.join(names)}"
    raise Misused("WHICH_SESSION", "several sessions are recorded", found="no --session", hint=hint)


def _asking(desk: Desk, strategy: str | None) -> str:
    """Return the strategy in whose name is asked."""
    known = desk.machine.parameters.strategies
    if strategy is None and len(known) == 1:
        return known[0]
    if strategy not in known:
        expected = f"one of {', '.join(known)}"
        raise OptimiseError("--strategy", expected, strategy or "none")
    return strategy


def _share(name: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        expected = "a share of equity such as 0.25"
        raise OptimiseError(name, expected, repr(text)) from None


@contextmanager
def _answerable() -> Iterator[None]:
    """Inside, what cannot be optimised ends the command: 2 for an option, 5 for the data."""
    try:
        yield
    except OptimiseError as error:
        parts = {"expected": error.expected, "found": error.found, "hint": error.hint}
        if error.what.startswith(("history", "the price")):
            raise BadData("OPTIMISE", str(error), **parts) from None
        raise Misused("OPTIMISE", str(error), **parts) from None


def _say(output: Output, made: Plan) -> None:
    output.text(
        f"{made.method} of {made.samples} returns of {made.step} up to {made.as_of}; "
        f"at most {made.weight_max} in a symbol, {made.invested} in all"
    )
    if made.left_out:
        output.text(f"too little history: {', '.join(made.left_out)}")
    rows = [
        (each.symbol, each.weight, f"{each.mean:+.1%}", f"{each.volatility:.1%}")
        for each in made.weights
    ]
    output.table(("symbol", "weight", "mean", "volatility"), rows)
    output.text(
        f"in that past, a year: mean {made.mean:+.1%}, volatility {made.volatility:.1%}, "
        f"Sharpe {made.sharpe:.2f}; chosen for it, so no promise"
    )
    output.text(f"\nwhat risk says to {made.strategy} at {made.at}; nothing is ordered")
    if not made.orders:
        output.text("every position is at its target")
        return
    orders = [
        (
            each.side,
            each.symbol,
            each.held,
            each.target,
            each.quantity,
            each.quantity_approved,
            each.code or each.decision,
        )
        for each in made.orders
    ]
    heads = ("side", "symbol", "held", "target", "asked", "approved", "answer")
    output.table(heads, orders)
    for each in made.orders:
        if each.message:
            output.text(f"{each.symbol}: {each.message}")
