"""The images: one pattern, pinned, hash-locked, not run as root."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tidegate_chassis.configuration import SERVICE_NAMES

ROOT = Path(__file__).parents[2]
DOCKERFILES = (
    ROOT / "deploy" / "images" / "service.Dockerfile",
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


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_what_the_file_takes_of_a_service_is_there(name: str, dockerfile: str) -> None:
    """It names no service, and its argument is known in both stages."""
    assert name not in re.sub(r"^#.*\n", "", dockerfile, flags=re.MULTILINE)
    assert [stage.count("\nARG SERVICE\n") for stage in dockerfile.split("\nFROM ")[1:]] == [1, 1]
    assert (ROOT / "services" / name / "requirements.lock").is_file()
    assert find_spec(f"tidegate_{name.replace('-', '_')}.__main__") is not None


@pytest.mark.parametrize("name", ["risk", "market-data"])
def test_an_image_becomes_its_service(name: str, tmp_path: Path) -> None:
    """What it runs is the module of the service that it was built for."""
    module = tmp_path / f"tidegate_{name.replace('-', '_')}"
    module.mkdir()
    (module / "__init__.py").touch()
    (module / "__main__.py").write_text(f"print('this is {name}')", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "images" / "serve.py")],
        env={"TIDEGATE_SERVICE": name, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == f"this is {name}\n"


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


def test_a_health_check_has_no_space_in_its_arguments(dockerfile: str) -> None:
    """Some runtimes split them there."""
    arguments = [json.loads(found) for found in HEALTH_CHECK.findall(dockerfile)]
    assert len(arguments) == 1
    assert not [each for each in arguments[0] if " " in each]


@pytest.mark.parametrize("name", ["healthy.py", "serve.py"])
def test_what_an_image_calls_by_its_name_may_be_executed(name: str) -> None:
    """The health check, and what becomes the service."""
    assert os.access(ROOT / "deploy" / "images" / name, os.X_OK)


def test_nothing_local_reaches_an_image() -> None:
    """Environments, keys, settings and tests are left out of what is sent to the builder."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", ".venv*", ".env", "**/*.pem", "**/tests"} <= set(ignored)
