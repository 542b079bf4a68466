"""I13: replaying a journal gives the same effects and the same state.

Checked here for one shard of each hour, chosen by its seed, from genesis to the end: every input's
effect hash, and the snapshot. Live operation, crashes and snapshots lie in between. Equality with
backtest and lockstep is tested in tests/parity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host.recovery import Rerun, is_same
from tidegate_lab.simulate.evidence import VENUE

if TYPE_CHECKING:
    from tidegate_lab.simulate.evidence import Evidence

SHARDS = (
    "execution/sim",
    "risk/sim",
    "risk/gate",
    "portfolio/sim",
    "signals/sim/0",
    "alerts/sim",
    "market-data/replay-sim",
)


def check(evidence: Evidence) -> list[str]:
    """Return what is wrong."""
    name = SHARDS[evidence.plan.seed % len(SHARDS)]
    led = evidence.world.leader(name)
    if led is None or name == VENUE or evidence.restored:
        return []
    shard = led[1]
    definition = shard.definition
    again = Rerun(definition, None)
    for heard in evidence.heard(name):
        row = heard.row
        if not is_same(again.handle(row), row):
            return [f"{name} n={row.n} ({row.schema or row.name}) has other effects when replayed"]
    engine = again.finish()
    if engine.books.n == shard.engine.books.n and engine.snapshot() != shard.engine.snapshot():
        return [f"{name}: another state after the replay of {engine.books.n} inputs"]
    return []
