from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_cli.reference import main, reference_text
from tidegate_cli.settings_reference import TABLES, fresh_page, page_of

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "reference" / "cli.md"


def test_the_committed_page_is_fresh() -> None:
    """Run ``python -m tidegate_cli.reference docs/reference/cli.md`` when this fails."""
    assert COMMITTED.read_text(encoding="utf-8") == reference_text()


def test_the_page_has_every_command(tmp_path: Path) -> None:
    """Commands of groups too."""
    assert main([str(tmp_path / "cli.md")]) == 0
    page = (tmp_path / "cli.md").read_text(encoding="utf-8")
    for name in ("up", "demo", "config check", "gate approve", "deploy sql"):
        assert f"## tidegate {name}\n" in page


@pytest.mark.parametrize("service", TABLES)
def test_the_settings_on_a_services_page_are_those_of_its_model(service: str) -> None:
    """Run ``python -m tidegate_cli.settings_reference`` when this fails."""
    assert page_of(ROOT, service).read_text(encoding="utf-8") == fresh_page(ROOT, service)
