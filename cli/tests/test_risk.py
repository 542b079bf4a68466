"""`tidegate risk` without servers: misuse, bad documents, and a dry run over a recording."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tidegate_cli.commands import risk_dry_run
from tidegate_cli.documents import BadLimits, read_limits
from tidegate_cli.errors import Misused
from tidegate_lab.testing import SESSION, MemoryRecording, record, toy_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate_chassis.configuration import Session

Tidegate = Callable[..., Any]


@pytest.mark.parametrize(
    "arguments",
    [
        ["state"],
        ["exposures"],
        ["var"],
        ["breakers"],
        ["verdicts", "--symbol", "AAPL"],
        ["explain", "a|b|c|1|0"],
        ["ask", "LONG", "AAPL", "--strategy", "ema"],
        ["audit"],
        ["limits"],
        ["limits", "show"],
        ["limits", "history"],
        ["limits", "set", "conservative", "--reason", "x"],
        ["limits", "approve", "limits-1"],
    ],
)
def test_without_a_running_instance_every_command_ends_with_3(
    tidegate: Tidegate, arguments: list[str]
) -> None:
    """The error says how to start one."""
    ended = tidegate("risk", *arguments, "--json")
    assert ended.code == 3
    assert ended.document["error"]["code"] == "NOT_RUNNING"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["verdicts", "--since", "yesterday"], "TIME"),
        (["verdicts", "--decision", "maybe"], "UNKNOWN_DECISION"),
        (["verdicts", "--counts", "--symbol", "AAPL"], "USAGE"),
        (["ask", "UP", "AAPL", "--strategy", "ema"], "UNKNOWN_DIRECTION"),
        (["ask", "LONG", "AAPL", "--strategy", "ema", "--algorithm", "twap"], "ALGORITHM"),
        (["ask", "LONG", "AAPL", "--strategy", "ema", "--slices", "5"], "ALGORITHM"),
        (["ask", "LONG", "AAPL", "--strategy", "ema", "--tif", "soon"], "UNKNOWN_TIF"),
        (["audit", "--until", "31.1."], "TIME"),
        (["dry-run", "conservative", "--since", "yesterday"], "TIME"),
        (["limits", "set", "conservative"], "USAGE"),
    ],
)
def test_misuse_ends_with_2(tidegate: Tidegate, arguments: list[str], code: str) -> None:
    """Before anything is asked."""
    ended = tidegate("risk", *arguments, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, code)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> MemoryRecording:
    """Give one recorded session."""
    return record(toy_configuration(tmp_path_factory.mktemp("toy")))


@pytest.fixture
def session(played: MemoryRecording) -> Session:
    """Give its configuration."""
    return played.configuration.sessions[0]


def test_a_profile_is_a_document(session: Session) -> None:
    """By its name, unless there is such a file."""
    assert read_limits("conservative", session) == {"profile": "conservative"}
    with pytest.raises(Misused, match="no limits in 'careful'"):
        read_limits("careful", session)


def test_every_problem_of_a_file_is_told_with_its_line(tmp_path: Path, session: Session) -> None:
    """In the order of the lines, with what is expected there."""
    path = tmp_path / "limits.yaml"
    path.write_text(
        "open_positions_max: 0\nsymbols:\n  AAA:\n    open_orders_max: 0\nvar_max_fractoin: 0.1\n"
    )
    with pytest.raises(BadLimits) as caught:
        read_limits(str(path), session)
    lines = caught.value.message.splitlines()
    assert lines[0] == f"3 problems in {path}; nothing was changed:"
    assert (
        lines[1].strip().startswith(f"{path}:1: open_positions_max: expected at least 1, found 0")
    )
    assert lines[2].strip().startswith(f"{path}:4: symbols.AAA.open_orders_max: expected at least")
    assert lines[3].strip().startswith(f"{path}:5: var_max_fractoin: expected var_max_fraction,")


@pytest.mark.parametrize("text", ["a: [", "[1]", "", "a: 1\na: 2\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, session: Session, text: str) -> None:
    """With the file's name."""
    path = tmp_path / "limits.yaml"
    path.write_text(text)
    with pytest.raises(BadLimits, match=r"limits\.yaml"):
        read_limits(str(path), session)


def test_a_dry_run_lists_the_orders_that_would_have_been_refused(
    tidegate: Tidegate,
    played: MemoryRecording,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """As words and as JSON; the recording stays as it is."""

    @contextmanager
    def recorded(*_: object) -> Iterator[MemoryRecording]:
        yield played

    monkeypatch.setattr(risk_dry_run, "recording", recorded)
    path = tmp_path / "stricter.yaml"
    path.write_text("trade_notional_min: 1000000\n")
    words = tidegate("risk", "dry-run", str(path), "--since", "2024-01-01")
    assert words.code == 0
    assert "TRADE_TOO_SMALL" in words.out
    document = tidegate("risk", "dry-run", str(path), "--since", "2024-01-01", "--json").document
    assert document["session"] == SESSION
    assert document["refused_by"] == {"TRADE_TOO_SMALL": document["counts"]["refused"]}
    assert len(document["verdicts"]) == document["counts"]["refused"] > 0
