"""I03: no limit is exceeded at any instant in the venue's own book, in the worst case.

Checked here by running the venue's journal again and looking after every input: how many symbols
are held or being bought, and what the position of a symbol could become if every open order on
one side filled; up to the first order that landed after the venue had ruled that out. And already
at every approval, with the orders whose outcome was unknown just then: what execution had booked
by then, plus what it had sent and not seen ended, plus the approved order, is within the limits;
an order in slices counts whole until it has ended; one that is replaced counts until it has ended,
and what replaces it as soon as it is sent. An order with legs counts in the symbol of each
leg, never netted; options also by their delta, and an order by what it can lose at its expiry. A
flattening that has bought back a sold option may leave a larger delta than the limit for a while:
then no order may bring it further from zero.
What the signals' rules refuse otherwise is tested in services/risk.
"""

from __future__ import annotations

from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from tidegate_contracts.execution import Fill, OrderAccepted, OrderEvent, OrderState, Side
from tidegate_contracts.risk import Decision, Verdict
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.machine import Answer
from tidegate_kernel.money import ZERO, to_decimal
from tidegate_lab.simulate.evidence import EXECUTION, RISK, VENUE
from tidegate_lab.simulate.invariants.legs import parts_of
from tidegate_lab.simulate.options import (
    CALLS,
    DELTA_MAX,
    LOSS_MAX,
    OPEN_POSITIONS_MAX as POSITIONS_WITH_LEGS,
    UNDERLYING,
    sign_of,
    worth_least,
)
from tidegate_lab.simulate.session import CAPITAL, OPEN_POSITIONS_MAX, SYMBOL_EXPOSURE_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tidegate_contracts.execution import OrderSpecification
    from tidegate_execution.core.paper.book import PaperBook
    from tidegate_lab.simulate.evidence import Evidence
    from tidegate_lab.simulate.invariants.legs import Part

ENDED = (OrderState.FILLED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)
MOVED = Decimal("1.06")
"""Prices may move between a decision and the order's arrival; the limit is on the decision's."""


class Reach(NamedTuple):
    """The signed position of a symbol with all open sells filled, and with all open buys."""

    low: Decimal
    high: Decimal

    @property
    def furthest(self) -> Decimal:
        """The largest position, on either side."""
        return max(abs(self.low), abs(self.high))


NOWHERE = Reach(ZERO, ZERO)


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    if evidence.venue is None:
        return []
    machine = evidence.definition(VENUE).machine.restore(evidence.venue.parameters, None)
    assert isinstance(machine, PaperVenueMachine)
    limits = _limits_of(evidence)
    faults: list[str] = []
    overdue_s = min(evidence.world.overdue.values(), default=inf)
    for heard in evidence.heard(VENUE):
        effects = machine.handle(heard.event, heard.at_ns)
        took = any(
            isinstance(each, Answer) and isinstance(each.body, OrderAccepted) for each in effects
        )
        if took and not faults and heard.at_s < overdue_s:
            faults = [f"{fault} at {heard.at_s:.3f} s" for fault in _exceeded(machine.book, limits)]
    return faults + _approved_too_much(evidence, overdue_s)


def _limits_of(evidence: Evidence) -> _Limits:
    return _Limits(POSITIONS_WITH_LEGS if evidence.plan.venue.legged else OPEN_POSITIONS_MAX)


def _approved_too_much(evidence: Evidence, until_s: float) -> list[str]:
    """Go through fills, endings and approvals as they were committed; see each approval in full."""
    if evidence.restored:
        return []
    events = evidence.said(EXECUTION, OrderEvent)
    begun = (OrderState.SUBMITTING, OrderState.WORKING)
    sent = [e.specification for _, e in events if e.state in begun]
    identities = frozenset(each.client_order_id for each in sent)
    account = _Account(_limits_of(evidence), identities, evidence.parent_of)
    moments: list[tuple[float, int, int, Fill | OrderEvent | Verdict]] = []
    moments += [(said.at_s, 0, said.n, fill) for said, fill in evidence.said(EXECUTION, Fill)]
    moments += [(said.at_s, 1, said.n, event) for said, event in events if event.state in ENDED]
    moments += [(said.at_s, 1, said.n, event) for said, event in events if _begins(evidence, event)]
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
            account.take(body)
    return []


def _begins(evidence: Evidence, event: OrderEvent) -> bool:
    """Tell whether something is sent in the place of an entry that was approved."""
    specification = event.specification
    begins = event.leg > 0 and event.previous_state == OrderState.PENDING
    if not begins or event.state in ENDED or specification.reduce_only:
        return False
    return evidence.replaces(specification.client_order_id, specification.side) != ""


class _Account:
    """What is held, and what may still fill of the orders that were sent."""

    def __init__(
        self, limits: _Limits, sent: frozenset[str], parent_of: Callable[[str, Side], str]
    ) -> None:
        self.limits = limits
        self.sent = sent
        self.parent_of = parent_of
        self.cash = CAPITAL
        self.held: dict[str, Decimal] = {}
        self.unsettled: dict[str, OrderSpecification] = {}
        self.filled: dict[tuple[str, str], Decimal] = {}
        self.prices: dict[str, Decimal] = {}
        self.flattened = False
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
        key = (identity, fill.symbol)
        self.filled[key] = self.filled.get(key, ZERO) + fill.quantity
        self.cash -= signed * fill.price + fill.fee
        self.flattened |= fill.signal_key == "" and fill.symbol in CALLS

    def take(self, event: OrderEvent) -> None:
        """Take an order that has ended, or one that is sent in the place of another."""
        specification = event.specification
        if event.state in ENDED:
            self.unsettled.pop(specification.client_order_id, None)
        else:
            self.unsettled[specification.client_order_id] = specification

    def approve(self, verdict: Verdict) -> list[str]:
        """Take a verdict; return which limits it could exceed with what is under way."""
        order = verdict.specification
        if verdict.decision != Decision.APPROVED or order is None or order.reduce_only:
            return []
        worst = {symbol: Reach(held, held) for symbol, held in self.held.items() if held}
        for part in parts_of(order):
            _add(worst, part, part.quantity)
        for identity, each in self.unsettled.items():
            for part in parts_of(each):
                _add(worst, part, part.quantity - self.filled.get((identity, part.symbol), ZERO))
        if order.client_order_id in self.sent:
            self.unsettled[order.client_order_id] = order
        equity = self.cash + sum(
            held * self.prices[symbol] for symbol, held in self.held.items() if held
        )
        left = self.held if self.flattened else {}
        return self.limits.beyond(worst, self.prices, equity, left) + self._loses(order, equity)

    def _loses(self, order: OrderSpecification, equity: Decimal) -> list[str]:
        if not order.legs:
            return []
        paid = order.limit_price
        if paid is None:
            paid = sum(
                (sign_of(leg.side) * leg.ratio * self.prices[leg.symbol] for leg in order.legs),
                ZERO,
            )
        least = worth_least(order.legs)
        if least is None:
            return [f"{order.symbol}: expected legs that cover what is sold"]
        share = (paid - least) * order.quantity / equity
        if share <= LOSS_MAX * MOVED:
            return []
        return [f"{order.symbol}: expected a loss of at most {LOSS_MAX}, found {share:.4f}"]


class _Limits(NamedTuple):
    """The limits of the hour's session, as the checkers read them."""

    positions: int

    def beyond(
        self,
        worst: dict[str, Reach],
        prices: dict[str, Decimal],
        equity: Decimal,
        left: Mapping[str, Decimal],
    ) -> list[str]:
        """Return which limits are exceeded in the worst case of every symbol.

        ``left``: what is held, if a flattening has closed options; else nothing.
        """
        faults = []
        exposed = sorted(symbol for symbol, each in worst.items() if each.low or each.high)
        if len(exposed) > self.positions:
            faults.append(f"expected at most {self.positions} symbols, found {', '.join(exposed)}")
        for symbol in exposed:
            share = worst[symbol].furthest * prices[symbol] / equity
            if share > SYMBOL_EXPOSURE_MAX * MOVED:
                expected = f"expected at most {SYMBOL_EXPOSURE_MAX} of equity"
                faults.append(f"{symbol}: {expected}, found {share:.3f}")
        return faults + _delta_beyond(worst, prices, equity, left)


def _delta_beyond(
    worst: dict[str, Reach],
    prices: dict[str, Decimal],
    equity: Decimal,
    left: Mapping[str, Decimal],
) -> list[str]:
    """Add up what is held, and what open orders may add to it in one direction."""
    high = low = ZERO
    for symbol, each in worst.items():
        if symbol in CALLS:
            delta = CALLS[symbol].delta
            high += delta * each.high
            low += delta * each.low
    if not (high or low):
        return []
    per_unit = prices[UNDERLYING] / equity
    share = max(abs(high), abs(low)) * per_unit
    of_left = sum((CALLS[each].delta * n for each, n in left.items() if each in CALLS), ZERO)
    most = max(DELTA_MAX, abs(of_left) * per_unit)
    if share <= most * MOVED:
        return []
    return [f"{UNDERLYING}: expected a delta of at most {most:.3f} of equity, found {share:.3f}"]


def _add(worst: dict[str, Reach], part: Part, left: Decimal) -> None:
    """Count what an open order may still trade of a symbol, on its side alone."""
    low, high = worst.get(part.symbol, NOWHERE)
    if part.sign > 0:
        worst[part.symbol] = Reach(low, high + left)
    else:
        worst[part.symbol] = Reach(low - left, high)


def _exceeded(book: PaperBook, limits: _Limits) -> list[str]:
    worst = {symbol: Reach(held, held) for symbol, held in book.holdings.items()}
    for identities in (*book.resting.values(), book.structures):
        for identity in identities:
            order = book.orders[identity]
            if order.resting.specification.reduce_only:
                continue
            whole = order.resting.specification.quantity
            for part in parts_of(order.resting.specification):
                _add(worst, part, part.quantity / whole * order.resting.remaining)
    equity = book.cash + sum(held * _price(book, s) for s, held in book.holdings.items())
    prices = {symbol: _price(book, symbol) for symbol in (*worst, UNDERLYING)}
    # Nobody but the gate trades one option by itself.
    flattened = any(order.resting.specification.symbol in CALLS for order in book.orders.values())
    return limits.beyond(worst, prices, equity, book.holdings if flattened else {})


def _price(book: PaperBook, symbol: str) -> Decimal:
    bars = book.bars.get(f"sim|{symbol}")
    return to_decimal(bars[-1].close, 2) if bars else Decimal(0)
