from __future__ import annotations

from typing import Any

from hypothesis import given, strategies as st

from tidegate_lab.replay.difference import Said, field_differences

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from("pqr"), VALUES, min_size=1, max_size=3)


def _said(fields: dict[str, Any]) -> Said:
    return Said(kind="publish", name="Signal", fields=fields)


@given(FIELDS, FIELDS)
def test_two_messages_differ_where_their_values_do(
    left: dict[str, Any], right: dict[str, Any]
) -> None:
    """Equal fields give nothing; each difference holds two values that are not equal."""
    found = field_differences(_said(left), _said(right))
    assert all(each.recorded != each.replayed for each in found)
    known = {name for name, value in left.items() if value is not None}
    known |= {name for name, value in right.items() if value is not None}
    changed = {name for name in known if left.get(name) != right.get(name)}
    assert {each.path[0] for each in found} <= changed


@given(FIELDS)
def test_a_changed_leaf_is_named_by_its_path(fields: dict[str, Any]) -> None:
    """One more field is one difference."""
    found = field_differences(_said(fields), _said(fields | {"new": 1}))
    assert [(each.path, each.recorded, each.replayed) for each in found] == [("new", None, 1)]


def test_named_items_of_a_list_are_known_by_their_names() -> None:
    """The numbers of a verdict are read by name, not counted."""
    left, right = ({"numbers": [{"name": "equity", "value": v}]} for v in ("1", "2"))
    (found,) = field_differences(_said(left), _said(right))
    assert found.path == "numbers[equity].value"
