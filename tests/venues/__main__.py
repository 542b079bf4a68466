"""`python -m tests.venues [--port N]`: run the test venue by hand, until it is interrupted.

It plays a bar a minute of each symbol around a fixed price, so that something happens.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from typing import TYPE_CHECKING

from tests.venues.environment import variables_of
from tests.venues.exchange.tape import NS_PER_MINUTE, PublishedBar
from tests.venues.server import TestVenue

if TYPE_CHECKING:
    from decimal import Decimal

START = {"BTC": 60_000.0, "ETH": 3_000.0, "AAPL": 200.0, "SPY": 600.0}


def main() -> None:
    """Start the venue, print what to export, and play bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two bars")
    asked = parser.parse_args()
    with TestVenue(port=asked.port) as venue:
        for name, value in variables_of(venue).items():
            print(f"export {name}={value}")
        print(
            f"# faults: curl -X POST {venue.http}/venue/faults -d '{{\"answers_lost\": 1}}'",
            flush=True,
        )
        stop = threading.Event()
        try:
            _play(venue, stop, asked.every)
        except KeyboardInterrupt:
            stop.set()


def _play(venue: TestVenue, stop: threading.Event, every_s: float) -> None:
    drawn = random.Random(1)
    prices = dict(START)
    while not stop.wait(every_s):
        for venue_name, exchange in venue.exchanges.items():
            for symbol, market in exchange.markets.items():
                base = market.listing.base
                if base not in prices:
                    continue
                first = prices[base]
                last = prices[base] = first * (1 + drawn.gauss(0, 0.001))
                _bar(venue, (venue_name, symbol), (first, last), market.listing.tick)


def _bar(
    venue: TestVenue, place: tuple[str, str], ends: tuple[float, float], tick: Decimal
) -> None:
    venue_name, symbol = place
    first, last = (_on_grid(each, tick) for each in ends)
    start_ns = time.time_ns() // NS_PER_MINUTE * NS_PER_MINUTE - NS_PER_MINUTE
    extremes = (str(max(first, last)), str(min(first, last)))
    bar = PublishedBar.of(symbol, start_ns, (str(first), *extremes, str(last)), "10")
    exchange = venue.exchanges[venue_name]
    exchange.quote(symbol, [(str(last - tick), "50")], [(str(last + tick), "50")])
    venue.publish(venue_name, bar)


def _on_grid(price: float, tick: Decimal) -> Decimal:
    return round(price / float(tick)) * tick


if __name__ == "__main__":
    main()
