from __future__ import annotations

import pytest

from tidegate_cli.errors import Misused
from tidegate_cli.launching import check_addresses


@pytest.mark.parametrize(
    ("name", "address", "found"),
    [
        ("REDIS_URL", "localhost:6379", "text without ://"),
        ("REDIS_URL", "http://:secret@localhost", "http://..."),
        ("DATABASE_URL", "mysql://root:secret@localhost", "mysql://..."),
    ],
)
def test_an_address_that_no_service_could_read_starts_nothing(
    name: str, address: str, found: str
) -> None:
    """The error names the variable and the schemes, and never shows a password."""
    with pytest.raises(Misused) as caught:
        check_addresses({name: address})
    assert name in caught.value.message
    assert caught.value.found == found
    assert "secret" not in str(caught.value.document())


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"REDIS_URL": "", "DATABASE_URL": ""},
        {"REDIS_URL": "rediss://host:6379/0", "DATABASE_URL": "postgres://host/postgres"},
        {"REDIS_URL": "unix:///run/valkey.sock", "NATS_URL": "nats://host:4222"},
    ],
)
def test_addresses_of_servers_are_taken(variables: dict[str, str]) -> None:
    """Whether one answers there is asked later."""
    check_addresses(variables)
