"""The page about the service names every setting with its default."""

from __future__ import annotations

import re
from pathlib import Path

from tidegate_risk.config import PROFILES, RiskLimits

PAGE = Path(__file__).parents[1] / "README.md"


def test_the_settings_table_is_complete() -> None:
    """Every field of the model, and nothing else."""
    table = PAGE.read_text().partition("## Settings")[2].partition("## Profiles")[0]
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


def test_the_profiles_are_the_ones_in_the_table() -> None:
    """Every limit that a profile sets, under its own name, beside the default."""
    table = PAGE.read_text().partition("## Profiles")[2].partition("## Endpoints")[0]
    rows = [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines() if "|" in row
    ]
    assert rows[0][1:] == list(PROFILES)
    written = {row[0].strip("`"): row[1:] for row in rows[2:]}
    assert set(written) == {name for profile in PROFILES.values() for name in profile}
    for column, profile in enumerate(PROFILES.values()):
        limits = RiskLimits.model_validate(profile)
        for name, cells in written.items():
            assert cells[column] == str(getattr(limits, name)).lower()
