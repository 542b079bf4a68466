"""How requests leave: to another shard of this process, or through a service's own adapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_chassis.host.shard import Shard
    from tidegate_kernel.machine import Body


@dataclass(frozen=True)
class ShardPort:
    """A port whose other side is a machine hosted by the same process: the paper venue.

    It recognises request ids, so a request may be made again. In lockstep sessions it answers
    in rounds.
    """

    shard: str
    repeat_safe: bool = True

    async def call(self, request: Body, request_id: str) -> Body:
        """Never used: the host hands requests for shards over itself, with their round."""
        message = f"request {request_id} ({type(request).__name__}) must go through the host"
        raise AssertionError(message)


def round_ports(definition: ShardDefinition) -> frozenset[str]:
    """Return the ports of a shard that answer in rounds: an open request keeps the instant open."""
    if not definition.lockstep:
        return frozenset()
    return frozenset(n for n, port in definition.ports.items() if isinstance(port, ShardPort))


class LocalShards:
    """The shards of this process by name."""

    def __init__(self) -> None:
        """Start empty; `run_service` fills it."""
        self._shards: dict[str, Shard] = {}

    def add(self, shard: Shard) -> None:
        """Make a shard reachable."""
        self._shards[shard.definition.shard] = shard

    def get(self, name: str) -> Shard | None:
        """Return a shard, or None when another process hosts it."""
        return self._shards.get(name)

    def all(self) -> list[Shard]:
        """Return every shard of this process."""
        return list(self._shards.values())
