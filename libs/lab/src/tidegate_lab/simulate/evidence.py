"""What an hour has left behind: journals, outboxes, streams, the venue's book. Checkers read it."""

from __future__ import annotations

from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

import msgspec

from tidegate_chassis.host.envelope import HEADER, place
from tidegate_chassis.host.inputs import JournalRow, unpack_event
from tidegate_contracts import codec
from tidegate_contracts.execution import OrderEvent
from tidegate_contracts.market import Bar
from tidegate_contracts.risk import Decision, Verdict
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.core.orders import attached
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_kernel.identifiers import client_order_id
from tidegate_kernel.money import to_decimal
from tidegate_lab.simulate.session import PRICE_SCALE
from tidegate_portfolio.core.machine import PortfolioMachine
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.gate.machine import GateMachine

if TYPE_CHECKING:
    from decimal import Decimal

    from tidegate_chassis.host.definition import ShardDefinition
    from tidegate_contracts.execution import OrderSpecification, Side
    from tidegate_kernel.machine import Body, Event, Machine
    from tidegate_lab.simulate.database import Books, Database
    from tidegate_lab.simulate.plan import Plan
    from tidegate_lab.simulate.world import World

LEGS_NEVER_SENT_MAX = 32
"""Later legs of one signal that execution held or gave up before they left, if it cannot say."""
_ROW = itemgetter(*JournalRow.__struct_fields__)
B = TypeVar("B")
M = TypeVar("M")
EXECUTION, RISK, GATE, VENUE, PORTFOLIO = (
    "execution/sim",
    "risk/sim",
    "risk/gate",
    "venue/sim",
    "portfolio/sim",
)


class Said(msgspec.Struct, frozen=True, gc=False):
    """A committed message."""

    shard: str
    n: int
    k: int
    at_s: float
    term: int
    body: Body


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A journalled input."""

    n: int
    at_s: float
    at_ns: int
    term: int
    row: JournalRow

    @property
    def event(self) -> Event:
        """The input itself."""
        return unpack_event(self.row)


class Evidence:
    """The traces of one hour."""

    def __init__(self, plan: Plan, world: World, unsettled: tuple[str, ...]) -> None:
        """``unsettled``: what had not come to rest in the quiet."""
        self.plan = plan
        self.world = world
        self.unsettled = unsettled
        self._heard: dict[str, tuple[Heard, ...]] = {}

    @property
    def restored(self) -> bool:
        """Tell whether a database went back in time: then a person has to act, nothing settles."""
        return bool(self.world.restored)

    @cached_property
    def books(self) -> dict[str, Books]:
        """The database of every shard."""
        return {shard: books for shard, (_, books) in self._homes.items()}

    @cached_property
    def _homes(self) -> dict[str, tuple[Database, Books]]:
        return {
            shard: (database, books)
            for database in self.world.databases.values()
            for shard, books in database.shards.items()
        }

    @cached_property
    def _said(self) -> dict[str, tuple[Said, ...]]:
        found = {}
        for shard, books in self.books.items():
            journal = books.journal
            found[shard] = tuple(
                Said(
                    shard,
                    row["n"],
                    row["k"],
                    journal[row["n"] - 1]["at_s"],
                    journal[row["n"] - 1]["term"],
                    codec.decode(row["headers"].split(" ", 5)[4], row["payload"]),
                )
                for row in books.outbox
            )
        return found

    def said(self, shard: str, kind: type[B]) -> list[tuple[Said, B]]:
        """Return a shard's committed messages of one kind, in order."""
        return [(s, s.body) for s in self._said.get(shard, ()) if isinstance(s.body, kind)]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Return every verdict that was ever committed, in a restored database's lost time too."""
        return tuple(self.written_verdicts.values())

    @cached_property
    def written_verdicts(self) -> dict[bytes, Verdict]:
        """Return every verdict that was ever committed by its bytes."""
        rows = self.books[RISK].outbox if RISK in self.books else []
        said = {
            row["payload"]: each.body
            for row, each in zip(rows, self._said.get(RISK, ()), strict=True)
            if isinstance(each.body, Verdict)
        }
        for message in self.world.server.stream("VERDICTS").messages:
            verdict = message.subject.startswith("verdicts.")
            if verdict and message.data not in said:
                said[message.data] = codec.decode_as(Verdict, message.data)
        return said

    @cached_property
    def streamed(self) -> tuple[tuple[str, str, int, bytes], ...]:
        """Return what the streams hold: stream, channel, place in it, and bytes."""
        return tuple(
            (stream.name, *place((message.headers or {})[HEADER]), message.data)
            for stream in self.world.server.streams
            for message in stream.messages
        )

    def everything_said(self) -> list[Said]:
        """Return all committed messages of all shards."""
        return [said for each in self._said.values() for said in each]

    def heard(self, shard: str) -> tuple[Heard, ...]:
        """Return a shard's journal."""
        found = self._heard.get(shard)
        if found is None:
            found = self._heard[shard] = tuple(
                Heard(r["n"], r["at_s"], r["at_ns"], r["term"], JournalRow(*_ROW(r)))
                for r in self.books[shard].journal
            )
        return found

    def entry_of(self, identity: str) -> str | None:
        """Return the approved order of an order that is a later leg of its signal, or None.

        Such are exits and slices. Legs count on while their orders come and go; the number of
        orders that reached the venue bounds them, also where execution's own word is gone.
        """
        entry = self._entries_said.get(identity) or attached.entry_of(identity) or None
        if entry is None and identity not in self._firsts:
            entry = self._entries_derived.get(identity)
        return entry

    @cached_property
    def _entries_said(self) -> dict[str, str]:
        return {
            event.specification.client_order_id: client_order_id(event.signal_key, 0)
            for _, event in self.said(EXECUTION, OrderEvent)
            if event.leg > 0 and event.signal_key
        }

    @cached_property
    def _firsts(self) -> frozenset[str]:
        """The first legs of all signals: ids are digests, so none is another signal's later leg."""
        return frozenset(client_order_id(each.signal_key, 0) for each in self.verdicts)

    @cached_property
    def _entries_derived(self) -> dict[str, str]:
        orders = 0 if self.venue is None else len(self.venue.book.orders)
        legs = range(1, orders + LEGS_NEVER_SENT_MAX)
        return {
            client_order_id(verdict.signal_key, leg): client_order_id(verdict.signal_key, 0)
            for verdict in self.verdicts
            if verdict.decision == Decision.APPROVED
            for leg in legs
        }

    @cached_property
    def parents(self) -> dict[str, OrderSpecification]:
        """Return what was approved to be sent in slices, by its id."""
        found: dict[str, OrderSpecification] = {}
        for verdict in self.verdicts:
            order = verdict.specification
            if verdict.decision == Decision.APPROVED and order and order.algorithm:
                found[order.client_order_id] = order
        return found

    def parent_of(self, identity: str, side: Side) -> str:
        """Return the id of the order that a slice is a part of; empty if it is none's."""
        parent = (self.entry_of(identity) or "") if self.parents else ""
        order = self.parents.get(parent)
        return parent if order is not None and order.side == side else ""

    @cached_property
    def approved(self) -> dict[str, Verdict]:
        """Return what was approved, by the id of its order."""
        return {
            client_order_id(verdict.signal_key, 0): verdict
            for verdict in self.verdicts
            if verdict.decision == Decision.APPROVED
        }

    def approval_of(self, identity: str, side: Side) -> str:
        """Return the approved order that one is, is a part of or replaces; empty if it is none's.

        A protective exit is on the other side of what was approved.
        """
        approval = self.entry_of(identity) or identity
        verdict = self.approved.get(approval)
        approved = verdict.specification if verdict is not None else None
        return approval if approved is not None and approved.side == side else ""

    def replaces(self, identity: str, side: Side) -> str:
        """Return the approved order that an order takes the place of; empty if it replaces none."""
        approval = self.approval_of(identity, side)
        return "" if approval == identity or approval in self.parents else approval

    @cached_property
    def prices(self) -> tuple[tuple[int, str, Decimal], ...]:
        """Return every close that risk has journalled: input, symbol and price."""
        found = []
        for heard in self.heard(RISK):
            if heard.row.schema == "tidegate.market.v1.Bar":
                bar = heard.event
                assert isinstance(bar, Bar)
                found.append((heard.n, bar.symbol, to_decimal(bar.close, PRICE_SCALE)))
        return tuple(found)

    @cached_property
    def _strategies(self) -> dict[str, str]:
        return {
            event.specification.client_order_id: event.strategy
            for _, event in self.said(EXECUTION, OrderEvent)
        }

    def strategy_of(self, client_order_id: str) -> str:
        """Return the strategy of an order."""
        return self._strategies.get(client_order_id, "")

    def definition(self, shard: str) -> ShardDefinition:
        """Return what a shard is."""
        processes = (*self.world.processes.values(), *self.world.elsewhere)
        return next(d for p in processes for d in p.definitions if d.shard == shard)

    def machine(self, shard: str, kind: type[M]) -> M | None:
        """Return a shard's machine as it stands at the end, if the shard runs."""
        if shard == VENUE:
            found = self.world.venue_shard()
        else:
            led = self.world.leader(shard)
            found = led[1] if led is not None else None
        if found is None:
            return None
        machine: Machine = found.engine.machine
        assert isinstance(machine, kind)
        return machine

    @cached_property
    def venue(self) -> PaperVenueMachine | None:
        """The venue at the end."""
        return self.machine(VENUE, PaperVenueMachine)

    @cached_property
    def execution(self) -> ExecutionMachine | None:
        """Execution at the end."""
        return self.machine(EXECUTION, ExecutionMachine)

    @cached_property
    def risk(self) -> DecisionMachine | None:
        """Risk's decisions at the end."""
        return self.machine(RISK, DecisionMachine)

    @cached_property
    def gate(self) -> GateMachine | None:
        """The gate at the end."""
        return self.machine(GATE, GateMachine)

    @cached_property
    def portfolio(self) -> PortfolioMachine | None:
        """The portfolio at the end."""
        return self.machine(PORTFOLIO, PortfolioMachine)
