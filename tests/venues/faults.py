"""Everything that can go wrong on purpose, in one struct; and the plan that draws from it.

Counts say how many of the next matching requests or updates suffer; shares are probabilities,
drawn from the seed. The plan is set by a test (`FaultPlan.set`) or over HTTP (`admin`).
"""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass, field, fields, replace


@dataclass(frozen=True)
class Faults:
    """What goes wrong. The default is nothing."""

    seed: int = 1
    # Only requests whose "METHOD /path" contains this suffer.
    only: str = ""
    # Next requests answered 429, with this Retry-After.
    rate_limited: int = 0
    retry_after_s: int = 1
    # Next requests answered 418: banned, as Binance does to those who ignore a 429.
    banned: int = 0
    # Next requests that are done, and answered 504.
    answers_lost: int = 0
    # Next requests that are not done, and answered 504.
    requests_lost: int = 0
    # Next requests that are done and never answered; and not done and never answered.
    hang_after: int = 0
    hang_before: int = 0
    # Next requests answered late by this long.
    delayed: int = 0
    delay_ms: int = 0
    # Streams stay connected and say nothing.
    streams_mute: bool = False
    # Streams are dropped after this many more updates; 0: never.
    drop_after_updates: int = 0
    duplicate_share: float = 0.0
    reorder_share: float = 0.0
    # Added to the venue's clock.
    clock_skew_ms: int = 0
    # The largest share of an order that one step executes; empty: all of it.
    fill_share: str = ""
    # Next orders refused, with this code and sentence.
    refused: int = 0
    refusal_code: str = "insufficient"
    refusal_reason: str = "insufficient buying power"


@dataclass
class FaultPlan:
    """The faults that are still to come."""

    faults: Faults = field(default_factory=Faults)
    random: random.Random = field(default_factory=lambda: random.Random(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    # What has happened, in order: name of the fault and "METHOD /path" or the stream.
    happened: list[tuple[str, str]] = field(default_factory=list)

    def set(self, **changes: object) -> Faults:
        """Replace what is named; a seed starts the drawing anew."""
        unknown = set(changes) - {each.name for each in fields(Faults)}
        if unknown:
            known = ", ".join(each.name for each in fields(Faults))
            raise ValueError(f"expected faults of {known}; found {sorted(unknown)}")
        with self.lock:
            self.faults = replace(self.faults, **changes)  # type: ignore[arg-type]
            if "seed" in changes:
                self.random = random.Random(self.faults.seed)
            return self.faults

    def clear(self) -> None:
        """Let nothing go wrong from now on."""
        with self.lock:
            self.faults = Faults()
            self.happened.clear()

    def strikes(self, name: str, where: str) -> bool:
        """Tell whether a counted fault strikes here, and count it."""
        with self.lock:
            left = getattr(self.faults, name)
            if not left or self.faults.only not in where:
                return False
            self.faults = replace(self.faults, **{name: left - 1})
            self.happened.append((name, where))
            return True

    def happens(self, name: str) -> bool:
        """Draw a fault that has a probability."""
        with self.lock:
            share: float = getattr(self.faults, name)
            return share > 0 and self.random.random() < share

    def document(self) -> dict[str, object]:
        """Return the faults as a document."""
        return asdict(self.faults)
