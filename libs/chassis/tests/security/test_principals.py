"""Tokens name principals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from tidegate_chassis.security.errors import SecretError
from tidegate_chassis.security.principals import Principals, ensure_token, token_file
from tidegate_chassis.security.secrets import Secret
from tidegate_kernel.errors import IdentifierError

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = Principals({"operator": Secret("o-token"), "approver": Secret("a-token")})


def test_each_token_file_names_one_principal(tmp_path: Path) -> None:
    """What `up` writes is what services accept."""
    operator, approver = ensure_token(tmp_path, "operator"), ensure_token(tmp_path, "approver")
    principals = Principals.load(tmp_path)
    assert principals.names == ("approver", "operator")
    assert principals.name_of(operator.reveal()) == "operator"
    assert principals.name_of(approver.reveal()) == "approver"


def test_a_header_names_its_principal() -> None:
    """The scheme is not case-sensitive, the token is."""
    assert KNOWN.name_of_header("Bearer o-token") == "operator"
    assert KNOWN.name_of_header("bearer a-token") == "approver"
    assert KNOWN.name_of_header("Bearer O-TOKEN") is None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic o-token", "o-token"])
def test_a_header_without_a_bearer_token_names_nobody(header: str | None) -> None:
    """Anything but ``Bearer TOKEN`` is nobody."""
    assert KNOWN.name_of_header(header) is None


@given(st.text())
def test_any_other_text_names_nobody(token: str) -> None:
    """Only the very token is accepted, and no text makes it fail otherwise."""
    assert KNOWN.name_of(token) == {"o-token": "operator", "a-token": "approver"}.get(token)


def test_without_tokens_nobody_is_let_in(tmp_path: Path) -> None:
    """An empty folder accepts no token, the empty one neither."""
    assert Principals.load(tmp_path).name_of("") is None


def test_two_principals_never_share_a_token() -> None:
    """Otherwise one person could pass for two."""
    with pytest.raises(SecretError, match="approver, operator"):
        Principals({"operator": Secret("same"), "approver": Secret("same")})


def test_a_token_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    """A token file must be private to count."""
    ensure_token(tmp_path, "operator")
    token_file(tmp_path, "operator").chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        Principals.load(tmp_path)


def test_a_principal_has_a_plain_name(tmp_path: Path) -> None:
    """A name cannot lead out of the secrets folder."""
    with pytest.raises(IdentifierError):
        ensure_token(tmp_path, "../operator")
