"""Whether a nats-server is there, asked once before any process is started that needs it."""

from __future__ import annotations

import nats
from nats.errors import Error as NatsError

from tidegate_lab.sweep.errors import ServerError

_PATIENCE_S = 5


async def require_server(url: str) -> None:
    """Return when a server answers at ``url``; `ServerError` when none does."""
    try:
        # By itself the client tries for two minutes, and writes each failure to the log.
        client = await nats.connect(
            url,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=_PATIENCE_S,
            error_cb=_unheard,
        )
    except (OSError, NatsError, ValueError) as error:
        raise ServerError(url, str(error) or type(error).__name__) from None
    await client.close()


async def _unheard(_: Exception) -> None:
    """Leave an error to the call that raises it."""
