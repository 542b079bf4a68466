"""JSON logs, one object a line: a rotating file, a second one with the errors only, and stderr.

Secrets are taken out last, when everything else (exceptions too) has become text. What is bound
with `structlog.contextvars` (shard, session, trace_id) is on every line.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from tidegate_chassis.security.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

FILE_BYTES_MAX: Final = 20 * 1024 * 1024
FILES_KEPT: Final = 5
# Libraries that tell every request or retry at INFO.
_QUIET: Final = ("asyncio", "httpx", "httpcore", "uvicorn", "nats", "urllib3", "opentelemetry")


class LogSettings(Protocol):
    """What the logs need to know of a process's settings."""

    @property
    def logs_folder(self) -> Path:
        """Where ``<service>.jsonl`` and ``<service>.errors.jsonl`` are written."""

    @property
    def log_level(self) -> str:
        """The least level that is written: debug, info, warning or error."""


@dataclass(frozen=True, slots=True)
class _ServiceField:
    service: str

    def __call__(
        self, logger: object, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Say which service speaks."""
        event.setdefault("service", self.service)
        return event


def configure_logs(service: str, settings: LogSettings) -> None:
    """Send every log line of this process, ours and libraries', to the files and to stderr."""
    settings.logs_folder.mkdir(parents=True, exist_ok=True)
    path = settings.logs_folder / f"{service}.jsonl"
    errors = _file(path.with_name(f"{service}.errors.jsonl"))
    errors.setLevel(logging.ERROR)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_shared(service)],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
    )
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in (_file(path), errors, logging.StreamHandler(sys.stderr)):
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*_shared(service), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def redact(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Hide every secret in a line that is about to be written; a structlog processor."""
    del logger, method
    clean = redacted(dict(event))
    assert isinstance(clean, dict)
    return clean


def _shared(service: str) -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _ServiceField(service),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
    ]


def _file(path: Path) -> RotatingFileHandler:
    return RotatingFileHandler(
        path, maxBytes=FILE_BYTES_MAX, backupCount=FILES_KEPT, encoding="utf-8"
    )


def _json(event: object, **_: object) -> str:
    return json.dumps(event, default=str, ensure_ascii=False)
