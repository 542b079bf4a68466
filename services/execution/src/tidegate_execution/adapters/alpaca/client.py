"""Calls to the trading API: each returns an answer or raises one of `failures`.

Blocking: made in threads (`deadlines`). A refusal counts only when it is the venue's own: one of
the statuses that refuse, with a JSON body that carries the venue's code. A proxy's error page is
not the venue's word.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate_execution.adapters.alpaca.failures import Limited, NotSent, Refused, Unproven

if TYPE_CHECKING:
    from tidegate_chassis.venues.alpaca import Credentials, Endpoints
    from tidegate_execution.adapters.alpaca.bounded_client import BoundedClient

CONNECT_S = 3.0
SILENCE_S = 8.0
CONNECTIONS = 10
# 408 and 429 refuse nothing: who asked cannot tell what was done before.
TOO_MANY = 429
PAUSE_S = 10.0
REFUSING = frozenset({400, 401, 403, 404, 405, 409, 410, 422})


@dataclass
class AlpacaClient:
    """One account's trading API."""

    credentials: Credentials
    endpoints: Endpoints
    limits_s: tuple[float, float] = (CONNECT_S, SILENCE_S)
    # Told of the requests that a minute may have, with every answer.
    on_limit: Callable[[int], None] = field(default=lambda _: None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _made: BoundedClient | None = field(default=None, repr=False)

    def get(self, path: str, query: Mapping[str, object] | None = None) -> object:
        """Read something."""
        return self._call("GET", path, query)

    def post(self, path: str, body: Mapping[str, object]) -> object:
        """Send something new."""
        return self._call("POST", path, body)

    def patch(self, path: str, body: Mapping[str, object]) -> object:
        """Change something."""
        return self._call("PATCH", path, body)

    def delete(self, path: str) -> object:
        """End something."""
        return self._call("DELETE", path, None)

    def prepare(self) -> None:
        """Import and build alpaca-py's client now, and not with the first order."""
        with self._lock:
            if self._made is None:
                from tidegate_execution.adapters.alpaca.bounded_client import BoundedClient

                keys = self.credentials.revealed()
                base_url = self.endpoints.base_url
                self._made = BoundedClient(keys, base_url, self.limits_s, CONNECTIONS)
                self._made.on_limit = self.on_limit

    def _call(self, method: str, path: str, data: Mapping[str, object] | None) -> object:
        self.prepare()
        from alpaca.common.exceptions import APIError
        from requests.exceptions import ConnectionError as Disconnected, RequestException

        from tidegate_execution.adapters.alpaca.bounded_client import UnexpectedStatus

        assert self._made is not None
        made, body = self._made, dict(data) if data else None
        calls: dict[str, Callable[..., object]] = {
            "GET": made.get,
            "POST": made.post,
            "PATCH": made.patch,
            "DELETE": made.delete,
        }
        try:
            answer = calls[method](path, body)
        except APIError as error:
            if error.status_code == TOO_MANY:
                raise Limited(_retry_after_s(error)) from None
            raise _of_status(error.status_code, str(error)) from None
        except Disconnected as error:
            raise _of_connection(error) from None
        except (RequestException, UnexpectedStatus, ValueError) as error:
            raise Unproven(f"{type(error).__name__} of {method} {path}") from None
        return answer


def _of_status(status: int | None, text: str) -> Refused | Unproven:
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    if status in REFUSING and isinstance(body, dict) and isinstance(code, int):
        return Refused(status, code, str(body.get("message", "")))
    return Unproven(f"HTTP {status}")


def _retry_after_s(error: Exception) -> float:
    response = getattr(error, "response", None)
    told = str(response.headers.get("Retry-After", "")) if response is not None else ""
    return float(told) if told.isdigit() else PAUSE_S


def _of_connection(error: Exception) -> NotSent | Unproven:
    """Return whether a broken connection had carried anything: one that was never made had not."""
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    cause = getattr(error.args[0], "reason", None) if error.args else None
    never = isinstance(error, ConnectTimeout) or isinstance(
        cause, NewConnectionError | ConnectTimeoutError
    )
    if never:
        return NotSent("no connection to the venue could be made")
    return Unproven("the connection broke")
