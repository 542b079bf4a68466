from __future__ import annotations

from pathlib import Path

from tidegate_lab.simulate.plan import KINDS

GUIDE = Path(__file__).parents[4] / "docs/guides/simulating-faults.md"


def test_the_guide_tells_every_kind_of_fault() -> None:
    """Each has its row, and no row is left of one that is gone."""
    rows = [line.split("|")[1] for line in GUIDE.read_text("utf-8").splitlines() if "|" in line]
    told = {name for row in rows for name in row.split("`")[1::2]}
    assert told == set(KINDS)
