"""The table of the conformance suite shows the suite as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
WRITER = "services/execution/tests/adapters/conformance/page.py"
PAGE = ROOT / "docs/reference/conformance.md"


def test_page_is_drawn_from_the_suite() -> None:
    """Otherwise: python <the writer> > docs/reference/conformance.md."""
    made = subprocess.run(
        [sys.executable, WRITER], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert PAGE.read_text(encoding="utf-8") == made.stdout
