"""Signals over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.http import refusals
from tidegate_signals.adapters.http import routes
from tidegate_signals.core.strategies import STRATEGIES

SESSION = {
    "name": "demo",
    "capital": {"amount": "1000"},
    "feed": {"paths": ["bars.csv"]},
    "strategies": [{"name": "trend", "strategy": "ema-crossover", "parameters": {"fast": 5}}],
}


Documents = list[dict[str, Any]]


class SignalsInMemory:
    """A host's context with three signals of one session."""

    def __init__(self) -> None:
        """Number them."""
        self.configuration = Configuration.model_validate({"sessions": [SESSION]})
        self.rows = [{"session": "demo", "ordinal": n, "cursor": str(n)} for n in range(3)]

    @property
    def projections(self) -> SignalsInMemory:
        """The rows themselves."""
        return self

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> Documents:
        """Return rows oldest first."""
        found = [row for row in self.rows if session in (None, row["session"])]
        later = [row for row in found if not after or str(row["cursor"]) > after]
        return later[:limit] if kind == "signal" else []

    async def newest(self, kind: str, *, session: str | None = None, limit: int = 100) -> Documents:
        """Return rows newest first."""
        return [*reversed(await self.list(kind, session=session))][:limit]


@pytest.fixture
def client() -> httpx.AsyncClient:
    """Serve a session with one instance."""
    application = FastAPI()
    refusals.install(application)
    application.include_router(routes(SignalsInMemory()))
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://signals")


async def test_strategies_describe_themselves_and_their_instances(
    client: httpx.AsyncClient,
) -> None:
    """Defaults are written out in the instances."""
    found = (await client.get("/v1/strategies")).json()
    assert [each["name"] for each in found["strategies"]] == list(STRATEGIES)
    assert found["strategies"][0]["parameters"]["fast"]["minimum"] == 1
    (instance,) = found["instances"]
    assert (instance["session"], instance["name"]) == ("demo", "trend")
    assert (instance["parameters"]["fast"], instance["parameters"]["slow"]) == (5, 20)


async def test_signals_are_read_in_pages_or_newest_first(client: httpx.AsyncClient) -> None:
    """The last cursor goes on."""
    page = (await client.get("/v1/signals?limit=2")).json()["signals"]
    assert [row["ordinal"] for row in page] == [0, 1]
    rest = (await client.get(f"/v1/signals?after={page[-1]['cursor']}")).json()["signals"]
    assert [row["ordinal"] for row in rest] == [2]
    newest = (await client.get("/v1/signals?session=demo&newest=true&limit=1")).json()["signals"]
    assert [row["ordinal"] for row in newest] == [2]


async def test_an_unknown_session_is_refused(client: httpx.AsyncClient) -> None:
    """The known ones are listed."""
    answer = await client.get("/v1/signals?session=other")
    assert answer.status_code == 404
    assert answer.json()["error"]["expected"] == "one of demo"
