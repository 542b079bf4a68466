"""For tests: builders of the messages that the books read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from tidegate_contracts.execution import AccountEntry, AccountEntryKind, Fill, Side
from tidegate_contracts.market import Bar, Instrument
from tidegate_kernel.machine import Publish, SetTimer, TimerFired
from tidegate_kernel.time import NS_PER_DAY
from tidegate_portfolio.core.machine import PortfolioMachine
from tidegate_portfolio.core.state import PortfolioParameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidegate_kernel.machine import Body, Effect

B = TypeVar("B")

DAY = NS_PER_DAY
# A Monday: 2024-01-01T00:00:00Z.
START = 19_723 * DAY
PARAMETERS = PortfolioParameters(
    session="demo",
    account="demo",
    feed="replay-demo",
    currency="USD",
    capital=Decimal(100_000),
    lockstep=True,
)


def instrument(symbol: str = "AAPL", currency: str = "USD", scale: int = 2) -> Instrument:
    """Return an instrument of venue XNAS."""
    return Instrument(
        feed="replay-demo",
        venue="XNAS",
        symbol=symbol,
        quote_currency=currency,
        price_scale=scale,
    )


def bar(day: int, close: int, symbol: str = "AAPL", length_ns: int = DAY) -> Bar:
    """Return the bar that ends ``day`` days after the start; ``close`` in cents."""
    end_ns = START + day * DAY
    return Bar(
        feed="replay-demo",
        venue="XNAS",
        symbol=symbol,
        timeframe_ns=length_ns,
        start_ns=end_ns - length_ns,
        end_ns=end_ns,
        open=close,
        high=close,
        low=close,
        close=close,
        volume=1_000,
    )


def fill(execution: str, quantity: str, price: str, **fields: Any) -> Fill:  # noqa: ANN401 - any of its fields
    """Return a fill; the sign of ``quantity`` is its side."""
    signed = Decimal(quantity)
    values: dict[str, Any] = {
        "session": "demo",
        "account": "demo",
        "strategy": "trend",
        "signal_key": f"demo|trend|AAPL|{START}|0",
        "execution_id": execution,
        "venue": "XNAS",
        "symbol": "AAPL",
        "side": Side.BUY if signed > 0 else Side.SELL,
        "quantity": abs(signed),
        "price": Decimal(price),
        "fee_currency": "USD",
        "event_at_ns": START,
    }
    return Fill(**(values | fields))


def entry(kind: AccountEntryKind, entry_id: str = "e1", **fields: Any) -> AccountEntry:  # noqa: ANN401 - any of its fields
    """Return an account entry of AAPL, of the account as a whole."""
    values: dict[str, Any] = {
        "session": "demo",
        "account": "demo",
        "venue": "XNAS",
        "symbol": "AAPL",
        "currency": "USD",
        "event_at_ns": START,
    }
    return AccountEntry(kind=kind, entry_id=entry_id, **(values | fields))


def new_machine(parameters: PortfolioParameters = PARAMETERS) -> PortfolioMachine:
    """Return a machine that knows its instrument."""
    machine = PortfolioMachine.restore(parameters, None)
    machine.handle(instrument(), START)
    return machine


def published(effects: Iterable[Effect], kind: type[B]) -> list[B]:
    """Return the published messages of a kind."""
    bodies: list[Body] = [each.body for each in effects if isinstance(each, Publish)]
    return [body for body in bodies if isinstance(body, kind)]


def settle(machine: PortfolioMachine, effects: Sequence[Effect], now_ns: int) -> Sequence[Effect]:
    """Fire the timers that effects have set for now, as the next round would."""
    following: list[Effect] = []
    for effect in effects:
        if isinstance(effect, SetTimer):
            assert effect.at_ns <= now_ns
            following += machine.handle(TimerFired(effect.name, effect.at_ns), now_ns)
    return following
