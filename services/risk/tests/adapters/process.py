"""One process of the risk service in memory: its machines, and what they have projected."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.host.definition import AuditEntry
from tidegate_chassis.host.queries import AuditQuery, Wanted
from tidegate_kernel.machine import Answer, Called, Publish
from tidegate_risk.adapters.projection import project
from tidegate_risk.config import gate_parameters, parameters_of
from tidegate_risk.core.gate.machine import GateMachine
from tidegate_risk.shards import GATE_SHARD, decision_shard
from tidegate_risk.testing import START_NS, Desk

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body, Machine

Document = dict[str, Any]


class Rows:
    """Projected rows in memory, in the order of their last change."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Document] = {}
        self.audit: list[Document] = []

    def add(self, body: Body) -> None:
        """Project a published message."""
        for row in project(body):
            if isinstance(row, AuditEntry):
                self.audit.append({**asdict(row), "entry": len(self.audit) + 1})
                continue
            self.rows.pop((row.kind, row.key), None)
            self.rows[row.kind, row.key] = dict(row.document)

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> list[Document]:
        """Return documents oldest first, each with its cursor."""
        start = int(after.partition(":")[0] or -1)
        found = [
            {**document, "cursor": f"{place}:{key[1]}"}
            for place, (key, document) in enumerate(self.rows.items())
            if key[0] == kind and place > start
        ]
        return [row for row in found if session in (None, row.get("session"))][:limit]

    async def search(
        self, kind: str, wanted: Wanted, *, session: str | None = None, after: str = ""
    ) -> list[Document]:  # type: ignore[valid-type]
        """Return the documents that are wanted in their order, each with its cursor."""
        since_ns, until_ns = wanted.since_ns or 0, wanted.until_ns or 2**63
        found = [
            row
            for row in await self.list(kind, session=session, after=after, limit=1_000)
            if wanted.values.items() <= row.items() and since_ns <= row[wanted.at_field] < until_ns
        ]
        return (found[::-1] if wanted.newest_first else found)[: wanted.limit]

    async def newest(
        self, kind: str, *, session: str | None = None, limit: int = 100
    ) -> list[Document]:  # type: ignore[valid-type]
        """Return documents newest first."""
        return (await self.list(kind, session=session))[::-1][:limit]

    async def get(self, kind: str, key: str, *, session: str | None = None) -> Document | None:
        """Return one document, or None."""
        del session
        return self.rows.get((kind, key))


class Log:
    """The entries of the audit in memory."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    async def newest(
        self, query: AuditQuery, *, before: int | None = None, limit: int = 100
    ) -> list[Document]:
        """Return entries newest first; of the filters only those that name a value."""
        named = {name: getattr(query, name) for name in ("who", "what", "about")}
        found = [
            entry
            for entry in reversed(self.rows.audit)
            if all(value in (None, entry[name]) for name, value in named.items())
            and entry["entry"] < (before or len(self.rows.audit) + 1)
        ]
        return found[:limit]


class Context:
    """One process with a gate machine and the decision machine of a session."""

    def __init__(self, **session: Any) -> None:  # noqa: ANN401 - any field of a session
        """Start the session; fields that are given differ from the usual ones."""
        self.projections = Rows()
        self.audit = Log(self.projections)
        self.gate = GateMachine.restore(gate_parameters(), None)
        self.calls = 0
        self.configuration = Configuration.model_validate(
            {
                "sessions": [
                    {
                        "name": "demo",
                        "capital": {"amount": "100000"},
                        "feed": {"paths": ["bars.csv"]},
                        "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
                        **session,
                    }
                ]
            }
        )
        self.desk = Desk(parameters_of(self.configuration.sessions[0]))

    def machine(self, shard: str) -> tuple[Machine, int]:
        """Return the decision machine and its time."""
        assert shard == decision_shard("demo")
        return self.desk.machine, self.desk.now_ns

    async def call(self, shard: str, body: Body, principal: str = "") -> Body:
        """Hand a command to its machine and return the answer."""
        assert principal
        self.calls += 1
        machine = self.gate if shard == GATE_SHARD else self.machine(shard)[0]
        for effect in machine.handle(Called(f"c{self.calls}", body), START_NS):
            if isinstance(effect, Publish):
                self.projections.add(effect.body)
            if isinstance(effect, Answer):
                return effect.body
        raise AssertionError


def token(name: str) -> str:
    """Return a principal's token."""
    return f"{name}-" * 8


def sent_by(name: str) -> dict[str, str]:
    """Return the header that names a principal."""
    return {"authorization": f"Bearer {token(name)}"}
