"""The risk service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tidegate_chassis.host.lag import LagWatch, watched
from tidegate_chassis.host.service import Service, run_service
from tidegate_risk.adapters.http import routes
from tidegate_risk.adapters.projection import project
from tidegate_risk.shards import GATE_SHARD, shards_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate_chassis.host.api import AppContext
    from tidegate_contracts.risk import RaiseGate
    from tidegate_kernel.machine import Body


async def beside(app: AppContext) -> Callable[[], None]:
    """Watch whether verdicts get through."""

    async def raise_gate(command: RaiseGate) -> Body:
        return await app.call(GATE_SHARD, command, command.principal)

    watch = LagWatch(watched(app.shards), raise_gate)
    watching = asyncio.create_task(watch.watch(app.service))

    def stop() -> None:
        watching.cancel()

    return stop


SERVICE = Service(name="risk", shards=shards_of, project=project, routes=routes, beside=beside)

if __name__ == "__main__":
    run_service(SERVICE)
