"""What an order costs through our ports beyond the bare client: alpaca-py, and ccxt.

Both speak to the test venue on loopback, in turns, so that whatever else the machine does falls on
both. The order is a limit far away, which the venue takes and leaves alone. ccxt's own waiting
between requests is switched off on both sides: it would be all that is measured.
"""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import NS_PER_US, Figure, figure
from tests.venues.clients import binance, trading_client
from tests.venues.environment import variables_of
from tests.venues.server import TestVenue

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.venues.exchanges import Access
from tidegate_contracts.execution import OrderAccepted, OrderType, SubmitOrder
from tidegate_execution.adapters.alpaca.venue import AlpacaVenue
from tidegate_execution.adapters.ccxt.client import client_of
from tidegate_execution.adapters.ccxt.port import CcxtPort
from tidegate_execution.testing import specification

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tidegate_chassis.host.definition import Port

TIMES = 150
ALPACA_SYMBOL, CONTRACT, LISTED = "BTC/USD", "BTC/USDT:USDT", "BTCUSDT"


def measure_calls(times: int = TIMES) -> list[Figure]:
    """Return one figure for each client, beside the bare one."""
    with TestVenue() as venue:
        venue.alpaca.quote(ALPACA_SYMBOL, [("60000", "9")], [("60001", "9")])
        venue.usdm.quote(LISTED, [("60000", "9")], [("60001", "9")])
        return [asyncio.run(_alpaca(venue, times)), asyncio.run(_ccxt(venue, times))]


async def _alpaca(venue: TestVenue, times: int) -> Figure:
    # Importing the clients costs seconds: only who measures them does.
    from alpaca.trading.requests import LimitOrderRequest  # noqa: PLC0415

    bare = trading_client(venue)
    environment = Environment(variables_of(venue), {})
    ours = AlpacaVenue.from_environment("bench", environment, live=False)
    await ours.open()

    def send(number: int) -> object:
        return bare.submit_order(
            LimitOrderRequest(
                symbol=ALPACA_SYMBOL,
                qty=0.01,
                side="buy",
                time_in_force="gtc",
                limit_price=1_000.0,
                client_order_id=f"bare-{number}",
            )
        )

    async def direct(number: int) -> object:
        return send(number)

    try:
        return await _in_turns(
            "venue call: an order through Alpaca's port",
            ("alpaca-py", direct),
            (ours.port, ALPACA_SYMBOL),
            times,
        )
    finally:
        ours.close()


async def _ccxt(venue: TestVenue, times: int) -> Figure:
    bare = binance(venue, contracts=True)
    environment = Environment(variables_of(venue), {})
    made = client_of(Access.from_environment(("binance", "usdm"), environment, testnet=True))
    port = CcxtPort(made, "bench", "binance", contracts=True, symbols=(CONTRACT,))
    for client in (bare, made):
        client.enableRateLimit = False
        await client.load_markets()

    async def direct(number: int) -> object:
        named = {"clientOrderId": f"bare-{number}"}
        return await bare.create_order(CONTRACT, "limit", "buy", 0.01, 1_000.0, named)

    try:
        return await _in_turns(
            "venue call: an order through ccxt's port", ("ccxt", direct), (port, CONTRACT), times
        )
    finally:
        await bare.close()
        await made.close()


async def _in_turns(
    name: str, partner: tuple[str, Any], ours: tuple[Port, str], times: int
) -> Figure:
    """Measure one call of each in turn."""
    port, symbol = ours
    bare_us: list[float] = []
    ours_us: list[float] = []
    for number in range(times + 1):
        request = _order(symbol, f"ours-{number}")
        bare_us.append(await _timed(partner[1](number)))
        started_ns = time.perf_counter_ns()
        answer = await port.call(request, f"r{number}")
        ours_us.append((time.perf_counter_ns() - started_ns) / NS_PER_US)
        assert isinstance(answer, OrderAccepted), answer
    # The first call of each makes its connection.
    return figure(name, ours_us[1:], partner[0], bare_us[1:])


async def _timed(call: Awaitable[object]) -> float:
    started_ns = time.perf_counter_ns()
    await call
    return (time.perf_counter_ns() - started_ns) / NS_PER_US


def _order(symbol: str, name: str) -> SubmitOrder:
    made = specification(
        name,
        client_order_id=name,
        symbol=symbol,
        venue="bench",
        quantity=Decimal("0.01"),
        order_type=OrderType.LIMIT,
        limit_price=Decimal(1_000),
    )
    return SubmitOrder(session="bench", specification=made, caused_at_ns=1, risk_increasing=False)
