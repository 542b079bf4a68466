"""Instances for tests: each has a folder of its own and ends with its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.instances import Instance

from tidegate_chassis.testing.folder import server_folder

from .workload import configuration, write_bars

INSTANTS = 400


@pytest.fixture
def instance(request: pytest.FixtureRequest) -> Iterator[Instance]:
    """Give an instance that is not started; it plays for longer than most tests look."""
    with server_folder() as folder:
        write_bars(folder / "bars.csv", getattr(request, "param", INSTANTS))
        made = Instance(folder / "crash", configuration(folder / "bars.csv"))
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def bars(instance: Instance) -> Path:
    """Return the file of bars that the instance plays."""
    return Path(instance.configuration.sessions[0].feed.paths[0])
