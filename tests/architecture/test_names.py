"""Names that say nothing are not names."""

from pathlib import Path

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
