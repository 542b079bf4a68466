"""The kinds of venues that the suite is played at, and what each calls the same things."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from tidegate_chassis.configuration.models import Session
from tidegate_contracts.execution import OrderLeg, OrderType, Side, TimeInForce
from tidegate_contracts.market import AssetClass, Instrument
from tidegate_execution.core.capabilities import (
    ORDER_TYPES,
    POST_ONLY,
    TIMES_IN_FORCE,
    VenueKind,
    Way,
)
from tidegate_execution.testing import instrument

LOT_SIZE = Decimal("0.00001")
PRICE_SCALE = 2
SIZE_SCALE = 5
CAPITAL = 100_000


@dataclass(frozen=True)
class Place:
    """A kind of venue, and what the test venue calls the same things."""

    kind: VenueKind
    # The venue's and the symbol's names here, and the symbol's and the exchange's there.
    name: str
    symbol: str
    listed: str = ""
    exchange: str = ""
    posts: str = ""
    ids_unique_for_ever: bool = True
    shortable: bool = False
    # How many units the venue's one of it is: tests speak of 1 or 2 of them.
    units: Decimal = Decimal(1)
    lot_size: Decimal = LOT_SIZE
    asset_class: AssetClass = AssetClass.CRYPTO
    # How long an order lives, unless a test says it.
    force: TimeInForce = TimeInForce.GTC
    # Of a place where structures are traded: what one of them is.
    legs: tuple[OrderLeg, ...] = ()
    # What is placed when an entry fills.
    protective_exits: str = "none"
    # Which entries are sent with their exits.
    native_entries: str = "never"

    @property
    def is_real(self) -> bool:
        """Whether a real client speaks with it."""
        return self.kind is not VenueKind.PAPER

    @property
    def settings(self) -> str:
        """What a session's settings call the kind: `paper`, `alpaca` or `ccxt`."""
        return self.kind.value.partition("-")[0]

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded."""
        return tuple(leg.symbol for leg in self.legs) or (self.symbol,)

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what is traded."""
        return tuple(map(self._instrument, self.symbols))

    def _instrument(self, symbol: str) -> Instrument:
        return instrument(
            symbol,
            venue=self.name,
            lot_size=self.lot_size,
            min_quantity=self.lot_size,
            size_scale=SIZE_SCALE,
            price_scale=PRICE_SCALE,
            asset_class=self.asset_class,
            shortable=self.shortable,
        )

    def session(self) -> Session:
        """Return a session that trades at the real one."""
        market = "spot" if self.kind is VenueKind.CCXT_SPOT else "usdm"
        ccxt = {"kind": "ccxt", "exchange": "binance", "market": market, "testnet": True}
        document = {
            "name": "demo",
            "clock": "wall",
            "capital": {"amount": str(CAPITAL)},
            "symbols": list(self.symbols),
            "feed": ccxt if self.settings == "ccxt" else {"kind": "alpaca"},
            "venue": {"kind": self.settings},
            "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
        }
        return Session.model_validate(document)

    def carries_out(self, kind: OrderType) -> bool:
        """Tell whether the venue itself carries out an order of this type."""
        return ORDER_TYPES[kind][self.kind] is Way.NATIVE

    def takes(self, force: TimeInForce) -> bool:
        """Tell whether an order may live so long here."""
        return TIMES_IN_FORCE[force][self.kind] is not Way.REFUSED

    def rests_only(self) -> bool:
        """Tell whether the venue itself keeps a post-only order from taking."""
        return POST_ONLY[self.kind] is Way.NATIVE


PAPER = Place(VenueKind.PAPER, "paper", "BTC/USD", shortable=True)
CRYPTO = Place(VenueKind.ALPACA_CRYPTO, "alpaca", "BTC/USD", "BTC/USD", "alpaca", "POST /v2/orders")
EQUITIES = Place(
    VenueKind.ALPACA_EQUITIES,
    "alpaca",
    "AAPL",
    "AAPL",
    "alpaca",
    "POST /v2/orders",
    shortable=True,
)
OPTIONS = Place(
    VenueKind.ALPACA_OPTIONS,
    "alpaca",
    "AAPL271217C00200000",
    "AAPL271217C00200000",
    "alpaca",
    "POST /v2/orders",
    units=Decimal(100),
    lot_size=Decimal(100),
    asset_class=AssetClass.OPTION,
    force=TimeInForce.DAY,
)
SPOT = Place(
    VenueKind.CCXT_SPOT,
    "binance",
    "BTC/USDT",
    "BTCUSDT",
    "spot",
    "POST /api/v3/order",
    ids_unique_for_ever=False,
)
CONTRACTS = Place(
    VenueKind.CCXT_BINANCE_USDM,
    "binance",
    "BTC/USDT:USDT",
    "BTCUSDT",
    "usdm",
    "POST /fapi/v1/order",
    ids_unique_for_ever=False,
    shortable=True,
)
SPREAD = (
    OrderLeg(symbol="AAPL271217C00200000", side=Side.BUY, ratio=1),
    OrderLeg(symbol="AAPL271217C00210000", side=Side.SELL, ratio=1),
)
PAPER_SPREADS = replace(
    PAPER,
    symbol=SPREAD[0].symbol,
    shortable=False,
    units=OPTIONS.units,
    lot_size=OPTIONS.lot_size,
    asset_class=AssetClass.OPTION,
    force=TimeInForce.DAY,
    legs=SPREAD,
)
SPREADS = replace(OPTIONS, legs=SPREAD)
PAPER_EXITS = replace(PAPER, protective_exits="bracket")
EXITS = replace(EQUITIES, protective_exits="bracket")
CONTRACTS_EXITS = replace(CONTRACTS, protective_exits="bracket")
NATIVE = replace(EXITS, native_entries="market")
PLACES = (PAPER, CRYPTO, OPTIONS, SPOT, CONTRACTS)
REAL = PLACES[1:]
