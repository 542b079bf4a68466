"""What published messages leave behind for queries: rows that are replaced, entries that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate_chassis.host.definition import AuditEntry, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate_chassis.host.definition import Project
    from tidegate_chassis.host.engine import Taken
    from tidegate_chassis.host.journal import OutboxRow


class Facts(msgspec.Struct, frozen=True):
    """What one commit writes beside the journal, each with the input n that it came from."""

    rows: list[tuple[int, Row]] = []
    # With the entry's place among those of its input, and its trace.
    audit: list[tuple[int, int, AuditEntry, str]] = []


def facts_of(project: Project, dressed: Sequence[tuple[Taken, list[OutboxRow]]]) -> Facts:
    """Project every message of a commit."""
    facts = Facts()
    for taken, messages in dressed:
        place = 0
        for message, sent in zip(taken.outgoing, messages, strict=True):
            for fact in project(message.body):
                if isinstance(fact, Row):
                    facts.rows.append((message.n, fact))
                    continue
                facts.audit.append((message.n, place, fact, sent.trace_id))
                place += 1
    return facts


def newest(rows: Sequence[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    """Yield the last row of every key: a statement may replace a row only once."""
    yield from {(row.kind, row.key): (n, row) for n, row in rows}.values()
