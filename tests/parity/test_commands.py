"""Who ends the comparison ends what it has started, and gives it time to end its own."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from tests.instances import eventually

from .commands import Commands, Ended

CLEANS_UP = """
import pathlib, signal, sys
def end(*_):
    pathlib.Path(sys.argv[1], "cleaned").touch()
    sys.exit(3)
signal.signal(signal.SIGTERM, end)
pathlib.Path(sys.argv[1], "begun").touch()
signal.pause()
"""


def test_what_runs_is_told_to_end_and_waited_for(tmp_path: Path) -> None:
    """It has cleaned up when `end` returns, and whoever waited for it learns of no result."""
    commands, ended = Commands(), threading.Event()

    def run() -> None:
        try:
            commands.run(["-c", CLEANS_UP, str(tmp_path)], os.environ)
        except Ended:
            ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    eventually((tmp_path / "begun").exists, "the command to begin")
    commands.end()
    assert (tmp_path / "cleaned").exists()
    thread.join()
    assert ended.is_set()


def test_nothing_is_started_after_the_end() -> None:
    """A seed that would go on with its next command does not."""
    commands = Commands()
    assert commands.run(["-c", "print(7)"], os.environ).stdout == "7\n"
    commands.end()
    with pytest.raises(Ended):
        commands.run(["-c", "print(7)"], os.environ)
