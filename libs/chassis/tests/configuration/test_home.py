from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tidegate_chassis.configuration import ConfigurationError, Environment, Layout, tidegate_home


def test_the_variable_names_the_home(tmp_path: Path) -> None:
    """Without it the home depends on who asks."""
    named = Environment({"TIDEGATE_HOME": str(tmp_path)}, {})
    assert tidegate_home(named) == tmp_path
    assert tidegate_home(Environment({}, {})).name == "tidegate"


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """The other folders can be passed through by PostgreSQL's user when root starts it."""
    layout = Layout(tmp_path / "home")
    layout.make()
    assert stat.S_IMODE(layout.secrets.stat().st_mode) == 0o700
    assert {path.name for path in layout.root.iterdir()} == {
        "data",
        "logs",
        "run",
        "runs",
        "secrets",
    }
    layout.make()


def test_a_secrets_folder_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A folder that is there is judged, not changed."""
    layout = Layout(tmp_path)
    layout.secrets.mkdir()
    layout.secrets.chmod(0o755)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        layout.make()


def test_a_home_that_cannot_be_made_says_what_to_set(tmp_path: Path) -> None:
    """For example when a file is in the way."""
    blocked = tmp_path / "file"
    blocked.touch()
    assert os.path.lexists(blocked)
    with pytest.raises(ConfigurationError, match="TIDEGATE_HOME"):
        Layout(blocked / "home").make()
