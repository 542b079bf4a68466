"""SQL lives in files; this reads its named blocks."""

from __future__ import annotations

from importlib import resources


def load(name: str, package: str = "tidegate_chassis.host") -> dict[str, str]:
    """Return the blocks of a package's ``sql/<name>.sql`` by their ``-- name:`` lines."""
    text = resources.files(package).joinpath("sql", f"{name}.sql").read_text()
    blocks: dict[str, str] = {}
    for part in text.split("-- name: ")[1:]:
        title, _, statement = part.partition("\n")
        blocks[title.strip()] = statement.strip()
    return blocks
