"""The books over HTTP, on rows that the machine's own messages made."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tidegate_chassis.http import refusals
from tidegate_kernel.machine import Publish
from tidegate_portfolio.adapters.http import routes
from tidegate_portfolio.adapters.projection import project
from tidegate_portfolio.testing import DAY, START, bar, fill, new_machine, settle


class RowsInMemory:
    """The rows of one shard, listed as the chassis lists them."""

    def __init__(self) -> None:
        """Start empty."""
        self.rows: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}

    @property
    def projections(self) -> RowsInMemory:
        """The rows themselves."""
        return self

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> list[dict[str, Any]]:
        """Return documents by (n, key)."""
        n, _, key = after.partition(":")
        found = sorted(
            (place, row_key, document)
            for (row_kind, row_key), (place, document) in self.rows.items()
            if row_kind == kind and session in (None, document.get("session", session))
        )
        later = [each for each in found if (each[0], each[1]) > (int(n or 0), key)]
        return [{**document, "cursor": f"{p}:{k}"} for p, k, document in later[:limit]]


@pytest.fixture
def client() -> httpx.AsyncClient:
    """Serve the rows of a session of ten days with a fill on each."""
    rows = RowsInMemory()
    machine = new_machine()
    for day in range(1, 11):
        now_ns = START + day * DAY
        effects = [*machine.handle(bar(day, 100_00 + day), now_ns)]
        filled = machine.handle(fill(f"x{day}", "1" if day < 10 else "-9", "100"), now_ns)
        effects += [*filled, *settle(machine, filled, now_ns)]
        for effect in effects:
            for row in project(effect.body) if isinstance(effect, Publish) else ():
                rows.rows[row.kind, row.key] = (day, row.document)
    application = FastAPI()
    refusals.install(application)
    application.include_router(routes(rows))
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://portfolio")


async def _read(client: httpx.AsyncClient, path: str) -> Any:  # noqa: ANN401 - JSON
    response = await client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


async def test_closed_positions_are_shown_only_when_asked_for(client: httpx.AsyncClient) -> None:
    """A position that holds nothing any more is history."""
    assert (await _read(client, "/v1/positions"))["positions"] == []
    flat = (await _read(client, "/v1/positions?session=demo&flat=true"))["positions"]
    assert [(row["symbol"], row["quantity"]) for row in flat] == [("AAPL", "0")]


async def test_the_account_is_the_newest_snapshot(client: httpx.AsyncClient) -> None:
    """One account for each session, in decimal strings."""
    accounts = (await _read(client, "/v1/account"))["accounts"]
    assert [(a["session"], a["equity"], a["fills_booked"]) for a in accounts] == [
        ("demo", "100000", 10)
    ]


async def test_the_equity_curve_has_as_many_points_as_asked_for(client: httpx.AsyncClient) -> None:
    """Both ends stay; the number of recorded points is said."""
    answer = await _read(client, "/v1/equity?session=demo&points=3")
    assert (len(answer["points"]), answer["recorded"]) == (3, 11)
    assert answer["points"][0]["event_at_ns"] == START


async def test_the_ledger_is_complete_page_by_page(client: httpx.AsyncClient) -> None:
    """Following `next` gives every entry once; the sum of them is the balance."""
    entries: list[Any] = []
    place: str | None = ""
    while place is not None:
        answer = await _read(client, f"/v1/ledger?session=demo&limit=7&after={place}")
        entries += answer["entries"]
        place = answer["next"]
    keys = {(e["transaction_id"], e["account"], e["currency"], e["reason"]) for e in entries}
    balance = await _read(client, "/v1/ledger/balance?session=demo")
    assert len(keys) == len(entries) == balance["entries"]
    assert balance["balanced"] is True
    assert balance["currencies"] == {"AAPL": "0", "USD": "0"}


async def test_a_broken_place_in_the_ledger_is_refused(client: httpx.AsyncClient) -> None:
    """A made-up `after` is a client's error, said as one."""
    response = await client.get("/v1/ledger?session=demo&after=yesterday")
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "UNKNOWN_PLACE"


async def test_a_session_without_entries_balances(client: httpx.AsyncClient) -> None:
    """Without entries everything balances; the session is named all the same."""
    answer = await _read(client, "/v1/ledger/balance?session=other")
    assert (answer["entries"], answer["balanced"]) == (0, True)


async def test_performance_names_account_and_strategies(client: httpx.AsyncClient) -> None:
    """The account's own report has an empty strategy and comes first."""
    found = (await _read(client, "/v1/performance?session=demo"))["performance"]
    assert [row["strategy"] for row in found] == ["", "trend"]
