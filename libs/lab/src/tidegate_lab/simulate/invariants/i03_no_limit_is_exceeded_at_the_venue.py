"""I03: no limit is exceeded at any instant in the venue's own book, in the worst case.

Checked here by running the venue's journal again and looking after every input: how many symbols
are held or being bought, and what the position of a symbol could become if every open order on
one side filled; up to the first order that landed after the venue had ruled that out. And already
at every approval, with the orders whose outcome was unknown just then: what execution had booked
by then, plus what it had sent and not seen ended, plus the approved order, is within the limits;
an order in slices counts whole until it has ended.
What the signals' rules refuse otherwise is tested in services/risk.
"""

from __future__ import annotations

from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING

from tidegate_contracts.execution import Fill, OrderAccepted, OrderEvent, OrderState, Side
from tidegate_contracts.risk import Decision, Verdict
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.machine import Answer
from tidegate_kernel.money import ZERO, to_decimal
from tidegate_lab.simulate.evidence import EXECUTION, RISK, VENUE
from tidegate_lab.simulate.session import CAPITAL, OPEN_POSITIONS_MAX, SYMBOL_EXPOSURE_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_lab.simulate.evidence import Evidence

ENDED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)
MOVED = Decimal("1.06")
"""Prices may move between a decision and the order's arrival; the limit is on the decision's."""


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.venue is None:
        return []
    machine = PaperVenueMachine.restore(evidence.venue.parameters, None)
    faults: list[str] = []
    overdue_s = min(evidence.world.overdue.values(), default=inf)
    for heard in evidence.heard(VENUE):
        effects = machine.handle(heard.event, heard.at_ns)
        took = any(
            isinstance(each, Answer) and isinstance(each.body, OrderAccepted) for each in effects
        )
        if took and not faults and heard.at_s < overdue_s:
            faults = [f"{fault} at {heard.at_s:.3f} s" for fault in _exceeded(machine.book)]
    return faults + _approved_too_much(evidence, overdue_s)


def _approved_too_much(evidence: Evidence, until_s: float) -> list[str]:
    """Go through fills, endings and approvals as they were committed; see each approval in full."""
    if evidence.restored:
        return []
    events = evidence.said(EXECUTION, OrderEvent)
    begun = (OrderState.SUBMITTING, OrderState.WORKING)
    sent = [e.specification for _, e in events if e.state in begun]
    account = _Account(frozenset(each.client_order_id for each in sent), evidence.parent_of)
    moments: list[tuple[float, int, int, Fill | OrderEvent | Verdict]] = []
    moments += [(said.at_s, 0, said.n, fill) for said, fill in evidence.said(EXECUTION, Fill)]
    moments += [(said.at_s, 1, said.n, event) for said, event in events if event.state in ENDED]
    moments += [(said.at_s, 2, said.n, each) for said, each in evidence.said(RISK, Verdict)]
    prices = iter(evidence.prices)
    for at_s, _, n, body in sorted(moments, key=lambda moment: moment[:3]):
        if isinstance(body, Verdict):
            account.see_prices(prices, n)
            faults = account.approve(body)
            if faults and at_s < until_s:
                return [f"{body.signal_key}: {fault}, at {at_s:.3f} s" for fault in faults]
        elif isinstance(body, Fill):
            account.book(body)
        else:
            account.unsettled.pop(body.specification.client_order_id, None)
    return []


class _Account:
    """What is held, and what may still fill of the orders that were sent."""

    def __init__(self, sent: frozenset[str], parent_of: Callable[[str, Side], str]) -> None:
        self.sent = sent
        self.parent_of = parent_of
        self.cash = CAPITAL
        self.held: dict[str, Decimal] = {}
        self.unsettled: dict[str, OrderSpecification] = {}
        self.filled: dict[str, Decimal] = {}
        self.prices: dict[str, Decimal] = {}
        self._next: tuple[int, str, Decimal] | None = None

    def see_prices(self, prices: Iterator[tuple[int, str, Decimal]], n: int) -> None:
        """Take the closes that risk had journalled before its n-th input."""
        while True:
            price = self._next or next(prices, None)
            self._next = price
            if price is None or price[0] > n:
                return
            self.prices[price[1]] = price[2]
            self._next = None

    def book(self, fill: Fill) -> None:
        """Take a fill."""
        signed = fill.quantity if fill.side == Side.BUY else -fill.quantity
        self.held[fill.symbol] = self.held.get(fill.symbol, ZERO) + signed
        identity = self.parent_of(fill.client_order_id, fill.side) or fill.client_order_id
        self.filled[identity] = self.filled.get(identity, ZERO) + fill.quantity
        self.cash -= signed * fill.price + fill.fee

    def approve(self, verdict: Verdict) -> list[str]:
        """Take a verdict; return which limits it could exceed with what is under way."""
        order = verdict.specification
        if verdict.decision != Decision.APPROVED or order is None or order.reduce_only:
            return []
        bought = {order.symbol: order.quantity}
        for identity, each in self.unsettled.items():
            left = each.quantity - self.filled.get(identity, ZERO)
            bought[each.symbol] = bought.get(each.symbol, ZERO) + left
        if order.client_order_id in self.sent:
            self.unsettled[order.client_order_id] = order
        worst = {
            symbol: self.held.get(symbol, ZERO) + bought.get(symbol, ZERO)
            for symbol in sorted({*self.held, *bought})
        }
        equity = self.cash + sum(
            held * self.prices[symbol] for symbol, held in self.held.items() if held
        )
        return _beyond(worst, self.prices, equity)


def _beyond(worst: dict[str, Decimal], prices: dict[str, Decimal], equity: Decimal) -> list[str]:
    faults = []
    exposed = [symbol for symbol, each in worst.items() if each]
    if len(exposed) > OPEN_POSITIONS_MAX:
        faults.append(f"expected at most {OPEN_POSITIONS_MAX} symbols, found {', '.join(exposed)}")
    for symbol in exposed:
        share = abs(worst[symbol]) * prices[symbol] / equity
        if share > SYMBOL_EXPOSURE_MAX * MOVED:
            expected = f"expected at most {SYMBOL_EXPOSURE_MAX} of equity"
            faults.append(f"{symbol}: {expected}, found {share:.3f}")
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
            low, high = worst.get(specification.symbol, (ZERO, ZERO))
            if specification.side == Side.BUY:
                worst[specification.symbol] = (low, high + left)
            else:
                worst[specification.symbol] = (low - left, high)
    equity = book.cash + sum(held * _price(book, s) for s, held in book.holdings.items())
    prices = {symbol: _price(book, symbol) for symbol in worst}
    furthest = {s: max(abs(low), abs(high)) for s, (low, high) in sorted(worst.items())}
    return _beyond(furthest, prices, equity)


def _price(book: PaperBook, symbol: str) -> Decimal:
    bars = book.bars.get(f"sim|{symbol}")
    return to_decimal(bars[-1].close, 2) if bars else Decimal(0)
