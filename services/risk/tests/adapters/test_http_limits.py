"""Limits over HTTP: shown, tightened at once, loosened by two, else refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .process import Context, sent_by

if TYPE_CHECKING:
    import httpx

PROPOSE, APPROVE = "/admin/limits/propose", "/admin/limits/approve"


def proposal(**limits: Any) -> dict[str, Any]:  # noqa: ANN401 - any limit
    """Return the body that proposes a document."""
    return {"document": limits, "reason": "the market is wild"}


async def current(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return how the session's limits stand."""
    (found,) = (await client.get("/v1/limits", params={"session": "demo"})).json()["sessions"]
    return dict(found)


async def test_a_tighter_document_takes_effect_at_once(
    client: httpx.AsyncClient, context: Context
) -> None:
    """One principal is enough; the next verdict names the version and is bound by it."""
    assert (await current(client))["version"] == 1
    body = proposal(open_positions_max=1)
    answer = await client.post(PROPOSE, json=body, headers=sent_by("operator"))
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    found = await current(client)
    assert (found["limits"]["open_positions_max"], found["version"]) == (1, 2)
    assert found["document"]["open_positions_max"] == 1
    assert context.desk.ask().limits_version == 2


async def test_a_looser_document_takes_two_principals(client: httpx.AsyncClient) -> None:
    """Filed 202 with what is looser, refused to the same, put in force by another."""
    body = proposal(open_positions_max=9)
    asked = await client.post(PROPOSE, json=body, headers=sent_by("operator"))
    assert asked.status_code == 202
    (change,) = asked.json()["changes"]
    assert (change["name"], change["before"], change["after"]) == ("open_positions_max", "3", "9")
    found = await current(client)
    assert found["version"] == 1
    assert [each["request_id"] for each in found["requests"]] == [asked.json()["request_id"]]
    approval = {"request_id": asked.json()["request_id"]}
    same = await client.post(APPROVE, json=approval, headers=sent_by("operator"))
    assert (same.status_code, same.json()["error"]["code"]) == (409, "SAME_PRINCIPAL")
    other = await client.post(APPROVE, json=approval, headers=sent_by("approver"))
    assert (other.status_code, other.json()["version"]) == (200, 2)
    assert (await current(client))["limits"]["open_positions_max"] == 9
    history = (await client.get("/v1/limits/history")).json()["changes"]
    assert [each["action"] for each in history] == ["PROPOSED", "CHANGED"]
    audit = (await client.get("/v1/audit", params={"what": "LIMITS_CHANGED"})).json()["audit"]
    assert (audit[0]["who"], audit[0]["why"]) == ("operator and approver", "the market is wild")


async def test_nobody_changes_limits_without_a_token(client: httpx.AsyncClient) -> None:
    """401 for both commands, and nothing is changed."""
    assert (await client.post(PROPOSE, json=proposal())).status_code == 401
    assert (await client.post(APPROVE, json={"request_id": "limits-1"})).status_code == 401
    assert (await current(client))["version"] == 1


@pytest.mark.parametrize(
    ("document", "place", "expected"),
    [
        ({"open_positions_max": 0}, "sessions.demo.limits.open_positions_max", "at least 1"),
        ({"open_position_max": 1}, "sessions.demo.limits.open_position_max", "open_positions_max"),
        ({"daily_loss_max_percent": 200}, "daily_loss_max_percent", "at most 50"),
        ({"symbols": {"BTC": {"open_orders_max": 0}}}, "symbols.BTC.open_orders_max", "at least"),
        ({"profile": "reckless"}, "sessions.demo.limits.profile", "'moderate'"),
    ],
)
async def test_a_bad_document_is_refused_with_its_place_and_bounds(
    client: httpx.AsyncClient, document: dict[str, Any], place: str, expected: str
) -> None:
    """422; the version stays."""
    headers = sent_by("operator")
    answer = await client.post(PROPOSE, json=proposal(**document), headers=headers)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "INVALID_LIMITS"
    assert place in error["expected"] + error["found"]
    assert expected in error["expected"]
    assert (await current(client))["version"] == 1


@pytest.mark.parametrize(
    "context", [Context(limits_environment={"MAX_POSITIONS": "2"})], ids=["environment"]
)
async def test_no_document_loosens_what_the_environment_says(client: httpx.AsyncClient) -> None:
    """It comes to the limits in force; `/v1/limits` tells which variable it was."""
    found = await current(client)
    assert found["limits"]["open_positions_max"] == 2
    assert found["environment"] == ["open_positions_max 2 by MAX_POSITIONS"]
    headers = sent_by("operator")
    answer = await client.post(PROPOSE, json=proposal(open_positions_max=9), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "NOTHING_CHANGES")


async def test_what_the_configuration_says_otherwise_is_shown(
    client: httpx.AsyncClient, context: Context
) -> None:
    """With what is looser in it: a restart would hold it back."""
    headers = sent_by("operator")
    await client.post(PROPOSE, json=proposal(open_positions_max=1), headers=headers)
    found = await current(client)
    assert found["sha256"] != found["configured_sha256"]
    (change,) = found["held_back"]
    assert (change["before"], change["after"], change["looser"]) == ("1", "3", True)
    assert context.desk.machine.state.limits.version == 2


async def test_a_document_for_another_version_is_refused(client: httpx.AsyncClient) -> None:
    """Two people do not overwrite each other."""
    body = {**proposal(open_positions_max=1), "replaces_version": 7}
    answer = await client.post(PROPOSE, json=body, headers=sent_by("operator"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "VERSION_CHANGED")


async def test_an_unknown_session_is_refused(client: httpx.AsyncClient) -> None:
    """404 with the names there are, for what is read and for commands."""
    for path in ("/v1/limits", "/v1/state", "/v1/exposure", "/v1/var", "/v1/breakers"):
        answer = await client.get(path, params={"session": "nobody"})
        assert answer.status_code == 404
        assert answer.json()["error"]["expected"] == "one of demo"
    body = {**proposal(), "session": "nobody"}
    refused = await client.post(PROPOSE, json=body, headers=sent_by("operator"))
    assert refused.json()["error"]["code"] == "UNKNOWN_SESSION"
