"""The committed examples trade at a venue outside, through its real client, until they are killed.

Each starts a whole instance by the command line, which takes longer than 5 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from tests.instances import eventually
from tests.venues.server import TestVenue

from .trading_at import last_minute_ns, play_the_past, publish, trading_at

if TYPE_CHECKING:
    from tidegate_chassis.testing.collector import CollectedSpan, SpanCollector

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(300)]
PATIENT = "limits.signal_age_max_s=70"
"""A bar is published at any second of a minute, so its signal may be that old."""
WAYS = [
    (
        "market-data publish Bar",
        "signals handle Bar",
        "risk handle Signal",
        "execution handle Verdict",
        f"execution handle {heard}",
        "portfolio handle Fill",
    )
    for heard in ("Called", "Replied")
]
"""A fill is heard of from the private stream, or found by asking: whichever comes first."""


def way_to(span: CollectedSpan, by_id: dict[str, CollectedSpan]) -> tuple[str, ...]:
    """Return the names of the spans that led to one, from the first on; empty if one is missing."""
    way = [span.name]
    while span.parent_span_id:
        parent = by_id.get(span.parent_span_id)
        if parent is None:
            return ()
        span = parent
        way.append(span.name)
    return tuple(reversed(way))


@dataclass(frozen=True)
class Story:
    """One committed example, and what the test venue calls the things in it."""

    example: str
    session: str
    # The exchange there, and the symbols there and here.
    place: str
    listed: str
    symbol: str


STORIES = (
    Story("alpaca-paper.yaml", "alpaca-paper", "alpaca", "BTC/USD", "BTC/USD"),
    Story("binance-testnet.yaml", "binance-testnet", "usdm", "BTCUSDT", "BTC/USDT:USDT"),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.session)
def test_a_bar_becomes_an_order_a_booked_fill_and_one_trace(story: Story) -> None:
    """From the venue's stream into its book and back into the ledger; a kill leaves none open."""
    with TestVenue() as venue:
        exchange = venue.exchanges[story.place]
        play_the_past(venue, story.place, {story.listed: 60_000})
        patient = f"sessions.{story.session}.{PATIENT}"
        with trading_at(venue, story.example, patient) as running:
            publish(venue, story.place, (story.listed, last_minute_ns()), 60_300)
            eventually(lambda: exchange.account.positions, "a position at the venue")
            booked = eventually(
                lambda: running.get("portfolio", "/v1/positions")["positions"], "a booked position"
            )

            def agrees() -> bool:
                held = exchange.account.positions[story.listed].quantity
                found = running.get("portfolio", "/v1/positions")["positions"]
                pairs = [(each["symbol"], Decimal(each["quantity"])) for each in found]
                return pairs == [(story.symbol, held)]

            assert booked
            eventually(agrees, "the ledger to hold what the venue does")
            eventually(lambda: is_traced(running.collector), "one trace from the bar to the ledger")
            killed = running.tidegate("kill", "--reason", "end of the test")
            assert killed["killed"]
            assert exchange.open_orders() == []
            written = running.written()
            assert venue.keys.key not in written
            assert venue.keys.secret not in written


def test_a_kill_cancels_what_waits_at_the_venue() -> None:
    """A market order that finds nobody to sell waits in Alpaca's book until it is killed."""
    with TestVenue() as venue:
        play_the_past(venue, "alpaca", {"ETH/USD": 3_000})
        with trading_at(venue, "alpaca-paper.yaml", f"sessions.alpaca-paper.{PATIENT}") as running:
            venue.alpaca.quote("ETH/USD", [("3000", "9")], [])
            publish(venue, "alpaca", ("ETH/USD", last_minute_ns()), 3_025)
            eventually(venue.alpaca.open_orders, "an order that waits at the venue")
            assert running.tidegate("kill", "--reason", "end of the test")["killed"]
            assert venue.alpaca.open_orders() == []


def is_traced(collector: SpanCollector) -> bool:
    """Tell whether one trace leads from a bar to the ledger."""
    by_id = {span.span_id: span for span in collector.spans}
    return any(way_to(span, by_id) in WAYS for span in by_id.values())


def test_an_option_is_bought_and_sold_by_hand() -> None:
    """Its Greeks come from the venue, risk's rules about options pass it, a contract is 100."""
    call, session = "AAPL271217C00200000", "sessions.alpaca-paper"
    with TestVenue() as venue:
        venue.alpaca.open_always = True
        play_the_past(venue, "alpaca", {"AAPL": 210, call: 15})
        overrides = (f"symbols=[AAPL, {call}]", "limits.price_age_max_bars=1000")
        flags = [f"{session}.{each}" for each in overrides]
        with trading_at(venue, "alpaca-paper.yaml", *flags) as running:

            def listed() -> bool:
                found = running.get("market-data", "/v1/instruments")["instruments"]
                return call in [each["symbol"] for each in found]

            eventually(listed, "the option among the instruments")

            def booked() -> list[tuple[str, Decimal]]:
                found = running.get("portfolio", "/v1/positions")["positions"]
                return [(each["symbol"], Decimal(each["quantity"])) for each in found]

            running.tidegate("order", "place", call, "buy", "200", "--reason", "test")
            eventually(lambda: booked() == [(call, Decimal(200))], "two contracts in the ledger")
            assert venue.alpaca.account.positions[call].quantity == 2
            running.tidegate("order", "place", call, "sell", "100", "--reason", "half off")
            eventually(lambda: booked() == [(call, Decimal(100))], "one contract in the ledger")
            intents = [each.ticket.intent for each in venue.alpaca.orders.values()]
            assert intents == ["buy_to_open", "sell_to_close"]
