"""What the tests of market-data share: a place for files, and the money context."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_kernel.money import use_money_context
from tidegate_market_data.testing import WriteCsv


@pytest.fixture(autouse=True)
def _money_context() -> None:
    use_money_context()


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    """Return a function that writes lines into a file of this test."""

    def write(*lines: str, name: str = "AAPL.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
