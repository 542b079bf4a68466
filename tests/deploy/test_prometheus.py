"""What Prometheus asks: every service, where it really listens."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tidegate_chassis.configuration import SERVICE_NAMES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def prometheus() -> dict[str, Any]:
    """Return Prometheus' configuration."""
    text = (ROOT / "deploy" / "observability" / "prometheus.yml").read_text(encoding="utf-8")
    settings: dict[str, Any] = yaml.safe_load(text)
    return settings


def _targets(prometheus: dict[str, Any], job: str) -> list[str]:
    found = [each for each in prometheus["scrape_configs"] if each["job_name"] == job]
    assert len(found) == 1
    return [target for group in found[0]["static_configs"] for target in group["targets"]]


def test_every_service_is_asked_where_it_listens(
    prometheus: dict[str, Any], compose: dict[str, Any]
) -> None:
    """The targets are the six services' names and the port inside their containers."""
    listening = {
        f"{name}:{compose['services'][name]['ports'][0]['target']}" for name in SERVICE_NAMES
    }
    assert set(_targets(prometheus, "tidegate")) == listening


def test_an_answer_may_not_take_longer_than_the_interval(prometheus: dict[str, Any]) -> None:
    """Prometheus refuses a timeout that is longer than the time between two questions."""
    settings = prometheus["global"]
    interval, timeout = (settings[f"scrape_{name}"] for name in ("interval", "timeout"))
    assert 0 < int(timeout.removesuffix("s")) <= int(interval.removesuffix("s"))


def test_no_job_is_there_twice(prometheus: dict[str, Any]) -> None:
    """A job's name is unique, as Prometheus demands."""
    names = [each["job_name"] for each in prometheus["scrape_configs"]]
    assert len(names) == len(set(names))
