"""Execution over HTTP, from rows that its own machine has published."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.host.definition import AuditEntry, Row
from tidegate_chassis.http import make_app
from tidegate_execution.adapters.handover import Handover
from tidegate_execution.adapters.heartbeats import Heartbeats
from tidegate_execution.adapters.http import ExecutionRoutes
from tidegate_execution.adapters.kill_flags import KillFlags
from tidegate_execution.adapters.kill_switch import Authority, KillSwitch
from tidegate_execution.adapters.projection import project
from tidegate_execution.adapters.quality import QualityBoard
from tidegate_execution.core.machine import ExecutionMachine
from tidegate_execution.testing import DAY_0_NS, SessionRig, bar, instrument, verdict
from tidegate_kernel.machine import Body, Called
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = DAY_0_NS + NS_PER_DAY
TOKEN = "o" * 43
PRINCIPAL = {"Authorization": f"Bearer {TOKEN}"}
OTHER = {"Authorization": f"Bearer {'a' * 43}"}
CONFIGURATION = Configuration.model_validate(
    {
        "sessions": [
            {
                "name": "demo",
                "capital": {"amount": "100000"},
                "feed": {"paths": ["bars.csv"]},
                "strategies": [{"name": "ema", "strategy": "ema-crossover"}],
            }
        ]
    }
)
Document = dict[str, Any]


@dataclass
class Settings:
    """What the application needs to know of a process."""

    secrets_folder: Path


class HostInMemory:
    """A session whose first order has filled and whose second rests."""

    name = "execution/demo"
    session = "demo"
    account = "demo"
    configuration = CONFIGURATION

    def __init__(self) -> None:
        """Play two instants."""
        self.rig = SessionRig()
        self.rig.instant(NOW_NS, [instrument(), bar(0, (100, 101, 99, 100)), verdict(NOW_NS)])
        later = bar(1, (100, 101, 99, 100))
        self.rig.instant(later.end_ns, [later, verdict(later.end_ns, limit_price=Decimal(90))])

    @property
    def machine(self) -> ExecutionMachine:
        """The machine of the orders' shard."""
        return self.rig.execution

    @property
    def projections(self) -> HostInMemory:
        """The rows themselves."""
        return self

    def rows(self, kind: str) -> dict[str, Document]:
        """Project everything that was said."""
        found: dict[str, Document] = {}
        for body in self.rig.said:
            for row in project(body):
                if isinstance(row, Row) and row.kind == kind:
                    found.pop(row.key, None)
                    found[row.key] = row.document
        return found

    async def list(
        self, kind: str, *, session: str | None = None, after: str = "", limit: int = 1_000
    ) -> list[Document]:
        """Return documents oldest first."""
        place = int(after.partition(":")[0] or 0)
        rows = [
            {**row, "cursor": f"{number}:x"}
            for number, row in enumerate(self.rows(kind).values(), start=1)
            if session in (None, row["session"])
        ]
        return rows[place : place + limit]

    async def get(self, kind: str, key: str, *, session: str | None = None) -> Document | None:
        """Return one document, or None."""
        assert session is None
        return self.rows(kind).get(key)

    async def call(self, call_id: str, body: Body, principal: str = "") -> Body:
        """Have the machine answer."""
        asked = f"{call_id}:{principal}:{len(self.rig.answers)}" if principal else call_id
        self.rig.instant(NOW_NS, [Called(asked, body)])
        return self.rig.answers[asked]


@pytest.fixture
def host() -> HostInMemory:
    """Return the host."""
    return HostInMemory()


@pytest.fixture
async def client(host: HostInMemory, tmp_path: Path) -> httpx.AsyncClient:
    """Serve the routes as the chassis does, with two principals."""
    for principal, secret in (("operator", TOKEN), ("approver", "a" * 43)):
        token = tmp_path / f"{principal}.token"
        token.write_text(secret, encoding="ascii")
        token.chmod(0o600)
    flags = KillFlags()
    handover = Handover(flags, [host])
    authority = Authority(lambda token: None, lambda subject, payload, signature: False)
    switch = KillSwitch(flags, Heartbeats(), authority, handover.hand_over)
    switch.attach(asyncio.get_running_loop())
    routes = ExecutionRoutes(flags)
    routes.attach(switch, handover, QualityBoard({"demo": Decimal(2)}))
    application = make_app("execution", Settings(tmp_path), list)
    application.include_router(routes.routes(host))
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://execution")


async def test_orders_are_listed_page_by_page(client: httpx.AsyncClient) -> None:
    """Every order once, as its last event left it; `next` goes on."""
    first = (await client.get("/v1/orders?limit=1")).json()
    second = (await client.get(f"/v1/orders?limit=1&after={first['next']}")).json()
    assert [row["state"] for row in first["orders"] + second["orders"]] == ["FILLED", "WORKING"]
    assert (await client.get("/v1/orders?state=WORKING")).json()["orders"] == second["orders"]


async def test_an_order_shows_its_fills(client: httpx.AsyncClient) -> None:
    """One order by its id, with its fills; an unknown id is 404."""
    (fill,) = (await client.get("/v1/fills?session=demo")).json()["fills"]
    order = (await client.get(f"/v1/orders/{fill['client_order_id']}")).json()
    assert (order["state"], order["fills"]) == ("FILLED", [fill])
    assert (await client.get("/v1/orders/none")).status_code == 404


async def test_quality_is_told_of_what_has_ended(client: httpx.AsyncClient) -> None:
    """The filled order counts, the open one not yet; asking again changes nothing."""
    (found,) = (await client.get("/v1/quality?session=demo")).json()["quality"]
    assert (found["session"], found["orders"], found["sent"]) == ("demo", 1, 1)
    assert (found["fill_ratio"], found["reject_rate"]) == ("1", "0")
    assert Decimal(found["shortfall"]) == sum(
        Decimal(found[f"shortfall_{part}"]) for part in ("execution", "opportunity", "fees")
    )
    assert found["effective_spread_bps"] is None
    assert (await client.get("/v1/quality")).json()["quality"] == [found]
    assert (await client.get("/v1/quality?session=other")).json()["quality"] == []


async def test_a_place_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    """A wrong `after` is an error, never a first page."""
    assert (await client.get("/v1/fills?after=x")).status_code == 422


async def test_a_raise_needs_a_principal_and_answers_what_is_confirmed(
    client: httpx.AsyncClient,
) -> None:
    """Without a token nothing changes; with one the shard is shut and says so."""
    assert (await client.post("/admin/gate/raise", json={})).status_code == 401
    assert (await client.get("/v1/gate")).json()["shards"][0]["level"] == "OPEN"
    raised = await client.post("/admin/gate/raise", json={"reason": "test"}, headers=PRINCIPAL)
    (shard,) = raised.json()["shards"]
    assert (shard["level"], shard["stored"], shard["open_orders"]) == ("HALTED", True, 0)
    gate = (await client.get("/v1/gate")).json()
    assert gate["shards"] == [shard]
    assert [flag["by"] for flag in gate["flags"]] == ["operator"]


async def test_a_wrong_scope_is_refused(client: httpx.AsyncClient) -> None:
    """The message says what a scope is."""
    wrong = await client.post("/admin/gate/raise", json={"scope": "world"}, headers=PRINCIPAL)
    assert wrong.status_code == 422
    assert wrong.json()["error"]["code"] == "NOTICE_INVALID"


async def test_reconciling_answers_with_the_venues_account(client: httpx.AsyncClient) -> None:
    """What the venue holds, now."""
    answer = await client.post("/admin/reconcile", json={"session": "demo"}, headers=PRINCIPAL)
    assert answer.json()["holdings"] == {"AAPL": "10"}
    assert len(answer.json()["open_orders"]) == 1


async def test_a_difference_is_booked_away_by_two(
    client: httpx.AsyncClient, host: HostInMemory
) -> None:
    """Five bought by hand at the venue: filed by one, approved by another, told and audited."""
    for order in (await client.get("/v1/orders?state=WORKING")).json()["orders"]:
        place = f"/v1/orders/{order['client_order_id']}/cancel"
        await client.post(place, json={}, headers=PRINCIPAL)
    host.rig.venue.book.holdings["AAPL"] += 5
    for _ in range(2):
        await client.post("/admin/reconcile", json={"session": "demo"}, headers=PRINCIPAL)
    (shard,) = (await client.get("/v1/gate")).json()["shards"]
    assert shard["differences"] == {"AAPL": {"expected": "10", "found": "15"}}

    async def say(verb: str, **body: str) -> httpx.Response:
        headers = OTHER if verb == "approve" else PRINCIPAL
        return await client.post(
            f"/admin/account/{verb}", json={"session": "demo", **body}, headers=headers
        )

    wanted = {"symbol": "AAPL", "quantity": "5", "price": "100", "reason": "by hand"}
    assert (await say("adjust", **wanted, strategy="nobody")).status_code == 422
    blind = await say("adjust", **{**wanted, "quantity": "4"})
    assert (blind.status_code, blind.json()["error"]["code"]) == (409, "DIFFERENCE_MISMATCH")
    filed = await say("adjust", **wanted)
    assert filed.status_code == 202
    assert (await say("approve", request_id=filed.json()["request_id"])).status_code == 200
    (entry,) = (await client.get("/v1/entries")).json()["entries"]
    assert (entry["kind"], entry["quantity"], entry["strategy"]) == ("ADJUSTMENT", "5", "")
    assert (entry["principal"], entry["approver"]) == ("operator", "approver")
    (audited,) = [
        row
        for body in host.rig.said
        for row in project(body)
        if isinstance(row, AuditEntry) and row.about == "adjustment-1"
    ]
    assert audited.who == "operator, approved by approver"
    assert (await client.get("/v1/gate")).json()["shards"][0]["reconciled"]


async def test_an_order_is_replaced_and_cancelled_by_hand(
    client: httpx.AsyncClient, host: HostInMemory
) -> None:
    """A principal lowers the limit, then cancels what follows; a worse price is refused."""
    resting = (await client.get("/v1/orders?state=WORKING")).json()["orders"][0]
    place = f"/v1/orders/{resting['client_order_id']}"
    worse = await client.post(f"{place}/replace", json={"limit_price": "91"}, headers=PRINCIPAL)
    assert (worse.status_code, worse.json()["error"]["code"]) == (422, "RISK_INCREASING")
    lower = await client.post(f"{place}/replace", json={"limit_price": "80"}, headers=PRINCIPAL)
    following = lower.json()["following_client_order_id"]
    cancelled = await client.post(f"/v1/orders/{following}/cancel", json={}, headers=PRINCIPAL)
    assert cancelled.status_code == 200
    last = host.rig.order_events[-1]
    assert (last.specification.client_order_id, last.reason_code) == (
        following,
        "CANCELLED_BY_HAND",
    )
    entries = [row for row in project(last) if not isinstance(row, Row)]
    assert [(each.who, each.what) for each in entries] == [("operator", "CANCELLED_BY_HAND")]
    again = await client.post(f"/v1/orders/{following}/cancel", json={}, headers=PRINCIPAL)
    assert again.status_code == 409
    unknown = await client.post("/v1/orders/tg-none/cancel", json={}, headers=PRINCIPAL)
    assert unknown.status_code == 404
    assert (await client.post(f"{place}/cancel", json={})).status_code == 401
