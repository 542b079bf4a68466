from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tidegate_cli.application import application
from tidegate_lab.simulate.mutants import MUTANTS
from tidegate_lab.simulate.plan import KINDS

Tidegate = Callable[..., Any]


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["orders"],
        ["positions"],
        ["kill", "--reason", "x"],
        ["gate", "show"],
        ["gate", "raise", "HALTED"],
        ["tap", "fills.>"],
        ["down"],
        ["account", "adjust", "--reason", "lost", "AAPL", "--", "-10"],
    ],
)
def test_without_a_running_instance_commands_end_with_3(
    tidegate: Tidegate, arguments: list[str]
) -> None:
    """Not running is not a failure of the command, and the error says how to start one."""
    ended = tidegate(*arguments, "--json")
    assert ended.code == 3
    assert ended.document["error"]["code"] == "NOT_RUNNING"
    assert "tidegate up" in ended.document["error"]["hint"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["status", "--no-such-option"],
        ["kill"],
        ["kill", "--reason", "x", "--scope", "planet:earth"],
        ["demo", "--strategy", "ema-crossover:fast"],
        ["demo", "--strategy", "ema-crossover:fast=300,slow=20"],
        ["demo", "--speed", "slowly"],
        ["init", "--template", "none"],
        ["init", "--path", "no-such-folder/tidegate.yaml"],
        ["up", "--config", "none.yaml"],
        ["up", "--set", "no.such.field=1"],
        ["upgrade"],
        ["backtest"],
        ["backtest", "--demo", "--from", "yesterday"],
        ["simulate", "--hours", "0"],
        ["simulate", "--faults", "earthquake"],
        ["simulate", "--mutant", "none"],
        ["simulate", "--hours", "1", "--resume", "a-file"],
        ["sweep", "--strategy", "ema-crossover", "--grid", "fast=5,6", "--out", "a-file"],
        ["sweep", "--strategy", "ema-crossover", "--grid", "fast=5,6", "--random", "0"],
    ],
)
def test_misuse_ends_with_2_and_one_line_of_json(tidegate: Tidegate, arguments: list[str]) -> None:
    """The five parts of an error are always there."""
    Path("a-file").touch()
    ended = tidegate(*arguments, "--json")
    assert ended.code == 2
    assert len(ended.out.splitlines()) == 1
    assert set(ended.document["error"]) == {"code", "message", "expected", "found", "hint"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["backup", "kept.tar"], 3),
        (["upgrade", "--check"], 3),
        (["replay", "demo"], 3),
        (["replay", "demo", "--journals", "none"], 5),
        (["restore", "none.tar"], 5),
        (["backtest", "--data", "none.csv"], 5),
    ],
)
def test_what_is_not_there_is_named_with_what_to_do(
    tidegate: Tidegate, arguments: list[str], code: int
) -> None:
    """What was expected, what came, and a hint."""
    ended = tidegate(*arguments, "--json")
    assert ended.code == code
    error = ended.document["error"]
    assert all(error[part] for part in ("message", "expected", "found", "hint")), error
    assert ("--journals" in error["hint"]) == (arguments == ["replay", "demo"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["simulate", "--hours", "0"],
            (
                "Error: --hours: expected at least 1, found 0\n"
                "  hint:     see `tidegate simulate --help`\n"
            ),
        ),
        (
            ["gate", "lower"],
            (
                "Error: Missing argument 'level'\n"
                "  expected: OPEN, REDUCE_ONLY, HALTED or FLATTENING\n"
                "  found:    nothing\n"
                "  hint:     see `tidegate gate lower --help`\n"
            ),
        ),
        (
            ["account", "adjust", "AAPL", "-10", "--reason", "lost"],
            (
                "Error: No such option: -1\n"
                "  hint:     a number below 0 that is no option's comes last, "
                "behind two dashes: -- -10\n"
            ),
        ),
        (
            ["backtest", "--demo", "--fees", "10"],
            (
                "Error: --fees: expected fees such as 10bps, 0.005/share, 0.65/contract or "
                "1bps+0.005/share, found 10\n"
            ),
        ),
    ],
)
def test_an_error_says_each_part_once(tidegate: Tidegate, arguments: list[str], said: str) -> None:
    """In plain words, and with the help of the very command."""
    ended = tidegate(*arguments)
    assert ended.code == 2
    assert ended.err == said


@pytest.mark.parametrize("option", ["faults", "mutant"])
def test_an_unknown_fault_or_mutant_lists_them_all(tidegate: Tidegate, option: str) -> None:
    """Nobody should have to look them up."""
    error = tidegate("simulate", f"--{option}", "earthquake", "--json").document["error"]
    known = KINDS if option == "faults" else MUTANTS
    assert error["code"] == "OPTION"
    assert all(name in error["expected"] for name in known)
    assert error["found"] == "earthquake"


def test_a_server_that_is_not_there_ends_a_sweep_at_once(tidegate: Tidegate) -> None:
    """Before a worker is started that would wait for it."""
    nowhere = "nats://127.0.0.1:1"
    swept = ["sweep", "--strategy", "ema-crossover", "--grid", "fast=5,6", "--nats", nowhere]
    for arguments in (swept, ["sweep-worker", "--nats", nowhere]):
        ended = tidegate(*arguments, "--json")
        assert ended.code == 3
        assert nowhere in ended.document["error"]["expected"]


@pytest.mark.parametrize("arguments", [["backup", "kept.tar"], ["upgrade", "--check"]])
def test_a_home_whose_data_folder_is_empty_holds_no_instance(
    tidegate: Tidegate, tmp_path: Path, arguments: list[str]
) -> None:
    """A demo leaves the folder and nothing in it."""
    (tmp_path / "home" / "data").mkdir(parents=True)
    ended = tidegate(*arguments, "--json")
    assert ended.code == 3
    assert "there is no instance in" in ended.document["error"]["message"]


def test_logs_say_when_there_are_none(tidegate: Tidegate) -> None:
    """Silence would look like a service that has nothing to say."""
    ended = tidegate("logs")
    assert (ended.code, ended.out) == (0, "")
    assert "there are no logs in" in ended.err


def test_an_unknown_strategy_lists_the_known_ones(tidegate: Tidegate) -> None:
    """Nobody should have to look them up."""
    ended = tidegate("demo", "--strategy", "martingale", "--json")
    assert ended.code == 2
    assert "ema-crossover, donchian-breakout" in ended.document["error"]["expected"]


def test_a_bad_data_file_ends_with_5_naming_row_and_column(
    tidegate: Tidegate, tmp_path: object
) -> None:
    """Nothing is started, so nothing can be traded."""
    path = f"{tmp_path}/bad.csv"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - a text path on purpose
        file.write(
            "timestamp,symbol,open,high,low,close,volume\n"
            "2024-01-01T00:00:00Z,X,1,2,1,1.5,10\n"
            "2024-01-02T00:00:00Z,X,1,2,1,oops,10\n"
        )
    ended = tidegate("demo", "--data", path, "--json")
    assert ended.code == 5
    assert "row 2" in ended.document["error"]["message"]
    assert "close" in ended.document["error"]["message"]


def test_json_may_stand_anywhere(tidegate: Tidegate) -> None:
    """People put it in front as well as behind."""
    assert tidegate("--json", "version").document == tidegate("version", "--json").document


def test_help_answers_in_less_than_half_a_second() -> None:
    """Heavy modules are imported by the commands that need them, not by the command line."""
    heavy = "pandas, pyarrow, numpy, rich.live, httpx, nats, fastapi, pydantic"
    probe = (
        "import sys; from tidegate_cli.__main__ import main; code = main(['--help']); "
        f"loaded = [m for m in '{heavy}'.split(', ') if m in sys.modules]; "
        "assert not loaded, loaded; sys.exit(code)"
    )
    before_s = _children_s()
    ended = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "Ctrl-C" in ended.stdout
    assert _children_s() - before_s < 0.4


def _children_s() -> float:
    """Processor time of the processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_every_command_says_what_it_does() -> None:
    """`tidegate --help` is the first page of the manual."""
    command: Any = get_command(application)
    for name, each in command.commands.items():
        assert each.get_short_help_str(), name
