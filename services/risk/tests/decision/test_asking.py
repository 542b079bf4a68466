"""Questions to a copy of the machine, and machines that go on under other limits."""

from __future__ import annotations

import msgspec
from hypothesis import given, strategies as st

from tidegate_contracts.risk import Decision
from tidegate_contracts.signals import Direction
from tidegate_kernel.machine import TermStarted
from tidegate_risk.core.changes.document import LimitsDocument, Resolved, configured
from tidegate_risk.core.decision.asking import ask
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.core.decision.trying import under_document
from tidegate_risk.testing import WIDE, Desk, code, parameters, signal


def copy_of(desk: Desk) -> DecisionMachine:
    """Return a copy as a host makes it."""
    return DecisionMachine.restore(desk.machine.parameters, desk.machine.snapshot())


def document(desk: Desk, **limits: object) -> LimitsDocument:
    """Return a desk's limits but for those named."""
    resolved = Resolved(
        verdict_ttl_ns=desk.machine.parameters.verdict_ttl_ns,
        limits=msgspec.structs.replace(WIDE, **limits),
    )
    return LimitsDocument(text="{}", sha256="other", resolved=resolved)


@given(st.lists(st.sampled_from(["hold", "ask"]), max_size=2), st.sampled_from(Direction))
def test_an_answer_is_the_verdict_that_the_signal_then_gets(
    before: list[str], direction: Direction
) -> None:
    """Whatever came before; and the machine that was copied stays as it was."""
    desk = Desk(parameters(open_positions_max=2), ["AAPL", "IBM", "MSFT"])
    for each, symbol in zip(before, ["IBM", "MSFT"], strict=False):
        getattr(desk, each)(symbol=symbol)
    asked = signal(direction, event_at_ns=desk.now_ns, ordinal=99)
    snapshot = desk.machine.snapshot()
    answer = ask(copy_of(desk), asked, desk.now_ns)
    assert desk.machine.snapshot() == snapshot
    assert answer == desk.verdict(asked)


def test_a_signal_that_had_its_verdict_gets_no_answer() -> None:
    """It is that signal, not a question."""
    desk = Desk()
    had = signal(event_at_ns=desk.now_ns)
    desk.verdict(had)
    assert ask(copy_of(desk), had, desk.now_ns) is None


def test_another_document_decides_from_the_same_book() -> None:
    """What is held stays held, and the first machine decides on as before."""
    desk = Desk(symbols=("AAPL", "IBM"))
    desk.hold()
    tried = under_document(desk.machine, document(desk, open_positions_max=1))
    assert tried.state.book.holdings == desk.machine.state.book.holdings
    asked = signal(symbol="IBM", event_at_ns=desk.now_ns, ordinal=99)
    refused = ask(tried, asked, desk.now_ns)
    assert refused is not None
    assert code(refused) == "OPEN_POSITIONS"
    assert refused.limits_version == 1
    assert desk.verdict(asked).decision == Decision.APPROVED


def test_a_new_term_under_another_document_changes_nothing() -> None:
    """It counts as the configuration's own."""
    desk = Desk()
    other = document(desk, open_positions_max=1)
    tried = under_document(desk.machine, other)
    assert configured(tried.parameters) == other == tried.state.limits.document
    assert list(tried.handle(TermStarted(2), desk.now_ns)) == []
    assert tried.state.limits.version == 1
