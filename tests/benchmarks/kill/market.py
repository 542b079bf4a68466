"""A feed's messages, chained and numbered as market-data says them; the same in every round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.envelope import HEADER, NO_HASH, Envelope, chain_hash
from tidegate_chassis.host.lane import command_of
from tidegate_contracts import codec
from tidegate_contracts.subjects import subject_of
from tidegate_execution.testing import FEED, bar, instrument

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body

SYMBOLS = tuple(f"SYM{number:02}" for number in range(20))
CHANNEL = f"market-data/{FEED}"
# What the benchmark says about a round, with its number.
BEGIN, END = "bench.begin", "bench.end"


class Market:
    """The feed's one channel."""

    def __init__(self) -> None:
        """Say nothing yet."""
        self._k = 0
        self._chain = NO_HASH
        self._bars = 0

    def round_of(self, bars: int) -> list[bytes]:
        """Return the commands that publish every instrument and so many bars."""
        instruments = [self._command(instrument(symbol), 0) for symbol in SYMBOLS]
        return instruments + [self._next_bar() for _ in range(bars)]

    def _next_bar(self) -> bytes:
        day, place = divmod(self._bars, len(SYMBOLS))
        self._bars += 1
        close = 100 + day % 7
        made = bar(day, (100, 110, 95, close), SYMBOLS[place])
        return self._command(made, made.end_ns)

    def _command(self, body: Body, at_ns: int) -> bytes:
        self._k += 1
        schema, payload = codec.schema_of(body), codec.encode(body)
        identity = f"{CHANNEL}:1:{self._k}.0"
        envelope = Envelope(
            identity, CHANNEL, self._k, self._chain, schema, at_ns, "", identity, ""
        )
        self._chain = chain_hash(self._chain, schema, payload)
        return command_of(subject_of(body), payload, {HEADER: envelope.pack()}, "")
