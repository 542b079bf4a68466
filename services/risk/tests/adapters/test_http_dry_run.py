"""A dry run over HTTP: what is wrong is said before anything is read, and one runs at a time.

What it finds is shown with recorded sessions in the lab's tests, and end to end by the command.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tidegate_chassis.http import ApiError
from tidegate_risk.adapters.dry_run import DryRun, Stopped
from tidegate_risk.adapters.dry_run_aside import Asked, shortened, tried

from .process import Context, sent_by

if TYPE_CHECKING:
    import httpx

OPERATOR = sent_by("operator")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"session": "other"}, "UNKNOWN_SESSION"),
        ({"document": {"open_positions_max": 0}}, "INVALID_LIMITS"),
        ({"document": {"blackouts": {"x": "every Fry 21:00-22:00"}}}, "INVALID_LIMITS"),
        ({"since": "yesterday"}, "INVALID_TIME"),
        ({"limit": 0}, "INVALID"),
        ({"documents": {}}, "INVALID"),
    ],
)
async def test_a_wrong_question_is_refused(
    client: httpx.AsyncClient, wrong: dict[str, Any], code: str
) -> None:
    """With what was expected; no process is started for it."""
    body = {"document": {"profile": "conservative"}, **wrong}
    answer = await client.post("/v1/limits/dry-run", json=body, headers=OPERATOR)
    assert answer.status_code in {404, 422}
    assert answer.json()["error"]["code"].startswith(code)


async def test_it_needs_a_name(client: httpx.AsyncClient) -> None:
    """It costs the machine something."""
    answer = await client.post("/v1/limits/dry-run", json={"document": {}})
    assert answer.status_code == 401


async def test_one_runs_at_a_time_and_one_that_fails_says_why(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is refused at once; the first has no database here, and the next may run."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    session = context.configuration.sessions[0].model_dump(mode="json")
    asked = Asked(session=session, document={}, limit=1)
    found = await asyncio.gather(tried(asked), tried(asked), return_exceptions=True)
    codes = [each.code for each in found if isinstance(each, ApiError)]
    assert codes == ["DRY_RUN_FAILED", "DRY_RUN_BUSY"]
    with pytest.raises(ApiError) as again:
        await tried(asked)
    assert again.value.code == "DRY_RUN_FAILED"
    assert again.value.found != "none"


def test_lists_are_shortened_and_counts_are_not() -> None:
    """As many as were asked for, the first of them."""
    stops = tuple(
        Stopped(recorded=False, at="", breaker=str(n), scope="", state="", reason="")
        for n in range(3)
    )
    whole = DryRun(
        session="demo",
        since="",
        until="",
        inputs=9,
        signals=5,
        sha256="",
        changes=(),
        counts={"refused": 5},
        refused_by={},
        breakers=stops,
        verdicts=(),
    )
    found = shortened(whole, 2)
    assert [each["breaker"] for each in found["breakers"]] == ["0", "1"]
    assert (found["signals"], found["counts"]) == (5, {"refused": 5})
