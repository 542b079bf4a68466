"""alpaca-py's data streams of closed bars, in a thread of their own, telling when they listen.

Importing this module costs seconds: only `provider` does, in the stream's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from alpaca.data.live.websocket import DataStream

# A dead connection shows within 15 s; alpaca-py's own setting is three minutes.
SOCKET = {"ping_interval": 5, "ping_timeout": 10, "max_queue": 1024}


class BarStream(DataStream):
    """The bars of some symbols, raw."""

    def __init__(
        self,
        keys: tuple[str, str],
        url: str,
        on_bar: Callable[[dict[str, Any]], None],
        on_listening: Callable[[], None],
    ) -> None:
        super().__init__(url, *keys, raw_data=True, websocket_params=dict(SOCKET))
        self._on_bar = on_bar
        self._on_listening = on_listening

    def want(self, symbols: Sequence[str]) -> None:
        """Subscribe to the bars of symbols; before `run`."""
        self._handlers["bars"].update(dict.fromkeys(symbols, self._take))

    async def _take(self, bar: dict[str, Any]) -> None:
        self._on_bar(bar)

    async def _dispatch(self, msg: dict[str, Any]) -> None:
        if msg.get("T") == "subscription":
            self._on_listening()
        await super()._dispatch(msg)

    def begin_anew(self) -> None:
        """Cut the connection; the client makes another by itself. From any thread."""
        socket, loop = self._live()
        if socket is not None and loop is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(socket.close(), loop)

    def end(self) -> None:
        """Connect no more, and cut the connection. From any thread."""
        _, loop = self._live()
        if loop is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(self.stop_ws(), loop)
        self.begin_anew()

    def _live(self) -> tuple[Any, asyncio.AbstractEventLoop | None]:
        """Return socket and loop; alpaca-py leaves both empty until it runs."""
        return self._ws, self._loop
