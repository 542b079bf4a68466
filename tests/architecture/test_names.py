"""Names that say nothing are not names, and what has a name is there."""

import re
from pathlib import Path

from tidegate_chassis.telemetry import names
from tidegate_chassis.telemetry.names import Metric

# What such a module usually hides, and what to name it after instead.
EMPTY_NAMES = {
    "base": "the protocol or type that it defines",
    "common": "the one thing that its users share",
    "helper": "what it helps to do",
    "helpers": "what they help to do",
    "manager": "the noun that it manages",
    "misc": "its content, one file per noun",
    "util": "its content, one file per noun",
    "utils": "its content, one file per noun",
}


def test_a_module_is_named_after_its_content(files: list[Path], root: Path) -> None:
    """No module or package is called utils, helpers, common, manager or base."""
    empty = {
        str(path.relative_to(root)): f"name it after {EMPTY_NAMES[word]}"
        for path in files
        if path.suffix == ".py"
        for word in (*path.relative_to(root).parts[:-1], path.stem)
        if word in EMPTY_NAMES
    }
    assert not empty, f"These names say nothing: {empty}"


def test_a_declared_metric_is_measured(texts: dict[Path, str]) -> None:
    """One that nothing counts or sets would tell whoever watches it that all is well, for ever."""
    declared = {name for name, value in vars(names).items() if isinstance(value, Metric)}
    used = {
        name
        for path, text in texts.items()
        if path.suffix == ".py" and "src" in path.parts and path.name != "names.py"
        for name in re.findall(r"\bnames\.([A-Z_]+)\b", text)
    }
    assert declared
    assert not declared - used, f"Measure these, or remove them: {sorted(declared - used)}"
