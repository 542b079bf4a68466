from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tidegate_chassis.configuration import (
    ConfigurationError,
    ConfigurationMissingError,
    Loaded,
    Problem,
    dump,
    find_configuration,
    load,
    show,
)

Write = Callable[[str], Path]


def problems_of(path: Path, process: dict[str, str] | None = None) -> tuple[Problem, ...]:
    """Load what must not load and return its problems."""
    with pytest.raises(ConfigurationError) as caught:
        load(path, process=process or {})
    return caught.value.problems


def origin(loaded: Loaded, path: str) -> tuple[object, str, str]:
    """Return a value with the kind of its origin and where it was found."""
    return next((v, o.kind, Path(o.source).name) for p, v, o in show(loaded) if p == path)


def test_defaults_are_filled_in(good: Path) -> None:
    """The account is the session's name, the clock lockstep, the mode paper."""
    session = load(good, process={}).configuration.session("demo")
    assert (session.account, session.clock, session.mode) == ("demo", "lockstep", "paper")
    assert session.capital.amount == Decimal(100000)
    assert session.feed_name == "replay-demo"
    assert session.symbols == ("AAPL", "ON")


def test_feed_paths_are_relative_to_the_file(good: Path) -> None:
    """Services run elsewhere: what they get is absolute."""
    assert load(good, process={}).configuration.sessions[0].feed.paths == (
        str(good.parent / "bars.csv"),
    )


def test_all_problems_come_together_with_their_lines(write: Write) -> None:
    """Nobody mends a file one error at a time."""
    path = write(
        "sessions:\n"
        "  - name: Demo!\n"
        "    capitel: {amount: 1}\n"
        "    capital: {amount: -5}\n"
        "    clock: sundial\n"
        "    feed: {paths: [x]}\n"
        "    strategies:\n"
        "      - strategy: ema-crossover\n"
    )
    found = {problem.path: problem for problem in problems_of(path)}
    assert found["sessions.Demo!.name"].line == 2
    assert found["sessions.Demo!.capitel"].line == 3
    assert found["sessions.Demo!.capitel"].hint == "did you mean 'capital'?"
    assert found["sessions.Demo!.capital.amount"].line == 4
    assert found["sessions.Demo!.clock"].expected == "one of 'lockstep' or 'wall'"
    assert found["sessions.Demo!.clock"].found == "'sundial'"
    assert found["sessions.Demo!.strategies[0].name"].found == "nothing"
    assert all(Path(problem.source).name == "tidegate.yaml" for problem in found.values())


def test_flag_beats_environment_beats_dotenv_beats_file_beats_default(good: Path) -> None:
    """Each value tells where it came from."""
    (good.parent / ".env").write_text(
        "# settings\nTIDEGATE__SESSIONS__DEMO__SPEED=2\nTIDEGATE__SESSIONS__DEMO__CLOCK=wall\n"
        "TIDEGATE__SESSIONS__DEMO__ACCOUNT='own'\n"
    )
    process = {
        "TIDEGATE__SESSIONS__DEMO__SPEED": "3",
        "TIDEGATE__SESSIONS__DEMO__CLOCK": "lockstep",
    }
    loaded = load(good, ["sessions.demo.speed=4"], process)
    assert origin(loaded, "sessions.demo.speed") == (4.0, "flag", "--set sessions.demo.speed")
    assert origin(loaded, "sessions.demo.clock")[:2] == ("lockstep", "environment")
    assert origin(loaded, "sessions.demo.account") == ("own", "dotenv", ".env")
    assert origin(loaded, "sessions.demo.capital.amount")[1:] == ("file", "tidegate.yaml")
    assert origin(loaded, "sessions.demo.mode")[1] == "default"


def test_an_unknown_key_from_the_environment_names_the_variable(good: Path) -> None:
    """A misspelt variable is an error like a misspelt key."""
    (problem,) = problems_of(good, {"TIDEGATE__SESSIONS__DEMO__SPED": "3"})
    assert problem.source == "TIDEGATE__SESSIONS__DEMO__SPED"
    assert problem.hint == "did you mean 'speed'?"


def test_an_unknown_session_in_a_variable_is_a_problem(good: Path) -> None:
    """Nothing is invented for a session that is not there."""
    (problem,) = problems_of(good, {"TIDEGATE__SESSIONS__OTHER__SPEED": "3"})
    assert problem.path == "sessions.other.speed"


@pytest.mark.parametrize("line", ["api_key: abcdef", "webhook: 'https://me:pw@example.org/x'"])
def test_a_secret_in_the_file_is_an_error_and_is_not_shown(good: Path, line: str) -> None:
    """The message names the field and the line, never the secret."""
    good.write_text(good.read_text() + f"alerts:\n  {line}\n")
    (problem,) = problems_of(good)
    assert problem.expected == "no secret in this file"
    assert problem.line == len(good.read_text().splitlines())
    assert "abcdef" not in problem.sentence()
    assert "pw" not in problem.sentence()


def test_the_search_goes_flag_variable_folder_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first that is named or exists wins; a named one is never replaced by another."""
    home, here = tmp_path / "home", tmp_path / "here"
    for folder in (home, here):
        folder.mkdir()
    monkeypatch.chdir(here)
    variables = {"TIDEGATE_HOME": str(home)}
    with pytest.raises(ConfigurationMissingError) as caught:
        find_configuration(None, variables)
    assert caught.value.searched == (here / "tidegate.yaml", home / "tidegate.yaml")
    (home / "tidegate.yaml").touch()
    assert find_configuration(None, variables) == home / "tidegate.yaml"
    (here / "tidegate.yaml").touch()
    assert find_configuration(None, variables) == here / "tidegate.yaml"
    variables["TIDEGATE_CONFIG"] = "elsewhere.yaml"
    assert find_configuration(None, variables) == Path("elsewhere.yaml")
    assert find_configuration(Path("flag.yaml"), variables) == Path("flag.yaml")


@pytest.mark.parametrize("variable", ["", "paper", "LIVE", "live "])
def test_a_live_session_needs_the_exact_word_outside_the_file(good: Path, variable: str) -> None:
    """Anything but an explicit live is a mismatch, and it names both."""
    good.write_text(good.read_text().replace("- name: demo", "- mode: live\n    name: demo"))
    (problem,) = problems_of(good, {"TRADING_MODE": variable})
    assert problem.path == "sessions.demo.mode"
    assert "mode: live" in problem.expected
    assert problem.found == (f"TRADING_MODE={variable}" if variable else "TRADING_MODE unset")


def test_two_words_make_a_live_session(good: Path) -> None:
    """One in the file, one in the environment; without the first the second changes nothing."""
    live = {"TRADING_MODE": "live"}
    assert load(good, process=live).configuration.sessions[0].mode == "paper"
    good.write_text(good.read_text().replace("- name: demo", "- mode: live\n    name: demo"))
    assert load(good, process=live).configuration.sessions[0].mode == "live"


def test_what_is_dumped_loads_as_the_same_configuration(good: Path, write: Write) -> None:
    """The supervisor hands services a written copy: it must mean the same."""
    configuration = load(good, process={}).configuration
    assert load(write(dump(configuration)), process={}).configuration == configuration


def test_a_services_problem_is_located_in_the_file(good: Path) -> None:
    """Services know their fields but not the file; the loader adds the line."""
    loaded = load(good, process={})
    problem = Problem("sessions.demo.limits.max_open_positions", "at most 3", "5")
    assert loaded.locate(problem).line == 13


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("since: 2024-02-30", "ISO 8601"),
        ("since: 2024-03-01\n      until: 2024-03-01", "later than since"),
    ],
)
def test_a_period_that_cannot_be_is_refused(good: Path, period: str, said: str) -> None:
    """Both moments are times, and the second is later."""
    text = good.read_text().replace("paths: [bars.csv]", f"paths: [bars.csv]\n      {period}")
    good.write_text(text)
    assert any(said in problem.sentence() for problem in problems_of(good))


def test_known_names_reach_every_session_with_their_origin(good: Path) -> None:
    """As text: the risk service knows what they mean."""
    loaded = load(good, process={"MAX_POSITIONS": "2", "MAX_POSITONS": "1"})
    session = loaded.configuration.session("demo")
    assert session.limits_environment == {"MAX_POSITIONS": "2"}
    assert origin(loaded, "sessions.demo.limits_environment.MAX_POSITIONS")[1:] == (
        "environment",
        "MAX_POSITIONS",
    )


def test_the_known_capital_is_set_or_must_be_equal(good: Path) -> None:
    """A file without a capital takes it; another one is a problem that names the variable."""
    assert load(good, process={"INITIAL_CAPITAL": "100000.00"}).configuration.sessions
    (problem,) = problems_of(good, {"INITIAL_CAPITAL": "1000"})
    assert (problem.path, problem.source) == ("sessions.demo.capital.amount", "INITIAL_CAPITAL")
    good.write_text(good.read_text().replace("    capital:\n      amount: 100000\n", ""))
    capital = load(good, process={"INITIAL_CAPITAL": "1000.00"}).configuration.sessions[0].capital
    assert (capital.amount, capital.currency) == (Decimal(1000), "USD")
    (problem,) = problems_of(good, {"INITIAL_CAPITAL": "lots"})
    assert problem.path == "sessions.demo.capital.amount"


def name_limits_file(path: Path) -> None:
    """Let the session's limits stand in limits.yaml."""
    own = "limits:\n      max_open_positions: 5\n"
    assert own in path.read_text()
    path.write_text(path.read_text().replace(own, "limits: limits.yaml\n"))


def test_limits_may_stand_in_a_file_of_their_own(good: Path) -> None:
    """Relative to the configuration; a value's origin is its own line there."""
    (good.parent / "limits.yaml").write_text("# ours\nopen_orders_max: 7\n")
    name_limits_file(good)
    loaded = load(good, process={"TIDEGATE__SESSIONS__DEMO__LIMITS__OPEN_POSITIONS_MAX": "2"})
    limits = loaded.configuration.session("demo").limits
    assert limits == {"open_orders_max": 7, "open_positions_max": 2}
    assert origin(loaded, "sessions.demo.limits.open_orders_max") == (7, "file", "limits.yaml")
    located = loaded.locate(Problem("sessions.demo.limits.open_orders_max", "x", "y"))
    assert (Path(located.source).name, located.line) == ("limits.yaml", 2)


@pytest.mark.parametrize("text", [None, "[1, 2]", "a: ["])
def test_a_limits_file_that_cannot_be_read_is_a_problem(good: Path, text: str | None) -> None:
    """Missing, not a mapping, not YAML: said with the place that names it."""
    if text is not None:
        (good.parent / "limits.yaml").write_text(text)
    name_limits_file(good)
    (problem,) = problems_of(good)
    assert problem.path == "sessions.demo.limits"
    assert Path(problem.source).name == "limits.yaml"
