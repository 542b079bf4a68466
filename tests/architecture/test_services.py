"""A service folder is the whole story of that service, and each is told in the same order."""

from pathlib import Path

import pytest

PARTS = (
    "README.md",
    "pyproject.toml",
    "src/{package}/__init__.py",
    "src/{package}/__main__.py",
    "src/{package}/core/__init__.py",
    "src/{package}/adapters/__init__.py",
    "tests",
)


@pytest.mark.parametrize("part", PARTS)
def test_every_service_has_the_same_parts(services: dict[str, Path], part: str) -> None:
    """A reader who knows one service finds everything in the next."""
    lacking = [
        f"{folder.name}/{part.format(package=package)}"
        for package, folder in services.items()
        if not (folder / part.format(package=package)).exists()
    ]
    assert not lacking, f"Add what every service folder has: {lacking}"


def test_every_service_has_its_settings_in_one_place(services: dict[str, Path]) -> None:
    """One module, or a package of the same name when they are many."""
    lacking = [
        package
        for package, folder in services.items()
        if not any(
            (folder / "src" / package / name).exists()
            for name in ("config.py", "config/__init__.py")
        )
    ]
    assert not lacking, f"Add src/<package>/config.py, or a package config, to: {lacking}"


def test_every_folder_in_services_is_a_member(services: dict[str, Path], root: Path) -> None:
    """No service lives outside the workspace, where nothing would check it."""
    folders = {path.parent for path in (root / "services").glob("*/pyproject.toml")}
    assert folders == set(services.values()), "List each service in pyproject.toml's members."
