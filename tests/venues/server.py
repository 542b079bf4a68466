"""The test venue: exchanges, their protocol faces and their faults behind one port of loopback."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, Self

import uvicorn
from starlette.applications import Starlette
from tests.venues.administration import Administration
from tests.venues.alpaca.activities import Activities
from tests.venues.alpaca.history import History
from tests.venues.alpaca.market_streams import FEEDS, MarketStreams
from tests.venues.alpaca.trading import Trading
from tests.venues.alpaca.updates import Updates
from tests.venues.binance import market_streams as binance_streams
from tests.venues.binance.algo_endpoints import AlgoEndpoints
from tests.venues.binance.algo_service import AlgoService
from tests.venues.binance.endpoints import Endpoints
from tests.venues.binance.signing import Signing
from tests.venues.binance.user_streams import ContractUserStream, SpotUserStream
from tests.venues.exchange.account import Account
from tests.venues.exchange.bookings import Bookings
from tests.venues.exchange.exchange import Exchange
from tests.venues.exchange.habits import ALPACA, BINANCE_SPOT, BINANCE_USDM, Habits
from tests.venues.exchange.listings import Listing
from tests.venues.exchange.tape import PublishedBar, Tape
from tests.venues.faults import FaultPlan
from tests.venues.faulty import Faulty
from tests.venues.keys import Keys
from tests.venues.streams import Hub

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

START_S = 60.0
CONTRACT = Listing(
    "BTCUSDT",
    "BTC",
    "USDT",
    "perpetual",
    Decimal("0.10"),
    Decimal("0.001"),
    Decimal("0.001"),
    Decimal(5),
    shortable=True,
)
ALPACA_LISTINGS = (
    Listing("BTC/USD", "BTC", "USD"),
    Listing("ETH/USD", "ETH", "USD"),
    Listing("AAPL", "AAPL", "USD", "us_equity", lot=Decimal("0.000001"), shortable=True),
    Listing("SPY", "SPY", "USD", "us_equity", lot=Decimal("0.000001"), shortable=True),
    *(
        Listing(
            symbol,
            symbol,
            "USD",
            "us_option",
            lot=Decimal(1),
            min_quantity=Decimal(1),
            multiplier=Decimal(100),
        )
        for symbol in ("AAPL271217C00200000", "AAPL271217C00210000", "AAPL271217P00190000")
    ),
)


class Face(Protocol):
    """A part of a protocol: it speaks on its routes."""

    def routes(self) -> Sequence[BaseRoute]:
        """Return its endpoints."""
        ...


@dataclass
class TestVenue:
    """One server with everything behind it. Use it as a context, or `start` and `stop` it."""

    __test__ = False

    keys: Keys = field(default_factory=Keys)
    plan: FaultPlan = field(default_factory=FaultPlan)
    port: int = 0

    def __post_init__(self) -> None:
        """Build exchanges and faces; nothing listens yet."""
        self.alpaca = self._exchange("PA0000000001", ALPACA, {"USD": Decimal(100_000)})
        for listing in ALPACA_LISTINGS:
            self.alpaca.list_symbol(listing)
        self.spot = self._exchange(
            "354937868", BINANCE_SPOT, {"USDT": Decimal(100_000), "BTC": Decimal(0)}
        )
        self.spot.list_symbol(Listing("BTCUSDT", "BTC", "USDT"))
        self.spot.list_symbol(Listing("ETHUSDT", "ETH", "USDT"))
        self.spot.list_symbol(Listing("BNBUSDT", "BNB", "USDT", lot=Decimal("0.001")))
        self.usdm = self._exchange("354937868", BINANCE_USDM, {"USDT": Decimal(100_000)})
        self.usdm.list_symbol(CONTRACT)
        self.usdm_algo = AlgoService(self.usdm)
        self.exchanges = {"alpaca": self.alpaca, "spot": self.spot, "usdm": self.usdm}
        self.tapes = {name: Tape() for name in self.exchanges}
        self.bookings = {
            name: Bookings(exchange, "USD" if name == "alpaca" else "USDT")
            for name, exchange in self.exchanges.items()
        }
        tape = self.tapes["alpaca"]
        self.updates = Hub(self.plan, suffers=True)
        self.feeds = {path: Hub(self.plan) for path in FEEDS}
        self.trading = Trading(self.alpaca, self.keys, Activities(self.bookings["alpaca"]))
        faces: tuple[Face, ...] = (
            self.trading,
            Updates(self.alpaca, self.keys, self.updates),
            History(self.alpaca, tape),
            MarketStreams(self.alpaca, tape, self.keys, self.feeds),
            *self._binance(),
            Administration(self),
        )
        self.routes: list[BaseRoute] = [route for face in faces for route in face.routes()]
        self.faulty = Faulty(Starlette(routes=self.routes), self.plan)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def _binance(self) -> tuple[Face, ...]:
        signing = Signing(self.keys, self.now_ns)
        spot, usdm = self.tapes["spot"], self.tapes["usdm"]
        self.spot_streams, self.usdm_streams = Hub(self.plan), Hub(self.plan)
        self.spot_user, self.usdm_user = Hub(self.plan, suffers=True), Hub(self.plan, suffers=True)
        return (
            Endpoints(self.spot, spot, signing, self.bookings["spot"], contracts=False),
            Endpoints(self.usdm, usdm, signing, self.bookings["usdm"], contracts=True),
            binance_streams.MarketStreams(
                self.spot, spot, self.spot_streams, ("/ws",), contracts=False
            ),
            binance_streams.MarketStreams(
                self.usdm, usdm, self.usdm_streams, ("/public/ws", "/market/ws"), contracts=True
            ),
            SpotUserStream(self.spot, signing, self.spot_user),
            AlgoEndpoints(self.usdm_algo, signing),
            ContractUserStream(self.usdm, self.usdm_algo, signing, self.usdm_user),
        )

    def _exchange(self, account: str, habits: Habits, balances: dict[str, Decimal]) -> Exchange:
        return Exchange(
            habits,
            Account(account, habits, balances),
            clock=self.now_ns,
            fill_share=self._fill_share,
            refusal=self._refusal,
        )

    def now_ns(self) -> int:
        """Return the venue's time, which may be skewed."""
        return time.time_ns() + self.plan.faults.clock_skew_ms * 1_000_000

    def _fill_share(self) -> Decimal | None:
        share = self.plan.faults.fill_share
        return Decimal(share) if share else None

    def _refusal(self) -> tuple[str, str] | None:
        faults = self.plan.faults
        if self.plan.strikes("refused", faults.only):
            return faults.refusal_code, faults.refusal_reason
        return None

    @property
    def hubs(self) -> list[Hub]:
        """Every hub of streams."""
        binance = [self.spot_streams, self.usdm_streams, self.spot_user, self.usdm_user]
        return [self.updates, *self.feeds.values(), *binance]

    @property
    def requests(self) -> list[str]:
        """Every request that came, as "METHOD /path"."""
        return self.faulty.requests

    @property
    def http(self) -> str:
        """Where REST is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        """Where streams are served."""
        return f"ws://127.0.0.1:{self.port}"

    def publish(self, venue: str, bar: PublishedBar, *, silent: bool = False) -> None:
        """Publish a bar; a silent one is only in the history."""
        self.tapes[venue].bar(bar, silent=silent)

    def drop_streams(self) -> None:
        """Cut every stream now."""
        for hub in self.hubs:
            hub.drop()

    def start(self) -> Self:
        """Listen on loopback; returns when it answers."""
        config = uvicorn.Config(
            self.faulty,
            host="127.0.0.1",
            port=self.port,
            log_level="warning",
            ws="websockets-sansio",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="test venue", daemon=True)
        self._thread.start()
        until_s = time.monotonic() + START_S
        while not self._server.started:
            if time.monotonic() > until_s or not self._thread.is_alive():
                raise RuntimeError(f"expected the test venue to listen within {START_S:.0f} s")
            time.sleep(0.005)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        """Stop listening and forget every connection."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(START_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
