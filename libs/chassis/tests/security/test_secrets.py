"""Secrets are kept private and do not show."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tidegate_chassis.security.errors import SecretError
from tidegate_chassis.security.secrets import (
    Secret,
    generated_secret,
    read_secret_file,
    require_private,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_secret_does_not_show() -> None:
    """Neither printing nor formatting nor containers reveal the text."""
    secret = Secret("hush")
    assert "hush" not in f"{secret} {secret!r} {[secret]} {{'a': {secret!r}}}"
    assert secret.reveal() == "hush"


def test_a_secret_is_not_written_down_by_pickling() -> None:
    """Pickling would put the text on a disk or a wire."""
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(Secret("hush"))


def test_secrets_are_equal_by_their_text() -> None:
    """Two secrets with one text are one in sets; a string is never equal to a secret."""
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def test_a_generated_secret_is_private_and_stays(tmp_path: Path) -> None:
    """The file is 0600 in a folder 0700, and asking again gives the same secret."""
    path = tmp_path / "secrets" / "operator.token"
    first = generated_secret(path)
    assert generated_secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_processes_that_generate_at_once_agree(tmp_path: Path) -> None:
    """Whoever is first decides; nobody reads half a secret or another one."""
    path = tmp_path / "secrets" / "shared"
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: generated_secret(path), range(32)))
    assert len(set(made)) == 1
    assert [file.name for file in path.parent.iterdir()] == ["shared"]


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    """Folders that we did not make are not changed."""
    tmp_path.chmod(0o755)
    generated_secret(tmp_path / "secret")
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_an_absent_or_empty_secret_is_an_error_with_its_path(
    tmp_path: Path, content: str | None
) -> None:
    """The message says which file should hold the secret."""
    path = tmp_path / "secret"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SecretError, match=str(path)):
        read_secret_file(path)


def test_a_secret_that_everyone_can_read_is_refused(tmp_path: Path) -> None:
    """The hint is the command that closes it."""
    path = tmp_path / "secret"
    path.write_text("hush")
    path.chmod(0o644)
    with pytest.raises(SecretError, match="chmod 600"):
        require_private(path)
