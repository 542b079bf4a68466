"""Limits that change while a session runs: tighter at once, looser by two, never by a restart."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.risk import (
    ApproveLimits,
    ChangeLimits,
    LimitsAction,
    LimitsAnswer,
    LimitsChanged,
)
from tidegate_kernel.machine import Answer, Called, Publish, TermStarted
from tidegate_risk.core.changes.comparing import changes_between
from tidegate_risk.core.changes.document import LimitsDocument, Resolved, under, write_resolved
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.limits import LimitTable
from tidegate_risk.core.parameters import DecisionParameters, Override
from tidegate_risk.testing import VALID_NS, WIDE, Desk, code, parameters

if TYPE_CHECKING:
    from tidegate_kernel.machine import Body

TIGHTER: dict[str, Any] = {"order_quantity_max": Decimal(99)}
LOOSER: dict[str, Any] = {"order_quantity_max": Decimal(10**10)}


def resolved(*overrides: Override, **limits: Any) -> Resolved:  # noqa: ANN401 - any limit
    """Return wide limits but for those named."""
    return Resolved(
        verdict_ttl_ns=0, limits=msgspec.structs.replace(WIDE, **limits), overrides=overrides
    )


def override(scope: str, **limits: Any) -> Override:  # noqa: ANN401 - any limit
    """Return limits that differ in a scope."""
    return Override(scope, tuple(limits), msgspec.structs.replace(WIDE, **limits))


def configured(sha256: str = "first", **limits: Any) -> DecisionParameters:  # noqa: ANN401
    """Return the parameters of a session whose file holds these limits."""
    document = LimitsDocument(text="{}", sha256=sha256, resolved=resolved(**limits))
    told = under(parameters(), document)
    return msgspec.structs.replace(told, request_valid_ns=VALID_NS)


class Office:
    """A desk whose limits people change; the wall's clock is its own."""

    def __init__(self, told: DecisionParameters | None = None) -> None:
        self.desk = Desk(told or configured())
        self.wall_ns = 10**18
        self.calls = 0
        self.said: list[LimitsChanged] = []

    def call(self, body: Body, call_id: str = "") -> LimitsAnswer:
        """Give a command and return its answer, keeping what is published."""
        self.calls += 1
        *published, answer = self.desk.tell(Called(call_id or f"c{self.calls}", body))
        for effect in published:
            assert isinstance(effect, Publish)
            assert isinstance(effect.body, LimitsChanged)
            self.said.append(effect.body)
        assert isinstance(answer, Answer)
        assert isinstance(answer.body, LimitsAnswer)
        return answer.body

    def change(
        self,
        principal: str = "operator",
        replaces_version: int = 0,
        **limits: Any,  # noqa: ANN401
    ) -> LimitsAnswer:
        """Ask for other limits."""
        text = str(sorted(limits.items()))
        return self.call(
            ChangeLimits(
                document=text,
                sha256=f"sha of {text}",
                resolved=write_resolved(resolved(**limits)),
                principal=principal,
                reason="test",
                replaces_version=replaces_version,
                asked_at_ns=self.wall_ns,
            )
        )

    def approve(self, request_id: str, principal: str = "approver") -> LimitsAnswer:
        """Approve what somebody has asked for."""
        command = ApproveLimits(
            request_id=request_id, principal=principal, asked_at_ns=self.wall_ns
        )
        return self.call(command)

    @property
    def version(self) -> int:
        """The version in force."""
        return self.desk.machine.state.limits.version


def test_a_tighter_document_takes_effect_at_once() -> None:
    """One principal is enough; the next verdict names the new version."""
    office = Office()
    assert office.desk.ask().limits_version == 1
    answer = office.change(**TIGHTER)
    assert (answer.accepted, answer.version, answer.request_id) == (True, 2, "")
    verdict = office.desk.ask(strategy="other")
    assert (code(verdict), verdict.limits_version) == ("ORDER_QUANTITY", 2)
    (event,) = office.said
    assert (event.action, event.principal, event.reason) == (
        LimitsAction.CHANGED,
        "operator",
        "test",
    )
    assert [(c.name, c.after, c.looser) for c in event.changes] == [
        ("order_quantity_max", "99", False)
    ]


def test_a_looser_document_waits_for_another_principal() -> None:
    """Until then the limits are what they were."""
    office = Office(configured(**TIGHTER))
    answer = office.change(**LOOSER)
    assert (answer.accepted, answer.version) == (True, 1)
    assert answer.request_expires_at_ns == office.wall_ns + VALID_NS
    assert code(office.desk.ask()) == "ORDER_QUANTITY"
    same = office.approve(answer.request_id, "operator")
    assert (same.accepted, same.code) == (False, "SAME_PRINCIPAL")
    approved = office.approve(answer.request_id)
    assert (approved.accepted, approved.version) == (True, 2)
    assert code(office.desk.ask(strategy="other")) == "APPROVED"
    assert [event.action.name for event in office.said] == ["PROPOSED", "CHANGED"]
    assert (office.said[1].principal, office.said[1].approver) == ("operator", "approver")


def test_one_looser_limit_among_tighter_ones_is_enough_to_wait() -> None:
    """A document is judged as a whole."""
    office = Office()
    mixed: dict[str, Any] = {**TIGHTER, "open_orders_max": WIDE.open_orders_max + 1}
    assert office.change(**mixed).request_id
    assert office.version == 1


def test_an_approval_is_valid_for_exactly_its_time() -> None:
    """One nanosecond of the wall's clock before its end, and not at its end."""
    office = Office()
    request = office.change(**LOOSER)
    office.wall_ns = request.request_expires_at_ns
    assert office.approve(request.request_id).code == "REQUEST_EXPIRED"
    assert office.said[-1].action == LimitsAction.EXPIRED
    assert office.approve(request.request_id).code == "REQUEST_UNKNOWN"
    again = office.change(**LOOSER)
    office.wall_ns = again.request_expires_at_ns - 1
    assert office.approve(again.request_id).accepted


def test_any_change_voids_what_waits() -> None:
    """It was compared with limits that are no longer in force."""
    office = Office()
    request = office.change(**LOOSER)
    office.change(**TIGHTER)
    assert office.approve(request.request_id).code == "VERSION_CHANGED"
    assert code(office.desk.ask()) == "ORDER_QUANTITY"


def test_a_document_for_another_version_is_refused() -> None:
    """Whoever wrote it has not seen what is in force."""
    office = Office()
    assert office.change(replaces_version=2, **TIGHTER).code == "VERSION_CHANGED"
    assert office.change(replaces_version=1, **TIGHTER).accepted
    assert office.change(**TIGHTER).code == "NOTHING_CHANGES"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"limits": 1}',
        '{"verdict_ttl_ns": -1',
        '{"verdict_ttl_ns": 1, "limits": {"breakers": 5}}',
        '{"verdict_ttl_ns": 1, "limits": {"open_orders_max": {}}}',
        '{"verdict_ttl_ns": 1, "limits": {}, "overrides": [{"scope": "a", "names": []}]}',
    ],
)
def test_limits_that_cannot_be_read_are_refused(text: str) -> None:
    """Nothing changes and nothing crashes."""
    office = Office()
    command = ChangeLimits(sha256="x", resolved=text, principal="operator", reason="test")
    assert office.call(command).code == "DOCUMENT_INVALID"
    assert (office.version, office.said) == (1, [])


def test_a_command_of_an_older_version_leaves_newer_limits_as_they_are() -> None:
    """It did not know them; the others are as it says, in overrides too."""
    office = Office(configured(open_orders_max=7))
    told = resolved(override("strategy:ema", **TIGHTER), **TIGHTER)
    written = msgspec.json.decode(write_resolved(told))
    for holder in (written, *written["overrides"]):
        del holder["limits"]["open_orders_max"]
        del holder["limits"]["breakers"]["drawdown"]
    text = msgspec.json.encode(written).decode()
    command = ChangeLimits(sha256="x", resolved=text, principal="operator", reason="test")
    assert office.call(command).accepted
    limits = office.desk.machine.parameters.limits
    assert (limits.open_orders_max, limits.order_quantity_max) == (7, Decimal(99))
    (only,) = office.desk.machine.parameters.overrides
    assert (only.limits.open_orders_max, only.limits.order_quantity_max) == (7, Decimal(99))
    assert limits.breakers == WIDE.breakers


def test_a_reason_is_needed() -> None:
    """The audit asks why."""
    command = ChangeLimits(sha256="x", resolved="{}", principal="operator", reason=" ")
    assert Office().call(command).code == "REASON_MISSING"


def test_a_repeated_call_has_no_second_effect() -> None:
    """The same answer, and nothing is published."""
    office = Office()
    command = ChangeLimits(
        sha256="x", resolved=write_resolved(resolved(**TIGHTER)), principal="a", reason="b"
    )
    first = office.call(command, "same")
    assert office.call(command, "same") == first
    assert (office.version, len(office.said)) == (2, 1)


def restarted(office: Office, told: DecisionParameters) -> list[LimitsChanged]:
    """Restore the desk's machine from its snapshot under these parameters, in a new term."""
    machine = DecisionMachine.restore(told, office.desk.machine.snapshot())
    office.desk.machine = machine
    return [
        effect.body
        for effect in machine.handle(TermStarted(2), office.desk.now_ns)
        if isinstance(effect, Publish) and isinstance(effect.body, LimitsChanged)
    ]


def test_a_restart_keeps_what_was_changed() -> None:
    """Document, version and requests are state."""
    office = Office()
    office.change(**TIGHTER)
    request = office.change(**LOOSER)
    assert restarted(office, configured()) == []
    assert (code(office.desk.ask()), office.version) == ("ORDER_QUANTITY", 2)
    assert office.approve(request.request_id).accepted


def test_a_restart_under_a_tighter_file_tightens() -> None:
    """The configuration is one principal, and one is enough."""
    office = Office()
    (event,) = restarted(office, configured("second", **TIGHTER))
    assert (event.action, event.principal, event.version) == (
        LimitsAction.CHANGED,
        "configuration",
        2,
    )
    assert code(office.desk.ask()) == "ORDER_QUANTITY"


def test_a_restart_under_a_looser_file_loosens_nothing() -> None:
    """It is said once that the file's limits wait for somebody to propose them."""
    office = Office(configured(**TIGHTER))
    (event,) = restarted(office, configured("second"))
    assert (event.action, event.version) == (LimitsAction.HELD_BACK, 1)
    assert code(office.desk.ask()) == "ORDER_QUANTITY"
    assert restarted(office, configured("second")) == []


def test_a_snapshot_from_before_limits_were_state_is_read() -> None:
    """The configuration's document was in force then."""
    office = Office()
    raw = msgspec.msgpack.decode(office.desk.machine.snapshot())
    del raw["limits"]
    told = configured(**TIGHTER)
    machine = DecisionMachine.restore(told, msgspec.msgpack.encode(raw))
    assert machine.parameters == told
    assert machine.state.limits.version == 1


def test_a_snapshot_without_a_newer_limit_takes_it_from_the_configuration() -> None:
    """What it does hold stays as it was."""
    office = Office()
    office.change(**TIGHTER)
    raw = msgspec.msgpack.decode(office.desk.machine.snapshot())
    del raw["limits"]["document"]["resolved"]["limits"]["open_orders_max"]
    told = configured(open_orders_max=7)
    machine = DecisionMachine.restore(told, msgspec.msgpack.encode(raw))
    assert machine.parameters.limits.open_orders_max == 7
    assert machine.parameters.limits.order_quantity_max == 99


def test_a_snapshot_is_exact_after_a_change() -> None:
    """Equal bytes from the restored machine."""
    office = Office()
    office.change(**LOOSER)
    office.change(**TIGHTER)
    snapshot = office.desk.machine.snapshot()
    assert DecisionMachine.restore(configured(), snapshot).snapshot() == snapshot


numbers = st.integers(1, 3)
maybe = st.none() | numbers


@st.composite
def documents(draw: st.DrawFn) -> Resolved:
    """Return a document with or without a limit of the session, a strategy and a symbol."""
    named = [("strategy:ema", draw(maybe)), ("symbol:AAPL", draw(maybe))]
    overrides = [override(s, open_orders_max=value) for s, value in named if value is not None]
    return resolved(*overrides, open_orders_max=draw(numbers))


@given(documents(), documents())
def test_a_document_is_looser_exactly_if_some_pair_may_do_more(
    before: Resolved, after: Resolved
) -> None:
    """Whichever of session, strategy and symbol says it."""
    old = LimitTable(before.limits, before.overrides)
    new = LimitTable(after.limits, after.overrides)
    pairs = [(s, y) for s in ("ema", "other") for y in ("AAPL", "IBM")]
    more = any(new.of(*p).open_orders_max > old.of(*p).open_orders_max for p in pairs)
    assert any(each.looser for each in changes_between(before, after)) == more
    differ = any(new.of(*p) != old.of(*p) for p in pairs)
    assert bool(changes_between(before, after)) == differ
