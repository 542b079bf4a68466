"""The page about the service names every setting with its default."""

from __future__ import annotations

import re
from pathlib import Path

from tidegate_risk.config import RiskLimits

PAGE = Path(__file__).parents[1] / "README.md"


def test_the_settings_table_is_complete() -> None:
    """Every field of the model, and nothing else."""
    table = PAGE.read_text().partition("## Settings")[2].partition("## Endpoints")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert [name for cell in cells for name in re.findall(r"`(\w+)`", cell)] == [
        *RiskLimits.model_fields
    ]


def test_the_defaults_are_the_ones_in_the_table() -> None:
    """Written as the configuration reads them."""
    text = PAGE.read_text()
    limits = RiskLimits.model_validate({})
    assert f"| `position_fraction` | {limits.position_fraction} |" in text
    assert f"| `open_positions_max` | {limits.open_positions_max} |" in text
    assert f"| `daily_loss_max_percent` | {limits.daily_loss_max_percent} |" in text
