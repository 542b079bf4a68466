"""What a client asks for, and what became of it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)
MULTI_LEG = "mleg"
"""The class of an order of several legs, and of each of its legs."""


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """1 for a purchase, −1 for a sale."""
        return 1 if self is Side.BUY else -1


class Kind(StrEnum):
    """Order types."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class Force(StrEnum):
    """Times in force."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class Status(StrEnum):
    """States of an order. ``HELD`` waits for its parent."""

    HELD = "held"
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REPLACED = "replaced"


OPEN = frozenset({Status.HELD, Status.NEW, Status.PARTIALLY_FILLED})


class Refused(Exception):
    """The venue refuses a request: a stable code of this venue's own and a sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Ticket:
    """An order as a client asks for it."""

    symbol: str
    side: Side
    quantity: Decimal
    kind: Kind = Kind.MARKET
    force: Force = Force.GTC
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_amount: Decimal | None = None
    trail_percent: Decimal | None = None
    client_order_id: str = ""
    post_only: bool = False
    reduce_only: bool = False
    extended_hours: bool = False
    intent: str = ""
    # Of a leg: how many of it are in one structure.
    ratio: Decimal | None = None


@dataclass(frozen=True)
class Execution:
    """One execution of an order."""

    execution_id: str
    # Counts the executions of the whole exchange, from 1.
    number: int
    price: Decimal
    quantity: Decimal
    # Quantity of the order that is executed when this execution is counted.
    cumulative: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    at_ns: int
    # What is held of the symbol after it.
    position: Decimal


@dataclass
class Order:
    """An order that the venue has taken or refused."""

    ticket: Ticket
    order_id: str
    # Counts the orders of the exchange, from 1.
    number: int
    created_at_ns: int
    status: Status = Status.NEW
    updated_at_ns: int = 0
    ended_at_ns: int = 0
    filled: Decimal = ZERO
    value: Decimal = ZERO
    executions: list[Execution] = field(default_factory=list)
    reason: str = ""
    replaces: str = ""
    replaced_by: str = ""
    # Set when a stop was touched, or from the start for what is no stop.
    triggered: bool = True
    # The stop's price now; a trailing stop moves it.
    stop_now: Decimal | None = None
    # The best price since a trailing stop was placed.
    extreme: Decimal | None = None
    order_class: str = ""
    legs: list[Order] = field(default_factory=list)
    # Of a leg: the order of several legs that it is part of.
    parent_id: str = ""
    # Orders of which only one may fill.
    rivals: list[Order] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it may still be executed."""
        return self.status in OPEN

    @property
    def remaining(self) -> Decimal:
        """Return what is not executed yet."""
        return self.ticket.quantity - self.filled

    @property
    def average_price(self) -> Decimal | None:
        """Return the mean price of the executions so far."""
        return self.value / self.filled if self.filled else None

    def seen_now(self) -> Order:
        """Return the order as it is at this moment, for those who read it later."""
        seen = copy(self)
        seen.executions = list(self.executions)
        seen.legs = [leg.seen_now() for leg in self.legs]
        return seen


@dataclass(frozen=True)
class Update:
    """Something happened to an order: ``what`` is Alpaca's word for it."""

    what: str
    order: Order
    at_ns: int
    # Counts the updates of the exchange, from 1.
    number: int
    execution: Execution | None = None
