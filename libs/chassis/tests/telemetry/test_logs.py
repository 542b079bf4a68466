"""Logs as they are written."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from tidegate_chassis.security.secrets import Secret
from tidegate_chassis.telemetry import configure_logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Settings:
    """What `configure_logs` asks of a process's settings."""

    logs_folder: Path
    log_level: str = "info"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Give the root logger and structlog back as they were."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(path: Path) -> list[dict[str, Any]]:
    """Read a log, one object a line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_one_object_with_its_context(tmp_path: Path) -> None:
    """Service, level, time and what is bound are on every line."""
    configure_logs("risk", Settings(tmp_path))
    structlog.contextvars.bind_contextvars(shard="risk/demo", trace_id="ab" * 16)
    structlog.get_logger("gate").warning("raised", level_to="HALTED", epoch=7)
    [line] = lines(tmp_path / "risk.jsonl")
    assert line["service"] == "risk"
    assert line["shard"] == "risk/demo"
    assert line["trace_id"] == "ab" * 16
    assert (line["level"], line["event"], line["epoch"]) == ("warning", "raised", 7)
    assert line["logger"] == "gate"
    assert line["at"].endswith("Z")


def test_errors_are_in_a_log_of_their_own_too(tmp_path: Path) -> None:
    """The errors log holds the error, with its traceback, and nothing milder."""
    configure_logs("risk", Settings(tmp_path))
    log = structlog.get_logger("gate")
    log.info("fine")
    try:
        _fail()
    except RuntimeError:
        log.exception("failed")
    assert [line["event"] for line in lines(tmp_path / "risk.jsonl")] == ["fine", "failed"]
    [error] = lines(tmp_path / "risk.errors.jsonl")
    assert "RuntimeError" in error["exception"]


def test_no_secret_is_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Not by name, not by type, not inside addresses and exceptions, in no output."""
    configure_logs("risk", Settings(tmp_path))
    log = structlog.get_logger("gate")
    log.info("start", password="hush", key=Secret("hush"), url="nats://a:hush@host")
    log.info("postgresql://a:hush@host", header="Bearer hush")
    try:
        _fail()
    except RuntimeError:
        log.exception("failed")
    logging.getLogger("library").warning("token=%s", "Bearer hush")
    written = "".join(path.read_text() for path in tmp_path.iterdir()) + capfd.readouterr().err
    assert "hush" not in written
    assert written.count("***") >= 5


def test_libraries_write_the_same_form(tmp_path: Path) -> None:
    """A line of the standard library's logging is an object with the service too."""
    configure_logs("risk", Settings(tmp_path))
    logging.getLogger("library").warning("careful %d", 7, extra={"shard": "risk/demo"})
    [line] = lines(tmp_path / "risk.jsonl")
    assert (line["event"], line["service"], line["shard"]) == ("careful 7", "risk", "risk/demo")


def test_the_level_is_the_settings(tmp_path: Path) -> None:
    """Below the level nothing is written."""
    configure_logs("risk", Settings(tmp_path, "warning"))
    structlog.get_logger("gate").info("fine")
    structlog.get_logger("gate").warning("careful")
    assert [line["event"] for line in lines(tmp_path / "risk.jsonl")] == ["careful"]


def test_configuring_again_does_not_double_the_lines(tmp_path: Path) -> None:
    """The newest configuration is the only one."""
    configure_logs("risk", Settings(tmp_path))
    configure_logs("risk", Settings(tmp_path))
    structlog.get_logger("gate").info("once")
    assert len(lines(tmp_path / "risk.jsonl")) == 1


def _fail() -> None:
    message = "cannot reach postgresql://a:hush@host/risk"
    raise RuntimeError(message)
