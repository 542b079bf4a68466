"""HTTP over the real machines: what was said can be read, and commands reach the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tidegate_risk.testing import Desk

from .process import Context, sent_by

if TYPE_CHECKING:
    import httpx


LOWER = {"level": "OPEN", "scope": "session:demo", "reason": "over"}


async def test_the_gate_is_raised_and_lowered_by_two(client: httpx.AsyncClient) -> None:
    """Raise 200, request 202, the same principal 409, another 200."""
    operator = sent_by("operator")
    raised = await client.post(
        "/admin/gate/raise", json={"scope": "session:demo"}, headers=operator
    )
    assert (raised.status_code, raised.json()["level"]) == (200, "HALTED")
    (row,) = (await client.get("/v1/gate")).json()["scopes"]
    body = {**LOWER, "seen_epoch": row["gate_epoch"]}
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


@pytest.mark.parametrize(
    ("seen", "status", "code"),
    [
        ({}, 409, "EPOCH_MISSING"),
        ({"seen_epoch": 0}, 409, "EPOCH_MISSING"),
        ({"seen_epoch": 1}, 409, "RAISED_SINCE"),
        ({"seen_epoch": 3}, 409, "EPOCH_UNKNOWN"),
        ({"seen_epoch": -1}, 422, "INVALID_REQUEST"),
        ({"seen_epoch": 2**63}, 422, "INVALID_REQUEST"),
        ({"seen_epoch": "all of it"}, 422, "INVALID_REQUEST"),
        ({"seen_epoch": None}, 422, "INVALID_REQUEST"),
        ({"seen_epoch": True}, 422, "INVALID_REQUEST"),
        ({"seen_epoch": "2"}, 422, "INVALID_REQUEST"),
    ],
)
async def test_who_has_not_seen_the_newest_raise_lowers_nothing(
    client: httpx.AsyncClient, seen: dict[str, object], status: int, code: str
) -> None:
    """The refusal says what was expected, what came and what to do; nothing waits."""
    operator = sent_by("operator")
    for _ in range(2):
        raised = {"scope": "session:demo"}
        assert (await client.post("/admin/gate/raise", json=raised, headers=operator)).is_success
    answer = await client.post("/admin/gate/lower", json={**LOWER, **seen}, headers=operator)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["expected"]
    assert error["found"]
    assert error["hint"]
    assert (await client.get("/v1/gate")).json()["requests"] == []


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
