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
KEPT_MAX: Final = 3
_QUERIES_MAX: Final = 50_000
_UNUSED_S: Final = 300.0
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


class Kept(asyncpg.Pool):
    """A pool that keeps a few connections at hand for single statements.

    Taking a connection out of asyncpg's pool and giving it back costs the client more than most
    statements here. So up to ``KEPT_MAX`` of them, and no more than half, stay taken between
    statements; the others remain for whoever asks the pool. What failed goes back to the pool,
    which looks after it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - asyncpg's own
        """Take asyncpg's own arguments."""
        super().__init__(*arguments, **options)
        self._kept: list[Any] = []
        self._kept_max = min(KEPT_MAX, options["max_size"] // 2)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - a value
        """Run a statement; return the first value of its first row."""
        return await self._with_kept("fetchval", query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - a record
        """Run a statement; return its first row."""
        return await self._with_kept("fetchrow", query, *args, **options)

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - records
        """Run a statement; return its rows."""
        return await self._with_kept("fetch", query, *args, **options)

    async def execute(self, query: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - a status
        """Run one or, without arguments, several statements."""
        return await self._with_kept("execute", query, *args, **options)

    async def _with_kept(self, method: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        connection: Any = self._kept.pop() if self._kept else await self.acquire()
        try:
            result = await getattr(connection, method)(*args, **options)
        except BaseException:
            await self._release_all(connection)
            raise
        if len(self._kept) < self._kept_max:
            self._kept.append(connection)
        else:
            await self.release(connection)
        return result

    async def _release_all(self, *more: Any) -> None:  # noqa: ANN401 - connections
        """Give everything back: what has happened to one may have happened to all."""
        given, self._kept = [*more, *self._kept], []
        for connection in given:
            await self.release(connection)

    async def close(self) -> None:
        """Close every connection, once it has done what it is doing."""
        self._kept_max = 0
        await self._release_all()
        await super().close()


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
        Kept,
        url,
        patience_s,
        min_size=1,
        max_size=size_max,
        max_queries=_QUERIES_MAX,
        max_inactive_connection_lifetime=_UNUSED_S,
        setup=None,
        init=None,
        loop=None,
        connection_class=Plain,
        record_class=asyncpg.Record,
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
