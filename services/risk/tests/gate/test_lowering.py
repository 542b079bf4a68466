"""The rules of lowering: LOCKED asks for a restart, and nothing is lowered unreconciled."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from tidegate_contracts.execution import OrderEvent, OrderSpecification, OrderState
from tidegate_contracts.risk import GateAction, GateLatch, GateLevel
from tidegate_kernel.gate import Activity, Level, passes
from tidegate_kernel.machine import CauseMissing, TimerFired
from tidegate_risk.core.gate.lowering import APPROVAL_RULES, REQUEST_RULES
from tidegate_risk.core.gate.machine import GateMachine
from tidegate_risk.gate_reference import gate_page
from tidegate_risk.testing import Keeper, reconciliation

PAGE = Path(__file__).parents[4] / "docs/reference/gate.md"
SCOPES = ["all", "session:demo", "account:paper", "venue:XNAS", "strategy:demo/ema", "symbol:AAPL"]
LOCKED = GateLevel.LOCKED


def locked(scope: str = "all") -> tuple[Keeper, str]:
    """Return a gate that heard of term 4, was LOCKED, and was asked to open."""
    keeper = Keeper()
    keeper.tell(reconciliation(4))
    keeper.raise_to(LOCKED, scope)
    return keeper, keeper.request(scope=scope).request_id


def test_locked_lets_through_what_halted_does() -> None:
    """The two levels differ only in how they are lowered."""
    assert {a: passes(Level.LOCKED, a) for a in Activity} == {
        a: passes(Level.HALTED, a) for a in Activity
    }


@pytest.mark.parametrize("scope", SCOPES)
def test_locked_is_lowered_after_a_restart_that_has_reconciled(scope: str) -> None:
    """The same request is approved once the new term has compared its account."""
    keeper, request = locked(scope)
    refused = keeper.approve(request)
    assert (refused.code, keeper.level(scope)) == ("NOT_RESTARTED", Level.LOCKED)
    assert "restart execution, wait until it is reconciled" in refused.message
    keeper.tell(reconciliation(5, reconciled=False))
    assert keeper.approve(request).code == "UNRECONCILED"
    keeper.tell(reconciliation(5))
    assert keeper.approve(request).accepted
    assert keeper.level(scope) is Level.OPEN


def test_locked_is_not_lowered_by_news_of_the_old_term() -> None:
    """An account that agrees again without a restart is not enough."""
    keeper, request = locked()
    keeper.tell(reconciliation(4))
    assert keeper.approve(request).code == "NOT_RESTARTED"


@pytest.mark.parametrize("level", [GateLevel.HALTED, GateLevel.FLATTENING])
def test_locked_is_not_softened_without_a_restart_either(level: GateLevel) -> None:
    """Every way out of LOCKED asks for it, not only the one to OPEN."""
    keeper, _ = locked()
    assert keeper.approve(keeper.request(level).request_id).code == "NOT_RESTARTED"


def test_every_session_of_the_scope_must_be_restarted() -> None:
    """One restart does not answer for the others; the refusal names who is missing."""
    keeper = Keeper()
    keeper.tell(reconciliation(4))
    keeper.tell(reconciliation(9, "other"))
    keeper.raise_to(LOCKED)
    request = keeper.request().request_id
    keeper.tell(reconciliation(5))
    refused = keeper.approve(request)
    assert refused.code == "NOT_RESTARTED"
    assert re.search("term of session other;", refused.message)
    keeper.tell(reconciliation(10, "other"))
    assert keeper.approve(request).accepted


@pytest.mark.parametrize("scope", ["session:demo", "account:paper", "strategy:demo/ema"])
def test_sessions_outside_the_scope_keep_nothing_shut(scope: str) -> None:
    """Neither their terms nor their accounts count."""
    keeper, request = locked(scope)
    keeper.tell(reconciliation(1, "other", reconciled=False))
    keeper.tell(reconciliation(5))
    assert keeper.approve(request).accepted


def test_a_session_that_only_its_orders_tell_of_must_report() -> None:
    """The gate has heard of it, so it waits for its word."""
    keeper = Keeper()
    keeper.tell(
        OrderEvent(
            session="demo",
            account="paper",
            strategy="ema",
            specification=OrderSpecification(client_order_id="o1", venue="XNAS", symbol="AAPL"),
            state=OrderState.WORKING,
        )
    )
    keeper.raise_to(LOCKED)
    request = keeper.request().request_id
    assert keeper.approve(request).code == "NOT_RESTARTED"
    keeper.tell(reconciliation(1))
    assert keeper.approve(request).accepted


def test_a_second_lock_asks_for_a_second_restart() -> None:
    """Execution locks itself anew with every raise that leaves the scope LOCKED."""
    keeper, _ = locked()
    keeper.tell(reconciliation(5))
    keeper.raise_to(GateLevel.HALTED)
    request = keeper.request().request_id
    assert keeper.level() is Level.LOCKED
    assert keeper.approve(request).code == "NOT_RESTARTED"
    keeper.tell(reconciliation(6))
    assert keeper.approve(request).accepted


def test_a_lock_that_came_as_a_latch_asks_for_a_restart_too() -> None:
    """It does not matter which way the raise went."""
    keeper = Keeper()
    keeper.tell(reconciliation(4))
    keeper.tell(GateLatch(latch_id="l1", session="demo", scope="session:demo", level=LOCKED))
    request = keeper.request(scope="session:demo").request_id
    assert keeper.approve(request).code == "NOT_RESTARTED"


def test_a_lowered_lock_leaves_nothing_behind() -> None:
    """The next HALTED of the scope is lowered without a restart."""
    keeper, request = locked()
    keeper.tell(reconciliation(5))
    keeper.approve(request)
    keeper.raise_to(GateLevel.HALTED)
    assert keeper.approve(keeper.request().request_id).accepted
    assert keeper.machine.state.locks == {}


@pytest.mark.parametrize("level", [GateLevel.REDUCE_ONLY, GateLevel.HALTED, GateLevel.FLATTENING])
def test_no_level_is_lowered_while_an_account_is_unreconciled(level: GateLevel) -> None:
    """It works again, without a restart, once execution has reconciled it."""
    keeper = Keeper()
    keeper.tell(reconciliation(4, reconciled=False))
    keeper.raise_to(level)
    request = keeper.request().request_id
    refused = keeper.approve(request)
    assert (refused.accepted, refused.code) == (False, "UNRECONCILED")
    assert refused.message.endswith("It says: HOLDINGS_DIFFER: AAPL: expected 1, found 2; MSFT")
    keeper.tell(CauseMissing(reconciliation(4), ()))
    assert keeper.approve(request).accepted


def test_terms_and_locks_outlive_a_restart_of_the_gate() -> None:
    """They are in its snapshot."""
    keeper, request = locked()
    keeper.machine = GateMachine.restore(keeper.machine.parameters, keeper.machine.snapshot())
    assert keeper.approve(request).code == "NOT_RESTARTED"
    keeper.tell(reconciliation(5))
    assert keeper.approve(request).accepted


def test_the_wanted_level_is_a_field_of_its_own() -> None:
    """The reason is what the principal wrote, and nothing else; raises want no lowering."""
    keeper = Keeper()
    keeper.raise_to()
    keeper.approve(keeper.request(GateLevel.REDUCE_ONLY).request_id)
    forgotten = keeper.request().request_id
    keeper.tell(TimerFired(forgotten, keeper.now_ns))
    assert [(e.action, e.level, e.requested_level, e.reason) for e in keeper.events] == [
        (GateAction.RAISED, GateLevel.HALTED, GateLevel.UNSPECIFIED, "test"),
        (GateAction.LOWERING_REQUESTED, GateLevel.HALTED, GateLevel.REDUCE_ONLY, "over"),
        (GateAction.LOWERED, GateLevel.REDUCE_ONLY, GateLevel.REDUCE_ONLY, "over"),
        (GateAction.LOWERING_REQUESTED, GateLevel.REDUCE_ONLY, GateLevel.OPEN, "over"),
        (GateAction.REQUEST_EXPIRED, GateLevel.REDUCE_ONLY, GateLevel.OPEN, "over"),
    ]


def test_a_session_that_is_no_longer_configured_keeps_nothing_shut() -> None:
    """Neither its account, nor its term, nor its orders; request and lowering say so."""
    keeper = Keeper()
    keeper.tell(reconciliation(4))
    keeper.tell(reconciliation(2, "gone", reconciled=False))
    keeper.tell(
        OrderEvent(
            session="gone",
            account="old",
            specification=OrderSpecification(client_order_id="o1"),
            state=OrderState.UNKNOWN,
        )
    )
    keeper.raise_to(LOCKED)
    keeper.tell(reconciliation(5))
    assert keeper.approve(keeper.request().request_id).code == "UNRECONCILED"
    request = keeper.request(configured=("demo",)).request_id
    assert keeper.approve(request).accepted
    assert [e.retired_sessions for e in keeper.events[-2:]] == [("gone",), ("gone",)]
    assert keeper.events[-1].action is GateAction.LOWERED
    assert list(keeper.machine.state.sessions) == ["demo"]
    assert keeper.machine.state.unknown_orders == {}


def test_a_configured_session_is_never_retired() -> None:
    """However long its account has been unreconciled."""
    keeper = Keeper()
    keeper.tell(reconciliation(4, reconciled=False))
    keeper.raise_to()
    refused = keeper.approve(keeper.request(configured=("demo", "other")).request_id)
    assert refused.code == "UNRECONCILED"
    assert keeper.events[-1].retired_sessions == ()


def test_a_retired_session_that_comes_back_is_heard_of_anew() -> None:
    """It keeps the gate shut again until it has reconciled."""
    keeper = Keeper()
    keeper.tell(reconciliation(4, "gone", reconciled=False))
    keeper.raise_to()
    assert keeper.approve(keeper.request(configured=("demo",)).request_id).accepted
    keeper.tell(reconciliation(5, "gone", reconciled=False))
    keeper.raise_to()
    request = keeper.request(configured=("demo", "gone")).request_id
    assert keeper.approve(request).code == "UNRECONCILED"


def test_a_pending_request_of_an_older_snapshot_retires_nobody() -> None:
    """Its field is younger than the snapshot."""
    keeper = Keeper()
    keeper.raise_to()
    request = keeper.request().request_id
    state = msgspec.msgpack.decode(keeper.machine.snapshot())
    del state["requests"][request]["retired"]
    older = msgspec.msgpack.encode(state)
    keeper.machine = GateMachine.restore(keeper.machine.parameters, older)
    assert keeper.machine.state.requests[request].retired == ()
    assert keeper.approve(request).accepted


def test_every_rule_says_what_must_hold() -> None:
    """In a whole sentence."""
    sentences = [rule.requires for rule in REQUEST_RULES]
    sentences += [rule.requires for rule in APPROVAL_RULES]
    assert [text for text in sentences if not re.fullmatch("[A-Z].+\\.", text)] == []


def test_the_reference_page_is_the_table_and_the_rules() -> None:
    """Otherwise: python -m tidegate_risk.gate_reference > docs/reference/gate.md."""
    assert PAGE.read_text() == gate_page()
