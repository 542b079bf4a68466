"""Projected rows on a real PostgreSQL: searched by values and times, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tidegate_chassis.database import migrate, open_pool
from tidegate_chassis.host.definition import Row
from tidegate_chassis.host.facts import Facts
from tidegate_chassis.host.inputs import JournalRow
from tidegate_chassis.host.journal import Journal
from tidegate_chassis.host.queries import Projections, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.real
SHARD = "risk/demo"


async def test_rows_are_searched_by_values_and_times(database_url: str) -> None:
    """Every value must be the row's own, of times the first is in and the last is not."""
    await migrate(database_url)
    pool = await open_pool(database_url)
    journal = Journal(pool, SHARD, "core")
    await journal.acquire("here")
    documents: list[dict[str, object]] = [
        {"at": 10 * n, "code": "A" if n % 2 else None, "who": "x"} for n in range(1, 7)
    ]
    rows = [(n, Row("verdict", f"v{n}", each)) for n, each in enumerate(documents, 1)]
    row = JournalRow(1, 1, 1, "", "", 0, b"", "", "", b"", 0, 0, b"")
    await journal.commit([row], [], Facts(rows=rows))
    projections = Projections(pool, [SHARD])

    async def found(values: Mapping[str, object], **more: Any) -> list[int]:  # noqa: ANN401 - times
        wanted = Wanted(values=values, at_field="at", **more)
        return [each["at"] for each in await projections.search("verdict", wanted)]

    assert await found({}) == [10, 20, 30, 40, 50, 60]
    assert await found({"code": "A"}) == [10, 30, 50]
    assert await found({"code": None, "who": "x"}) == [20, 40, 60]
    assert await found({"code": "A", "who": "y"}) == []
    assert await found({}, since_ns=20, until_ns=40) == [20, 30]
    first = await projections.search("verdict", Wanted(values={}, at_field="at", limit=2))
    wanted = Wanted(values={"code": "A"}, at_field="at")
    rest = await projections.search("verdict", wanted, after=first[-1]["cursor"])
    assert [each["at"] for each in rest] == [30, 50]
    assert await projections.search("verdict", wanted, session="other") == []
    back = Wanted(values={"code": "A"}, at_field="at", newest_first=True, limit=2)
    newest = await projections.search("verdict", back)
    older = await projections.search("verdict", back, after=newest[-1]["cursor"])
    assert [[each["at"] for each in page] for page in (newest, older)] == [[50, 30], [10]]
    await pool.close()
