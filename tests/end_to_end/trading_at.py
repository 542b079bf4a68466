"""`tidegate up` with a committed example against the test venue, as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.instances.instance import OF_OTHERS
from tests.venues.environment import variables_of
from tests.venues.exchange.tape import NS_PER_MINUTE, PublishedBar
from tests.venues.server import TestVenue

from tidegate_chassis.testing import server_folder
from tidegate_chassis.testing.collector import SpanCollector
from tidegate_cli.client import Services
from tidegate_cli.instances import MAIN, InstanceRecord, record_path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAST_BARS = 40


@dataclass(frozen=True)
class Running:
    """An instance at the test venue, and what was seen of it."""

    venue: TestVenue
    collector: SpanCollector
    folder: Path
    variables: dict[str, str]

    def tidegate(self, *arguments: str, ends_with: int = 0) -> dict[str, Any]:
        """Say something to the command line, and return its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "tidegate_cli", "--json", *arguments],
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == ends_with, (arguments, done.returncode, done.stdout, done.stderr)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def get(self, service: str, path: str, **parameters: object) -> dict[str, Any]:
        """Ask a service."""
        record = InstanceRecord.read(record_path(self.folder, MAIN))
        assert record is not None
        with Services(record) as services:
            return services.get(service, path, **parameters)

    def written(self) -> str:
        """Return everything that it has written into files of text, logs first."""
        files = [*self.folder.glob("logs/**/*"), *self.folder.glob("run/*")]
        return "\n".join(each.read_text(errors="replace") for each in files if each.is_file())


@contextmanager
def trading_at(venue: TestVenue, example: str, *overrides: str) -> Iterator[Running]:
    """Start an example against a venue; it is ended as `tidegate down` does."""
    with SpanCollector() as collector, server_folder() as folder:
        kept = {name: value for name, value in os.environ.items() if name not in OF_OTHERS}
        variables = {
            **kept,
            **variables_of(venue),
            "TIDEGATE_HOME": str(folder),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        }
        running = Running(venue, collector, folder, variables)
        flags = [part for each in overrides for part in ("--set", each)]
        running.tidegate("up", "--config", str(EXAMPLES / example), *flags)
        try:
            yield running
        finally:
            running.tidegate("down")


def play_the_past(venue: TestVenue, place: str, prices: dict[str, int]) -> None:
    """Let bars lie in the venue's history: falling a little, so that nobody wants to buy."""
    newest_ns = time.time_ns() // NS_PER_MINUTE * NS_PER_MINUTE - 2 * NS_PER_MINUTE
    for symbol, price in prices.items():
        venue.exchanges[place].quote(symbol, [(str(price), "9")], [(str(price + 1), "9")])
        for back in range(PAST_BARS):
            start_ns = newest_ns - back * NS_PER_MINUTE
            publish(venue, place, (symbol, start_ns), price + back, silent=True)


def publish(
    venue: TestVenue, place: str, bar: tuple[str, int], price: int, *, silent: bool = False
) -> None:
    """Publish a bar that closes at a price."""
    symbol, start_ns = bar
    prices = (f"{price - 1}.00", f"{price + 1}.00", f"{price - 2}.00", f"{price}.00")
    venue.publish(place, PublishedBar.of(symbol, start_ns, prices, "5"), silent=silent)


def last_minute_ns() -> int:
    """Return the start of the bar that closed last."""
    return time.time_ns() // NS_PER_MINUTE * NS_PER_MINUTE - NS_PER_MINUTE
