"""The demo as a person runs it: a command of its own process, from its first file to its last."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.instances import eventually

from tidegate_chassis.testing import server_folder
from tidegate_lab.backtest import ENGINES
from tidegate_lab.outcome import Outcome

from .market import write_bars
from .replaying import differences, replay

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(600)]

DEMO_PATIENCE_S = 600.0
KEYS = list(Outcome.__struct_fields__)


class Demo:
    """One `tidegate demo` in folders of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.home, self.temporary = folder / "home", folder / "tmp"
        for each in (self.home, self.temporary):
            each.mkdir(exist_ok=True)
            each.chmod(0o711)
        self.errors = folder / "stderr"
        # Temporary files of the demo, of its servers and of nobody else.
        variables = {
            **os.environ,
            "TIDEGATE_HOME": str(self.home),
            "TMPDIR": str(self.temporary),
        }
        with self.errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tidegate_cli", "demo", "--json", *arguments],
                env=variables,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def finish(self) -> tuple[int, dict[str, Any]]:
        """Wait for the end; return the exit code and the object on the last line."""
        try:
            out, _ = self._process.communicate(timeout=DEMO_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()  # and the supervisor ends what it has started
            raise
        return self._process.returncode, json.loads(out.splitlines()[-1])

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the command alone, not to what it has started."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the command so that it cannot end anything itself."""
        self.send(signal.SIGKILL)
        self._process.communicate(timeout=DEMO_PATIENCE_S)

    def wait_until_it_trades(self) -> None:
        """Return when everything is up and bars go by."""
        eventually(lambda: "bars" in self.errors.read_text(), "the demo to play", 120.0)

    def processes(self) -> list[str]:
        """Return the command lines of all processes that know this demo's folders."""
        marks = (str(self.home).encode(), str(self.temporary).encode())
        return [
            line
            for entry in Path("/proc").glob("[0-9]*")
            if (line := _command_line(entry, marks)) is not None
        ]

    def records(self) -> list[Path]:
        """Return what is written down about running instances."""
        return list((self.home / "run").glob("*"))

    def assert_nothing_is_left(self) -> None:
        """Assert that no process and no file of the demo remains."""
        eventually(lambda: not self.processes(), f"no process, found {self.processes()}", 60.0)
        assert list(self.temporary.iterdir()) == []
        assert self.records() == []


def _command_line(entry: Path, marks: tuple[bytes, ...]) -> str | None:
    try:
        arguments, variables = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        where = str((entry / "cwd").readlink()).encode()
    except OSError:
        return None
    known = any(mark in text for mark in marks for text in (arguments, variables, where))
    return arguments.replace(b"\0", b" ").decode(errors="replace") if known else None


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may enter, gone with the test."""
    with server_folder() as path:
        yield path


def subfolder(folder: Path, name: str) -> Path:
    """A folder for one of several demos."""
    path = folder / name
    path.mkdir()
    path.chmod(0o711)
    return path


def backtested(folder: Path, engine: str) -> dict[str, Any]:
    """What the same session ends with in one process."""
    ended = subprocess.run(
        [sys.executable, "-m", "tidegate_cli", "backtest", "--demo", "--json", "--engine", engine],
        env={**os.environ, "TIDEGATE_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEMO_PATIENCE_S,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def replayed(demo: Demo) -> dict[str, Any]:
    """What a demo that kept its folder ends with when its journals are run again."""
    (kept,) = demo.temporary.iterdir()
    found = replay(demo.home, "--instance", str(kept))
    assert differences(found) == []
    assert any(shard["snapshots"] for shard in found["shards"])
    shutil.rmtree(kept)
    outcome: dict[str, Any] = found["outcome"]
    return outcome


@pytest.mark.timeout(1200)
def test_a_demo_its_replay_and_its_backtests_end_with_the_same_hashes(folder: Path) -> None:
    """Real trades, a balanced ledger, approvals and refusals; the other hosts decide the same."""
    demo = Demo(subfolder(folder, "kept"), "--keep")
    code, live = demo.finish()
    assert code == 0, demo.errors.read_text()
    others = [replayed(demo)]
    demo.assert_nothing_is_left()
    assert list(live) == KEYS
    assert live["bars"] == 12_154
    assert live["ledger_balanced"] is True
    for count in (live["signals"], live["verdicts"]["approved"], live["orders"], live["fills"]):
        assert count > 0
    assert sum(live["verdicts"]["refused"].values()) > 0
    assert (
        live["verdicts"]["approved"] + sum(live["verdicts"]["refused"].values())
        == (live["signals"])
    )
    others += [backtested(folder, engine) for engine in ENGINES]
    for other in others:
        assert {**live, "duration_s": 0} == {**other, "duration_s": 0}


@pytest.mark.long
def test_two_demos_run_side_by_side_without_touching_each_other(folder: Path) -> None:
    """Own folders, own ports, own databases, one home: the results are those of one alone."""
    bars = write_bars(folder, symbols=3, days=250)
    together = subfolder(folder, "together")
    demos = [Demo(together, "--data", str(bars), "--instance", name) for name in ("one", "two")]
    ended = [demo.finish() for demo in demos]
    assert [code for code, _ in ended] == [0, 0], demos[0].errors.read_text()
    assert {found["orders_hash"] for _, found in ended} == {ended[0][1]["orders_hash"]}
    assert {found["ledger_hash"] for _, found in ended} == {ended[0][1]["ledger_hash"]}
    assert ended[0][1]["fills"] > 0
    demos[0].assert_nothing_is_left()


def assert_interrupted_by(number: signal.Signals, demo: Demo) -> None:
    """Assert that a signal in the middle ends services and servers and removes every file."""
    assert demo.processes()
    demo.send(number)
    code, found = demo.finish()
    assert code == 130
    assert found["error"]["code"] == "INTERRUPTED"
    demo.assert_nothing_is_left()


@pytest.mark.long
def test_a_terminated_demo_leaves_nothing(folder: Path) -> None:
    """Whoever ends it from outside finds what Ctrl-C leaves: nothing."""
    demo = Demo(folder)
    demo.wait_until_it_trades()
    assert_interrupted_by(signal.SIGTERM, demo)


def test_a_killed_demo_takes_its_processes_with_it(folder: Path) -> None:
    """Kill -9 of the command: the supervisor sees its parent go and ends everything."""
    demo = Demo(folder)
    demo.wait_until_it_trades()
    demo.kill()
    demo.assert_nothing_is_left()


def test_commands_find_a_demo_that_leaves_nothing_on_ctrl_c(folder: Path) -> None:
    """By the record in the home; by name when there are several; then it is interrupted."""
    demo = Demo(folder, "--instance", "mine")
    demo.wait_until_it_trades()
    variables = {**os.environ, "TIDEGATE_HOME": str(demo.home)}
    for arguments in (["status"], ["orders", "--instance", "mine"], ["gate", "show"]):
        command = [sys.executable, "-m", "tidegate_cli", *arguments, "--json"]
        ended = subprocess.run(
            command, env=variables, capture_output=True, text=True, check=False, timeout=60
        )
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout.splitlines()[-1])
    assert_interrupted_by(signal.SIGINT, demo)


def test_a_bad_file_is_refused_before_anything_starts(folder: Path) -> None:
    """Exit 5; the message names row and column."""
    bars = write_bars(folder, symbols=1, days=5)
    lines = bars.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace("SYM0,", "SYM0,x")
    bars.write_text("\n".join(lines), encoding="utf-8")
    demo = Demo(folder, "--data", str(bars))
    code, found = demo.finish()
    assert code == 5
    assert "row 3" in found["error"]["message"]
    assert "open" in found["error"]["message"]
    demo.assert_nothing_is_left()


def test_an_unknown_strategy_lists_the_known_ones(folder: Path) -> None:
    """Exit 2."""
    code, found = Demo(folder, "--strategy", "martingale").finish()
    assert code == 2
    assert "ema-crossover, donchian-breakout" in found["error"]["expected"]
