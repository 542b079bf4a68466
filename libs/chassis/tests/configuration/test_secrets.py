from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_chassis.configuration import ConfigurationError, Environment, masked, read_secret


def environment(**variables: str) -> Environment:
    """An environment without a `.env`."""
    return Environment(variables, {})


def test_a_secret_comes_from_its_variable_or_from_a_file(tmp_path: Path) -> None:
    """``NAME_FILE`` is how orchestrators hand over secrets."""
    file = tmp_path / "token"
    file.write_text("from-file\n")
    for found in (
        read_secret("TOKEN", environment(TOKEN="from-file")),
        read_secret("TOKEN", environment(TOKEN_FILE=str(file))),
    ):
        assert found is not None
        assert found.reveal() == "from-file"
    assert read_secret("TOKEN", environment()) is None


def test_a_secret_given_twice_or_unreadable_is_an_error(tmp_path: Path) -> None:
    """Nobody has to guess which of two was taken."""
    with pytest.raises(ConfigurationError, match="found both"):
        read_secret("TOKEN", environment(TOKEN="a", TOKEN_FILE="b"))
    with pytest.raises(ConfigurationError, match="TOKEN_FILE"):
        read_secret("TOKEN", environment(TOKEN_FILE=str(tmp_path / "absent")))


def test_secrets_are_shown_as_stars() -> None:
    """By the variable's name, and by a password inside an address."""
    assert masked("TIDEGATE_TOKEN", "abc") == "***"
    assert masked("DATABASE_URL", "postgresql://me:pw@host/x") == "postgresql://me:***@host/x"
    assert masked("NATS_URL", "nats://host:4222") == "nats://host:4222"


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    """Compose files and shells set empty variables; `.env` then speaks."""
    (tmp_path / ".env").write_text('export REDIS_URL="redis://x"  \nOTHER=1 # why\n')
    found = Environment.beside(tmp_path / "tidegate.yaml", {"REDIS_URL": ""})
    assert (found.get("REDIS_URL"), found.get("OTHER")) == ("redis://x", "1")


def test_a_line_of_dotenv_that_is_no_assignment_is_an_error(tmp_path: Path) -> None:
    """A silent skip would hide a missing secret."""
    (tmp_path / ".env").write_text("# fine\nnot an assignment\n")
    with pytest.raises(ConfigurationError, match=r"\.env:2"):
        Environment.beside(tmp_path / "tidegate.yaml", {})
