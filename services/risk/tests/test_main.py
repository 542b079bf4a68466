"""What the composition root makes of a configuration."""

from __future__ import annotations

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.host import topology
from tidegate_contracts import codec
from tidegate_contracts.execution import OrderEvent, Reconciliation
from tidegate_contracts.risk import BreakerEvent, GateLatch
from tidegate_risk.shards import shards_of

SESSION = {
    "name": "demo",
    "capital": {"amount": "5000"},
    "feed": {"paths": ["bars.csv"]},
    "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
}


def test_the_gate_hears_breakers_orders_latches_and_reconciliations() -> None:
    """One gate for everything, whatever is configured here."""
    shards = shards_of(Configuration.model_validate({"sessions": [SESSION]}))
    gate = next(shard for shard in shards if shard.shard == "risk/gate")
    kinds = (BreakerEvent, OrderEvent, GateLatch, Reconciliation)
    assert topology.schemas_read(gate.reads) == {codec.schema_of(kind) for kind in kinds}
    assert topology.producers_of(gate.reads) == ("risk/*", "execution/*")
