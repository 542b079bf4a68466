"""One run of the demo for all tests of a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate_lab.backtest import Options, Run, run_session, session_of


@pytest.fixture(scope="session")
def demo() -> Run:
    """The demo, played once."""
    return run_session(session_of(Options().of_demo()))


@pytest.fixture(scope="session")
def folder(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder."""
    return demo.save(tmp_path_factory.mktemp("runs") / "demo")
