"""Prices that change nothing: their journal rows wait for the next commit.

A price on which the machine wants nothing done says nothing to anybody, so nobody notices whether
its row is journalled now or a moment later. Whatever is decided later goes out only in a
transaction that holds the row too, and a price that a crash has taken with it is read again. So
the shards that only look on do not queue for the disk beside the one that decides.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tidegate_contracts.market import Bar, Quote, Trade

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.host.engine import Taken

PRICES = Bar | Quote | Trade
HELD_MAX = 512


class Deferred:
    """What one shard has handled and not committed yet, in the order of its handling."""

    def __init__(self, patience_s: float) -> None:
        """``patience_s``: after this time the oldest row waits no longer."""
        self._patience_s = patience_s
        self._held: list[Taken] = []
        self._until_s = 0.0

    def __len__(self) -> int:
        """Return how many rows wait."""
        return len(self._held)

    def may_take(self, takens: Sequence[Taken]) -> bool:
        """Tell whether these may wait too: idle prices all of them, and none waits too long."""
        return all(map(is_idle_price, takens)) and not self.is_due(len(takens))

    def take(self, takens: Sequence[Taken]) -> None:
        """Let rows wait."""
        if takens and not self._held:
            self._until_s = time.monotonic() + self._patience_s
        self._held += takens

    def is_due(self, more: int = 0) -> bool:
        """Tell whether what waits has to be committed now, with so many rows more."""
        held = len(self._held)
        return bool(held) and (held + more >= HELD_MAX or time.monotonic() >= self._until_s)

    def before(self, takens: Sequence[Taken]) -> list[Taken]:
        """Return what waits and these, as they have to be committed."""
        return [*self._held, *takens]

    def clear(self) -> None:
        """Forget what has been committed."""
        self._held.clear()

    def wait_s(self, longest_s: float) -> float:
        """Return how long the shard may sleep before something is due, at the longest."""
        if not self._held:
            return longest_s
        return min(longest_s, max(0.0, self._until_s - time.monotonic()))


def is_idle_price(taken: Taken) -> bool:
    """Tell whether an input is a price of the market on which the machine wanted nothing done."""
    return not taken.row.effects_hash and isinstance(taken.input.event, PRICES)
