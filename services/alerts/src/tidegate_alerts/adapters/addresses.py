"""From the configured channels to real ones: addresses come from the environment, by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_alerts.adapters.channels import (
    AppriseChannel,
    LogChannel,
    apprise_threads,
    configured,
)
from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.problem import ConfigurationError, Problem
from tidegate_chassis.configuration.secrets import read_secret

if TYPE_CHECKING:
    from tidegate_alerts.adapters.channels import Channel
    from tidegate_alerts.config import AlertsSettings


def environment() -> Environment:
    """Return the process's variables, and those of the `.env` beside its configuration."""
    path = os.environ.get("TIDEGATE_CONFIG")
    return Environment.beside(Path(path) if path else None, os.environ)


def channels_of(settings: AlertsSettings, environment: Environment) -> dict[str, Channel]:
    """Return every channel by name; one error names all addresses that are missing or wrong."""
    channels: dict[str, Channel] = {}
    problems: list[Problem] = []
    threads = apprise_threads()
    for index, channel in enumerate(settings.channels):
        if channel.url_env is None:
            channels[channel.name] = LogChannel()
            continue
        secret = read_secret(channel.url_env, environment)
        path = f"alerts.channels.{index}.url_env"
        if secret is None:
            problems.append(_missing(path, channel.url_env))
        elif not configured(secret.reveal()):
            problems.append(_strange(path, channel.url_env))
        else:
            address = secret.reveal()
            channels[channel.name] = AppriseChannel(address, channel.timeout_s, threads)
    if problems:
        raise ConfigurationError(problems)
    return channels


def _missing(path: str, name: str) -> Problem:
    return Problem(
        path,
        f"the channel's URL in {name}",
        "no such variable",
        f"set {name} in the environment or in .env, or name a file in {name}_FILE",
    )


def _strange(path: str, name: str) -> Problem:
    return Problem(
        path,
        f"an http(s) URL or an apprise URL in {name}",
        "a text that apprise does not know",
        "the forms are listed in apprise's documentation",
    )
