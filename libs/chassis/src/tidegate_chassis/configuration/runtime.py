"""What a service is handed: where its servers are, who it is, and where its files lie.

All of it comes from the environment, because it differs from machine to machine; what is traded
comes from `tidegate.yaml`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tidegate_chassis.configuration.environment import Environment
from tidegate_chassis.configuration.home import Layout, tidegate_home
from tidegate_chassis.configuration.loader import find_configuration, load
from tidegate_chassis.configuration.models import Configuration
from tidegate_chassis.configuration.problem import ConfigurationError, Problem
from tidegate_chassis.configuration.secrets import read_secret
from tidegate_chassis.configuration.trading_mode import trading_mode

RISK_VERIFY_KEY = "risk.verify-key.pem"
RISK_SIGNING_KEY = "risk.signing-key.pem"
_NOT_READ = ("", "")  # a problem has been noted, so that no Runtime is made of these


def process_name(service: str, replica: int) -> str:
    """Return how a service's process is called in logs and in the instance's record."""
    return service if replica == 1 else f"{service}-{replica}"


class Runtime(BaseModel):
    """The settings of one service process."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str = Field(description="TIDEGATE_SERVICE: the service's name.")
    instance: str = Field(default="main", description="TIDEGATE_INSTANCE: the installation.")
    replica: int = Field(
        default=1,
        ge=1,
        description="TIDEGATE_REPLICA: which of the service's processes this is; names its logs.",
    )
    configuration_path: Path = Field(description="TIDEGATE_CONFIG: the tidegate.yaml.")
    home: Path = Field(description="TIDEGATE_HOME.")
    instance_folder: Path = Field(
        description="TIDEGATE_INSTANCE_DIR: holds data, logs, run and secrets. Default: the home."
    )
    secrets_folder: Path = Field(
        description="TIDEGATE_SECRETS_DIR: tokens and keys. Default: `secrets` of the instance."
    )
    logs_folder: Path = Field(
        description="TIDEGATE_LOGS_DIR: rotating JSON logs. Default: `logs` of the instance."
    )
    nats_url: str = Field(description="NATS_URL.")
    nats_user: str = Field(description="From TIDEGATE_<SERVICE>_NATS_CREDS: before the colon.")
    nats_password: str = Field(
        repr=False, description="From TIDEGATE_<SERVICE>_NATS_CREDS: behind the colon."
    )
    database_url: str = Field(
        repr=False, description="TIDEGATE_<SERVICE>_DATABASE_URL, else DATABASE_URL."
    )
    redis_url: str | None = Field(default=None, repr=False, description="REDIS_URL.")
    http_host: str = Field(default="127.0.0.1", description="TIDEGATE_HTTP_HOST.")
    http_port: int = Field(ge=1, le=65535, description="TIDEGATE_HTTP_PORT.")
    signing_key_file: Path | None = Field(
        default=None, description="TIDEGATE_SIGNING_KEY_FILE: the risk service's own key."
    )
    verify_key_file: Path = Field(
        description="TIDEGATE_VERIFY_KEY_FILE: the risk service's public keys."
    )
    otlp_endpoint: str | None = Field(default=None, description="OTEL_EXPORTER_OTLP_ENDPOINT.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="TIDEGATE_LOG_LEVEL."
    )
    trace_one_in: int = Field(
        default=1000,
        ge=0,
        description="TIDEGATE_TRACE_ONE_IN: of how many traces that cause nothing one is kept.",
    )
    trading_mode: Literal["paper", "live"] = Field(
        default="paper", description="TRADING_MODE: live only if it says exactly that."
    )

    @classmethod
    def from_environment(cls, service: str, process: Mapping[str, str] | None = None) -> Runtime:
        """Read the settings of a service; everything that is wrong is reported together."""
        variables = os.environ if process is None else process
        path = find_configuration(None, variables).absolute()
        reader = _Reader(service, Environment.beside(path, variables))
        values = reader.values(path)
        problems = list(reader.problems)
        try:
            runtime = cls.model_validate(values)
        except ValidationError as error:
            blamed = {problem.path for problem in problems}
            problems += [each for each in _explained(error) if each.path not in blamed]
            raise ConfigurationError(problems) from None
        if problems:
            raise ConfigurationError(problems)
        return runtime

    @property
    def process(self) -> str:
        """The name of this process: the service's, and from the second replica on its number."""
        return process_name(self.service, self.replica)

    def load_configuration(self) -> Configuration:
        """Load the configuration that this process is to run."""
        return load(self.configuration_path).configuration


class _Reader:
    """Collects the values of one service from an environment."""

    def __init__(self, service: str, environment: Environment) -> None:
        self.service = service
        self.environment = environment
        self.problems: list[Problem] = []
        self._upper = service.upper().replace("-", "_")

    def values(self, path: Path) -> dict[str, object]:
        """Return the values that are set; what is missing is left to the defaults."""
        get = self.environment.get
        home = tidegate_home(self.environment)
        folder = Path(get("TIDEGATE_INSTANCE_DIR") or home)
        secrets = Path(get("TIDEGATE_SECRETS_DIR") or Layout(folder).secrets)
        user, password = self._nats_credentials()
        values: dict[str, object] = {
            "service": self.service,
            "instance": get("TIDEGATE_INSTANCE"),
            "replica": get("TIDEGATE_REPLICA"),
            "configuration_path": path,
            "home": home,
            "instance_folder": folder,
            "secrets_folder": secrets,
            "logs_folder": get("TIDEGATE_LOGS_DIR") or Layout(folder).logs,
            "nats_url": get("NATS_URL"),
            "nats_user": user,
            "nats_password": password,
            "database_url": self._database_url(),
            "redis_url": self._secret("REDIS_URL"),
            "http_host": get("TIDEGATE_HTTP_HOST"),
            "http_port": get("TIDEGATE_HTTP_PORT"),
            "signing_key_file": self._signing_key(secrets),
            "verify_key_file": get("TIDEGATE_VERIFY_KEY_FILE") or secrets / RISK_VERIFY_KEY,
            "otlp_endpoint": get("OTEL_EXPORTER_OTLP_ENDPOINT"),
            "log_level": get("TIDEGATE_LOG_LEVEL"),
            "trace_one_in": get("TIDEGATE_TRACE_ONE_IN"),
            "trading_mode": trading_mode(self.environment),
        }
        return {name: value for name, value in values.items() if value is not None}

    def _signing_key(self, secrets: Path) -> Path | None:
        named = self.environment.get("TIDEGATE_SIGNING_KEY_FILE")
        if named is not None:
            return Path(named)
        return secrets / RISK_SIGNING_KEY if self.service == "risk" else None

    def _database_url(self) -> str | None:
        own = self._secret(f"TIDEGATE_{self._upper}_DATABASE_URL")
        return own or self._secret("DATABASE_URL")

    def _nats_credentials(self) -> tuple[str, str]:
        name = f"TIDEGATE_{self._upper}_NATS_CREDS"
        file = self.environment.get(name)
        if file is None:
            hint = "`tidegate up` sets it; `tidegate deploy nats-config` prints the users"
            problem = Problem("nats_user", f"{name} to name a file", "it unset", hint)
            self.problems.append(problem.at(name))
            return _NOT_READ
        try:
            user, separator, password = (
                Path(file).read_text(encoding="utf-8").strip().partition(":")
            )
        except OSError as error:
            problem = Problem("nats_user", f"{file} to be readable", str(error.strerror))
            self.problems.append(problem.at(name))
            return _NOT_READ
        if not separator or not user or not password:
            problem = Problem("nats_user", f"user:password in {file}", "something else")
            self.problems.append(problem.at(name))
        return user, password

    def _secret(self, name: str) -> str | None:
        try:
            secret = read_secret(name, self.environment)
        except ConfigurationError as error:
            self.problems += error.problems
            return None
        return secret.reveal() if secret else None


def _explained(error: ValidationError) -> list[Problem]:
    problems = []
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0])
        source = str(Runtime.model_fields[name].description)
        found = "nothing" if detail["type"] == "missing" else detail["msg"]
        problems.append(Problem(name, f"{source}", found, "set it in the environment"))
    return problems
