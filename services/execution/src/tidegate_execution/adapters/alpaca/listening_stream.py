"""alpaca-py's private stream, telling when it listens, and able to begin anew.

Importing this module costs seconds: only `updates` does, in its thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from alpaca.trading.stream import TradingStream

# A dead connection shows within 15 s; alpaca-py's own setting is three minutes.
SOCKET = {"ping_interval": 5, "ping_timeout": 10, "max_queue": 1024}


class ListeningStream(TradingStream):
    """The stream of trade updates, raw."""

    def __init__(self, keys: tuple[str, str], url: str, on_listening: Callable[[], None]) -> None:
        """``on_listening`` is called after each connection's subscription is confirmed."""
        super().__init__(*keys, raw_data=True, url_override=url, websocket_params=dict(SOCKET))
        self._on_listening = on_listening

    async def _dispatch(self, msg: dict[str, Any]) -> None:
        if msg.get("stream") == "listening":
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
