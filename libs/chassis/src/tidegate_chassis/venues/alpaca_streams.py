"""What both of alpaca-py's kinds of streams need: dead connections that show, and a way to cut one.

alpaca-py reads `SOCKET` as the parameters of its websocket. `Cuttable` goes before its class.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

SOCKET: Final = {"ping_interval": 5, "ping_timeout": 10, "max_queue": 1024}
"""A dead connection shows within 15 s; alpaca-py's own setting is three minutes."""


class Cuttable:
    """A stream whose connection can be cut from any thread."""

    # alpaca-py's own; both are empty until it runs.
    _ws: Any
    _loop: Any

    def begin_anew(self) -> None:
        """Cut the connection; the client makes another by itself."""
        if self._ws is not None:
            self._run(self._ws.close())

    def end(self) -> None:
        """Connect no more, and cut the connection."""
        self._run(self.stop_ws())  # type: ignore[attr-defined]
        self.begin_anew()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        loop = self._loop
        if loop is not None and loop.is_running():
            asyncio.run_coroutine_threadsafe(work, loop)
        else:
            work.close()
