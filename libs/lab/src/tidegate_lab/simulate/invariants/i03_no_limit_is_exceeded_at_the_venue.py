"""I03: no limit is exceeded at any instant in the venue's own book, in the worst case.

Checked here by running the venue's journal again and looking after every input: how many symbols
are held or being bought, and what the position of a symbol could become if every open order on
one side filled. What the signals' rules refuse otherwise is tested in services/risk.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tidegate_contracts.execution import OrderAccepted, Side
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.machine import Answer
from tidegate_kernel.money import to_decimal
from tidegate_lab.simulate.evidence import VENUE
from tidegate_lab.simulate.session import OPEN_POSITIONS_MAX, SYMBOL_EXPOSURE_MAX

if TYPE_CHECKING:
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_lab.simulate.evidence import Evidence

MOVED = Decimal("1.06")
"""Prices may move between a decision and the order's arrival; the limit is on the decision's."""


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.venue is None:
        return []
    machine = PaperVenueMachine.restore(evidence.venue.parameters, None)
    faults: list[str] = []
    for heard in evidence.heard(VENUE):
        effects = machine.handle(heard.event, heard.at_ns)
        took = any(
            isinstance(each, Answer) and isinstance(each.body, OrderAccepted) for each in effects
        )
        if took and not faults:
            faults = [f"{fault} at {heard.at_s:.3f} s" for fault in _exceeded(machine.book)]
    return faults


def _exceeded(book: PaperBook) -> list[str]:
    worst: dict[str, tuple[Decimal, Decimal]] = {}
    for symbol, held in book.holdings.items():
        worst[symbol] = (held, held)
    for identities in book.resting.values():
        for identity in identities:
            resting = book.orders[identity].resting
            specification, left = resting.specification, resting.remaining
            if specification.reduce_only:
                continue
            low, high = worst.get(specification.symbol, (Decimal(0), Decimal(0)))
            if specification.side == Side.BUY:
                worst[specification.symbol] = (low, high + left)
            else:
                worst[specification.symbol] = (low - left, high)
    faults = []
    exposed = sorted(symbol for symbol, each in worst.items() if any(each))
    if len(exposed) > OPEN_POSITIONS_MAX:
        faults.append(f"expected at most {OPEN_POSITIONS_MAX} symbols, found {', '.join(exposed)}")
    equity = book.cash + sum(held * _price(book, s) for s, held in book.holdings.items())
    for symbol, (low, high) in worst.items():
        value = max(abs(low), abs(high)) * _price(book, symbol)
        if value > equity * SYMBOL_EXPOSURE_MAX * MOVED:
            share = value / equity
            expected = f"expected at most {SYMBOL_EXPOSURE_MAX} of equity"
            faults.append(f"{symbol}: {expected}, found {share:.3f}")
    return faults


def _price(book: PaperBook, symbol: str) -> Decimal:
    bars = book.bars.get(f"sim|{symbol}")
    return to_decimal(bars[-1].close, 2) if bars else Decimal(0)
