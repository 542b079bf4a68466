"""alpaca-py's private stream, telling when it listens, and able to begin anew.

Importing this module costs seconds: only `updates` does, in its thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alpaca.trading.stream import TradingStream

from tidegate_chassis.venues.alpaca_streams import SOCKET, Cuttable


class ListeningStream(Cuttable, TradingStream):
    """The stream of trade updates, raw."""

    def __init__(self, keys: tuple[str, str], url: str, on_listening: Callable[[], None]) -> None:
        """``on_listening`` is called after each connection's subscription is confirmed."""
        super().__init__(*keys, raw_data=True, url_override=url, websocket_params=dict(SOCKET))
        self._on_listening = on_listening

    async def _dispatch(self, msg: dict[str, Any]) -> None:
        if msg.get("stream") == "listening":
            self._on_listening()
        await super()._dispatch(msg)
