"""The server inside a running event loop."""

from __future__ import annotations

import asyncio
import signal
import socket
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from tidegate_chassis.http import HttpServer, ListenError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    """Give a running server of an empty application."""
    running = HttpServer(FastAPI())
    await running.start()
    yield running
    await running.stop()


async def test_it_listens_on_loopback_by_default(server: HttpServer) -> None:
    """Nobody from outside reaches a service that was not told to listen there."""
    assert server.url.startswith("http://127.0.0.1:")


async def test_it_leaves_the_hosts_signal_handlers_alone(server: HttpServer) -> None:
    """SIGTERM means what the host says: drain."""
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    async with httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.get("/nowhere")).status_code == 404


async def test_a_taken_port_is_an_error_with_the_port() -> None:
    """The message says which address could not be had."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=str(port)):
            await HttpServer(FastAPI(), port=port).start()


async def test_stopping_finishes_what_is_being_answered() -> None:
    """A request that is under way is answered; afterwards the port is closed."""
    app = FastAPI()
    entered, leave = asyncio.Event(), asyncio.Event()

    @app.get("/slow")
    async def slow() -> str:
        entered.set()
        await leave.wait()
        return "done"

    server = HttpServer(app)
    await server.start()
    async with httpx.AsyncClient() as client:
        asked = asyncio.create_task(client.get(f"{server.url}/slow"))
        await entered.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        leave.set()
        answer = await asked
        await stopping
        assert answer.json() == "done"
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{server.url}/slow")
