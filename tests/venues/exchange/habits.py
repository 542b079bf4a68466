"""How one venue differs from another."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto


class Identifiers(Enum):
    """For how long a client order id is taken."""

    FOR_EVER = auto()
    AMONG_OPEN = auto()


class Settlement(Enum):
    """What an execution moves."""

    # Two balances: base and quote asset.
    SPOT = auto()
    # Money against a position; what is sold short is a negative position.
    POSITION = auto()
    # A margined contract: the wallet moves by profits and fees only.
    CONTRACT = auto()


@dataclass(frozen=True)
class Habits:
    """One venue's rules."""

    identifiers: Identifiers
    settlement: Settlement
    maker_fee_bps: Decimal = Decimal(0)
    taker_fee_bps: Decimal = Decimal(0)
    # True: a purchase pays its fee in what it buys. False: always in the quote currency.
    fee_in_credited_asset: bool = False
    # True: a stop that the last price touches already is refused. False: it is executed.
    stops_must_wait: bool = False
    # What pays fees instead as long as some of it is there, at so much quote currency apiece.
    fee_coin: str = ""
    fee_coin_price: Decimal = Decimal(1)
    # Fees are kept to so many decimal places.
    fee_places: int = 8
    # True: what a market order finds no liquidity for waits. False: it expires.
    market_orders_wait: bool = True
    # What a contract of an option costs, and a sold one besides.
    fee_per_contract: Decimal = Decimal(0)
    fee_per_contract_sold: Decimal = Decimal(0)
    # What an order makes is dated so long after its arrival at least: people and networks are slow.
    rests_at_least_ns: int = 0


ALPACA = Habits(
    Identifiers.FOR_EVER,
    Settlement.POSITION,
    maker_fee_bps=Decimal(15),
    taker_fee_bps=Decimal(25),
    fee_in_credited_asset=True,
    fee_places=9,
    rests_at_least_ns=25_000_000,
    fee_per_contract=Decimal("0.04685"),
    fee_per_contract_sold=Decimal("0.00279"),
)
BINANCE_SPOT = Habits(
    Identifiers.AMONG_OPEN,
    Settlement.SPOT,
    maker_fee_bps=Decimal(10),
    taker_fee_bps=Decimal(10),
    fee_in_credited_asset=True,
    stops_must_wait=True,
    fee_coin="BNB",
    fee_coin_price=Decimal(600),
    market_orders_wait=False,
)
BINANCE_USDM = Habits(
    Identifiers.AMONG_OPEN,
    Settlement.CONTRACT,
    maker_fee_bps=Decimal(2),
    taker_fee_bps=Decimal(5),
    market_orders_wait=False,
)
