"""Percentiles of one part, and what must hold of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from tests.benchmarks.measure import quantile

if TYPE_CHECKING:
    from .stale import Judgement

NS_PER_MS = 1_000_000
TAKEOVER_P99_MS = 2_500
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


class Part(msgspec.Struct, frozen=True):
    """What one kind of fault came to."""

    name: str
    times: int
    taken_ms: list[float]
    judgement: Judgement
    leases_moved: int = 0

    def document(self) -> dict[str, object]:
        """Return it as a part of the result."""
        quantiles = {name: round(quantile(self.taken_ms, q), 1) for name, q in QUANTILES.items()}
        found = msgspec.structs.asdict(self.judgement)
        more = {"leases_moved": self.leases_moved} if self.name == "stall" else {}
        return {"times": self.times, "ms": quantiles, **found, **more}

    def violations(self) -> list[str]:
        """Return what does not hold."""
        found = self.judgement
        checks = {
            "every fault was measured": len(self.taken_ms) == self.times,
            "every signal has its verdict": found.missing == 0,
            "nothing is there twice": found.double == 0,
            "the books are right": found.wrong == 0,
            "execution took nothing stale": found.stale_accepted == 0,
            "no lease moved": self.leases_moved == 0,
            "the session traded": found.signals > 0 and found.orders > 0,
            f"p99 within {TAKEOVER_P99_MS} ms": self.name == "stall"
            or quantile(self.taken_ms, 0.99) <= TAKEOVER_P99_MS,
            "sleepers were kept from committing": self.name != "freeze"
            or found.commits_refused >= self.times,
        }
        return [f"{self.name}: {what}" for what, holds in checks.items() if not holds]
