"""Orders a second, and what a venue call costs: measured, printed, and as a part of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.measure import HEADING
from tests.benchmarks.orders.calls import measure_calls
from tests.benchmarks.orders.live import measure_live
from tests.benchmarks.orders.paper import measure_paper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 20.0


def measure_orders(folder: Path, say: Callable[[str], None]) -> dict[str, object]:
    """Measure all three."""
    paper = measure_paper()
    say(f"  paper core alone: {paper.orders_per_s:,.0f} orders a second of processor time")
    say(HEADING)
    calls = measure_calls()
    for each in calls:
        say(each.line())
    live = measure_live(folder, SECONDS)
    say(
        f"  live services, one session in lockstep: {live.orders_per_s:,.1f} orders a second, "
        f"{live.cpu_ms_per_order:.1f} ms of processor time each; others kept "
        f"{live.cpus_busy_of_others:.2f} processors busy"
    )
    return {
        "paper_orders_per_cpu_s": round(paper.orders_per_s, 1),
        "live_orders_per_s": round(live.orders_per_s, 2),
        "live_cpu_ms_per_order": round(live.cpu_ms_per_order, 3),
        "live_cpus_busy_of_others": round(live.cpus_busy_of_others, 2),
        "venue_calls_us": {
            each.partner: {
                "ours_p50": round(each.p50_us, 1),
                "ours_p99": round(each.p99_us, 1),
                "bare_p50": round(each.partner_p50_us, 1),
                "overhead_p50": round(each.p50_us - each.partner_p50_us, 1),
            }
            for each in calls
        },
    }
