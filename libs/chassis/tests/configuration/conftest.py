"""A configuration file in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
sessions:
  - name: demo
    capital:
      amount: 100000
    feed:
      paths: [bars.csv]
    symbols: [AAPL, ON]
    strategies:
      - name: fast-ema
        strategy: ema-crossover
        parameters: {fast: 10, slow: 20}
    limits:
      max_open_positions: 5
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text as tidegate.yaml and return its path."""

    def _write(text: str) -> Path:
        path = tmp_path / "tidegate.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return _write


@pytest.fixture
def good(write: Write) -> Path:
    """A configuration with nothing wrong."""
    return write(GOOD)
