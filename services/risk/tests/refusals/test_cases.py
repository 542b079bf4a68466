"""Every code is refused from its first unit on, and tells exactly what it was decided on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tidegate_risk.core.refusals import Code
from tidegate_risk.core.rules import ORDER_RULES, SIGNAL_RULES, SIZING_CODES

from .cases import CASES

if TYPE_CHECKING:
    from tidegate_contracts.risk import Verdict

TOLD = Path(__file__).with_name("told.txt")
NEVER_PROPOSED = (Code.LOT_SIZE, Code.TICK_SIZE)
"""Sizing keeps to both grids; `tests/rules/test_order_rules.py` asks their rules by themselves."""


def told(verdict: Verdict) -> str:
    """Write what a verdict says: its refusal, and every number with its unit."""
    assert verdict.refusal is not None
    numbers = "".join(f"  {each.name} {each.value:f} {each.unit}\n" for each in verdict.numbers)
    return f"{verdict.refusal.code}: {verdict.refusal.message}\n{numbers}"


def expected() -> dict[str, str]:
    """Return the committed texts, by code."""
    texts = TOLD.read_text(encoding="utf-8").split("\n\n")
    return {text.partition(":")[0]: text.strip("\n") + "\n" for text in texts}


def test_every_rule_has_a_case() -> None:
    """A rule that is added is refused and passed here too."""
    asked = [code for rule in SIGNAL_RULES for code in rule.codes]
    asked += SIZING_CODES
    asked += [code for rule in ORDER_RULES for code in rule.codes]
    assert list(CASES) == [code for code in asked if code not in NEVER_PROPOSED]


@pytest.mark.parametrize("code", CASES)
def test_one_unit_inside_passes(code: Code) -> None:
    """The verdict is another one, mostly an approval."""
    refusal = CASES[code].passes().refusal
    assert refusal is None or refusal.code != code


@pytest.mark.parametrize("code", CASES)
def test_the_first_unit_outside_is_refused_and_told(code: Code) -> None:
    """Otherwise, when it is meant: `python -m refusals > refusals/told.txt`."""
    assert told(CASES[code].refused()) == expected()[code]
