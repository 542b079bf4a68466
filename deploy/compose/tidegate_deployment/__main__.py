"""``python -m tidegate_deployment credentials|apply``: the two steps of the deploy job.

``credentials`` runs before the servers start and gives each its password. ``apply`` runs when
they answer and makes databases, streams and durables. Both may be repeated; what exists stays.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_chassis.configuration import ConfigurationError, load_configuration
from tidegate_chassis.database import DatabaseError
from tidegate_chassis.security.errors import SecurityError
from tidegate_deployment.credentials import Credentials
from tidegate_deployment.servers import Servers, apply
from tidegate_deployment.topology import definitions_of, require_valid, shards_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED = 1
MISCONFIGURED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step and return its exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        _run(parsed)
    except ConfigurationError as error:
        _say(str(error))
        return MISCONFIGURED
    except (DatabaseError, SecurityError, OSError) as error:
        _say(str(error))
        return FAILED
    return 0


def _run(parsed: Namespace) -> None:
    configuration = load_configuration(parsed.config)
    require_valid(configuration)
    definitions = definitions_of(configuration)
    credentials = Credentials(parsed.secrets)
    if parsed.step == "credentials":
        credentials.write(parsed.redis_url, shards_of(configuration, definitions))
        _say("credentials are ready")
        return
    servers = Servers(database_url=parsed.database_url, nats_url=parsed.nats_url)
    every = [each for shards in definitions.values() for each in shards]
    asyncio.run(apply(servers, credentials, every))
    _say("databases, streams and durables are ready")


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="tidegate_deployment", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the tidegate.yaml")
    parser.add_argument(
        "--secrets", type=Path, required=True, help="a folder with one folder per reader"
    )
    steps = parser.add_subparsers(dest="step", required=True)
    credentials = steps.add_parser("credentials", help="make passwords, keys and tokens")
    credentials.add_argument(
        "--redis-url", required=True, help="where services reach Valkey; the password is added"
    )
    applying = steps.add_parser("apply", help="make databases, streams and durables")
    applying.add_argument(
        "--database-url", required=True, help="the administrator's address; the password is added"
    )
    applying.add_argument("--nats-url", required=True, help="where the deploy user reaches NATS")
    return parser


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
