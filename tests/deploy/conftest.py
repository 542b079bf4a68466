"""What containers are made of: Dockerfiles, secrets, docker-compose.yml as Compose reads it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tidegate_chassis.configuration import Configuration, load_configuration
from tidegate_cli.deployment.handout import hand_out
from tidegate_cli.deployment.topology import definitions_of, shards_of

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "cli" / "src" / "tidegate_cli" / "templates" / "demo.yaml"


def tool(name: str) -> str:
    """Return the path of a command that the development lock installs."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is missing: run `make setup`"
    return found


@pytest.fixture(scope="session")
def dockerfile() -> str:
    """Return the text of the services' Dockerfile."""
    return (ROOT / "deploy" / "images" / "service.Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """Return docker-compose.yml as the real Compose resolves it, with nothing set around it."""
    resolved = subprocess.run(
        [tool("docker-compose"), "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert resolved.returncode == 0, resolved.stderr
    model: dict[str, Any] = json.loads(resolved.stdout)
    return model


@pytest.fixture(scope="session")
def configuration() -> Configuration:
    """Return the configuration that the containers run when none is named."""
    return load_configuration(TEMPLATE)


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory, configuration: Configuration) -> Path:
    """Return a folder in which the first step of the deploy job has run."""
    folder = tmp_path_factory.mktemp("secrets")
    shards = shards_of(configuration, definitions_of(configuration))
    hand_out(folder, "redis://valkey:6379/0", shards)
    return folder


@pytest.fixture(scope="session")
def hadolint() -> str:
    """Return the linter for Dockerfiles."""
    return tool("hadolint")
