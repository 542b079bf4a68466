"""Key, timestamp, receive window and signature of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from tests.venues.keys import Keys

AHEAD_MS_MAX = 1_000
WINDOW_MS_DEFAULT = 5_000
Fields = dict[str, str]


class Unsigned(Exception):
    """A request that does not prove who sent it, or is too old."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.response = JSONResponse({"code": code, "msg": message}, status)


@dataclass(frozen=True)
class Signing:
    """Checks the requests of one account."""

    keys: Keys
    clock: Callable[[], int]

    async def fields(self, request: Request) -> Fields:
        """Return the fields of a signed request; `Unsigned` if something is wrong with it."""
        self.check_key(request)
        query, body = request.url.query, (await request.body()).decode()
        payload = query + body
        signed, _, signature = payload.rpartition("signature=")
        if not self.keys.signs(signed.removesuffix("&"), signature):
            raise Unsigned(400, -1022, "Signature for this request is not valid.")
        found = dict(parse_qsl(query + "&" + body, keep_blank_values=True))
        self.check_time(found)
        return found

    def check_key(self, request: Request) -> None:
        """Refuse a key that is not ours."""
        if request.headers.get("x-mbx-apikey") != self.keys.key:
            raise Unsigned(401, -2015, "Invalid API-key, IP, or permissions for action.")

    def check_time(self, found: Mapping[str, object]) -> None:
        """Refuse a request that is too old, or from the future."""
        sent_ms, now_ms = int(str(found.get("timestamp", "0"))), self.clock() // 1_000_000
        window_ms = int(str(found.get("recvWindow", WINDOW_MS_DEFAULT)))
        if sent_ms > now_ms + AHEAD_MS_MAX:
            text = "Timestamp for this request was 1000ms ahead of the server's time."
            raise Unsigned(400, -1021, text)
        if now_ms - sent_ms > window_ms:
            raise Unsigned(400, -1021, "Timestamp for this request is outside of the recvWindow.")
