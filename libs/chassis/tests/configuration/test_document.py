from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.configuration.document import (
    find_place,
    parse_document,
    parse_scalar,
    place_text,
)
from tidegate_chassis.configuration.problem import ConfigurationError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("010", "010"),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("NO", "NO"),
        ("on", "on"),
        ("2024-01-31", "2024-01-31"),
        ("~", None),
        ("[AAPL, IBM]", ["AAPL", "IBM"]),
        ("[broken", "[broken"),
    ],
)
def test_only_core_yaml_is_recognised(text: str, value: object) -> None:
    """Symbols such as NO and ON stay text, and so do dates and numbers with leading zeros."""
    assert parse_scalar(text) == value


def test_every_value_knows_its_line() -> None:
    """A list's items and a mapping's keys have the line on which they begin."""
    document = parse_document("a:\n  - b: 1\n  - b: 2\n", Path("x.yaml"))
    assert document.line_of(("a", 1, "b")) == 3
    assert document.line_of(("a", 1, "missing")) == 3


def test_a_key_given_twice_is_a_problem() -> None:
    """YAML would silently take the last one."""
    with pytest.raises(ConfigurationError, match=r"x.yaml:2: a: expected the key once"):
        parse_document("a: 1\na: 2\n", Path("x.yaml"))


@pytest.mark.parametrize("text", ["", "- 1\n", "a: [1\n", "a: !!python/object:x {}\n"])
def test_what_is_not_a_plain_mapping_is_refused(text: str) -> None:
    """Empty files, lists, broken YAML and tags that would build objects are problems."""
    with pytest.raises(ConfigurationError):
        parse_document(text, Path("x.yaml"))


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)


@given(names=st.lists(NAMES, min_size=1, max_size=4, unique=True), data=st.data())
def test_a_place_that_was_written_is_found_again(names: list[str], data: st.DataObject) -> None:
    """place_text and find_place are inverse for items with names, in any case and with _ for -."""
    tree = {"sessions": [{"name": name, "speed": 1} for name in names]}
    index = data.draw(st.integers(0, len(names) - 1))
    text = place_text(("sessions", index, "speed"), tree)
    assert find_place(text, tree) == ("sessions", index, "speed")
    assert find_place(text.upper().replace("-", "_"), tree) is not None
