from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tidegate = Callable[..., Any]


@pytest.mark.parametrize("template", ["demo", "csv"])
def test_a_template_is_a_configuration_without_problems(
    tidegate: Tidegate, template: str, tmp_path: Path
) -> None:
    """What `init` writes must pass `config check`; the csv one needs its file."""
    assert tidegate("init", "--template", template).code == 0
    data = tmp_path / "here" / "data"
    data.mkdir()
    (data / "bars.csv").write_text("timestamp,symbol,open,high,low,close,volume\n")
    ended = tidegate("config", "check", "--json")
    assert (ended.code, ended.document["ok"]) == (0, True)


def test_init_does_not_replace_a_file_unless_told(tidegate: Tidegate) -> None:
    """Somebody's configuration is not lost by accident."""
    assert tidegate("init").code == 0
    refused = tidegate("init", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "FILE_EXISTS")
    assert tidegate("init", "--force").code == 0


def test_up_without_a_configuration_explains_init_and_demo(tidegate: Tidegate) -> None:
    """The first thing that a person meets must say what to do."""
    ended = tidegate("up")
    assert ended.code == 2
    assert "tidegate init" in ended.err
    assert "tidegate demo" in ended.err


def test_check_names_every_problem_with_line_and_field(tidegate: Tidegate, tmp_path: Path) -> None:
    """The shape's problems come from the models; nothing else is judged until they are mended."""
    tidegate("init")
    path = tmp_path / "here" / "tidegate.yaml"
    text = path.read_text().replace("clock: wall", "clock: sundial")
    path.write_text(text.replace("account: demo", "acount: demo"))
    ended = tidegate("config", "check", "--json")
    assert ended.code == 2
    problems = {problem["path"]: problem for problem in ended.document["problems"]}
    assert set(problems) == {"sessions.demo.clock", "sessions.demo.acount"}
    lines = path.read_text().splitlines()
    for problem in problems.values():
        field = problem["path"].rsplit(".", 1)[-1]
        assert field in lines[problem["line"] - 1]
    assert ended.document["error"]["code"] == "CONFIGURATION"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("open_positions_max: 3", "open_positions_max: 0", "limits.open_positions_max"),
        ("strategy: ema-crossover", "strategy: ema-crosover", "strategy"),
        ("{entry: 20, exit: 10}", "{entry: 20, exit: -1}", "parameters.exit"),
    ],
)
def test_services_judge_their_own_parts(
    tidegate: Tidegate, tmp_path: Path, old: str, new: str, field: str
) -> None:
    """Limits are risk's, strategies are signals'; both are located in the file."""
    tidegate("init")
    path = tmp_path / "here" / "tidegate.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    ended = tidegate("config", "check", "--json")
    (problem,) = ended.document["problems"]
    assert ended.code == 2
    assert problem["path"].endswith(field)
    assert problem["line"] > 1


def test_show_tells_where_each_value_came_from_and_hides_secrets(tidegate: Tidegate) -> None:
    """A flag wins over the environment; a token is shown as stars."""
    tidegate("init")
    variables = {
        "TIDEGATE__SESSIONS__DEMO__SPEED": "7",
        "TIDEGATE_TOKEN": "very-secret",
        "DATABASE_URL": "postgresql://me:very-secret@db/x",
    }
    ended = tidegate(
        "config", "show", "--set", "sessions.demo.clock=lockstep", "--json", variables=variables
    )
    origins = {value["path"]: value["from"] for value in ended.document["values"]}
    assert origins["sessions.demo.clock"].startswith("flag")
    assert origins["sessions.demo.speed"].startswith("environment")
    assert origins["sessions.demo.capital.amount"].startswith("file")
    assert origins["services.signals.http_port"] == "default"
    assert "very-secret" not in ended.out
    assert json.dumps("***") in ended.out


def test_path_says_which_file_is_used(tidegate: Tidegate, tmp_path: Path) -> None:
    """The search has four places; a person wants to know which one won."""
    assert tidegate("config", "path", "--json").code == 2
    tidegate("init")
    found = tidegate("config", "path", "--json").document["path"]
    assert found == str(tmp_path / "here" / "tidegate.yaml")
