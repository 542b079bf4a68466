"""Connections that wait for a server that is starting and confirm nothing that can be lost."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
import stamina

from tidegate_chassis.database.errors import UnreachableError
from tidegate_chassis.database.names import shown

PATIENCE_S: Final = 15.0
COMMAND_TIMEOUT_S: Final = 30.0
POOL_SIZE_MAX: Final = 8
_RETRY_WAIT_S: Final = 0.1
_RETRY_WAIT_S_MAX: Final = 1.0
# The server may be starting, restarting or full: all of that passes.
_PASSING = (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, TimeoutError)
# Whatever the server's default is, a confirmed commit is on the disk.
_SETTINGS: Final = {"synchronous_commit": "on", "timezone": "UTC"}


class Plain(asyncpg.Connection):
    """A connection that is given back to its pool as it is.

    asyncpg would reset it with a statement of its own after every use: a second round trip for
    each commit. Nothing here leaves anything behind in a session: no settings, no cursors, no
    advisory locks, no listeners. An open transaction is rolled back all the same.
    """

    def get_reset_query(self) -> str:
        """Return nothing to say."""
        return ""


async def connect(
    url: str, application: str = "tidegate", patience_s: float = PATIENCE_S
) -> asyncpg.Connection:
    """Open one connection, waiting up to ``patience_s`` for the server to take it."""
    connection: asyncpg.Connection = await _reached(
        asyncpg.connect, url, patience_s, **_options(application)
    )
    return connection


async def open_pool(
    url: str,
    application: str = "tidegate",
    size_max: int = POOL_SIZE_MAX,
    patience_s: float = PATIENCE_S,
) -> asyncpg.Pool:
    """Open a pool with one connection made, waiting up to ``patience_s`` for the server."""
    pool: asyncpg.Pool = await _reached(
        asyncpg.create_pool,
        url,
        patience_s,
        min_size=1,
        max_size=size_max,
        connection_class=Plain,
        **_options(application),
    )
    return pool


def _options(application: str) -> dict[str, Any]:
    return {
        "timeout": COMMAND_TIMEOUT_S,
        "command_timeout": COMMAND_TIMEOUT_S,
        "server_settings": {"application_name": application, **_SETTINGS},
    }


async def _reached(opener: Any, url: str, patience_s: float, **options: Any) -> Any:  # noqa: ANN401 - asyncpg's two openers share no type
    attempts = stamina.retry_context(
        on=_PASSING,
        attempts=None,
        timeout=patience_s,
        wait_initial=_RETRY_WAIT_S,
        wait_max=_RETRY_WAIT_S_MAX,
    )
    try:
        async for attempt in attempts:
            with attempt:
                return await opener(url, **options)
    except (*_PASSING, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise UnreachableError(
            expected=f"a PostgreSQL that takes connections at {shown(url)}",
            found=f"{type(error).__name__}: {error}",
            hint="start the server, or correct the address and password",
        ) from error
