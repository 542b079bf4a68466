"""How a figure is taken: many repetitions, quantiles, and a partner in the same run."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

NS_PER_US = 1_000


@dataclass(frozen=True)
class Figure:
    """One measured part, in microseconds."""

    name: str
    p50_us: float
    p99_us: float
    partner: str = ""
    partner_p50_us: float = 0.0

    def line(self) -> str:
        """Return the figure as a row of the table."""
        ratio = f"{self.p50_us / self.partner_p50_us:6.2f}x" if self.partner_p50_us else ""
        return (
            f"  {self.name:<44} {self.p50_us:>10.2f} {self.p99_us:>10.2f}  {ratio:>8} "
            f"{self.partner}" + (f" ({self.partner_p50_us:.2f})" if self.partner else "")
        )


HEADING = (
    f"  {'part':<44} {'p50 us':>10} {'p99 us':>10}  {'ratio':>8} partner measured in the same run"
)


def quantile(samples_us: list[float], share: float) -> float:
    """Return a quantile of samples by nearest rank: so many of them are not above it."""
    ordered = sorted(samples_us)
    return ordered[max(1, math.ceil(len(ordered) * share)) - 1]


def timed(call: Callable[[], object], *, times: int, inner: int) -> list[float]:
    """Return the microseconds per call of ``times`` groups of ``inner`` calls."""
    call()
    gc.collect()
    samples = []
    for _ in range(times):
        started_ns = time.perf_counter_ns()
        for _ in range(inner):
            call()
        samples.append((time.perf_counter_ns() - started_ns) / inner / NS_PER_US)
    return samples


async def timed_async(call: Callable[[], Awaitable[object]], *, times: int) -> list[float]:
    """Return the microseconds of each of ``times`` awaited calls."""
    await call()
    samples = []
    for _ in range(times):
        started_ns = time.perf_counter_ns()
        await call()
        samples.append((time.perf_counter_ns() - started_ns) / NS_PER_US)
    return samples


def figure(
    name: str, samples: list[float], partner: str = "", partner_samples: list[float] | None = None
) -> Figure:
    """Make a figure of samples, beside those of a partner."""
    partner_us = quantile(partner_samples, 0.5) if partner_samples else 0.0
    return Figure(name, quantile(samples, 0.5), quantile(samples, 0.99), partner, partner_us)
