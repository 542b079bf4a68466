"""Has every service judge its part of a configuration."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import SERVICE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_chassis.configuration import Configuration, Problem


def judge(configuration: Configuration, services: Sequence[str] = SERVICE_NAMES) -> list[Problem]:
    """Return what these services have to say about their parts."""
    problems: list[Problem] = []
    for service in services:
        module = import_module(f"tidegate_{service.replace('-', '_')}.config")
        problems += module.check(configuration)
    return problems
