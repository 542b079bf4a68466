"""uvicorn inside an event loop that already runs: no signal handlers, no second loop."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from typing import TYPE_CHECKING, Final

import uvicorn

from tidegate_chassis.http.errors import ListenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

LOOPBACK: Final = "127.0.0.1"
_GRACE_S: Final = 3
_START_POLL_S: Final = 0.005
_BACKLOG: Final = 128


class HttpServer:
    """Serves one application from `start` to `stop`; port 0 takes a free one."""

    def __init__(self, app: FastAPI, host: str = LOOPBACK, port: int = 0) -> None:
        """Describe the server; nothing listens before `start`."""
        self._host = host
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        self.port = port

    @property
    def url(self) -> str:
        """Where the server answers."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen and return when requests are answered."""
        self._socket = _listening_socket(self._host, self.port)
        self.port = self._socket.getsockname()[1]
        serving = self._server.serve(sockets=[self._socket])
        self._task = asyncio.create_task(serving, name="http")
        while not self._server.started:
            if self._task.done():
                await self._task
                raise ListenError(
                    expected=f"the HTTP server to start on {self.url}",
                    found="it ended",
                    hint="look into the service's log",
                )
            await asyncio.sleep(_START_POLL_S)

    async def stop(self) -> None:
        """Finish what is being answered, for a few seconds at most, and close the port."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
            self._task = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the host."""
        yield


def _listening_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if _is_ipv6(host) else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ListenError(
            expected=f"to listen on {host}:{port}",
            found=error.strerror or str(error),
            hint="stop the process that holds the port, or choose another address",
        ) from None
    return listener


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6  # noqa: PLR2004 - IPv6
    except ValueError:
        return False
