"""alpaca-py's data streams of closed bars, in a thread of their own, telling when they listen.

Importing this module costs seconds: only `provider` does, in the stream's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from alpaca.data.live.websocket import DataStream

from tidegate_chassis.venues.alpaca_streams import SOCKET, Cuttable


class BarStream(Cuttable, DataStream):
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
