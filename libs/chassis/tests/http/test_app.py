"""Probes, principals and errors of a real server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import httpx
import pytest
from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from tidegate_chassis.http import ApiError, HttpServer, Principal, make_app
from tidegate_chassis.http.probes import Health
from tidegate_chassis.security.principals import ensure_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PARTS = {"code", "message", "expected", "found", "hint"}


@dataclass
class Settings:
    """What `make_app` asks of a process's settings."""

    secrets_folder: Path


@dataclass
class Running:
    """A running server, a client for it, and why it is not ready."""

    server: HttpServer
    client: httpx.AsyncClient
    reasons: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


class Raise(BaseModel):
    """A body with bounds, as the gate's commands have."""

    level: int = Field(ge=1, le=5)
    reason: str = Field(min_length=1)
    token: str = ""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """Give a running server with routes that refuse, fail, read and change."""
    token = ensure_token(tmp_path, "operator")
    reasons: list[str] = []
    changes: list[str] = []
    app = make_app("risk", Settings(tmp_path), lambda: reasons)
    app.include_router(_routes(changes))
    server = HttpServer(app)
    await server.start()
    headers = {"authorization": f"Bearer {token.reveal()}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
        yield Running(server, client, reasons, changes)
    await server.stop()


def _routes(changes: list[str]) -> APIRouter:
    router = APIRouter()

    @router.post("/admin/gate/raise")
    async def raise_gate(body: Raise, principal: Principal) -> dict[str, str]:
        changes.append(f"{principal} {body.level}")
        return {"principal": principal}

    @router.post("/admin/careless")
    async def careless() -> dict[str, str]:
        changes.append("careless")
        return {}

    @router.get("/v1/positions")
    async def positions(limit: Annotated[int, Query(le=100)] = 10) -> dict[str, int]:
        return {"limit": limit}

    @router.get("/v1/refused")
    async def refused() -> None:
        raise ApiError(409, "GATE_SHUT", "an open gate", "HALTED", "ask two principals")

    @router.get("/v1/missing")
    async def missing() -> None:
        raise HTTPException(404, "no such order")

    @router.get("/v1/broken")
    async def broken() -> None:
        message = "postgresql://risk:hush@db/risk"
        raise RuntimeError(message)

    return router


async def error_of(response: httpx.Response) -> dict[str, str]:
    """Return the error, after checking that it has the one form."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == PARTS
    assert all(isinstance(text, str) and text for text in body["error"].values())
    error: dict[str, str] = body["error"]
    return error


async def test_the_probes_answer_without_a_token(running: Running) -> None:
    """Machines that watch a service have no principal."""
    async with httpx.AsyncClient(base_url=running.server.url) as stranger:
        for probe in ("/livez", "/readyz", "/startupz", "/metrics", "/version"):
            assert (await stranger.get(probe)).status_code == 200, probe


async def test_a_service_that_is_not_ready_says_why_and_stays_alive(running: Running) -> None:
    """Not ready is 503 with the reasons; live and started remain 200."""
    running.reasons.append("risk/demo: recovering")
    answer = await running.client.get("/readyz")
    assert answer.status_code == 503
    expected = {"ok": False, "state": "not ready", "reasons": ["risk/demo: recovering"]}
    assert answer.json() == expected
    assert (await running.client.get("/livez")).status_code == 200
    assert (await running.client.get("/startupz")).status_code == 200


@pytest.mark.parametrize(
    ("reasons", "followed", "state"),
    [
        ([], [], "active"),
        ([], ["risk/demo: a leads"], "standby"),
        (["risk/demo: recovering"], ["risk/gate: a leads"], "not ready"),
    ],
)
def test_only_a_process_that_has_nothing_but_standing_by_to_do_is_a_standby(
    reasons: list[str], followed: list[str], state: str
) -> None:
    """What does not work comes first; what is followed is the reason of a standby."""
    health = Health(lambda: reasons, stands_by=lambda: followed)
    assert health.ready() == (state, reasons or followed)


async def test_the_version_names_the_service(running: Running) -> None:
    """Service, release, Python and architecture: what a replay depends on."""
    version = (await running.client.get("/version")).json()
    assert version["service"] == "risk"
    assert set(version) == {"service", "version", "python", "architecture"}


async def test_a_route_learns_who_asks(running: Running) -> None:
    """The token's principal reaches the route."""
    answer = await running.client.post("/admin/gate/raise", json={"level": 3, "reason": "test"})
    assert answer.json() == {"principal": "operator"}
    assert running.changes == ["operator 3"]


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}])
@pytest.mark.parametrize("path", ["/admin/gate/raise", "/admin/careless"])
async def test_nothing_changes_without_a_principal(
    running: Running, path: str, header: dict[str, str]
) -> None:
    """Also a route that forgot to ask is refused, with 401 and the one form."""
    async with httpx.AsyncClient(base_url=running.server.url, headers=header) as stranger:
        answer = await stranger.post(path, json={"level": 3, "reason": "test"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (await error_of(answer))["code"] == "NO_PRINCIPAL"
    assert running.changes == []


async def test_a_refusal_keeps_its_parts(running: Running) -> None:
    """Code, expected, found and hint arrive as the route gave them."""
    answer = await running.client.get("/v1/refused")
    assert answer.status_code == 409
    error = await error_of(answer)
    assert error["code"] == "GATE_SHUT"
    assert (error["expected"], error["found"]) == ("an open gate", "HALTED")


async def test_an_invalid_body_names_every_field(running: Running) -> None:
    """All violations at once, each with what was expected and what came."""
    answer = await running.client.post("/admin/gate/raise", json={"level": 9, "token": 7})
    assert answer.status_code == 422
    error = await error_of(answer)
    assert error["code"] == "INVALID_REQUEST"
    assert "level: at most 5" in error["expected"]
    assert "level = 9" in error["found"]
    assert "reason = nothing" in error["found"]
    assert "token = ***" in error["found"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/missing", 404, "NOT_FOUND"),
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("DELETE", "/v1/positions", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/v1/positions?limit=1000", 422, "INVALID_REQUEST"),
        ("GET", "/v1/broken", 500, "INTERNAL_ERROR"),
    ],
)
async def test_every_error_has_the_one_form(
    running: Running, method: str, path: str, status: int, code: str
) -> None:
    """Whoever raised it: a route, the router, the validation or a bug."""
    answer = await running.client.request(method, path)
    assert answer.status_code == status
    assert (await error_of(answer))["code"] == code
    assert "hush" not in answer.text


async def test_requests_are_counted_by_route(running: Running) -> None:
    """The label is the route and not the path, so that labels stay few."""
    await running.client.get("/v1/positions?limit=7")
    await running.client.get("/v1/no/such/thing")
    text = (await running.client.get("/metrics")).text
    assert 'tidegate_http_requests_total{method="GET",route="/v1/positions",status="200"}' in text
    assert "no/such/thing" not in text
