"""The exits of an entry are named after it."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tidegate_execution.core.orders.attached import attached_exits_id, entry_of
from tidegate_kernel.identifiers import client_order_id


@given(signal=st.text(), leg=st.integers(0, 99))
def test_the_name_says_whose_they_are(signal: str, leg: int) -> None:
    """And no order that is sent by itself has such a name."""
    entry_id = client_order_id(signal, leg)
    assert entry_of(attached_exits_id(entry_id)) == entry_id
    assert entry_of(entry_id) == ""


def test_a_strangers_order_is_nobodys_exits() -> None:
    """Only ids of ours have exits."""
    assert entry_of("somebody-x") == ""
