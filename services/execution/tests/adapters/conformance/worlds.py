"""The other side: what a test does at a venue, in the same words for every kind.

A market in one symbol: 9 are bid at 100, 1 is offered at 101 and 9 at 102. The account holds
100,000 and nothing else.
"""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

import msgspec
from tests.venues.exchange.hours import Hours
from tests.venues.exchange.orders import Kind, Order, Side, Ticket
from tests.venues.server import TestVenue

from tidegate_chassis.venues.budget import Budget
from tidegate_contracts.execution import (
    OrderSpecification,
    OrderType,
    Side as OrderSide,
    SubmitOrder,
    TimeInForce,
    VenueReport,
)
from tidegate_contracts.market import Bar, OpenInterval
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import MatchingRules
from tidegate_execution.testing import FEED, venue_parameters
from tidegate_kernel.machine import Answer, Called, Effect, Publish
from tidegate_kernel.money import ZERO
from tidegate_kernel.time import NS_PER_SECOND

from .places import LOT_SIZE, PRICE_SCALE, SIZE_SCALE, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidegate_kernel.machine import Body

Execution = tuple[Decimal, Decimal]
"""Price and quantity."""


class World(Protocol):
    """A venue, from outside."""

    def goes_on(self, price: str = "", quantity: str = "9") -> None:
        """Let the market go on: trade at a price that stops look at, with so much on offer."""
        ...

    def offers(self, price: str) -> None:
        """Offer 9 at a price."""
        ...

    def turns(self, hours: Hours) -> None:
        """Let other hours of the trading day begin."""
        ...

    def executions(self) -> list[Execution]:
        """Return all executions, sorted."""
        ...

    def held(self) -> Decimal:
        """Return what the account holds."""
        ...

    def taken(self) -> int:
        """Return how many orders were ever taken."""
        ...

    def open_orders(self) -> int:
        """Return how many orders are open."""
        ...

    def go_mute(self) -> None:
        """Say nothing by itself any more."""
        ...

    def lose_answer(self) -> None:
        """Carry the next order out, and do not say so, neither now nor later."""
        ...

    def lose_request(self) -> None:
        """Do not carry the next order out, and do not say so."""
        ...

    def somebody_orders(self) -> None:
        """Let an order rest that is nobody's here."""
        ...


class RealWorld:
    """The test venue, behind a real client."""

    def __init__(self, place: Place, venue: TestVenue) -> None:
        self.place = place
        self.venue = venue
        self.exchange = venue.exchanges[place.exchange]
        self.algo = venue.usdm_algo if place.exchange == "usdm" else None
        self.exchange.quote(place.listed, [("100", "9")], [("101", "1"), ("102", "9")])

    def goes_on(self, price: str = "", quantity: str = "9") -> None:
        """Trade at a price; nobody has to wait for anything else here."""
        del quantity
        if price:
            self.exchange.trade(self.place.listed, price)

    def offers(self, price: str) -> None:
        """Offer 9 at a price."""
        self.exchange.quote(self.place.listed, [("100", "9")], [(price, "9")])

    def turns(self, hours: Hours) -> None:
        """Let other hours of the trading day begin."""
        self.exchange.turn(hours)

    def executions(self) -> list[Execution]:
        """Return all executions, sorted."""
        units = self.place.units
        return sorted((each.price, each.quantity * units) for _, each in self.exchange.executions)

    def held(self) -> Decimal:
        """Return what the account holds."""
        listing = self.exchange.market(self.place.listed).listing
        return self.exchange.account.held(listing) * self.place.units

    def taken(self) -> int:
        """Return how many orders were ever taken."""
        never = [] if self.algo is None else [e for e in self.algo.orders if e.became is None]
        return len(_whole(self.exchange.orders.values())) + len(never)

    def open_orders(self) -> int:
        """Return how many orders are open."""
        waiting = [] if self.algo is None else self.algo.waiting()
        return len(_whole(self.exchange.open_orders())) + len(waiting)

    def go_mute(self) -> None:
        """Say nothing by itself any more."""
        self.venue.plan.set(streams_mute=True)

    def lose_answer(self) -> None:
        """Carry the next order out, and answer 504."""
        self.venue.plan.set(answers_lost=1, only=self.place.posts, streams_mute=True)

    def lose_request(self) -> None:
        """Answer the next order 504."""
        self.venue.plan.set(requests_lost=1, only=self.place.posts)

    def somebody_orders(self) -> None:
        """Let an order rest that is nobody's here."""
        listed, price = self.place.listed, Decimal(90)
        self.exchange.submit(
            Ticket(
                listed,
                Side.BUY,
                Decimal(1),
                kind=Kind.LIMIT,
                limit_price=price,
                client_order_id="a-person",
            )
        )


def _whole(orders: Iterable[Order]) -> list[Order]:
    """Return the orders that are not the leg of another."""
    return [each for each in orders if not each.parent_id]


class LostOnTheWay(Exception):
    """The paper venue's port ended without an answer."""


class PaperWorld:
    """The venue inside, as its own machine; also the `RealVenue` that the host talks to."""

    repeat_safe = False
    first_price = "100.5"

    def __init__(self, place: Place) -> None:
        self.place = place
        rules = MatchingRules(volume_share=Decimal(1))
        self.machine = PaperVenueMachine.restore(venue_parameters(rules=rules), None)
        self._tell: Callable[[VenueReport, str], None] = lambda _report, _key: None
        self._mute = False
        self._losing = ""
        self._calls = 0
        self._executed: dict[str, Execution] = {}
        self._heard: dict[str, None] = {}
        for listed in place.instruments():
            self._handle(listed)
        self.goes_on(self.first_price)

    # --- what the host sees -----------------------------------------------------------------

    @property
    def port(self) -> PaperWorld:
        """Where requests go."""
        return self

    @property
    def budget(self) -> Budget:
        """It has none to keep."""
        return Budget("paper", (), problem="")

    async def open(self) -> None:
        """It is ready."""

    def follow(
        self, tell: Callable[[VenueReport, str], None], ask_again: Callable[[str], None]
    ) -> None:
        """Tell what happens by itself."""
        self._tell = tell
        ask_again("it listens")

    async def watch(self) -> None:
        """For ever: nothing can be mute here."""
        await asyncio.Event().wait()

    def close(self) -> None:
        """Nothing is held."""

    async def call(self, request: Body, request_id: str) -> Body:
        """Take a request; raises `LostOnTheWay` where a test has asked for it."""
        del request_id
        await asyncio.sleep(0)
        losing = ""
        if isinstance(request, SubmitOrder):
            losing, self._losing = self._losing, ""
        if losing == "request":
            raise LostOnTheWay
        answer = self._called(request)
        if losing == "answer":
            raise LostOnTheWay
        return answer

    # --- what a test does -------------------------------------------------------------------

    def goes_on(self, price: str = "", quantity: str = "9") -> None:
        """Let a second's bar pass: it opens at the price, or where it was, with so much volume."""
        self._bar(self.place.symbol, Decimal(price or "101"), Decimal(quantity), time.time_ns())

    def _bar(self, symbol: str, price: Decimal, volume: Decimal, start_ns: int) -> None:
        scaled = int(price * 10**PRICE_SCALE)
        spread = 10**PRICE_SCALE // 2
        bar = Bar(
            feed=FEED,
            venue=self.place.name,
            symbol=symbol,
            timeframe_ns=NS_PER_SECOND,
            start_ns=start_ns,
            end_ns=start_ns + NS_PER_SECOND,
            open=scaled,
            high=scaled + spread,
            low=scaled - spread,
            close=scaled,
            volume=int(volume * 10**SIZE_SCALE),
        )
        self._handle(bar)

    def offers(self, price: str) -> None:
        """Offer 9 at a price."""
        self.goes_on(price)

    def turns(self, hours: Hours) -> None:
        """List every symbol anew, with hours that hold this moment, or do not."""
        day_ns = 24 * 3_600 * NS_PER_SECOND
        today = OpenInterval(opens_at_ns=1, closes_at_ns=time.time_ns() + day_ns)
        past = OpenInterval(opens_at_ns=1, closes_at_ns=2)
        regular = (today if hours is Hours.REGULAR else past,)
        around = (past if hours is Hours.NIGHT else today,)
        for listed in self.place.instruments():
            changed = {"open_intervals": regular, "extended_intervals": around}
            self._handle(msgspec.structs.replace(listed, **changed))

    def executions(self) -> list[Execution]:
        """Return all executions, sorted."""
        return sorted(self._executed.values())

    def held(self) -> Decimal:
        """Return what the account holds."""
        return self.machine.book.holdings.get(self.place.symbol, ZERO)

    def taken(self) -> int:
        """Return how many orders were ever taken."""
        return self.machine.book.arrivals

    def open_orders(self) -> int:
        """Return how many orders are open."""
        book = self.machine.book
        return sum(len(each) for each in book.resting.values()) + len(book.structures)

    def go_mute(self) -> None:
        """Say nothing by itself any more."""
        self._mute = True

    def lose_answer(self) -> None:
        """Carry the next order out, and do not say so."""
        self._losing, self._mute = "answer", True

    def lose_request(self) -> None:
        """Do not carry the next order out."""
        self._losing = "request"

    def somebody_orders(self) -> None:
        """Let an order rest that is nobody's here."""
        specification = OrderSpecification(
            client_order_id="a-person",
            venue=self.place.name,
            symbol=self.place.symbol,
            side=OrderSide.BUY,
            order_type=OrderType.LIMIT,
            quantity=LOT_SIZE,
            limit_price=Decimal(90),
            time_in_force=TimeInForce.GTC,
        )
        caused_at_ns = time.time_ns()
        self._called(
            SubmitOrder(session="demo", specification=specification, caused_at_ns=caused_at_ns)
        )

    # --- how it works -----------------------------------------------------------------------

    def _called(self, request: Body) -> Body:
        self._calls += 1
        answers = self._handle(Called(f"call-{self._calls}", request))
        (answer,) = answers
        return answer

    def _handle(self, event: object) -> list[Body]:
        answers: list[Body] = []
        effects: list[Effect] = list(self.machine.handle(event, time.time_ns()))  # type: ignore[arg-type]
        for effect in effects:
            if isinstance(effect, Answer):
                answers.append(effect.body)
            elif isinstance(effect, Publish) and isinstance(effect.body, VenueReport):
                self._report(effect.body)
        return answers

    def _report(self, report: VenueReport) -> None:
        done = report.execution
        if done is not None:
            self._executed[done.execution_id] = (done.price, done.quantity)
        if not self._mute:
            key = done.execution_id if done is not None else report.kind.name
            self._tell(report, f"{report.client_order_id}:{key}")
