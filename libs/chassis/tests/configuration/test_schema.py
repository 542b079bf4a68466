from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from tidegate_chassis.configuration.document import read_document
from tidegate_chassis.configuration.schema import main, schema_text

COMMITTED = Path(__file__).parents[4] / "docs" / "reference" / "tidegate.schema.json"


def test_the_committed_schema_is_fresh() -> None:
    """Run ``python -m tidegate_chassis.configuration.schema <file>`` when this fails."""
    assert COMMITTED.read_text(encoding="utf-8") == schema_text()


def test_the_schema_accepts_what_loads_and_refuses_unknown_keys(good: Path) -> None:
    """Editors use it: it must agree with the loader."""
    tree = read_document(good).tree
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert list(validator.iter_errors(tree)) == []
    assert list(validator.iter_errors({**tree, "sesions": []}))


def test_the_generator_makes_its_folder(tmp_path: Path) -> None:
    """A fresh clone may lack the folder."""
    path = tmp_path / "reference" / "schema.json"
    assert main([str(path)]) == 0
    assert path.read_text(encoding="utf-8") == schema_text()
