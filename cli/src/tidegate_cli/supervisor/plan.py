"""What one supervisor is to run, decided before anything starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tidegate_chassis.configuration import Configuration, Environment, Layout, load
from tidegate_cli.instances import record_path


@dataclass(frozen=True, slots=True)
class Plan:
    """One instance: where it lives and what it is given from outside."""

    instance: str
    home: Path
    layout: Layout
    configuration_path: Path
    configuration: Configuration
    environment: Environment
    # The instance ends with the process that started it, and its folder with it.
    ephemeral: bool = False
    keep: bool = False
    # A collector and a tracing UI run beside the services.
    tracing: bool = False
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def record_path(self) -> Path:
        """Where the instance is written down."""
        return record_path(self.home, self.instance)

    @property
    def folder(self) -> Path:
        """The instance's own folder."""
        return self.layout.root

    def given(self, name: str) -> str | None:
        """Return a variable that names a server of somebody else's, or None."""
        return self.environment.get(name)


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks a supervisor to run."""

    instance: str
    home: Path
    folder: Path
    configuration_path: Path
    ephemeral: bool = False
    keep: bool = False
    tracing: bool = False

    def arguments(self) -> list[str]:
        """Return the request as the supervisor's arguments."""
        flags = [f"--{name}" for name in ("ephemeral", "keep", "tracing") if getattr(self, name)]
        return [
            f"--instance={self.instance}",
            f"--home={self.home}",
            f"--folder={self.folder}",
            f"--config={self.configuration_path}",
            *flags,
        ]


def make_plan(request: Request) -> Plan:
    """Read the configuration that was written for this instance."""
    loaded = load(request.configuration_path, process=_without_overrides(os.environ))
    return Plan(
        instance=request.instance,
        home=request.home,
        layout=Layout(request.folder),
        configuration_path=request.configuration_path,
        configuration=loaded.configuration,
        environment=Environment(os.environ, {}),
        ephemeral=request.ephemeral,
        keep=request.keep,
        tracing=request.tracing,
        variables=dict(os.environ),
    )


def _without_overrides(process: Mapping[str, str]) -> dict[str, str]:
    """Leave out what has been laid over the configuration before it was written."""
    return {name: value for name, value in process.items() if not name.startswith("TIDEGATE__")}
