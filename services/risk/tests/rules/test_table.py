"""The tables of rules: every code is asked for, explained and documented."""

from __future__ import annotations

from pathlib import Path

from tidegate_risk.core.refusals import MEANINGS, Code
from tidegate_risk.core.rules import ORDER_RULES, SIGNAL_RULES, SIZING_CODES, STRUCTURE_CODES
from tidegate_risk.reference import refusals_page

PAGE = Path(__file__).parents[4] / "docs/reference/refusals.md"


def test_every_code_belongs_to_one_place_in_the_order_of_asking() -> None:
    """A rule that is taken out of its table leaves a code that nobody asks for."""
    asked = [code for rule in SIGNAL_RULES for code in rule.codes]
    asked += SIZING_CODES
    asked += [code for rule in ORDER_RULES for code in rule.codes]
    asked += STRUCTURE_CODES
    assert [Code.CAUSE_MISSING, *asked] == list(Code)


def test_every_code_has_a_meaning() -> None:
    """What it means and what would pass."""
    assert list(MEANINGS) == list(Code)


def test_the_reference_page_is_the_rules() -> None:
    """Otherwise: python -m tidegate_risk.reference > docs/reference/refusals.md."""
    assert PAGE.read_text() == refusals_page()
