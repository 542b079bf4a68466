"""The order life cycle: every state × event, and the page that is drawn from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_contracts.execution import OrderState
from tidegate_execution.core.orders.lifecycle import ENDED_STATES, ORDER_LIFECYCLE, OrderInput
from tidegate_execution.reference import page, types_page
from tidegate_kernel.table import FORBIDDEN, IGNORED

PAGE = Path(__file__).parents[5] / "docs/reference/order-lifecycle.md"
TYPES_PAGE = PAGE.with_name("order-types.md")
OWN_ACTS = {
    OrderInput.SEND,
    OrderInput.REFUSE,
    OrderInput.WITHDRAW,
    OrderInput.LAPSE,
    OrderInput.HOLD,
    OrderInput.LET_GO,
    OrderInput.RESIZE,
    OrderInput.RESEND,
}


def test_page_is_drawn_from_the_table() -> None:
    """Otherwise: python -m tidegate_execution.reference > docs/reference/order-lifecycle.md."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_page_of_types_is_drawn_from_the_tables() -> None:
    """Otherwise: python -m tidegate_execution.reference types > docs/reference/order-types.md."""
    assert TYPES_PAGE.read_text(encoding="utf-8") == types_page()


@pytest.mark.parametrize("state", sorted(ENDED_STATES))
def test_ended_orders_stay_ended(state: OrderState) -> None:
    """No event of the venue changes an order that has ended; our own acts on it are errors."""
    for event in OrderInput:
        expected = FORBIDDEN if event in OWN_ACTS else IGNORED
        assert ORDER_LIFECYCLE.decide(state, event) is expected


def test_every_state_of_the_contract_is_in_the_table() -> None:
    """The table decides for every state that the contract knows."""
    assert set(ORDER_LIFECYCLE.states) == set(OrderState) - {OrderState.UNSPECIFIED}


def test_an_order_is_sent_only_from_pending_and_again_only_from_unknown() -> None:
    """I02: there is no other way to a second send."""
    sent = [s for s in ORDER_LIFECYCLE.states if _leads(s, OrderInput.SEND)]
    sent_again = [s for s in ORDER_LIFECYCLE.states if _leads(s, OrderInput.RESEND)]
    assert (sent, sent_again) == ([OrderState.PENDING], [OrderState.UNKNOWN])


def test_an_unproven_outcome_never_rejects() -> None:
    """A timeout is UNKNOWN, never a rejection."""
    found = {ORDER_LIFECYCLE.decide(s, OrderInput.OUTCOME_UNKNOWN) for s in ORDER_LIFECYCLE.states}
    assert found == {OrderState.UNKNOWN, IGNORED, FORBIDDEN}


def _leads(state: OrderState, event: OrderInput) -> bool:
    return isinstance(ORDER_LIFECYCLE.decide(state, event), OrderState)
