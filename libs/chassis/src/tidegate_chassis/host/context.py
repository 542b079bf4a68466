"""What the shards of one process share: connections, keys, projections, telemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_chassis.host import meter
from tidegate_chassis.host.envelope import SIGNATURE_HEADER
from tidegate_contracts import codec
from tidegate_contracts.subjects import subject_of

if TYPE_CHECKING:
    import asyncpg

    from tidegate_chassis.host.bus import Bus
    from tidegate_chassis.host.definition import Project, Row
    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.ports import LocalShards
    from tidegate_chassis.host.shard import Shard
    from tidegate_chassis.host.tracer import Tracer
    from tidegate_chassis.security.signing import Signer, Verifier
    from tidegate_kernel.machine import Body


class HostContext:
    """Shared by every shard of a process."""

    def __init__(
        self, service: str, holder: str, pool: asyncpg.Pool, bus: Bus, local: LocalShards
    ) -> None:
        """``holder`` names this process in leases; the rest is set by `run_service`."""
        self.service = service
        self.holder = holder
        self.pool = pool
        self.bus = bus
        self.local = local
        # How many processes may host the same shards; with more than one they follow each other.
        self.replicas = 1
        self.leases: dict[str, Shard] = {}
        self.project: Project = _nothing
        self.signer: Signer | None = None
        self.verifier: Verifier | None = None
        self.tracer: Tracer

    def sign(self, envelope: str, payload: bytes) -> str:
        """Sign a message with this service's key."""
        if self.signer is None:
            message = (
                f"{self.service}: expected a signing key (TIDEGATE_SIGNING_KEY_FILE), found none: "
                "this service must not say what has to be signed"
            )
            raise RuntimeError(message)
        return self.signer.sign(payload, envelope.encode()).hex()

    def verify(self, envelope: str, payload: bytes, signature: str) -> bool:
        """Tell whether risk has signed a message."""
        if self.verifier is None or not signature:
            return False
        try:
            given = bytes.fromhex(signature)
        except ValueError:
            return False
        return self.verifier.verify(payload, envelope.encode(), given)

    def say(self, body: Body) -> None:
        """Publish a message that is not journalled (a heartbeat), signed."""
        payload = codec.encode(body)
        subject = subject_of(body)
        headers = {SIGNATURE_HEADER: self.sign(subject, payload)}
        self.bus.publish(subject, payload, headers)

    def observe(
        self, shard: Shard, takens: list[Taken], started_ns: int, committed_ns: int
    ) -> None:
        """Count and trace what was just committed and published."""
        meter.committed(shard, takens, started_ns, committed_ns)
        self.tracer.inputs(shard, takens, started_ns, committed_ns)


def _nothing(_: Body) -> list[Row]:
    return []
