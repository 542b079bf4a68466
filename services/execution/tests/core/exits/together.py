"""A session at Alpaca whose entries are sent with their exits, played by hand."""

from __future__ import annotations

from decimal import Decimal

from tidegate_contracts.execution import (
    CancelOrder,
    OrderCommandAnswer,
    OrderSpecification,
    OrderState,
    OrderType,
    ReplaceOrder,
    VenueAccount,
    VenueExecution,
    VenueHolding,
    VenueOrder,
)
from tidegate_execution.core.orders.attached import attached_exits_id
from tidegate_execution.core.orders.order import Order
from tidegate_execution.core.parameters import VenueModel
from tidegate_kernel.machine import Called, Replied
from tidegate_kernel.time import NS_PER_SECOND

from .by_hand import Alpaca, Exit

TOGETHER: dict[str, object] = {"native_entries": "market"}
LATE = VenueModel(
    ids_unique_for_ever=False,
    not_found_conclusive_after_ns=60 * NS_PER_SECOND,
    watched_for_ns=3_600 * NS_PER_SECOND,
)
"""Nothing is sent again, and what is not found after a minute is given up."""


class Together(Alpaca):
    """A session whose entries at the market are sent with their exits."""

    def __init__(self, settings: dict[str, object] | None = None, /, **entered: object) -> None:
        super().__init__({**TOGETHER, **(settings or {})}, **entered)

    @property
    def exits_id(self) -> str:
        """The name of the newest entry's exits."""
        return attached_exits_id(self.entry.client_order_id)

    @property
    def exits(self) -> OrderSpecification:
        """What the newest entry was sent with."""
        assert self.request.exits is not None
        return self.request.exits

    def found(self, order: OrderSpecification) -> Order:
        """Return what is remembered of an order."""
        known = self.machine._state.find(order.client_order_id)
        assert known is not None
        return known

    def accept(self) -> None:
        """Let the venue take the entry."""
        self.sent.append(self.request)
        self.answer()
        self.sent.pop()

    def reply(self, request: object, answer: object) -> None:
        """Answer a request."""
        self.give(Replied("venue", request, answer))  # type: ignore[arg-type]

    def listed(self, *orders: VenueOrder, held: int = 0) -> None:
        """Let the venue say what it holds."""
        holdings = (VenueHolding(symbol="AAPL", quantity=Decimal(held)),) if held else ()
        account = VenueAccount(session="demo", open_orders=orders, holdings=holdings)
        self.reply(self.newest("QueryAccount"), account)

    def newest(self, kind: str) -> object:
        """Return the newest request of a kind."""
        return next(each for each in reversed(self.asked) if type(each).__name__ == kind)

    def command(self, body: CancelOrder | ReplaceOrder) -> OrderCommandAnswer:
        """Give a person's command, and return the answer."""
        answers = self.machine._state.commanded
        call_id = f"c{len(answers)}"
        self.give(Called(call_id, body))
        answer = self.machine._state.commanded[call_id]
        assert isinstance(answer, OrderCommandAnswer)
        return answer


def whole(quantity: int = 10) -> list[Exit]:
    """Return the exits as one order."""
    return [(OrderType.LIMIT, Decimal(110), Decimal(90), Decimal(quantity))]


def venue_order(
    order: OrderSpecification, state: OrderState, *filled: VenueExecution
) -> VenueOrder:
    """Return an order as the venue shows it."""
    return VenueOrder(
        client_order_id=order.client_order_id,
        found=True,
        venue_order_id="v",
        state=state,
        filled_quantity=sum((each.quantity for each in filled), Decimal(0)),
        executions=filled,
        specification=order,
    )


def executed(quantity: int, name: str = "e1") -> VenueExecution:
    """Return an execution."""
    return VenueExecution(execution_id=name, quantity=Decimal(quantity), price=Decimal(100))
