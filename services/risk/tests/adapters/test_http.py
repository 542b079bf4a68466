"""HTTP over the real machines: what was said can be read, and commands reach the gate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.host.definition import AuditEntry
from tidegate_chassis.host.queries import AuditQuery
from tidegate_chassis.http import make_app
from tidegate_kernel.machine import Answer, Called, Publish
from tidegate_risk.adapters.http import routes
from tidegate_risk.adapters.projection import project
from tidegate_risk.config import gate_parameters
from tidegate_risk.core.gate.machine import GateMachine
from tidegate_risk.shards import GATE_SHARD
from tidegate_risk.testing import Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tidegate_kernel.machine import Body

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
    """One process with a gate machine."""

    def __init__(self) -> None:
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
                    }
                ]
            }
        )

    async def call(self, shard: str, body: Body, principal: str = "") -> Body:
        """Hand a command to the gate machine and return its answer."""
        assert shard == GATE_SHARD
        assert principal
        self.calls += 1
        for effect in self.gate.handle(Called(f"c{self.calls}", body), 1_000):
            if isinstance(effect, Publish):
                self.projections.add(effect.body)
            if isinstance(effect, Answer):
                return effect.body
        raise AssertionError


@pytest.fixture
def context() -> Context:
    """Return a fresh process."""
    return Context()


@pytest.fixture
async def client(context: Context, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the service's routes; every principal's token is its name, long enough."""
    app = make_app("risk", Settings(with_tokens(tmp_path)), list)
    app.include_router(routes(context))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://risk") as made:
        yield made


class Settings(NamedTuple):
    """What the application needs to know."""

    secrets_folder: Path


def with_tokens(folder: Path) -> Path:
    """Write the tokens of two principals into a folder."""
    folder.chmod(0o700)
    for name in ("operator", "approver"):
        path = folder / f"{name}.token"
        path.touch(0o600)
        path.write_text(token(name))
    return folder


def token(name: str) -> str:
    """Return a principal's token."""
    return f"{name}-" * 8


def sent_by(name: str) -> dict[str, str]:
    """Return the header that names a principal."""
    return {"authorization": f"Bearer {token(name)}"}


async def test_the_gate_is_raised_and_lowered_by_two(client: httpx.AsyncClient) -> None:
    """Raise 200, request 202, the same principal 409, another 200."""
    operator = sent_by("operator")
    raised = await client.post(
        "/admin/gate/raise", json={"scope": "session:demo"}, headers=operator
    )
    assert (raised.status_code, raised.json()["level"]) == (200, "HALTED")
    body = {"level": "OPEN", "scope": "session:demo", "reason": "over"}
    asked = await client.post("/admin/gate/lower", json=body, headers=operator)
    assert asked.status_code == 202
    request = {"request_id": asked.json()["request_id"]}
    pending = (await client.get("/v1/gate")).json()
    assert (pending["level"], len(pending["requests"])) == ("HALTED", 1)
    assert pending["requests"][0]["requested_level"] == "OPEN"
    same = await client.post("/admin/gate/approve", json=request, headers=operator)
    assert (same.status_code, same.json()["error"]["code"]) == (409, "SAME_PRINCIPAL")
    other = await client.post("/admin/gate/approve", json=request, headers=sent_by("approver"))
    assert other.status_code == 200
    gate = (await client.get("/v1/gate")).json()
    assert (gate["level"], gate["requests"]) == ("OPEN", [])
    audit = (await client.get("/v1/audit")).json()["audit"]
    assert audit[0]["who"] == "operator and approver"
    assert [entry["what"] for entry in audit] == ["LOWERED", "LOWERING_REQUESTED", "RAISED"]


async def test_the_audit_is_filtered_and_paged(client: httpx.AsyncClient, context: Context) -> None:
    """Every verdict is in it with its numbers; a page ends with the next one's place."""
    desk = Desk()
    for verdict in (desk.ask(), desk.ask(symbol="MSFT"), desk.ask(symbol="IBM")):
        context.projections.add(verdict)
    refused: dict[str, str | int] = {"what": "INSTRUMENT_UNKNOWN", "limit": 1}
    first = (await client.get("/v1/audit", params=refused)).json()
    assert first["audit"][0]["about"].split("|")[2] == "IBM"
    assert first["audit"][0]["numbers"]["equity"] == "100000"
    following = await client.get("/v1/audit", params={**refused, "after": first["next"]})
    assert following.json()["audit"][0]["about"].split("|")[2] == "MSFT"


@pytest.mark.parametrize(
    "wrong",
    [
        {"after": "x"},
        {"after": str(2**63)},
        {"since": "yesterday"},
        {"limit": 0},
        {"limit": "many"},
        {"whom": "operator"},
    ],
)
async def test_a_wrong_filter_of_the_audit_is_refused(
    client: httpx.AsyncClient, wrong: dict[str, str | int]
) -> None:
    """422 in the one form of every error, never an unfiltered answer."""
    answer = await client.get("/v1/audit", params=wrong)
    assert answer.status_code == 422
    assert answer.json()["error"]["expected"]


async def test_nobody_raises_without_a_token(client: httpx.AsyncClient) -> None:
    """401, and the gate stays as it is."""
    assert (await client.post("/admin/gate/raise", json={})).status_code == 401
    assert (await client.get("/v1/gate")).json()["level"] == "OPEN"


async def test_a_refused_command_says_what_was_expected_and_what_to_do(
    client: httpx.AsyncClient,
) -> None:
    """The one form of every error, with the gate's own code."""
    body = {"scope": "desk:one"}
    answer = await client.post("/admin/gate/raise", json=body, headers=sent_by("operator"))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "INVALID_SCOPE")
    assert error["found"] == "'desk:one'"
    assert error["expected"].startswith("a scope: all")
    assert error["hint"]


async def test_verdicts_can_be_read_counted_and_explained(
    client: httpx.AsyncClient, context: Context
) -> None:
    """A page at a time, by reason, and one with all its numbers."""
    desk = Desk()
    approved, refused = desk.ask(), desk.ask(symbol="MSFT")
    for verdict in (approved, refused):
        context.projections.add(verdict)
    first = (await client.get("/v1/verdicts", params={"limit": 1})).json()
    assert first["verdicts"][0]["decision"] == "APPROVED"
    following = (await client.get("/v1/verdicts", params={"after": first["next"]})).json()
    assert [row["code"] for row in following["verdicts"]] == ["INSTRUMENT_UNKNOWN"]
    counts = (await client.get("/v1/verdicts/counts")).json()
    assert counts == {"approved": 1, "refused": {"INSTRUMENT_UNKNOWN": 1}}
    one = (await client.get(f"/v1/verdicts/{approved.signal_key}")).json()
    assert one["numbers"]["equity"] == {"value": "100000", "unit": "USD"}
    assert (await client.get("/v1/verdicts/none")).status_code == 404


async def test_a_cursor_that_was_never_given_is_refused(client: httpx.AsyncClient) -> None:
    """422, with what was expected."""
    assert (await client.get("/v1/verdicts", params={"after": "x"})).status_code == 422


async def test_limits_and_exposure_are_shown_per_session(
    client: httpx.AsyncClient, context: Context
) -> None:
    """The limits of the configuration, the numbers of the newest verdict."""
    limits = (await client.get("/v1/limits", params={"session": "demo"})).json()["sessions"]
    assert limits[0]["limits"]["open_positions_max"] == 3
    context.projections.add(Desk().ask())
    exposure = (await client.get("/v1/exposure")).json()["sessions"]
    assert exposure[0]["numbers"]["gross_exposure"]["value"] == "10000"
