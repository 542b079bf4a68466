"""The page about the service tells the profiles; its settings are generated."""

from __future__ import annotations

from pathlib import Path

from tidegate_risk.config import PROFILES, RiskLimits

PAGE = Path(__file__).parents[1] / "README.md"


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
