"""Limits of a session that runs, by the command: looked at, tried, tightened, loosened by two."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg
import pytest

from tidegate_chassis.host.inputs import InputKind
from tidegate_cli.__main__ import main

from .replaying import replay

if TYPE_CHECKING:
    from pathlib import Path

    from tests.instances import Instance

    from .conftest import Watched

pytestmark = [
    pytest.mark.real,
    pytest.mark.end_to_end,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("traced"),
]

OWN = "position_fraction: 0.05\nopen_positions_max: 20\ndaily_loss_max_percent: 50\n"
"""The limits that the session was started with."""

SINCE = "select kind from journal where shard = $1 and n > $2"


class Ended(NamedTuple):
    """What a command ended with."""

    code: int
    document: dict[str, Any]


Risk = Callable[..., Ended]


@pytest.fixture
def risk(
    traced: Watched, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Risk:
    """Run `tidegate risk ... --json` against an instance that has played its session."""
    monkeypatch.setenv("TIDEGATE_HOME", str(traced.instance.folder))
    for name in ("TIDEGATE_INSTANCE", "TIDEGATE_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        code = main(["risk", *arguments, "--json"])
        return Ended(code, json.loads(capsys.readouterr().out.splitlines()[-1]))

    return run


def test_every_command_shows_what_the_session_did(risk: Risk) -> None:
    """State, worst cases, tails, breakers, verdicts, one in words, the audit."""
    (state,) = risk("state").document["sessions"]
    (exposure,) = risk("exposures").document["sessions"]
    (health,) = risk("var").document["sessions"]
    (breakers,) = risk("breakers").document["sessions"]
    assert float(state["equity"]) > 0
    assert len(exposure["listings"]) == state["open_positions"]
    assert {each["name"] for each in health["stress"]} >= {"crisis-2008", "flash-crash"}
    assert len(breakers["breakers"]) >= 11
    counted = risk("verdicts", "--counts").document
    approved = risk("verdicts", "--decision", "approved", "--limit", "5000").document["verdicts"]
    assert len(approved) == counted["approved"] > 0
    order = next(each["order"]["client_order_id"] for each in approved if each["order"])
    explained = risk("explain", order).document
    assert explained["explanation"][0].startswith("Approved: trend ")
    assert explained["verdict"]["order"]["client_order_id"] == order
    assert len(risk("audit", "--what", "approved", "--limit", "5000").document["audit"]) == len(
        approved
    )


def test_a_question_leaves_no_trace(risk: Risk, traced: Watched) -> None:
    """The journal holds nothing new of it, and the answer is a verdict with its words."""
    before = traced.instance.shard("risk/demo")["n"]
    symbol = risk("verdicts", "--limit", "1").document["verdicts"][0]["symbol"]
    answer = risk("ask", "long", symbol, "--strategy", "trend").document
    assert answer["verdict"]["code"] != "MODEL_NOT_APPROVED"
    assert answer["explanation"]
    assert asyncio.run(_kinds_since(traced.instance, before)) <= {InputKind.SKIPPED}


async def _kinds_since(instance: Instance, n: int) -> set[int]:
    """Return what kinds of row risk has journalled since: how far it read may come late."""
    database = await asyncpg.connect(instance.database_url("risk"))
    try:
        return {row["kind"] for row in await database.fetch(SINCE, "risk/demo", n)}
    finally:
        await database.close()


def test_limits_are_tried_tightened_and_loosened_by_two(
    risk: Risk, traced: Watched, tmp_path: Path
) -> None:
    """A dry run says what they refuse; the changes are in force, kept, and replayed exactly."""
    stricter, own = tmp_path / "stricter.yaml", tmp_path / "own.yaml"
    own.write_text(OWN)
    stricter.write_text(OWN + "trade_notional_min: 900000\n")
    whole = ("--since", "1990-01-01")
    same = risk("dry-run", str(own), *whole).document
    assert same["counts"]["same"] == same["signals"] > 0
    tried = risk("dry-run", str(stricter), *whole).document
    assert tried["refused_by"] == {"TRADE_TOO_SMALL": tried["counts"]["refused"]}
    assert tried["counts"]["refused"] > 0

    tightened = risk("limits", "set", str(stricter), "--reason", "tried on the past")
    assert (tightened.code, tightened.document["version"]) == (0, 2)
    asked = risk("limits", "set", str(own), "--reason", "back")
    assert (asked.code, asked.document["error"]["code"]) == (4, "SECOND_PRINCIPAL_NEEDED")
    request = asked.document["error"]["hint"].split()[4]
    same_person = risk("limits", "approve", request)
    assert (same_person.code, same_person.document["error"]["code"]) == (4, "SAME_PRINCIPAL")
    approved = risk("limits", "approve", request, "--as", "approver")
    assert (approved.code, approved.document["version"]) == (0, 3)

    (standing,) = risk("limits").document["sessions"]
    assert (standing["version"], standing["requests"], standing["held_back"]) == (3, [], [])
    actions = [each["action"] for each in risk("limits", "history").document["changes"]]
    assert actions == ["CHANGED", "PROPOSED", "CHANGED"]
    audit = risk("audit", "--what", "limits_changed").document["audit"]
    assert [each["who"] for each in audit] == ["operator and approver", "operator"]
    assert replay(traced.instance.folder, "--shard", "risk/demo")["differ"] == 0
