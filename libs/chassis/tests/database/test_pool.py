"""Opening connections to servers that are there, starting, or absent."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tidegate_chassis.database import UnreachableError, connect, open_pool
from tidegate_chassis.embedded import Place, PostgresServer
from tidegate_chassis.embedded.ports import free_port
from tidegate_chassis.testing import server_folder


async def test_a_pool_confirms_only_what_is_on_the_disk(database_url: str) -> None:
    """Whatever the server's default, `synchronous_commit` is on for us."""
    pool = await open_pool(database_url, "test", size_max=2)
    assert await pool.fetchval("SHOW synchronous_commit") == "on"
    assert await pool.fetchval("SHOW application_name") == "test"
    await pool.close()


async def test_giving_a_connection_back_costs_no_round_trip(database_url: str) -> None:
    """No reset is sent, so what a session was told is still known at the next use."""
    pool = await open_pool(database_url, "test", size_max=1)
    await pool.fetchval("SELECT set_config('tidegate.mark', 'left', false)")
    assert await pool.fetchval("SELECT current_setting('tidegate.mark')") == "left"
    await pool.close()


async def test_a_kept_connection_that_broke_is_replaced(database_url: str) -> None:
    """The statement that finds it broken fails; the next has another. Nobody else is kept out."""
    pool = await open_pool(database_url, "test", size_max=4)
    gone = await pool.fetchval("SELECT pg_backend_pid()")
    with pytest.raises(asyncpg.PostgresError):
        await pool.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await pool.fetchval("SELECT pg_backend_pid()") != gone
    taken = [await pool.acquire() for _ in range(3)]
    assert await pool.fetchval("SELECT 1") == 1
    for connection in taken:
        await pool.release(connection)
    await pool.close()


async def test_connecting_waits_for_a_server_that_is_starting() -> None:
    """A connection asked for before the server is up is made when it is."""
    with server_folder() as folder:
        place = Place(folder / "postgres", port=free_port(), dies_with_launcher=True)
        server = PostgresServer(place, password_file=folder / "secrets" / "password")
        server.start()
        server.stop()
        asked = asyncio.create_task(connect(server.url))
        await asyncio.sleep(0)
        await asyncio.to_thread(server.start)
        connection = await asked
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        server.stop()


async def test_an_absent_server_is_named_without_the_password() -> None:
    """The error says where nobody answered and what to do."""
    url = f"postgresql://someone:hush@127.0.0.1:{free_port()}/tidegate"
    with pytest.raises(UnreachableError) as caught:
        await connect(url, patience_s=0.2)
    assert "127.0.0.1" in caught.value.expected
    assert "hush" not in str(caught.value)
