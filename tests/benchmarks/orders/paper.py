"""Orders a second through the paper venue's core alone: taken, then filled by the next bar."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.execution import SubmitOrder
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.testing import (
    DAY_0_NS,
    SESSION,
    bar,
    instrument,
    specification,
    venue_parameters,
)
from tidegate_kernel.machine import Called
from tidegate_kernel.money import use_money_context
from tidegate_kernel.time import NS_PER_DAY

if TYPE_CHECKING:
    from tidegate_kernel.machine import Event

ORDERS = 20_000
PRICES = (100, 101, 99, 100)


class PaperRate(msgspec.Struct, frozen=True):
    """How fast the core is."""

    orders: int
    cpu_s: float

    @property
    def orders_per_s(self) -> float:
        """Orders taken and filled in a second of the processor's time."""
        return self.orders / self.cpu_s


def measure_paper(orders: int = ORDERS) -> PaperRate:
    """Send market orders to the venue, one between two bars, and fill each."""
    use_money_context()
    venue = PaperVenueMachine.restore(venue_parameters(cash=Decimal(10**12)), None)
    venue.handle(instrument(), DAY_0_NS)
    venue.handle(bar(0, PRICES), DAY_0_NS + NS_PER_DAY)
    events = [_pair(number) for number in range(orders)]
    before = venue.book.cash
    started_s = time.process_time()
    for submit, following, at_ns in events:
        venue.handle(submit, at_ns)
        venue.handle(following, at_ns)
    cpu_s = time.process_time() - started_s
    assert before - venue.book.cash == 100 * orders, "every order was filled once, at the open"
    return PaperRate(orders, cpu_s)


def _pair(number: int) -> tuple[Event, Event, int]:
    at_ns = DAY_0_NS + (number + 1) * NS_PER_DAY
    order = specification(f"bench-{number}", client_order_id=f"bench-{number}", quantity=Decimal(1))
    request = SubmitOrder(
        session=SESSION, specification=order, caused_at_ns=at_ns, risk_increasing=True
    )
    return Called(f"call-{number}", request), bar(number + 1, PRICES), at_ns
