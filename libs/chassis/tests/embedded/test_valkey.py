"""What the embedded Valkey promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis

if TYPE_CHECKING:
    from tidegate_chassis.embedded import ValkeyServer


def test_it_keeps_what_it_is_given_and_asks_for_the_password(valkey: ValkeyServer) -> None:
    """With the password a key can be set and read; without it nothing can."""
    client = redis.Redis.from_url(valkey.url)
    client.set("quote", "1")
    assert client.get("quote") == b"1"
    client.close()
    stranger = redis.Redis(port=valkey.port)
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    stranger.close()
