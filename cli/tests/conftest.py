"""Runs the command in this process, as `tidegate` would."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tidegate_cli.__main__ import main


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The last line of stdout, which is one JSON object."""
        document: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return document


Tidegate = Callable[..., Ended]


@pytest.fixture
def tidegate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tidegate:
    """Run a command line in an empty folder with a home of its own."""
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for name in ("TIDEGATE_CONFIG", "TIDEGATE_INSTANCE", "TIDEGATE_TOKEN", "TRADING_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIDEGATE_HOME", str(home))

    def _run(*arguments: str, variables: Mapping[str, str] | None = None) -> Ended:
        for name, value in (variables or {}).items():
            monkeypatch.setenv(name, value)
        code = main(arguments)
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return _run
