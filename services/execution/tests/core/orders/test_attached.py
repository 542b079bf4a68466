"""The exits of an entry are named after it."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tidegate_execution.core.orders.attached import attached_exits_id, entry_of, is_meant, shortened
from tidegate_kernel.identifiers import client_order_id


@given(signal=st.text(), leg=st.integers(0, 99))
def test_the_name_says_whose_they_are(signal: str, leg: int) -> None:
    """And no order that is sent by itself has such a name."""
    entry_id = client_order_id(signal, leg)
    assert entry_of(attached_exits_id(entry_id)) == entry_id
    assert entry_of(entry_id) == ""


@given(signal=st.text(), length=st.integers(4, 29))
def test_people_mean_the_entry_by_its_beginning_and_the_exits_by_what_a_table_shows(
    signal: str, length: int
) -> None:
    """The beginning of an id still means one order where exits came with it."""
    entry_id = client_order_id(signal, 0)
    exits_id = attached_exits_id(entry_id)
    orders = (entry_id, exits_id)
    for meant, name in ((each, shortened(each, length)) for each in orders):
        assert [each for each in orders if is_meant(each, name)] == [meant]


def test_a_strangers_order_is_nobodys_exits() -> None:
    """Only ids of ours have exits."""
    assert entry_of("somebody-x") == ""
