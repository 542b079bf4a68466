"""Secrets are taken out of logs."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.security.redaction import is_secret_name, redacted, redacted_text
from tidegate_chassis.security.secrets import Secret


@pytest.mark.parametrize(
    "name",
    ["password", "db_password", "API_KEY", "apiKey", "token", "signing_key", "Authorization"],
)
def test_names_of_secrets_are_known(name: str) -> None:
    """A key by such a name holds a secret."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["symbol", "key", "order_key", "signal_key", "secretary", "tokens_used"]
)
def test_other_names_are_left_alone(name: str) -> None:
    """Words of the trade are not mistaken for secrets."""
    assert not is_secret_name(name)


def test_secrets_are_hidden_at_every_depth() -> None:
    """By name, by type and by look, inside lists and dictionaries."""
    value = {
        "password": "hush",
        "nested": [{"token": "hush"}, Secret("hush"), "postgresql://a:hush@host/db"],
        "header": "Authorization: Bearer hush",
        "symbol": "AAPL",
    }
    shown = redacted(value)
    assert "hush" not in repr(shown)
    assert isinstance(shown, dict)
    assert shown["symbol"] == "AAPL"


def test_an_address_keeps_what_helps() -> None:
    """User, host and path stay readable."""
    text = redacted_text("cannot reach postgresql://risk:p%40ss@db:5432/risk")
    assert text == "cannot reach postgresql://risk:***@db:5432/risk"


@given(st.recursive(st.integers() | st.booleans(), st.lists))
def test_values_without_secrets_stay_what_they_are(value: object) -> None:
    """Numbers and lists of them pass unchanged."""
    assert redacted(value) == value or "***" in repr(redacted(value))
