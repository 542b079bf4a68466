"""The images: one pattern, pinned, hash-locked, not run as root."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tidegate_chassis.configuration import SERVICE_NAMES

ROOT = Path(__file__).parents[2]
DOCKERFILES = (
    *(ROOT / "services" / name / "Dockerfile" for name in SERVICE_NAMES),
    ROOT / "deploy" / "compose" / "Dockerfile",
)
BASE = re.compile(r"^FROM (\S+)", re.MULTILINE)
HEALTH_CHECK = re.compile(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", re.MULTILINE)
INSTALLATION = re.compile(r"pip (?:--python \S+ )?install .*?(?=&& \S|\n[A-Z])", re.DOTALL)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_hadolint_finds_nothing(path: Path, hadolint: str) -> None:
    """The linter for Dockerfiles, and for the shell in them, is content."""
    linted = subprocess.run([hadolint, str(path)], capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout


def test_the_six_differ_in_their_names_only(dockerfiles: dict[str, str]) -> None:
    """There is one pattern: with the name taken out, all are the same text."""
    patterns = {
        text.replace(f"tidegate_{name.replace('-', '_')}", "<module>").replace(name, "<service>")
        for name, text in dockerfiles.items()
    }
    assert len(dockerfiles) == len(SERVICE_NAMES)
    assert len(patterns) == 1


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_is_pinned_and_does_not_run_as_root(path: Path) -> None:
    """Every stage names one Python, and the last user is an ordinary one, by its number."""
    text = path.read_text(encoding="utf-8")
    assert set(BASE.findall(text)) == {"python:3.11-slim-bookworm"}
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["10001:10001"]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_what_is_installed_is_hashed_or_our_own(path: Path) -> None:
    """Pip either checks hashes or looks at no index, and never adds a dependency by itself."""
    installations = INSTALLATION.findall(path.read_text(encoding="utf-8"))
    assert len(installations) == 3
    for command in installations:
        assert "--require-hashes" in command or "--no-index --no-deps" in command, command


def test_a_health_check_has_no_space_in_its_arguments(dockerfiles: dict[str, str]) -> None:
    """Some runtimes split them there."""
    for name, text in dockerfiles.items():
        arguments = [json.loads(found) for found in HEALTH_CHECK.findall(text)]
        assert len(arguments) == 1, name
        assert not [each for each in arguments[0] if " " in each]


def test_the_health_check_may_be_executed() -> None:
    """The images call it by its name."""
    assert os.access(ROOT / "deploy" / "images" / "healthy.py", os.X_OK)


def test_nothing_local_reaches_an_image() -> None:
    """Environments, keys, settings and tests are left out of what is sent to the builder."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".venv*", ".env", "**/*.pem", "**/tests"} <= set(ignored)
