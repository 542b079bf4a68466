"""The environment of each service's process: its own addresses and secrets, nobody else's."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate_chassis.configuration import process_name
from tidegate_cli.deployment.topology import module_of
from tidegate_cli.supervisor.child import ChildPlan
from tidegate_cli.supervisor.plan import Plan
from tidegate_cli.supervisor.servers import credentials_variable, database_variable

# Keys of venues: only those who talk to venues get them.
_VENUE_KEYS = r"(?:{venues})_(?:API_KEY|API_SECRET|SECRET_KEY)(?:_FILE)?|TIDEGATE_LIVE_CONFIRM"
_AT_VENUES = frozenset({"market-data", "execution"})
# The administrator's address, the operator's token, what has been laid over the configuration
# already, and what belongs to one service.
_WITHHELD = re.compile(
    r"(?:DATABASE_URL(?:_FILE)?|TIDEGATE_TOKEN|TIDEGATE__.*|TIDEGATE_.+_DATABASE_URL|"
    r"TIDEGATE_.+_NATS_CREDS|TIDEGATE_(?:.+_)?(?:CRASH|FREEZE)_AT|REDIS_URL_FILE)"
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services of an instance find what they need."""

    nats_url: str
    redis_url: str
    # Where services send their spans; empty: whatever the environment says.
    otlp_endpoint: str
    databases: Mapping[str, str]
    credentials: Mapping[str, Path]


def child_plans(plan: Plan, service: str, addresses: Addresses) -> list[ChildPlan]:
    """Return what each replica of a service is started with."""
    replicas = plan.configuration.services.of(service).replicas
    return [_child_plan(plan, service, number, addresses) for number in range(1, replicas + 1)]


def _child_plan(plan: Plan, service: str, replica: int, addresses: Addresses) -> ChildPlan:
    settings = plan.configuration.services.of(service)
    crash_at = plan.environment.get(f"{_upper(service)}_CRASH_AT")
    freeze_at = plan.environment.get(f"{_upper(service)}_FREEZE_AT")
    variables = {**_variables(plan, service, addresses), "TIDEGATE_REPLICA": str(replica)}
    port = settings.http_port
    return ChildPlan(
        service=process_name(service, replica),
        command=(sys.executable, "-m", module_of(service)),
        folder=plan.folder,
        console=plan.layout.logs / f"{process_name(service, replica)}.console.log",
        variables=variables | ({"TIDEGATE_FREEZE_AT": freeze_at} if freeze_at else {}),
        first_variables={"TIDEGATE_CRASH_AT": crash_at} if crash_at else {},
        http_host=settings.http_host,
        http_port=None if port is None else port + replica - 1,
    )


def _variables(plan: Plan, service: str, addresses: Addresses) -> dict[str, str]:
    settings = plan.configuration.services.of(service)
    kept = {name: v for name, v in plan.variables.items() if _WITHHELD.fullmatch(name) is None}
    if service not in _AT_VENUES:
        keys = _venue_keys(plan)
        kept = {name: v for name, v in kept.items() if keys.fullmatch(name) is None}
    if addresses.otlp_endpoint:
        kept["OTEL_EXPORTER_OTLP_ENDPOINT"] = addresses.otlp_endpoint
    return {
        **kept,
        "TIDEGATE_SERVICE": service,
        "TIDEGATE_INSTANCE": plan.instance,
        "TIDEGATE_CONFIG": str(plan.configuration_path),
        "TIDEGATE_HOME": str(plan.home),
        "TIDEGATE_INSTANCE_DIR": str(plan.folder),
        "TIDEGATE_HTTP_HOST": settings.http_host,
        "TIDEGATE_LOG_LEVEL": settings.log_level,
        "TIDEGATE_TRACE_ONE_IN": str(settings.trace_one_in),
        "NATS_URL": addresses.nats_url,
        "REDIS_URL": addresses.redis_url,
        credentials_variable(service): str(addresses.credentials[service]),
        database_variable(service): addresses.databases[service],
        # One shard, one thread: numeric libraries must not start pools of their own.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _venue_keys(plan: Plan) -> re.Pattern[str]:
    """Return the names of all variables that hold a venue's keys."""
    exchanges = {session.feed.exchange or "binance" for session in plan.configuration.sessions}
    venues = sorted({"ALPACA", *(each.upper().replace("-", "_") for each in exchanges)})
    return re.compile(_VENUE_KEYS.format(venues="|".join(venues)))


def _upper(service: str) -> str:
    return f"TIDEGATE_{service.upper().replace('-', '_')}"
