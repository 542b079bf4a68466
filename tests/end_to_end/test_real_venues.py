"""The committed examples trade at a venue outside, through its real client, until they are killed.

Each starts a whole instance by the command line, which takes longer than 5 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.instances import eventually
from tests.venues.exchange.orders import Order
from tests.venues.server import TestVenue

from .trading_at import last_minute_ns, play_the_past, publish, trading_at

if TYPE_CHECKING:
    from tidegate_chassis.testing.collector import CollectedSpan

pytestmark = [pytest.mark.real, pytest.mark.end_to_end, pytest.mark.timeout(300)]
PATIENT = "limits.signal_age_max_s=70"
"""A bar is published at any second of a minute, so its signal may be that old."""
WAY = (
    "market-data publish Bar",
    "signals handle Bar",
    "risk handle Signal",
    "execution handle Verdict",
    "execution handle Called",
    "portfolio handle Fill",
)


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


def open_orders(venue: TestVenue, place: str) -> list[Order]:
    """Return what is open in the venue's book."""
    return venue.exchanges[place].open_orders()


def test_a_bar_of_alpaca_becomes_an_order_a_booked_fill_and_one_trace() -> None:
    """From its stream into its book and back into the ledger; the kill leaves its book empty."""
    with TestVenue() as venue:
        play_the_past(venue, "alpaca", {"BTC/USD": 60_000, "ETH/USD": 3_000})
        with trading_at(venue, "alpaca-paper.yaml", f"sessions.alpaca-paper.{PATIENT}") as running:
            publish(venue, "alpaca", ("BTC/USD", last_minute_ns()), 60_300)
            eventually(lambda: venue.alpaca.account.positions, "a position at the venue")
            booked = eventually(
                lambda: running.get("portfolio", "/v1/positions")["positions"], "a booked position"
            )
            held = venue.alpaca.account.positions["BTC/USD"].quantity
            assert [(each["symbol"], each["quantity"]) for each in booked] == [
                ("BTC/USD", str(held.normalize()))
            ]

            def traced() -> bool:
                by_id = {span.span_id: span for span in running.collector.spans}
                return any(way_to(span, by_id) == WAY for span in by_id.values())

            eventually(traced, "one trace from the bar to the ledger")
            venue.alpaca.quote("ETH/USD", [("3000", "9")], [])
            publish(venue, "alpaca", ("ETH/USD", last_minute_ns()), 3_060)
            eventually(lambda: open_orders(venue, "alpaca"), "an order that waits at the venue")
            killed = running.tidegate("kill", "--reason", "end of the test")
            assert killed["killed"]
            assert open_orders(venue, "alpaca") == []
            written = running.written()
            assert venue.keys.key not in written
            assert venue.keys.secret not in written
