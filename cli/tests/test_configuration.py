from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.venues.environment import variables_of
from tests.venues.server import TestVenue

EXAMPLES = Path(__file__).parents[2] / "examples"
Tidegate = Callable[..., Any]


@pytest.mark.parametrize("template", ["demo", "csv", "alpaca-paper", "ccxt"])
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


@pytest.mark.parametrize("template", ["alpaca-paper"])
def test_an_example_is_its_template(tidegate: Tidegate, template: str) -> None:
    """What `init` writes is what the documentation names, but for its own path."""
    assert tidegate("init", "--template", template).code == 0
    example = EXAMPLES / f"{template}.yaml"
    named = example.read_text().replace(
        f"--config examples/{template}.yaml", "--config tidegate.yaml"
    )
    assert Path("tidegate.yaml").read_text() == named


KEYS = {"ALPACA_API_KEY": "AKHIDDEN", "ALPACA_SECRET_KEY": "hidden-too"}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "found no ALPACA_API_KEY and no ALPACA_SECRET_KEY"),
        ({"ALPACA_API_KEY": "AKHIDDEN"}, "found no ALPACA_SECRET_KEY"),
        ({**KEYS, "ALPACA_BASE_URL": "https://api.alpaca.markets"}, "known paper host"),
        ({**KEYS, "ALPACA_DATA_STREAM_URL": "wss://example.org"}, "ALPACA_DATA_STREAM_URL"),
    ],
)
def test_up_refuses_a_venue_that_does_not_fit(
    tidegate: Tidegate, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    """Before anything starts, with the variable's name and no secret."""
    for name in ("ALPACA_API_KEY", "ALPACA_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    tidegate("init", "--template", "alpaca-paper")
    ended = tidegate("up")
    assert ended.code == 2
    assert said in ended.err
    assert "hidden" not in ended.err.lower()


@pytest.mark.real
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("mode", "confirmed", "said"),
    [
        ("live", "PA9", "to be PA0000000001, the account that the venue reports for these keys"),
        ("live", "", "found nothing"),
        ("paper", "PA0000000001", "TRADING_MODE=live beside mode: live, found TRADING_MODE=paper"),
    ],
)
def test_up_refuses_real_money_that_is_not_confirmed(
    tidegate: Tidegate, monkeypatch: pytest.MonkeyPatch, mode: str, confirmed: str, said: str
) -> None:
    """The venue is asked whose account it is; any mismatch ends with 2 and names both."""
    tidegate("init", "--template", "alpaca-paper")
    path = Path("tidegate.yaml")
    path.write_text(path.read_text().replace("mode: paper", "mode: live"))
    with TestVenue() as venue:
        variables = {"TRADING_MODE": mode, "TIDEGATE_LIVE_CONFIRM": confirmed}
        for name, value in {**variables_of(venue), **variables}.items():
            monkeypatch.setenv(name, value)
        ended = tidegate("up")
    assert ended.code == 2
    assert said in ended.err
    assert venue.keys.secret not in ended.err
