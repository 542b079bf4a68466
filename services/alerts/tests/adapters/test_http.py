"""Alerts over HTTP, answered by the machine itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tidegate_alerts.adapters.http import routes
from tidegate_alerts.adapters.projection import project
from tidegate_alerts.core.machine import AlertsMachine
from tidegate_alerts.testing import START, WALL, fill, gate, refused
from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.http import make_app
from tidegate_contracts.risk import GateAction
from tidegate_kernel.machine import Answer, Body, Called, Effect, Publish

TOKEN = "o" * 43
CONFIGURATION = Configuration.model_validate(
    {
        "sessions": [
            {
                "name": "demo",
                "capital": {"amount": "1000"},
                "feed": {"paths": ["bars.csv"]},
                "strategies": [{"name": "trend", "strategy": "ema-crossover"}],
            }
        ],
        "alerts": {"channels": [{"name": "phone", "kind": "webhook", "url_env": "PHONE_URL"}]},
    }
)


@dataclass
class Settings:
    """What the application needs to know of a process."""

    secrets_folder: Path


class HostInMemory:
    """One shard: its machine, its rows, and calls to it."""

    configuration = CONFIGURATION

    def __init__(self) -> None:
        """Start with three alerts."""
        self.machine = AlertsMachine.restore(WALL, None)
        self.rows: dict[str, dict[str, Any]] = {}
        for message in (fill(), refused(), gate(GateAction.RAISED)):
            self.commit(self.machine.handle(message, START))

    @property
    def projections(self) -> HostInMemory:
        """The rows themselves."""
        return self

    def commit(self, effects: Any) -> None:  # noqa: ANN401 - effects of any kind
        """Write the rows of what was published, newest last."""
        for effect in effects:
            for row in project(effect.body) if isinstance(effect, Publish) else ():
                self.rows.pop(row.key, None)
                self.rows[row.key] = row.document

    async def newest(
        self, kind: str, *, session: str | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Return documents newest first."""
        assert kind == "alert"
        rows = [row for row in self.rows.values() if session in (None, row["session"])]
        return [{**row, "cursor": "1:x"} for row in reversed(rows)][:limit]

    async def get(
        self, kind: str, key: str, *, session: str | None = None
    ) -> dict[str, Any] | None:
        """Return one document, or None."""
        assert (kind, session) == ("alert", None)
        return self.rows.get(key)

    async def call(self, shard: str, body: Body, principal: str = "") -> Body:
        """Have the machine answer."""
        assert (shard, principal) == ("alerts/demo", "operator")
        effects: list[Effect] = list(self.machine.handle(Called("c1", body), START))
        self.commit(effects)
        (answer,) = [each.body for each in effects if isinstance(each, Answer)]
        return answer


@pytest.fixture
def host() -> HostInMemory:
    """Return the host."""
    return HostInMemory()


@pytest.fixture
def client(host: HostInMemory, tmp_path: Path) -> httpx.AsyncClient:
    """Serve the routes as the chassis does, with one principal."""
    token = tmp_path / "operator.token"
    token.write_text(TOKEN, encoding="ascii")
    token.chmod(0o600)
    application = make_app("alerts", Settings(tmp_path), list)
    application.include_router(routes(host))
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://alerts")


async def _alerts(client: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    response = await client.get(f"/v1/alerts{query}")
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["alerts"]
    return found


async def test_alerts_are_listed_newest_first(client: httpx.AsyncClient) -> None:
    """Every alert once, with its state and severity by name."""
    found = await _alerts(client)
    assert [row["rule"] for row in found] == ["gate", "refusals", "fill"]
    assert {row["state"] for row in found} == {"RAISED"}


async def test_alerts_are_filtered_by_state_severity_and_number(client: httpx.AsyncClient) -> None:
    """Filters hold together, and the limit counts what is left."""
    assert [row["rule"] for row in await _alerts(client, "?severity=CRITICAL")] == ["gate"]
    assert await _alerts(client, "?state=RESOLVED") == []
    assert len(await _alerts(client, "?state=RAISED&limit=2")) == 2
    assert await _alerts(client, "?session=other") == []


async def test_an_unknown_filter_is_refused(client: httpx.AsyncClient) -> None:
    """A misspelt severity is an error, never an empty list."""
    assert (await client.get("/v1/alerts?severity=LOUD")).status_code == 422


async def test_an_acknowledgement_names_its_principal(client: httpx.AsyncClient) -> None:
    """The answer is the alert, and the list shows it."""
    (known,) = await _alerts(client, "?severity=CRITICAL")
    path = f"/admin/alerts/{known['alert_id']}/acknowledge"
    response = await client.post(path, headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200, response.text
    assert response.json()["principal"] == "operator"
    assert [row["rule"] for row in await _alerts(client, "?state=ACKNOWLEDGED")] == ["gate"]


async def test_an_acknowledgement_needs_a_principal(client: httpx.AsyncClient) -> None:
    """Nobody acknowledges without a token, and nothing changes."""
    (known,) = await _alerts(client, "?severity=CRITICAL")
    response = await client.post(f"/admin/alerts/{known['alert_id']}/acknowledge")
    assert response.status_code == 401
    assert await _alerts(client, "?state=ACKNOWLEDGED") == []


async def test_an_unknown_alert_is_not_found(client: httpx.AsyncClient, host: HostInMemory) -> None:
    """Neither one that never was, nor one that the machine has forgotten."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    response = await client.post("/admin/alerts/fill-0/acknowledge", headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "ALERT_UNKNOWN")
    (known,) = await _alerts(client, "?severity=CRITICAL")
    host.machine.state.book.known.clear()
    path = f"/admin/alerts/{known['alert_id']}/acknowledge"
    response = await client.post(path, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "ALERT_UNKNOWN")


async def test_rules_show_their_settings_and_no_addresses(client: httpx.AsyncClient) -> None:
    """Channels are shown with the name of their variable."""
    document = (await client.get("/v1/alerts/rules")).json()
    assert document["rules"]["drawdown"]["limit_percent"] == "10"
    assert document["channels"][0]["url_env"] == "PHONE_URL"
    assert document["quiet"] == "1h"
